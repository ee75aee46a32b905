"""Orders that stand too long in a state: who was told, and who took them upon them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order_escalations",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("overdue_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.String(length=60), nullable=True),
        sa.CheckConstraint("level BETWEEN 1 AND 3", name=op.f("ck_order_escalations_level_1_to_3")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_escalations_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_escalations")),
        sa.UniqueConstraint(
            "order_id", "version", "level", name=op.f("uq_order_escalations_order_id_version_level")
        ),
    )  # fmt: skip
    op.create_index("ix_orders_state_updated_at", "orders", ["state", "updated_at"])


def downgrade() -> None:
    op.drop_index("ix_orders_state_updated_at", table_name="orders")
    op.drop_table("order_escalations")
