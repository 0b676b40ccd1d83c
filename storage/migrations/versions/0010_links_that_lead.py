"""Retention finds links whose time is over among those that still lead somewhere, and weeks' keys among the groups'."""

from alembic import op
from sqlalchemy import text

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

LEADS = text("target IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_link_ends", "link", ["expires_at"], sqlite_where=LEADS, postgresql_where=LEADS)
    op.drop_index("ix_link_expires_at", "link")
    op.create_index("ix_key_kind_made_at", "key", ["kind", "made_at"])


def downgrade() -> None:
    op.drop_index("ix_key_kind_made_at", "key")
    op.create_index("ix_link_expires_at", "link", ["expires_at"])
    op.drop_index("ix_link_ends", "link")
