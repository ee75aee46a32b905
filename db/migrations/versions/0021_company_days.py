"""How much each company has to do on a day, kept as it changes; `db.counting.recount` fills it after the migration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "company_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("company_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("orders", sa.Integer(), server_default="0", nullable=False),
        sa.Column("offers", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_company_days_company_id_companies"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("day", "company_id", name=op.f("pk_company_days")),
    )


def downgrade() -> None:
    op.drop_table("company_days")
