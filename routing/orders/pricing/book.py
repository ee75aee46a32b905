"""The price book: tariffs and rules of payers in the database, read by pages, changed by supervisors from a day on.

A change ends what held before and begins anew; nothing is overwritten, and nothing that was ordered changes. Changes of
one item, or one class, go one by one: its row is locked first, so that no two tariffs ever hold on one day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from db.models import Company, PayerClass, PayerRule, QuotaEntry, QuotaMonth, ServiceItem, Tariff
from db.session import UnitOfWork
from routing.errors import DomainError, NotFound
from routing.orders.pricing import bounds
from routing.orders.pricing.catalogue import (
    ClassRules,
    ItemPrices,
    QuotaLine,
    QuotaView,
    RuleView,
    TariffView,
    rule_view,
    span_of,
    tariff_view,
)
from routing.orders.pricing.errors import PriceRefused
from routing.orders.pricing.policy import Rate
from routing.orders.pricing.quoting import cost_of
from routing.orders.pricing.refusals import Absurd
from routing.orders.pricing.validity import make_room

Row = TypeVar("Row", Tariff, PayerRule)


@dataclass(frozen=True)
class Written:
    """Who writes something down, from which local day on, and until which, None: until the next change."""

    by: str
    first: date
    last: date | None = None
    sure: bool = False
    """What looks like a slip is meant."""


class PriceBook:
    """Reads and changes tariffs and rules of payers."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], zone: ZoneInfo
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._zone = zone

    def today(self) -> date:
        """Give the local day."""
        return self._clock().astimezone(self._zone).date()

    def catalogue(self) -> tuple[ItemPrices, ...]:
        """Give all items with all their tariffs."""
        with self._reading() as session:
            newest = select(Tariff).options(selectinload(Tariff.company))
            rows = session.scalars(newest.order_by(Tariff.valid_from.desc(), Tariff.id.desc())).all()
            items = session.scalars(select(ServiceItem).order_by(ServiceItem.kind, ServiceItem.id)).all()
            return tuple(
                ItemPrices(
                    item.id, item.code, item.kind, item.name, item.name_en, item.active,
                    tuple(tariff_view(row) for row in rows if row.item_id == item.id),
                )
                for item in items
            )  # fmt: skip

    def classes(self) -> tuple[ClassRules, ...]:
        """Give all classes of payers with all their rules."""
        with self._reading() as session:
            rows = session.scalars(select(PayerRule).order_by(PayerRule.valid_from.desc(), PayerRule.id.desc())).all()
            classes = session.scalars(select(PayerClass).order_by(PayerClass.code)).all()
            return tuple(
                ClassRules(
                    each.code, each.name, each.name_en,
                    tuple(rule_view(row) for row in rows if row.payer_class == each.code),
                )
                for each in classes
            )  # fmt: skip

    def rates_for(self, elder_id: int, item_ids: Iterable[int], due_at: datetime) -> dict[int, Rate]:
        """Give the tariff of each item that an elder could order then; what cannot be ordered is left out."""
        found, day = {}, due_at.astimezone(self._zone).date()
        with self._reading() as session:
            for item_id in item_ids:
                try:
                    found[item_id] = cost_of(session.connection(), elder_id, item_id, day).rate
                except DomainError:
                    continue  # Whoever orders it all the same is told why not.
        return found

    def quotas(self, elder_id: int, month: str) -> tuple[QuotaView, ...]:
        """Give what an elder took of a month (as 2026-03), by class, with each line of the ledger."""
        with self._reading() as session:
            of_month = select(QuotaMonth).where(QuotaMonth.elder_id == elder_id, QuotaMonth.month == month)
            entries = session.scalars(
                select(QuotaEntry)
                .where(QuotaEntry.elder_id == elder_id, QuotaEntry.month == month)
                .options(selectinload(QuotaEntry.order))
                .order_by(QuotaEntry.id)
            ).all()
            return tuple(
                QuotaView(
                    month, row.payer_class, row.taken_fen,
                    tuple(_line(each) for each in entries if each.payer_class == row.payer_class),
                )
                for row in session.scalars(of_month.order_by(QuotaMonth.payer_class))
            )  # fmt: skip

    def set_tariff(self, item_id: int, rate: Rate, written: Written, company_id: int | None = None) -> TariffView:
        """Let a price hold from a day on: what elders are told, or with a company what that one is owed.

        Raises NotFound, and PriceRefused for what is absurd or looks like a slip.
        """
        _refuse(bounds.check_days(self.today(), written.first, written.last))
        _refuse(bounds.check_quantities(rate.unit, rate.smallest, rate.usual, rate.largest))
        with self._unit_of_work() as session:
            held = self._tariffs(session, item_id, company_id)
            before = next((row for row in held if span_of(row).holds(written.first)), None)
            comparable = before is not None and before.unit == rate.unit.value
            _refuse(
                bounds.check_price(
                    rate.price_fen, before.price_fen if before and comparable else None, sure=written.sure
                )
            )
            new = Tariff(
                item_id=item_id, company_id=company_id, unit=rate.unit.value, price_fen=rate.price_fen,
                smallest=rate.smallest, usual=rate.usual, largest=rate.largest, valid_from=written.first,
            )  # fmt: skip
            self._insert(session, held, new, written)
            return tariff_view(new)

    def end_tariff(self, item_id: int, company_id: int, last: date, by: str) -> None:
        """Let a company's own tariff end: from the next day on the general one counts for it, too.

        Raises NotFound when it has none then, and PriceRefused for a day that is past.
        """
        _refuse(bounds.check_days(self.today(), last + timedelta(days=1), None))
        with self._unit_of_work() as session:
            rows = [row for row in self._tariffs(session, item_id, company_id)
                    if row.valid_to is None or row.valid_to > last]  # fmt: skip
            if not rows:
                raise NotFound(f"this company has no tariff of its own after {last}")
            for row in rows:
                if row.valid_from > last:
                    row.withdrawn_at, row.made_by = self._clock(), f"{row.made_by}; ended by {by}"[:200]
                else:
                    row.valid_to = last

    def set_rule(
        self, payer_class: str, elder_percent: int, monthly_fen: int | None, written: Written
    ) -> RuleView:  # fmt: skip
        """Let a rule hold for a class of payers from a day on. Raises NotFound and PriceRefused."""
        _refuse(bounds.check_days(self.today(), written.first, written.last))
        _refuse(bounds.check_rule(elder_percent, monthly_fen))
        with self._unit_of_work() as session:
            locked = select(PayerClass.code).where(PayerClass.code == payer_class).with_for_update()
            if session.scalar(locked) is None:
                raise NotFound(f"there is no class of payers {payer_class!r}")
            held = session.scalars(
                select(PayerRule).where(PayerRule.payer_class == payer_class, PayerRule.withdrawn_at.is_(None))
            ).all()
            new = PayerRule(
                payer_class=payer_class, elder_percent=elder_percent, monthly_fen=monthly_fen, valid_from=written.first
            )
            self._insert(session, held, new, written)
            return rule_view(new)

    def _tariffs(self, session: Session, item_id: int, company_id: int | None) -> Sequence[Tariff]:
        """Lock the item, and give the tariffs that are not withdrawn. Raises NotFound."""
        if session.scalar(select(ServiceItem.id).where(ServiceItem.id == item_id).with_for_update()) is None:
            raise NotFound(f"there is no item {item_id}")
        if company_id is not None and session.get(Company, company_id) is None:
            raise NotFound(f"there is no company {company_id}")
        whose = Tariff.company_id.is_(None) if company_id is None else Tariff.company_id == company_id
        return session.scalars(
            select(Tariff).where(Tariff.item_id == item_id, Tariff.withdrawn_at.is_(None), whose)
        ).all()

    def _insert(self, session: Session, held: Sequence[Row], new: Row, written: Written) -> None:
        """Make room among the rows that hold, and write the new one."""
        now, rows = self._clock(), {row.id: row for row in held}
        room = make_room(map(span_of, held), written.first, written.last)
        # Copies are taken before their originals are shortened, and all ends are written before anything begins.
        copies: list[Row] = [_copy(rows[of], first, last, now) for of, first, last in room.resumed]
        for of in room.withdrawn:
            rows[of].withdrawn_at = now
        for of, last in room.ended:
            rows[of].valid_to = last
        session.flush()
        new.valid_to, new.made_at, new.made_by = room.last, now, written.by
        session.add_all([new, *copies])
        session.flush()


def _copy(row: Row, first: date, last: date | None, now: datetime) -> Row:
    kept = {
        column.key: getattr(row, column.key)
        for column in row.__mapper__.columns
        if column.key not in {"id", "withdrawn_at"}
    }
    return type(row)(**(kept | {"valid_from": first, "valid_to": last, "made_at": now}))


def _line(entry: QuotaEntry) -> QuotaLine:
    cause = entry.cause.partition(":")[0]
    return QuotaLine(entry.order_id, entry.order.number, cause, entry.amount_fen, entry.at)


def _refuse(why: Absurd | None) -> None:
    if why is not None:
        raise PriceRefused(why)
