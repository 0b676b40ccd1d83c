"""Sign-in links and sessions."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pass",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_pass"),
    )
    op.create_index("ix_pass_expires_at", "pass", ["expires_at"])


def downgrade() -> None:
    op.drop_index("ix_pass_expires_at", "pass")
    op.drop_table("pass")
