"""How much a plan orders each time; without it the tariff's usual quantity, as before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("order_plans", sa.Column("quantity", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("order_plans") as plans:
        plans.drop_column("quantity")
