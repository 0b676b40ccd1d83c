"""The rows, as SQLModel classes; statements are SQLAlchemy Core over their tables. Rows never leave this room.

Schema rules (scale.md): group id first in every key, ids made by the application, no triggers, no advisory locks,
uniqueness within the group. `bytes` columns are keyed look-ups (32 bytes) or sealed values; no text of a person stands
in clear.
"""

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, text
from sqlmodel import Field, SQLModel

from storage.types import UtcDateTime


class Row(SQLModel):
    """Anything that is kept; names every constraint, so that migrations can speak of it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _group_id() -> Any:  # noqa: ANN401 - what sqlmodel.Field itself returns
    return Field(primary_key=True, foreign_key="group.id", ondelete="CASCADE")


def _moment(*, index: bool = False, nullable: bool = False) -> Any:  # noqa: ANN401 - what sqlmodel.Field itself returns
    return Field(sa_type=UtcDateTime, index=index, nullable=nullable)


class GroupRow(Row, table=True):
    """A group; name, address and settings sealed under its key."""

    __tablename__ = "group"

    id: str = Field(primary_key=True)
    address: bytes = Field(unique=True)
    workspace: bytes = Field(index=True)
    state: str
    since: datetime = _moment()
    sealed: bytes
    next_digest: datetime | None = _moment(nullable=True)
    due_at: datetime | None = _moment(nullable=True)
    paused_until: datetime | None = _moment(nullable=True)
    leased_until: datetime | None = _moment(nullable=True)
    held_until: datetime | None = _moment(nullable=True)
    touched_at: datetime = _moment(index=True)

    __table_args__ = (
        Index(None, "state", "since"),
        Index(None, "state", "due_at", "id"),
        Index(None, "state", "next_digest"),
    )


class ConsentRow(Row, table=True):
    """A member's yes: who is a look-up under the group's key, what is sealed under it."""

    __tablename__ = "member_consent"

    group_id: str = _group_id()
    member: bytes = Field(primary_key=True)
    given_at: datetime = _moment(index=True)
    notice: str = Field(index=True)
    stale_since: datetime | None = _moment(index=True, nullable=True)
    sealed: bytes
    own_token: bytes | None
    """The member's own token at the platform, sealed under a key for such tokens alone."""


class ConsentLogRow(Row, table=True):
    """One line of the chain. What it says can be blanked after its time; its fingerprint and hash stay."""

    __tablename__ = "consent_log"

    seq: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    receipt: str | None = Field(default=None, index=True)
    subject: bytes | None
    group_mark: bytes | None = Field(default=None, index=True)
    act: str | None
    purposes: str | None
    notice: str | None
    notice_hash: str | None
    language: str | None
    at: datetime | None = _moment(nullable=True)
    keep_until: date | None = Field(default=None, index=True)
    fingerprint: bytes
    previous: bytes
    hash: bytes


class ConsentLogHead(Row, table=True):
    """The end of the chain: one row, locked by whoever appends."""

    __tablename__ = "consent_log_head"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int = Field(sa_type=BigInteger)
    hash: bytes


class InboxRow(Row, table=True):
    """Accepted work; once done, the bare key."""

    __tablename__ = "inbox"

    group_id: str = _group_id()
    event: bytes = Field(primary_key=True)
    state: str
    sealed: bytes | None
    accepted_at: datetime = _moment(index=True)
    not_before: datetime = _moment()
    lease: str | None
    leased_until: datetime | None = _moment(nullable=True)
    attempts: int
    claims: int
    error: str | None

    __table_args__ = (Index(None, "state", "not_before"),)


_LEADS = text("target IS NOT NULL")
"""Links that still lead somewhere: of the others a row stays for each, and retention is not to go through them."""


class LinkRow(Row, table=True):
    """A tracked link. `target` opens with its code alone, so it outlives the group; the rest is the group's secret."""

    __tablename__ = "link"

    group_id: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    code: bytes = Field(index=True)
    key: bytes | None
    target: bytes | None
    sealed: bytes | None
    created_at: datetime = _moment()
    expires_at: datetime = _moment()
    counted_until: datetime | None = _moment(nullable=True)
    shown_at: datetime | None = _moment(nullable=True)
    touched_at: datetime = _moment(index=True)

    __table_args__ = (
        Index(None, "group_id", "key", unique=True),
        Index("ix_link_ends", "expires_at", sqlite_where=_LEADS, postgresql_where=_LEADS),
    )


class PreviewRow(Row, table=True):
    """What a page said; sealed under a key that only its address gives."""

    __tablename__ = "preview"

    mark: bytes = Field(primary_key=True)
    sealed: bytes
    expires_at: datetime = _moment(index=True)


class ShareRow(Row, table=True):
    """A share; `mark` is the look-up of account and link under the group's key."""

    __tablename__ = "share"

    group_id: str = _group_id()
    week: str = Field(primary_key=True)
    mark: bytes = Field(primary_key=True)
    link_id: str
    at: datetime = _moment(index=True)
    counts_clicks: bool
    message: bytes
    sealed: bytes

    __table_args__ = (Index(None, "group_id", "link_id"),)


class MessageRow(Row, table=True):
    """Which links a message holds, for edits and undo."""

    __tablename__ = "message"

    group_id: str = _group_id()
    mark: bytes = Field(primary_key=True)
    links: str
    version: datetime = _moment()
    kept_at: datetime = _moment(index=True)


