"""Dispatch: moves once per key, offers to several companies at once, why each company was chosen or left out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_OPEN, _ACCEPTED = sa.text("state = 'open'"), sa.text("state = 'accepted'")


def upgrade() -> None:
    op.add_column("service_kinds", sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False))
    # Until now what is served by day and by night was the sign of an emergency.
    op.execute("UPDATE service_kinds SET urgent = day_and_night")
    op.add_column("companies", sa.Column("radius_km", sa.Double(), nullable=True))
    op.add_column(
        "order_events", sa.Column("command", sa.String(length=200), server_default=sa.text("''"), nullable=False)
    )
    op.add_column("order_events", sa.Column("key", sa.String(length=160), nullable=True))
    op.create_index("ix_order_events_key", "order_events", ["key"], unique=True)
    op.create_index("ix_orders_company_id_due_at_state", "orders", ["company_id", "due_at", "state"])
    op.create_index("ix_orders_due_at", "orders", ["due_at"])
    op.create_index("ix_offers_offered_at", "offers", ["offered_at"])
    # The others begin with the company: beside the old ones PostgreSQL took those, and read every row.
    op.drop_index("ix_orders_company_id", table_name="orders")
    op.drop_index("ix_offers_company_id", table_name="offers")
    op.add_column("offers", sa.Column("answer_key", sa.String(length=160), nullable=True))
    op.create_index("ix_offers_answer_key", "offers", ["answer_key"], unique=True)
    op.create_index("ix_offers_company_id_offered_at", "offers", ["company_id", "offered_at"])
    op.drop_index("ix_offers_open_order", table_name="offers")
    op.create_index(
        "ix_offers_open_order", "offers", ["order_id", "company_id"], unique=True, sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )  # fmt: skip
    # An order that came back and was accepted again has two accepted offers: only the last one holds.
    op.execute(
        "UPDATE offers SET state = 'taken_back' WHERE state = 'accepted'"
        " AND id NOT IN (SELECT max(id) FROM offers WHERE state = 'accepted' GROUP BY order_id)"
    )
    op.create_index(
        "ix_offers_accepted_order", "offers", ["order_id"], unique=True, sqlite_where=_ACCEPTED,
        postgresql_where=_ACCEPTED,
    )  # fmt: skip
    op.create_table(
        "dispatch_decisions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("asked", sa.String(length=200), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("ranking", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_dispatch_decisions_order_id_orders"),
        sa.PrimaryKeyConstraint("id", name="pk_dispatch_decisions"),
    )
    op.create_index("ix_dispatch_decisions_order_id", "dispatch_decisions", ["order_id"])


def downgrade() -> None:
    op.drop_table("dispatch_decisions")
    op.drop_index("ix_offers_accepted_order", table_name="offers")
    op.drop_index("ix_offers_open_order", table_name="offers")
    # Of several open offers the oldest stays: the version before knows one for each order.
    op.execute(
        "UPDATE offers SET state = 'withdrawn' WHERE state = 'open'"
        " AND id NOT IN (SELECT min(id) FROM offers WHERE state = 'open' GROUP BY order_id)"
    )
    op.create_index(
        "ix_offers_open_order", "offers", ["order_id"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.drop_index("ix_offers_offered_at", table_name="offers")
    op.drop_index("ix_orders_due_at", table_name="orders")
    op.create_index("ix_orders_company_id", "orders", ["company_id"])
    op.create_index("ix_offers_company_id", "offers", ["company_id"])
    op.drop_index("ix_offers_company_id_offered_at", table_name="offers")
    op.drop_index("ix_offers_answer_key", table_name="offers")
    op.drop_column("offers", "answer_key")
    op.drop_index("ix_orders_company_id_due_at_state", table_name="orders")
    op.drop_index("ix_order_events_key", table_name="order_events")
    for table, column in (
        ("order_events", "key"), ("order_events", "command"), ("companies", "radius_km"), ("service_kinds", "urgent"),
    ):  # fmt: skip
        op.drop_column(table, column)
