"""The first tables."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _bytes(name: str, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime(), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _of_group(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["group_id"], ["group.id"], name=f"fk_{table}_group_id", ondelete="CASCADE")


def _index(table: str, *columns: str, unique: bool = False) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns), unique=unique)


def upgrade() -> None:
    _keys()
    _groups()
    _consents()
    _links()
    _shares()
    _clicks_and_editions()
    _queues()


def _keys() -> None:
    op.create_table(
        "key",
        _text("owner"),
        _text("kind"),
        _bytes("root"),
        _bytes("wrapped"),
        _moment("made_at"),
        _key("key", "owner", "kind"),
    )
    _index("key", "root")
    op.create_table(
        "installation",
        _bytes("workspace"),
        _bytes("sealed"),
        _moment("installed_at"),
        _key("installation", "workspace"),
    )


def _groups() -> None:
    op.create_table(
        "group",
        _text("id"),
        _bytes("address"),
        _bytes("workspace"),
        _text("state"),
        _moment("since"),
        _bytes("sealed"),
        _moment("next_digest", nullable=True),
        _moment("paused_until", nullable=True),
        _moment("leased_until", nullable=True),
        _moment("held_until", nullable=True),
        _moment("touched_at"),
        _key("group", "id"),
        sa.UniqueConstraint("address", name="uq_group_address"),
    )
    _index("group", "next_digest")
    _index("group", "state", "since")
    _index("group", "touched_at")
    _index("group", "workspace")


def _consents() -> None:
    op.create_table(
        "member_consent",
        _text("group_id"),
        _bytes("member"),
        _moment("given_at"),
        _bytes("sealed"),
        _of_group("member_consent"),
        _key("member_consent", "group_id", "member"),
    )
    _index("member_consent", "given_at")
    op.create_table(
        "consent_log",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        _text("receipt", nullable=True),
        _bytes("subject", nullable=True),
        _bytes("group_mark", nullable=True),
        _text("act", nullable=True),
        _text("purposes", nullable=True),
        _text("notice", nullable=True),
        _text("notice_hash", nullable=True),
        _text("language", nullable=True),
        _moment("at", nullable=True),
        sa.Column("keep_until", sa.Date(), nullable=True),
        _bytes("fingerprint"),
        _bytes("previous"),
        _bytes("hash"),
        _key("consent_log", "seq"),
    )
    _index("consent_log", "keep_until")
    _index("consent_log", "receipt")
    _index("consent_log", "group_mark")
    head = op.create_table(
        "consent_log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        _bytes("hash"),
        _key("consent_log_head", "id"),
    )
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": bytes(32)}])


def _links() -> None:
    op.create_table(
        "link",
        _text("group_id"),
        _text("id"),
        _bytes("code"),
        _bytes("key", nullable=True),
        _bytes("target", nullable=True),
        _bytes("sealed", nullable=True),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("counted_until", nullable=True),
        _moment("shown_at", nullable=True),
        _moment("touched_at"),
        _key("link", "group_id", "id"),
    )
    _index("link", "code")
    _index("link", "expires_at")
    _index("link", "group_id", "key", unique=True)
    _index("link", "touched_at")
    op.create_table("preview", _bytes("mark"), _bytes("sealed"), _moment("expires_at"), _key("preview", "mark"))
    _index("preview", "expires_at")


def _shares() -> None:
    op.create_table(
        "share",
        _text("group_id"),
        _text("week"),
        _bytes("mark"),
        _text("link_id"),
        _moment("at"),
        sa.Column("counts_clicks", sa.Boolean(), nullable=False),
        _bytes("message"),
        _bytes("sealed"),
        _of_group("share"),
        _key("share", "group_id", "week", "mark"),
    )
    _index("share", "at")
    _index("share", "group_id", "link_id")
    op.create_table(
        "message",
        _text("group_id"),
        _bytes("mark"),
        _text("links"),
        _moment("version"),
        _moment("kept_at"),
        _of_group("message"),
        _key("message", "group_id", "mark"),
    )
    _index("message", "kept_at")


def _clicks_and_editions() -> None:
    op.create_table(
        "click_day",
        _text("group_id"),
        sa.Column("day", sa.Date(), nullable=False),
        _text("link_id"),
        _number("browsers"),
        _number("in_total"),
        _of_group("click_day"),
        _key("click_day", "group_id", "day", "link_id"),
    )
    _index("click_day", "day")
    op.create_table("click_batch", _text("id"), _moment("applied_at"), _key("click_batch", "id"))
    _index("click_batch", "applied_at")
    op.create_table(
        "edition",
        _text("group_id"),
        _text("week"),
        _moment("frozen_at"),
        _bytes("sealed"),
        _of_group("edition"),
        _key("edition", "group_id", "week"),
    )
    _index("edition", "frozen_at")


def _queues() -> None:
    op.create_table(
        "inbox",
        _text("group_id"),
        _bytes("event"),
        _text("state"),
        _bytes("sealed", nullable=True),
        _moment("accepted_at"),
        _moment("not_before"),
        _text("lease", nullable=True),
        _moment("leased_until", nullable=True),
        _number("attempts"),
        _number("claims"),
        _text("error", nullable=True),
        _of_group("inbox"),
        _key("inbox", "group_id", "event"),
    )
    _index("inbox", "accepted_at")
    _index("inbox", "state", "not_before")
    op.create_table(
        "outbox",
        _text("group_id"),
        _bytes("mark"),
        _text("state"),
        _bytes("sealed", nullable=True),
        _moment("created_at"),
        _moment("cutoff"),
        _moment("not_before"),
        _text("lease", nullable=True),
        _moment("leased_until", nullable=True),
        sa.Column("leased_for", sa.Float(), nullable=False),
        _number("attempts"),
        _bytes("remote", nullable=True),
        _text("why", nullable=True),
        _moment("closed_at", nullable=True),
        _of_group("outbox"),
        _key("outbox", "group_id", "mark"),
    )
    _index("outbox", "closed_at")
    still_open = sa.text("closed_at IS NULL")
    op.create_index("ix_outbox_open", "outbox", ["not_before"], postgresql_where=still_open, sqlite_where=still_open)


def downgrade() -> None:
    for table in (
        "outbox",
        "inbox",
        "edition",
        "click_batch",
        "click_day",
        "message",
        "share",
        "preview",
        "link",
        "consent_log_head",
        "consent_log",
        "member_consent",
        "group",
        "installation",
        "key",
    ):
        op.drop_table(table)
