"""Prices as data: tariffs, classes of payers with rules, the ledger of quotas, and what an order came to."""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_EVER = date(2000, 1, 1)
"""Before any order: what held until now has always held."""
_CLASSES = (
    # Code, Chinese name, English name, share that the elder pays in percent.
    ("assisted", "政府购买（免费）", "assisted, free of charge", 0),
    ("subsidised", "补贴", "subsidised", 50),
    ("self_paid", "自费", "self-paid", 100),
)
_SETTLED = (
    ("price_day", sa.Date()),
    ("settled_at", sa.DateTime(timezone=True)), ("settled_quantity", sa.Integer()), ("settled_price_fen", sa.Integer()),
    ("settled_pays_fen", sa.Integer()), ("owed_fen", sa.Integer()),
)  # fmt: skip


def upgrade() -> None:
    now = datetime.now(UTC)
    _tariffs(now)
    _payers(now)
    _ledger()
    with op.batch_alter_table("orders") as orders:
        orders.add_column(sa.Column("unit", sa.String(length=40), server_default="piece", nullable=False))
        orders.add_column(sa.Column("quantity", sa.Integer(), server_default="1", nullable=False))
        orders.add_column(sa.Column("price_reasons", sa.Text(), server_default="[]", nullable=False))
        for name, kind in _SETTLED:
            orders.add_column(sa.Column(name, kind, nullable=True))
        orders.create_index(op.f("ix_orders_settled_at"), ["settled_at"])
    # What is done already came to what it was ordered for.
    op.execute(
        "UPDATE orders SET settled_at = (SELECT max(e.at) FROM order_events e WHERE e.order_id = orders.id AND "
        "e.to_state = 'done'), settled_quantity = 1, settled_price_fen = price_fen, settled_pays_fen = elder_pays_fen, "
        "owed_fen = price_fen "
        "WHERE EXISTS (SELECT 1 FROM order_events e WHERE e.order_id = orders.id AND e.to_state = 'done')"
    )


def _tariffs(now: datetime) -> None:
    tariffs = op.create_table(
        "tariffs",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("price_fen", sa.Integer(), nullable=False),
        sa.Column("smallest", sa.Integer(), nullable=False),
        sa.Column("usual", sa.Integer(), nullable=False),
        sa.Column("largest", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("price_fen >= 0", name=op.f("ck_tariffs_price")),
        sa.CheckConstraint(
            "smallest >= 1 AND smallest <= usual AND usual <= largest", name=op.f("ck_tariffs_quantities")
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name=op.f("ck_tariffs_validity")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_tariffs_company_id_companies")),
        sa.ForeignKeyConstraint(["item_id"], ["service_items.id"], name=op.f("fk_tariffs_item_id_service_items")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariffs")),
    )
    op.create_index("ix_tariffs_item_id_company_id", "tariffs", ["item_id", "company_id"])
    for name, columns, whose in (
        ("uq_tariffs_open", ["item_id"], "IS NULL"),
        ("uq_tariffs_open_company", ["item_id", "company_id"], "IS NOT NULL"),
    ):
        still = sa.text(f"valid_to IS NULL AND withdrawn_at IS NULL AND company_id {whose}")
        op.create_index(name, "tariffs", columns, unique=True, sqlite_where=still, postgresql_where=still)
    items = op.get_bind().execute(sa.text("SELECT id, price_fen FROM service_items WHERE price_fen >= 0"))
    rows = [
        {"item_id": item, "unit": "piece", "price_fen": fen, "smallest": 1, "usual": 1, "largest": 20,
         "valid_from": _EVER, "made_at": now, "made_by": "migration"}
        for item, fen in items.all()
    ]  # fmt: skip
    if rows:
        op.bulk_insert(tariffs, rows)


def _payers(now: datetime) -> None:
    classes = op.create_table(
        "payer_classes",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_payer_classes")),
    )
    rules = op.create_table(
        "payer_rules",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("payer_class", sa.String(length=20), nullable=False),
        sa.Column("elder_percent", sa.Integer(), nullable=False),
        sa.Column("monthly_fen", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("elder_percent BETWEEN 0 AND 100", name=op.f("ck_payer_rules_share")),
        sa.CheckConstraint("monthly_fen IS NULL OR monthly_fen >= 0", name=op.f("ck_payer_rules_quota")),
        sa.CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name=op.f("ck_payer_rules_validity")),
        sa.ForeignKeyConstraint(
            ["payer_class"], ["payer_classes.code"], name=op.f("fk_payer_rules_payer_class_payer_classes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer_rules")),
    )
    op.create_index(op.f("ix_payer_rules_payer_class"), "payer_rules", ["payer_class"])
    still = sa.text("valid_to IS NULL AND withdrawn_at IS NULL")
    op.create_index(
        "uq_payer_rules_open", "payer_rules", ["payer_class"], unique=True, sqlite_where=still, postgresql_where=still
    )
    op.bulk_insert(classes, [{"code": code, "name": name, "name_en": en} for code, name, en, _share in _CLASSES])
    op.bulk_insert(
        rules,
        [
            {"payer_class": code, "elder_percent": share, "valid_from": _EVER, "made_at": now, "made_by": "migration"}
            for code, _name, _en, share in _CLASSES
        ],
    )


def _ledger() -> None:
    op.create_table(
        "quota_months",
        sa.Column("elder_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("payer_class", sa.String(length=20), nullable=False),
        sa.Column("taken_fen", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken_fen >= 0", name=op.f("ck_quota_months_taken")),
        sa.ForeignKeyConstraint(
            ["elder_id"], ["elders.id"], name=op.f("fk_quota_months_elder_id_elders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("elder_id", "month", "payer_class", name=op.f("pk_quota_months")),
    )
    op.create_table(
        "quota_entries",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("elder_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("payer_class", sa.String(length=20), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=60), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["elder_id"], ["elders.id"], name=op.f("fk_quota_entries_elder_id_elders"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_quota_entries_order_id_orders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_entries")),
        sa.UniqueConstraint("cause", name=op.f("uq_quota_entries_cause")),
    )
    op.create_index(op.f("ix_quota_entries_order_id"), "quota_entries", ["order_id"])
    op.create_index("ix_quota_entries_elder_id_month", "quota_entries", ["elder_id", "month"])


def downgrade() -> None:
    for table in ("quota_entries", "quota_months", "payer_rules", "payer_classes", "tariffs"):
        op.drop_table(table)
    with op.batch_alter_table("orders") as orders:
        orders.drop_index(op.f("ix_orders_settled_at"))
        for name in ("unit", "quantity", "price_reasons", *(name for name, _kind in _SETTLED)):
            orders.drop_column(name)
