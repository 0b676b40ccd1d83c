"""Finding who is due reads those groups alone, however many others are on."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_group_state_due_at_id", "group", ["state", "due_at", "id"])
    op.create_index("ix_group_state_next_digest", "group", ["state", "next_digest"])
    op.drop_index("ix_group_due_at", "group")
    op.drop_index("ix_group_next_digest", "group")


def downgrade() -> None:
    op.create_index("ix_group_next_digest", "group", ["next_digest"])
    op.create_index("ix_group_due_at", "group", ["due_at"])
    op.drop_index("ix_group_state_next_digest", "group")
    op.drop_index("ix_group_state_due_at_id", "group")
