"""Which notice a consent refers to, and since when it is stale."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("member_consent") as table:
        # every consent kept so far was given to the first notice
        table.add_column(sa.Column("notice", sa.String(), nullable=False, server_default="member-1"))
        table.add_column(sa.Column("stale_since", UtcDateTime(), nullable=True))
    with op.batch_alter_table("member_consent") as table:
        table.alter_column("notice", server_default=None)
    op.create_index("ix_member_consent_notice", "member_consent", ["notice"])
    op.create_index("ix_member_consent_stale_since", "member_consent", ["stale_since"])


def downgrade() -> None:
    op.drop_index("ix_member_consent_stale_since", "member_consent")
    op.drop_index("ix_member_consent_notice", "member_consent")
    with op.batch_alter_table("member_consent") as table:
        table.drop_column("stale_since")
        table.drop_column("notice")
