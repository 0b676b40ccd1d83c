"""Figures across groups: what waits to be counted, what was published, what it cost, over which pages."""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contribution",
        sa.Column("group_id", sa.String(), nullable=False),
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("member", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["group.id"], name="fk_contribution_group_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("group_id", "week", "mark", name="pk_contribution"),
    )
    op.create_index("ix_contribution_group_id_member", "contribution", ["group_id", "member"])
    op.create_index("ix_contribution_week", "contribution", ["week"])
    op.create_index("ix_contribution_day", "contribution", ["day"])
    op.create_table(
        "figures",
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("released_at", UtcDateTime(), nullable=False),
        sa.Column("frozen", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("week", name="pk_figures"),
    )
    op.create_index("ix_figures_released_at", "figures", ["released_at"])
    op.create_table(
        "spending",
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("epsilon", sa.Float(), nullable=False),
        sa.Column("delta", sa.Float(), nullable=False),
        sa.Column("spent_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("week", "release", name="pk_spending"),
    )
    op.create_table(
        "sitemap",
        sa.Column("week", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("pages", sa.String(), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("week", "domain", name="pk_sitemap"),
    )
    op.create_index("ix_sitemap_taken_at", "sitemap", ["taken_at"])


def downgrade() -> None:
    for table in ("sitemap", "spending", "figures", "contribution"):
        op.drop_table(table)
