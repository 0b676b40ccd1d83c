"""How often platforms were called, shared by all replicas."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rate_bucket",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("time", sa.Float(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_rate_bucket"),
    )
    op.create_index("ix_rate_bucket_used_at", "rate_bucket", ["used_at"])


def downgrade() -> None:
    op.drop_table("rate_bucket")
