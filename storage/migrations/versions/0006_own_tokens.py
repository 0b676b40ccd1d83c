"""Members' own tokens, each beside its member's consent."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("member_consent") as table:
        table.add_column(sa.Column("own_token", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("member_consent") as table:
        table.drop_column("own_token")
