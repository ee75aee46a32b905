"""The catalogue with its tariffs, and the rules of payers, as pages and API show them: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from db.models import PayerRule, Tariff
from routing.orders.pricing.validity import Span


@dataclass(frozen=True)
class Validity:
    """When something holds, who wrote it down when, and whether another took its place before it held."""

    valid_from: date
    valid_to: date | None
    made_at: datetime
    made_by: str
    withdrawn_at: datetime | None

    def when(self, today: date) -> str:
        """Tell by a word how it stands: now, planned, past or withdrawn."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.valid_from > today:
            return "planned"
        return "past" if self.valid_to is not None and self.valid_to < today else "now"


@dataclass(frozen=True)
class TariffView:
    """A tariff; without a company it is what elders are told. Money in fen; quantities are pieces or minutes."""

    id: int
    item_id: int
    company_id: int | None
    company_name: str | None
    unit: str
    price_fen: int
    smallest: int
    usual: int
    largest: int
    validity: Validity


@dataclass(frozen=True)
class ItemPrices:
    """An item of the catalogue with all its tariffs, the newest first."""

    id: int
    code: str
    kind: str
    name: str
    name_en: str
    active: bool
    tariffs: tuple[TariffView, ...]


@dataclass(frozen=True)
class RuleView:
    """A rule of a class of payers. Money in fen."""

    id: int
    payer_class: str
    elder_percent: int
    monthly_fen: int | None
    validity: Validity


@dataclass(frozen=True)
class ClassRules:
    """A class of payers with all its rules, the newest first."""

    code: str
    name: str
    name_en: str
    rules: tuple[RuleView, ...]


@dataclass(frozen=True)
class QuotaLine:
    """What became of one month's quota by one order."""

    order_id: int
    order_number: str
    cause: str
    """placed, settled or released."""
    amount_fen: int
    at: datetime


@dataclass(frozen=True)
class QuotaView:
    """An elder's month as one of a class. `monthly_fen` is the bound as the class has it on the first of the month."""

    month: str
    payer_class: str
    taken_fen: int
    lines: tuple[QuotaLine, ...]


def tariff_view(row: Tariff) -> TariffView:
    """Take a view of a tariff within its unit of work."""
    return TariffView(
        row.id, row.item_id, row.company_id, row.company.name if row.company else None, row.unit, row.price_fen,
        row.smallest, row.usual, row.largest, _validity(row),
    )  # fmt: skip


def rule_view(row: PayerRule) -> RuleView:
    """Take a view of a rule."""
    return RuleView(row.id, row.payer_class, row.elder_percent, row.monthly_fen, _validity(row))


def span_of(row: Tariff | PayerRule) -> Span:
    """Give the days on which a row holds."""
    return Span(row.id, row.valid_from, row.valid_to)


def _validity(row: Tariff | PayerRule) -> Validity:
    return Validity(row.valid_from, row.valid_to, row.made_at, row.made_by, row.withdrawn_at)