class ClickDayRow(Row, table=True):
    """Exact clicks of one link on one UTC day, until its week is released."""

    __tablename__ = "click_day"

    group_id: str = _group_id()
    day: date = Field(primary_key=True, index=True)
    link_id: str = Field(primary_key=True)
    browsers: int
    in_total: int


class ClickBatchRow(Row, table=True):
    """A batch that was applied."""

    __tablename__ = "click_batch"

    id: str = Field(primary_key=True)
    applied_at: datetime = _moment(index=True)


class EditionRow(Row, table=True):
    """A frozen edition."""

    __tablename__ = "edition"

    group_id: str = _group_id()
    week: str = Field(primary_key=True)
    frozen_at: datetime = _moment(index=True)
    sealed: bytes


class MissedRow(Row, table=True):
    """A digest that a group did not get, with a short word why."""

    __tablename__ = "missed"

    group_id: str = _group_id()
    week: str = Field(primary_key=True)
    why: str
    at: datetime = _moment(index=True)


class ReactionRow(Row, table=True):
    """One reaction more or less on a message that holds a link; `message` is its look-up. Nothing says by whom."""

    __tablename__ = "reaction"

    group_id: str = _group_id()
    week: str = Field(primary_key=True)
    mark: bytes = Field(primary_key=True)
    link_id: str
    message: bytes
    kind: bytes
    change: int
    at: datetime = _moment(index=True)


class ContributionRow(Row, table=True):
    """A page of one account, to be counted across groups; `mark` and `member` are look-ups under the week's key.

    The look-ups are of this group alone: that rows of two groups are one person's is told only inside the seal.
    """

    __tablename__ = "contribution"

    group_id: str = _group_id()
    week: str = Field(primary_key=True, index=True)
    mark: bytes = Field(primary_key=True)
    member: bytes
    day: date = Field(index=True)
    sealed: bytes

    __table_args__ = (Index(None, "group_id", "member"),)


class FiguresRow(Row, table=True):
    """The figures across groups of one week, frozen as they were published; public, so in clear."""

    __tablename__ = "figures"

    week: str = Field(primary_key=True)
    released_at: datetime = _moment(index=True)
    frozen: bytes


class SpendingRow(Row, table=True):
    """One line of the ledger: what a release cost each account at most. Lines are only ever added."""

    __tablename__ = "spending"

    week: str = Field(primary_key=True)
    release: str = Field(primary_key=True)
    epsilon: float
    delta: float
    spent_at: datetime = _moment()


class SitemapRow(Row, table=True):
    """The pages of a domain, as they were listed before a week began: the operator's, nobody else's."""

    __tablename__ = "sitemap"

    week: str = Field(primary_key=True)
    domain: str = Field(primary_key=True)
    pages: str
    taken_at: datetime = _moment(index=True)


class OutboxRow(Row, table=True):
    """A thing to post; once closed, its key, its end and the platform's id."""

    __tablename__ = "outbox"

    group_id: str = _group_id()
    mark: bytes = Field(primary_key=True)
    state: str
    sealed: bytes | None
    created_at: datetime = _moment()
    cutoff: datetime = _moment()
    not_before: datetime = _moment()
    lease: str | None
    leased_until: datetime | None = _moment(nullable=True)
    leased_for: float
    attempts: int
    remote: bytes | None
    why: str | None
    closed_at: datetime | None = _moment(index=True, nullable=True)

    __table_args__ = (
        Index(
            "ix_outbox_open",
            "not_before",
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
    )


class InstallationRow(Row, table=True):
    """What a workspace handed over, sealed under a key of its own."""

    __tablename__ = "installation"

    workspace: bytes = Field(primary_key=True)
    sealed: bytes
    installed_at: datetime = _moment()


class RateBucketRow(Row, table=True):
    """One limit of a platform or of pages; whose is a look-up. `time` in seconds since 1970 by the database's clock."""

    __tablename__ = "rate_bucket"

    mark: bytes = Field(primary_key=True)
    time: float
    used_at: datetime = _moment(index=True)


class ListedRow(Row, table=True):
    """Addresses reported for spreading malware: one of 256 rows of sorted look-ups, none of them anybody's."""

    __tablename__ = "listed"

    bucket: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    marks: bytes
    replaced_at: datetime = _moment()


class PassRow(Row, table=True):
    """A sign-in link or a session; sealed under a key that only its secret gives."""

    __tablename__ = "pass"

    mark: bytes = Field(primary_key=True)
    sealed: bytes
    expires_at: datetime = _moment(index=True)


class KeyRow(Row, table=True):
    """A wrapped key: a group's, a week's, or the master key."""

    __tablename__ = "key"

    owner: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    root: bytes = Field(index=True)
    wrapped: bytes
    made_at: datetime = _moment()

    __table_args__ = (Index(None, "kind", "made_at"),)


def table(row: type[Row]) -> Table:
    """The Core table of a row class."""
    return cast("Table", row.__table__)  # type: ignore[attr-defined] # set by SQLAlchemy's declarative mapping


def key_of(of: Table) -> list[Column[Any]]:
    """The primary key's columns, the group's id first."""
    return list(of.primary_key.columns)


METADATA = Row.metadata
