"""Plans: orders made ahead from a calendar rule, and orders that are not offered before their time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order_plans",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("elder_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=300), nullable=False),
        sa.Column("times", sa.String(length=60), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("holidays", sa.String(length=40), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("worker_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("end_reason", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_until", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name="fk_order_plans_company_id_companies"),
        sa.ForeignKeyConstraint(["elder_id"], ["elders.id"], name="fk_order_plans_elder_id_elders"),
        sa.ForeignKeyConstraint(["item_id"], ["service_items.id"], name="fk_order_plans_item_id_service_items"),
        sa.ForeignKeyConstraint(["worker_id"], ["workers.id"], name="fk_order_plans_worker_id_workers"),
        sa.PrimaryKeyConstraint("id", name="pk_order_plans"),
        sa.UniqueConstraint("key", name="uq_order_plans_key"),
    )
    op.create_index("ix_order_plans_elder_id", "order_plans", ["elder_id"])
    op.create_index("ix_order_plans_state_made_until", "order_plans", ["state", "made_until"])
    op.create_table(
        "plan_pauses",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["order_plans.id"], name="fk_plan_pauses_plan_id_order_plans", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_plan_pauses"),
    )
    op.create_index("ix_plan_pauses_plan_id", "plan_pauses", ["plan_id"])
    op.create_table(
        "plan_exceptions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("moved_to", sa.Date(), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["order_plans.id"], name="fk_plan_exceptions_plan_id_order_plans", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_plan_exceptions"),
        sa.UniqueConstraint("plan_id", "day", name="uq_plan_exceptions_plan_id_day"),
    )
    with op.batch_alter_table("orders") as orders:
        orders.add_column(sa.Column("plan_id", sa.Integer(), nullable=True))
        orders.add_column(sa.Column("plan_day", sa.Date(), nullable=True))
        orders.add_column(sa.Column("dispatch_from", sa.DateTime(timezone=True), nullable=True))
        orders.add_column(sa.Column("batch_night", sa.Date(), nullable=True))
        orders.create_foreign_key("fk_orders_plan_id_order_plans", "order_plans", ["plan_id"], ["id"])
    op.create_index("ix_orders_plan_id_plan_day", "orders", ["plan_id", "plan_day"])


def downgrade() -> None:
    op.drop_index("ix_orders_plan_id_plan_day", table_name="orders")
    with op.batch_alter_table("orders") as orders:
        orders.drop_constraint("fk_orders_plan_id_order_plans", type_="foreignkey")
        for column in ("batch_night", "dispatch_from", "plan_day", "plan_id"):
            orders.drop_column(column)
    op.drop_table("plan_exceptions")
    op.drop_table("plan_pauses")
    op.drop_table("order_plans")
