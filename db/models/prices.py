"""Tariffs, classes of payers with their rules, and the ledger of what is covered each month."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.models.base import Base, Id, Line, Word
from db.models.orders import Order
from db.models.providers import Company, ServiceItem

_OPEN_HOUSE = text("valid_to IS NULL AND withdrawn_at IS NULL AND company_id IS NULL")
_OPEN_COMPANY = text("valid_to IS NULL AND withdrawn_at IS NULL AND company_id IS NOT NULL")
_OPEN_RULE = text("valid_to IS NULL AND withdrawn_at IS NULL")


class Tariff(Base):
    """What one unit of an item costs in a time. Without a company: what elders are told. With one: what it is owed.

    No two that are not withdrawn hold on one day for the same item and company (routing/orders/pricing/tariffs.py).
    """

    __tablename__ = "tariffs"
    __table_args__ = (
        CheckConstraint("price_fen >= 0", name="price"),
        CheckConstraint("smallest >= 1 AND smallest <= usual AND usual <= largest", name="quantities"),
        CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="validity"),
        Index("ix_tariffs_item_id_company_id", "item_id", "company_id"),
        # The last word against two that are open at once, whoever writes.
        Index("uq_tariffs_open", "item_id", unique=True, sqlite_where=_OPEN_HOUSE, postgresql_where=_OPEN_HOUSE),
        Index("uq_tariffs_open_company", "item_id", "company_id", unique=True, sqlite_where=_OPEN_COMPANY,
              postgresql_where=_OPEN_COMPANY),
    )  # fmt: skip

    id: Mapped[Id]
    item_id: Mapped[int] = mapped_column(ForeignKey("service_items.id"))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id"))
    unit: Mapped[Word]
    """hour or piece."""
    price_fen: Mapped[int]
    """For one hour or piece."""
    smallest: Mapped[int]
    """The least that is ordered: pieces, or minutes of an item by the hour. So are `usual` and `largest`."""
    usual: Mapped[int]
    """What is ordered when nobody says how much."""
    largest: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """The last day; None: until further notice."""
    made_at: Mapped[datetime]
    made_by: Mapped[Line]
    """As user:2, token:5, migration or demo."""
    withdrawn_at: Mapped[datetime | None]
    """When another took its place before it ever held, or on the day on which it began to. It is kept as history."""

    item: Mapped[ServiceItem] = relationship()
    company: Mapped[Company | None] = relationship()


class PayerClass(Base):
    """A class of elders who pay by one rule: assisted, subsidised, self_paid."""

    __tablename__ = "payer_classes"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[Line]
    name_en: Mapped[Line]


class PayerRule(Base):
    """What elders of a class pay in a time. No two that are not withdrawn hold on one day for the same class."""

    __tablename__ = "payer_rules"
    __table_args__ = (
        CheckConstraint("elder_percent BETWEEN 0 AND 100", name="share"),
        CheckConstraint("monthly_fen IS NULL OR monthly_fen >= 0", name="quota"),
        CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="validity"),
        Index("uq_payer_rules_open", "payer_class", unique=True, sqlite_where=_OPEN_RULE, postgresql_where=_OPEN_RULE),
    )

    id: Mapped[Id]
    payer_class: Mapped[str] = mapped_column(String(20), ForeignKey("payer_classes.code"), index=True)
    elder_percent: Mapped[int]
    """Share of the tariff that the elder pays as long as the month's quota lasts; beyond it they pay all."""
    monthly_fen: Mapped[int | None]
    """How much is covered for one elder in a month, in fen; None: without a bound."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    made_at: Mapped[datetime]
    made_by: Mapped[Line]
    withdrawn_at: Mapped[datetime | None]


class QuotaMonth(Base):
    """How much of a month's quota an elder has taken as one of a class: the sum of its entries, never below zero."""

    __tablename__ = "quota_months"
    __table_args__ = (CheckConstraint("taken_fen >= 0", name="taken"),)

    elder_id: Mapped[int] = mapped_column(ForeignKey("elders.id", ondelete="CASCADE"), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    """As 2026-03, of the local day on which the order is due."""
    payer_class: Mapped[str] = mapped_column(String(20), primary_key=True)
    taken_fen: Mapped[int]


class QuotaEntry(Base):
    """One line of the ledger: taken by an order (more than zero) or given back by it (less than zero)."""

    __tablename__ = "quota_entries"
    __table_args__ = (Index("ix_quota_entries_elder_id_month", "elder_id", "month"),)

    id: Mapped[Id]
    elder_id: Mapped[int] = mapped_column(ForeignKey("elders.id", ondelete="CASCADE"))
    month: Mapped[str] = mapped_column(String(7))
    payer_class: Mapped[str] = mapped_column(String(20))
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    cause: Mapped[str] = mapped_column(String(60), unique=True)
    """As placed:12, settled:12, released:12: nothing is taken or given back twice."""
    amount_fen: Mapped[int]
    at: Mapped[datetime]

    order: Mapped[Order] = relationship()
