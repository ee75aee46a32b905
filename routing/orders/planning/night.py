"""The night's batch: planned orders of the coming day go to companies by the best assignment, and each company is told
once. It hears its list by dialling 12347, or when it is rung in the morning; what nobody answers goes the usual way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from db.models import Company, CompanyItem, Elder, Offer, Order, OrderPlan, ServiceItem, Worker
from db.session import UnitOfWork
from routing.calls.messages import Message
from routing.orders import commands
from routing.orders.certificates import qualified_workers
from routing.orders.commands import Act
from routing.orders.dispatching.preferring import PREFERRED
from routing.orders.lifecycle import load, perform
from routing.orders.offers import offer_cause, rounds_made
from routing.orders.planning.assignment import Assigned, Night, NightCompany, NightOrder, assign
from routing.orders.planning.made import PlanTimes
from routing.orders.policy import OrderState
from routing.orders.providers.standings import NOTHING, known_of
from routing.outreach.owing import owe
from routing.outreach.sms import texts
from routing.outreach.sms.outbox import Sms

log = structlog.get_logger(__name__)

AHEAD = timedelta(hours=30)
"""The batch takes what is due within so long: the coming day, and the morning after it."""
ANSWER_WITHIN = timedelta(hours=2)
"""A company has so long from its morning call on; but an order that is due soon is not kept so long."""
BEFORE_DUE = timedelta(hours=2)
LASTS = timedelta(hours=4)
"""The night is over so long after the batch begins: what was not assigned by then is offered as any other order."""
_COUNTED = tuple(
    state.value for state in (OrderState.ACCEPTED, OrderState.VISITING, OrderState.DONE, OrderState.OFFERED)
)


@dataclass(frozen=True)
class NightDone:
    """What a night's batch did; `companies` were told."""

    offered: int = 0
    left: int = 0
    companies: int = 0
    total_km: float = 0.0


