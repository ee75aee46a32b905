"""Monthly statements: what a company is owed for the visits of a month, and what an elder's month came to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import selectinload

from db.models import Company, Elder, Order
from db.session import UnitOfWork
from routing.errors import Invalid, NotFound
from routing.orders.policy import OrderState
from routing.orders.pricing.book import PriceBook
from routing.orders.pricing.catalogue import QuotaView

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])", re.ASCII)
_OWED = (OrderState.DONE.value, OrderState.RATED.value, OrderState.CLOSED.value)


@dataclass(frozen=True)
class StatementLine:
    """One order that was done in the month. Money in fen, as settled; quantity in pieces or minutes."""

    order_id: int
    number: str
    day: date
    item: str
    unit: str
    quantity: int
    elder_id: int
    elder_code: str
    elder_name: str = field(repr=False)
    company: str
    state: str
    price_fen: int
    pays_fen: int
    owed_fen: int

    @property
    def subsidy_fen(self) -> int:
        """What of the price the elder does not pay."""
        return self.price_fen - self.pays_fen

    @property
    def fund_fen(self) -> int:
        """What the company gets from the fund beside what the elder pays it; below zero: it gives back."""
        return self.owed_fen - self.pays_fen


@dataclass(frozen=True)
class Totals:
    """Sums of lines, in fen."""

    orders: int
    price_fen: int
    pays_fen: int
    subsidy_fen: int
    owed_fen: int
    fund_fen: int


@dataclass(frozen=True)
class Statement:
    """A month of a company or an elder: what counts, and apart from it what is disputed and counts nowhere."""

    whose: str
    """company or elder."""
    id: int
    code: str
    name: str = field(repr=False)
    month: str
    lines: tuple[StatementLine, ...]
    disputed: tuple[StatementLine, ...]
    quotas: tuple[QuotaView, ...] = ()

    @property
    def totals(self) -> Totals:
        """What the month comes to."""
        return totals_of(self.lines)


def totals_of(lines: Iterable[StatementLine]) -> Totals:
    """Add lines up."""
    given = tuple(lines)
    return Totals(
        len(given), sum(each.price_fen for each in given), sum(each.pays_fen for each in given),
        sum(each.subsidy_fen for each in given), sum(each.owed_fen for each in given),
        sum(each.fund_fen for each in given),
    )  # fmt: skip


def first_of(month: str) -> date:
    """Read a month as 2026-03. Raises Invalid."""
    if _MONTH.fullmatch(month) is None:
        raise Invalid(f"{month!r} is no month: give it as 2026-03")
    return date.fromisoformat(f"{month}-01")


class Statements:
    """Draws up statements from the orders. Drawn up anew they say the same, unless an order was disputed or settled."""

    def __init__(self, reading: UnitOfWork, prices: PriceBook, zone: ZoneInfo) -> None:
        self._reading = reading
        self._prices = prices
        self._zone = zone

    def of_company(self, company_id: int, month: str) -> Statement:
        """Draw up the month of a company. Raises NotFound and Invalid."""
        with self._reading() as session:
            company = session.get(Company, company_id)
        if company is None:
            raise NotFound(f"there is no company {company_id}")
        lines, disputed = self._lines(Order.company_id == company_id, month)
        return Statement("company", company.id, company.code, company.name, month, lines, disputed)

    def of_elder(self, elder_id: int, month: str) -> Statement:
        """Draw up the month of an elder. Raises NotFound and Invalid."""
        with self._reading() as session:
            elder = session.get(Elder, elder_id)
        if elder is None:
            raise NotFound(f"there is no elder {elder_id}")
        lines, disputed = self._lines(Order.elder_id == elder_id, month)
        quotas = self._prices.quotas(elder_id, month)
        return Statement("elder", elder.id, elder.code, elder.name, month, lines, disputed, quotas)

    def by_code(self, whose: str, code: str, month: str) -> Statement:
        """Draw up the month of the company or elder with this code. Raises NotFound and Invalid."""
        first_of(month)
        kind: type[Company | Elder] = Company if whose == "company" else Elder
        with self._reading() as session:
            found = session.scalar(select(kind.id).where(kind.code == code))
        if found is None:
            raise NotFound(f"there is no {whose} with the code {code}")
        return self.of_company(found, month) if whose == "company" else self.of_elder(found, month)

    def _lines(
        self, whose: ColumnElement[bool], month: str
    ) -> tuple[tuple[StatementLine, ...], tuple[StatementLine, ...]]:
        first = first_of(month)
        after = (first + timedelta(days=32)).replace(day=1)
        begins, ends = (datetime.combine(day, time(), self._zone) for day in (first, after))
        done = and_(Order.settled_at >= begins, Order.settled_at < ends)
        # A dispute about a visit that never was has no day on which it was done: it stands in the month it was due in.
        never = and_(Order.settled_at.is_(None), Order.price_day >= first, Order.price_day < after)
        disputed = Order.state == OrderState.DISPUTED.value
        query = (
            select(Order)
            .where(whose, or_(and_(Order.state.in_(_OWED), done), and_(disputed, or_(done, never))))
            .options(selectinload(Order.item), selectinload(Order.elder), selectinload(Order.company))
            .order_by(Order.settled_at, Order.id)
        )
        with self._reading() as session:
            rows: Sequence[Order] = session.scalars(query).all()
            lines = [self._line(row) for row in rows]
        apart = OrderState.DISPUTED.value
        return (
            tuple(line for line in lines if line.state != apart),
            tuple(line for line in lines if line.state == apart),
        )

    def _line(self, row: Order) -> StatementLine:
        at = row.settled_at or row.due_at
        price = row.price_fen if row.settled_price_fen is None else row.settled_price_fen
        return StatementLine(
            order_id=row.id, number=row.number, day=at.astimezone(self._zone).date(), item=row.item.name, unit=row.unit,
            quantity=row.quantity if row.settled_quantity is None else row.settled_quantity, elder_id=row.elder_id,
            elder_code=row.elder.code, elder_name=row.elder.name, company=row.company.name if row.company else "",
            state=row.state, price_fen=price,
            pays_fen=row.elder_pays_fen if row.settled_pays_fen is None else row.settled_pays_fen,
            owed_fen=price if row.owed_fen is None else row.owed_fen,
        )  # fmt: skip
