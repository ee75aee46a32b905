"""Companies: further telephones, PINs, when they take orders, suspensions, how they stand, why they decline."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TABLES = (
    "company_standings", "company_suggestions", "company_suspensions", "company_availability", "company_pins",
    "company_phones",
)  # fmt: skip
_INDEXES = (
    ("ix_cases_kind_opened_at", "cases", ("kind", "opened_at")),
    ("ix_offers_offered_at_company_id", "offers", ("offered_at", "company_id")),
    ("ix_order_events_to_state_at", "order_events", ("to_state", "at")),
    ("ix_ratings_at", "ratings", ("at",)),
)


def upgrade() -> None:
    op.create_table(
        "company_phones",
        _id(),
        _of_company(),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        _company("company_phones"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_phones")),
        sa.UniqueConstraint("company_id", "number_index", name=op.f("uq_company_phones_company_id_number_index")),
    )
    op.create_index(op.f("ix_company_phones_number_index"), "company_phones", ["number_index"])
    op.create_table(
        "company_pins",
        _of_company(),
        sa.Column("pin_index", sa.LargeBinary(length=16), nullable=False),
        _instant("set_at"),
        sa.Column("set_by", sa.String(length=200), nullable=False),
        _company("company_pins"),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_company_pins")),
    )
    op.create_table(
        "company_availability",
        _id(),
        _of_company(),
        sa.Column("kind", sa.String(length=40), nullable=False),
        _instant("from_at"),
        _instant("until_at"),
        sa.Column("capacity", sa.Integer(), nullable=True),
        _instant("at"),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        _instant("ended_at", nullable=True),
        _company("company_availability"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_availability")),
    )
    op.create_index("ix_company_availability_company_id_at", "company_availability", ["company_id", "at"])
    op.create_index("ix_company_availability_until_at", "company_availability", ["until_at"])
    op.create_table(
        "company_suspensions",
        _id(),
        _of_company(),
        _instant("from_at"),
        _instant("until_at", nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        _instant("decided_at"),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        _instant("lifted_at", nullable=True),
        sa.Column("lifted_by", sa.String(length=200), nullable=True),
        sa.Column("lifted_reason", sa.Text(), nullable=False),
        _company("company_suspensions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_suspensions")),
    )
    op.create_index("ix_company_suspensions_company_id_from_at", "company_suspensions", ["company_id", "from_at"])
    op.create_table(
        "company_suggestions",
        _id(),
        _of_company(),
        sa.Column("day", sa.String(length=10), nullable=False),
        _instant("raised_at"),
        sa.Column("codes", sa.String(length=200), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_company_suggestions_case_id_cases")),
        _company("company_suggestions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_suggestions")),
        sa.UniqueConstraint("company_id", "day", name=op.f("uq_company_suggestions_company_id_day")),
    )
    op.create_table(
        "company_standings",
        _of_company(),
        sa.Column("acceptance", sa.Double(), nullable=True),
        sa.Column("punctuality", sa.Double(), nullable=True),
        sa.Column("verified", sa.Double(), nullable=True),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("complaints_per_100", sa.Double(), nullable=True),
        _instant("at"),
        _company("company_standings"),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_company_standings")),
    )
    op.add_column(
        "offers", sa.Column("decline_reason", sa.String(length=40), server_default=sa.text("''"), nullable=False)
    )
    for name, table, columns in _INDEXES:
        op.create_index(name, table, list(columns))


def downgrade() -> None:
    for name, table, _columns in _INDEXES:
        op.drop_index(name, table_name=table)
    op.drop_column("offers", "decline_reason")
    for table in _TABLES:
        op.drop_table(table)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), autoincrement=True, nullable=False)


def _of_company() -> sa.Column[int]:
    return sa.Column("company_id", sa.Integer(), autoincrement=False, nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _company(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id"], ["companies.id"], ondelete="CASCADE", name=op.f(f"fk_{table}_company_id_companies")
    )
