"""Orders made ahead from plans: each once, whatever crashes, and taken back while nobody was asked if the plan changes.

A plan is settled as a whole: what it wants is compared with what was made. So it matters neither how often that is
done, nor where the last one who did it died.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from db.models import Elder, Offer, Order, OrderPlan
from db.session import UnitOfWork
from routing.calls.messages import Message
from routing.errors import DomainError, NotFound
from routing.orders.cases import open_case
from routing.orders.commands import Act, Cancel
from routing.orders.errors import NotServed, PlanChanged
from routing.orders.lifecycle import load, perform
from routing.orders.planning.made import Planned, PlanTimes, dispatch_from, order_key
from routing.orders.planning.policy import Holidays, Occurrence, PlanState, occurrences
from routing.orders.planning.rules import dates
from routing.orders.planning.views import PlanView, pauses_of, plan_view, rule_of
from routing.orders.policy import OPEN, OrderState
from routing.orders.service import Orders

log = structlog.get_logger(__name__)

_JOB = "job"
_LATER_DAYS = 366 * 9


@dataclass(frozen=True)
class Made:
    """What was done: orders made, orders taken back, plans that ended."""

    made: int = 0
    withdrawn: int = 0
    ended: int = 0

    def __add__(self, other: Made) -> Made:
        return Made(self.made + other.made, self.withdrawn + other.withdrawn, self.ended + other.ended)


@dataclass(frozen=True)
class _Order:
    """An order of a plan. Free: nobody was asked yet."""

    id: int
    number: str
    key: str
    state: str
    due_at: datetime
    item_id: int
    quantity: int
    note: str
    free: bool


@dataclass(frozen=True)
class _Look:
    """A plan with all that decides about it, read at one moment."""

    plan: PlanView
    dead: str
    """Why the elder is not served any more, if so."""
    wanted: tuple[Occurrence, ...]
    why_not: dict[str, str]
    orders: dict[str, _Order]
    over: bool
    """The rule gives no date any more."""


class PlanMaker:
    """Makes and takes back orders of plans. Any number of processes may do so at once."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        publish: Callable[[Message], None],
        orders: Orders,
        holidays: Callable[[], Holidays],
        times: PlanTimes,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._publish = publish
        self._orders = orders
        self._holidays = holidays
        self._times = times

    def make(self, limit: int = 200) -> Made:
        """Settle the plans that are not made as far ahead as they shall be, or whose elder is not served any more."""
        done = Made()
        for plan_id in self._due(limit):
            try:
                done += self.settle(plan_id)
            except DomainError:  # One plan that cannot be settled must not keep the others from theirs.
                log.exception("plans.not_settled", plan_id=plan_id)
        return done

    def settle(self, plan_id: int) -> Made:
        """Make what a plan wants and does not have, and take back what it has and does not want. Raises NotFound.

        Somebody who changes the plan meanwhile settles it anew; then this leaves off.
        """
        now = self._clock()
        look = self._look(plan_id, now)
        done = Made()
        try:
            if look.plan.state is not PlanState.ENDED and (look.dead or look.over):
                why = f"the elder is {look.dead}" if look.dead else "the rule gives no date any more"
                self._end(look, why, now)
                return done + Made(ended=1) + self.settle(plan_id)
            wanted = {order_key(plan_id, each.day, each.slot): each for each in look.wanted}
            kept = dict(look.orders)
            for key, order in look.orders.items():
                why = self._why_withdraw(look, order, wanted.get(key), now)
                if why and self._withdraw(look.plan, order, why, now):
                    done += Made(withdrawn=1)
                    del kept[key]
            if look.plan.state is not PlanState.ENDED:
                missed = [each for key, each in wanted.items() if key not in kept and _past(each, now)]
                self._tell_missed(look.plan, missed, now)
                for key, each in wanted.items():
                    if key not in kept and not _past(each, now):
                        done += self._make(look.plan, key, each)
                self._mark(look.plan, now)
        except PlanChanged:
            log.info("plans.changed_meanwhile", plan_id=plan_id)
        return done

    def _due(self, limit: int) -> list[int]:
        last = self._last_day(self._clock())
        with self._reading() as session:
            late = or_(OrderPlan.made_until.is_(None), OrderPlan.made_until < last, Elder.state != "active")
            query = (
                select(OrderPlan.id)
                .join(Elder, Elder.id == OrderPlan.elder_id)
                .where(OrderPlan.state != PlanState.ENDED.value, late)
                .order_by(OrderPlan.made_until.is_not(None), OrderPlan.made_until, OrderPlan.id)
                .limit(limit)
            )
            return list(session.scalars(query))

    def _today(self, now: datetime) -> date:
        return now.astimezone(self._times.zone).date()

    def _last_day(self, now: datetime) -> date:
        return self._today(now) + timedelta(days=self._times.ahead_days)

    def _look(self, plan_id: int, now: datetime) -> _Look:
        holidays, today = self._holidays(), self._today(now)
        with self._reading() as session:
            plan = session.get(OrderPlan, plan_id)
            if plan is None:
                raise NotFound(f"there is no plan {plan_id}")
            offered = exists().where(Offer.order_id == Order.id)
            rows = session.execute(
                select(Order, offered).where(Order.plan_id == plan_id, Order.key.not_like("%-withdrawn-%"))
                .where(or_(Order.due_at > now, Order.plan_day >= today - timedelta(days=100)))
            )  # fmt: skip
            orders = {
                order.key: _Order(
                    order.id, order.number, order.key, order.state, order.due_at, order.item_id,
                    order.quantity, order.note,
                    order.state == OrderState.REQUESTED.value and not asked,
                )
                for order, asked in rows
            }  # fmt: skip
            view, rule, pauses = plan_view(plan), rule_of(plan), pauses_of(plan)
            # Where the plan's clocks are behind ours, its day is still yesterday: what is to come of it counts.
            today = min(today, now.astimezone(rule.zone).date())
            dead = "" if plan.elder.state == "active" else plan.elder.state
        # What was missed while nothing ran is looked for, too; but not what a change made to have been in the past.
        first = min(today, view.made_until + timedelta(days=1)) if view.made_until else today
        last = max([self._last_day(now), *(each.due_at.astimezone(rule.zone).date() for each in orders.values())])
        found = () if view.state is PlanState.ENDED else occurrences(rule, first, last, holidays, pauses)
        ends = rule.ends_on or rule.rule.until or rule.rule.count
        later = dates(rule.rule, rule.starts_on, today, rule.ends_on or today + timedelta(days=_LATER_DAYS))
        to_come = any(each.due_at and not _past(each, now) for each in found)
        over = bool(ends) and next(later, None) is None and not to_come
        return _Look(
            view, dead, tuple(each for each in found if each.due_at and each.on <= self._last_day(now)),
            {order_key(plan_id, each.day, each.slot): each.reason for each in found if each.due_at is None}, orders,
            over,
        )  # fmt: skip

    def _why_withdraw(self, look: _Look, order: _Order, wanted: Occurrence | None, now: datetime) -> str:
        if not order.free or order.due_at <= now:
            return ""
        if look.plan.state is PlanState.ENDED:
            return f"the plan ended: {look.plan.end_reason}"
        if wanted is None:
            return f"the plan leaves this date out: {look.why_not.get(order.key, 'its rule was changed')}"
        if wanted.due_at != order.due_at:
            return "the plan's time was changed"
        plan, quantity = look.plan, look.plan.quantity or order.quantity  # None: whatever was usual then.
        if (order.item_id, order.note, order.quantity) != (plan.item_id, plan.note, quantity):
            return "the plan wants something else"
        return ""

    def _withdraw(self, plan: PlanView, order: _Order, why: str, now: datetime) -> bool:
        """Cancel an order that nobody was asked for; False if somebody was, or it was moved, meanwhile."""
        with self._unit_of_work() as session:
            self._confirm(session, plan)
            found = load(session, order.id)
            asked = session.scalar(select(exists().where(Offer.order_id == order.id)))
            if found.state != OrderState.REQUESTED.value or asked:
                return False
            # The key is free again, for the plan may want this date once more.
            found.key = f"{order.key}-withdrawn-{order.id}"
            moved = perform(session, found, Cancel(), Act("system", _JOB, now, why))
        for each in moved:
            self._tell(each)
        return True

    def _make(self, plan: PlanView, key: str, each: Occurrence) -> Made:
        """Place one order. Raises PlanChanged."""
        if each.due_at is None:
            return Made()
        planned = Planned(
            plan.id, each.day, dispatch_from(each.due_at, self._times), lambda session: self._confirm(session, plan)
        )
        try:
            self._orders.place(
                plan.elder_id, plan.item_id, key=key, source="plan", due_at=each.due_at, note=plan.note,
                actor="system", channel=_JOB, planned=planned, quantity=plan.quantity,
                place_anyway=True,  # Nobody is here to be asked: dispatch leaves it to a supervisor.
            )  # fmt: skip
        except PlanChanged:
            raise
        except NotServed as refused:
            self._end(self._look(plan.id, self._clock()), str(refused), self._clock())
            return Made(ended=1) + self.settle(plan.id)
        except DomainError as refused:
            self._open_case(plan, f"{key}-refused", f"no order could be made for {each.on}: {refused}", self._clock())
            return Made()
        return Made(made=1)

    def _confirm(self, session: Session, plan: PlanView) -> None:
        query = select(OrderPlan.version).where(OrderPlan.id == plan.id).with_for_update()
        if session.scalar(query) != plan.version:
            raise PlanChanged(f"plan {plan.id} was changed meanwhile")

    def _mark(self, plan: PlanView, now: datetime) -> None:
        with self._unit_of_work() as session:
            self._confirm(session, plan)
            session.get_one(OrderPlan, plan.id).made_until = self._last_day(now)

    def _end(self, look: _Look, why: str, now: datetime) -> None:
        """End the plan; unless it simply ran out, a person is told, with the orders that companies know of."""
        with self._unit_of_work() as session:
            self._confirm(session, look.plan)
            plan = session.get_one(OrderPlan, look.plan.id)
            plan.state, plan.end_reason, plan.updated_at = PlanState.ENDED.value, why[:200], now
            plan.version += 1
            if look.over and not look.dead:
                return
            known = [each.number for each in look.orders.values() if not each.free and each.state in OPEN]
            note = f"plan {plan.id} ({plan.item.name}) ended: {why}. "
            note += f"Companies know of {', '.join(known)}: ring them." if known else "No company knows of an order."
            _case, opened = open_case(
                session, now, key=f"plan-{plan.id}-ended", kind="plan", elder_id=plan.elder_id, note=note
            )
        if opened:
            self._tell(opened)

    def _tell_missed(self, plan: PlanView, missed: list[Occurrence], now: datetime) -> None:
        if missed and plan.made_until is not None:
            days = ", ".join(dict.fromkeys(str(each.on) for each in missed))
            key = f"plan-{plan.id}-missed-{missed[0].day}-{missed[0].slot}"
            self._open_case(plan, key, f"plan {plan.id}: no order was made in time for {days}; ask the elder", now)

    def _open_case(self, plan: PlanView, key: str, note: str, now: datetime) -> None:
        with self._unit_of_work() as session:
            _case, opened = open_case(session, now, key=key, kind="plan", elder_id=plan.elder_id, note=note)
        if opened:
            self._tell(opened)

    def _tell(self, message: Message) -> None:
        try:
            self._publish(message)
        except Exception:  # What is written stands; a page that learns of it late is the lesser evil.
            log.warning("plans.not_published", kind=type(message).__name__, exc_info=True)


def _past(each: Occurrence, now: datetime) -> bool:
    return each.due_at is not None and each.due_at <= now