class NightBatch:
    """Runs the batch. It may die and be run again at any moment: each company's list is written as a whole, or not."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        publish: Callable[[Message], None],
        sms: Sms,
        times: PlanTimes,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._publish = publish
        self._sms = sms
        self._times = times

    def run_if_night(self) -> NightDone:
        """Run if the hour is right; each order is looked at once a night."""
        local = self._clock().astimezone(self._times.zone)
        begins = datetime.combine(local.date(), self._times.batch_from, self._times.zone)
        return self.run() if begins <= local < begins + LASTS else NightDone()

    def run(self) -> NightDone:
        """Assign what is due within `AHEAD` and nobody was asked for."""
        now = self._clock()
        night = now.astimezone(self._times.zone).date()
        with self._reading() as session:
            orders = _orders(session, now, night)
            companies = _companies(session, now, self._times.zone) if orders else ()
        if not orders:
            return NightDone()
        found: Night = assign(orders, companies)
        lists: dict[int, list[Assigned]] = {}
        for each in found.assigned:
            lists.setdefault(each.company_id, []).append(each)
        offered = sum(self._offer(company_id, listed, now, night) for company_id, listed in sorted(lists.items()))
        self._mark([each.order_id for each in found.left], night)
        log.info("night.assigned", offered=offered, left=len(found.left), km=round(found.total_km, 1))
        return NightDone(offered, len(found.left), len(lists), found.total_km)

    def _offer(self, company_id: int, listed: list[Assigned], now: datetime, night: date) -> int:
        """Offer a company its list in one unit of work, with one call and one SMS for all of it."""
        calls_at = datetime.combine(night, self._times.companies_from, self._times.zone)
        messages: list[Message] = []
        with self._unit_of_work() as session:
            company = session.get_one(Company, company_id)
            first: Offer | None = None
            for each in sorted(listed, key=lambda one: one.order_id):
                order = load(session, each.order_id)
                if order.state != OrderState.REQUESTED.value:
                    continue
                # Whoever was asked by night hears of it in the morning; there is no use in less time than to answer.
                until = max(min(calls_at + ANSWER_WITHIN, order.due_at - BEFORE_DUE), now + timedelta(minutes=10))
                offer = Offer(
                    order_id=order.id, company_id=company_id, round=rounds_made(session, order.id) + 1, state="open",
                    offered_at=now, expires_at=until, reason=each.reason,
                )  # fmt: skip
                session.add(offer)
                order.batch_night = night
                act = Act("system", "job", now, f"offered to {company.name}: {each.reason}")
                messages += perform(session, order, commands.Offer((company_id,)), act)
                first = first or offer
            if first is None:
                return 0
            session.flush()
            owe(
                session, now, cause=offer_cause(first.id), kind="offer", flow="offer", reference=str(first.id),
                number=company.phone, order_id=first.order_id, due_at=max(now, calls_at),
            )  # fmt: skip
            self._sms.enqueue(
                session, key=f"sms-night-{company_id}-{night}-{first.id}", number=company.phone,
                text=texts.offered_list(len(messages), (calls_at + ANSWER_WITHIN).strftime("%H:%M")),
            )  # fmt: skip
        for message in messages:
            try:
                self._publish(message)
            except Exception:  # What is written stands; a page that learns of it late is the lesser evil.
                log.warning("night.not_published", exc_info=True)
        return len(messages)

    def _mark(self, order_ids: list[int], night: date) -> None:
        """Note that the batch found nobody: these go the usual way when their time comes."""
        for order_id in order_ids:
            with self._unit_of_work() as session:
                load(session, order_id).batch_night = night


def _orders(session: Session, now: datetime, night: date) -> tuple[NightOrder, ...]:
    asked = exists().where(Offer.order_id == Order.id)
    rows = session.execute(
        select(Order, PREFERRED)
        .join(OrderPlan, OrderPlan.id == Order.plan_id)
        .outerjoin(Worker, Worker.id == OrderPlan.worker_id)
        .where(Order.state == OrderState.REQUESTED.value, Order.due_at > now, Order.due_at <= now + AHEAD, ~asked)
        .where(or_(Order.batch_night.is_(None), Order.batch_night < night))
        .options(joinedload(Order.elder).load_only(Elder.district, Elder.latitude, Elder.longitude))
    )
    return tuple(
        NightOrder(
            order.id, order.item_id, order.elder.district, order.elder.latitude, order.elder.longitude, preferred
        )
        for order, preferred in rows
    )


def _companies(session: Session, now: datetime, zone: ZoneInfo) -> tuple[NightCompany, ...]:
    """Give the companies that can be asked, with the places that they have left within the time of the batch: active,
    not suspended, open by their own word, and with a telephone, as dispatch by day has it."""
    known = known_of(session, now.astimezone(zone))
    due = (Order.due_at > now, Order.due_at <= now + AHEAD)
    busy = _counts(session, select(Order.company_id, func.count()).where(*due, Order.state.in_(_COUNTED)).group_by(
        Order.company_id))  # fmt: skip
    asked = _counts(session, select(Offer.company_id, func.count()).join(Order).where(
        *due, Offer.state == "open").group_by(Offer.company_id))  # fmt: skip
    certified = _certified(session, now.astimezone(zone).date())
    offered: dict[int, set[int]] = {}
    query = select(CompanyItem.company_id, ServiceItem.id, ServiceItem.required_certificate)
    for company_id, item_id, needs in session.execute(query.join(ServiceItem, ServiceItem.id == CompanyItem.item_id)):
        if (company_id, needs) in certified:
            offered.setdefault(company_id, set()).add(item_id)
    return tuple(
        NightCompany(
            each.id, each.daily_capacity - busy.get(each.id, 0) - asked.get(each.id, 0), each.daily_capacity,
            frozenset(offered.get(each.id, ())),
            frozenset(part.strip() for part in each.districts.split(",") if part.strip()),
            each.latitude, each.longitude,
        )
        for each in session.scalars(select(Company).where(Company.active).order_by(Company.id))
        for its in (known.get(each.id, NOTHING),)
        if each.phone and not its.suspended and not its.paused
    )  # fmt: skip


def _certified(session: Session, night: date) -> set[tuple[int, str]]:
    """Give companies with what items may ask for (`ServiceItem.required_certificate`) and a worker of theirs can show
    on the day of the visit, which may be the day after the night's."""
    asked = session.scalars(select(ServiceItem.required_certificate).where(ServiceItem.active).distinct()).all()
    return {
        (company_id, needs)
        for needs in asked
        for company_id in session.scalars(
            select(Worker.company_id).where(*qualified_workers(needs, night + timedelta(days=1))).distinct()
        )
    }


def _counts(session: Session, query: object) -> Mapping[int, int]:
    return {key: count for key, count in session.execute(query) if key is not None}  # type: ignore[call-overload]  # Any select of two columns.
