"""Reactions of the week, digests that were missed, and each group's turn within its hour."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reaction",
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("link_id", sa.String(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.LargeBinary(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name="fk_reaction_group_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("group_id", "week", "mark", name="pk_reaction"),
    )
    op.create_index("ix_reaction_at", "reaction", ["at"])
    op.create_table(
        "missed",
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name="fk_missed_group_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("group_id", "week", name="pk_missed"),
    )
    op.create_index("ix_missed_at", "missed", ["at"])
    op.add_column("group", sa.Column("due_at", UtcDateTime(), nullable=True))
    op.create_index("ix_group_due_at", "group", ["due_at"])
    op.execute('UPDATE "group" SET due_at = next_digest')


def downgrade() -> None:
    op.drop_index("ix_group_due_at", "group")
    op.drop_column("group", "due_at")
    op.drop_table("missed")
    op.drop_table("reaction")
