"""Plans as people handle them: made, changed, paused, a date skipped or moved, ended. Each is settled at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Company, Elder, OrderPlan, PlanException, PlanPause, ServiceItem, Worker
from db.session import UnitOfWork
from routing.errors import Conflict, Invalid, NotFound
from routing.orders.errors import NotServed, PlanChanged
from routing.orders.planning.making import PlanMaker
from routing.orders.planning.policy import (
    MOST_MOVED,
    Holidays,
    HolidayWay,
    Occurrence,
    Pause,
    PlanRule,
    PlanState,
    occurrences,
)
from routing.orders.planning.rules import check_begins, dates, read_rule, read_times, write_times
from routing.orders.planning.views import PlanView, PlanWish, plan_view, rule_of
from routing.orders.pricing.quoting import cost_of
from routing.writing import insert_once

FARTHEST = timedelta(days=366)
"""A plan begins within a year: who knows of more is mistaken in the year."""
_LOOKED_AHEAD = timedelta(days=400)
_LONGEST_WHY = 200


class OrderPlans:
    """Changes plans. Each change counts a version; whoever has seen an older one is refused (PlanChanged)."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        maker: PlanMaker,
        holidays: Callable[[], Holidays],
        zone: ZoneInfo,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._maker = maker
        self._holidays = holidays
        self._zone = zone

    def create(self, elder_id: int, wish: PlanWish, *, key: str) -> PlanView:
        """Make a plan, once per key, and the orders that are due soon.

        Raises NotFound, NotServed (the elder, or the item), BadRule and Invalid, each saying what to do.
        """
        now = self._clock()
        wish = self._checked(wish)
        with self._unit_of_work() as session:
            self._check_there(session, elder_id, wish)
            plan = OrderPlan(
                key=key, elder_id=elder_id, state=PlanState.ACTIVE.value, version=1, created_at=now, updated_at=now,
                end_reason="", **vars(wish),
            )  # fmt: skip
            kept, new = insert_once(session, plan, OrderPlan.key == key)
            if kept.elder_id != elder_id:
                raise Invalid("this key belongs to a plan of somebody else: use a new one")
            plan_id = kept.id
        if new:
            self._maker.settle(plan_id)
        return self.get(plan_id)

    def change(self, plan_id: int, wish: PlanWish, *, version: int | None = None) -> PlanView:
        """Take a new wish for a plan: what no company was asked for is made anew, the rest stays as it is."""
        wish = self._checked(wish, plan_id)

        def act(session: Session, plan: OrderPlan) -> None:
            usual = self._check_there(session, plan.elder_id, wish)
            # What was ordered by the old quantity must differ from the new one, to be made anew: so that is written.
            back_to_usual = wish.quantity is None and plan.quantity is not None
            for name, value in vars(wish).items():
                setattr(plan, name, value)
            if back_to_usual:
                plan.quantity = usual

        return self._changed(plan_id, version, act)

    def pause(self, plan_id: int, first: date, last: date | None, why: str, *, version: int | None = None) -> PlanView:
        """Make nothing from `first` to `last`; without a last day until somebody resumes it."""
        if last is not None and last < first:
            raise Invalid(f"a pause ends on {last}, before it begins on {first}: give a later day, or none")

        def act(session: Session, plan: OrderPlan) -> None:
            if any(each.last_day is None for each in plan.pauses):
                raise Conflict(f"plan {plan_id} is paused until somebody resumes it: resume it first")
            session.add(PlanPause(plan_id=plan_id, first_day=first, last_day=last, why=why.strip()[:_LONGEST_WHY]))
            if last is None:
                plan.state = PlanState.PAUSED.value

        return self._changed(plan_id, version, act)

    def resume(self, plan_id: int, day: date | None = None, *, version: int | None = None) -> PlanView:
        """Go on from `day` (today): pauses that reach there end the day before."""
        day = day or self._today()

        def act(session: Session, plan: OrderPlan) -> None:
            running = [each for each in plan.pauses if each.last_day is None or each.last_day >= day]
            if not running:
                raise Conflict(f"plan {plan_id} is not paused on {day}")
            for each in running:
                if each.first_day >= day:
                    session.delete(each)
                else:
                    each.last_day = day - timedelta(days=1)
            plan.state = PlanState.ACTIVE.value

        return self._changed(plan_id, version, act)

    def skip(
        self, plan_id: int, day: date, *, to: date | None = None, why: str = "", version: int | None = None
    ) -> PlanView:
        """Leave out one date of the rule, or move it `to` another day (60 days away at most).

        The same date again: what was said last counts; moved to itself it is as by the rule again.
        """
        today = self._today()
        if day < today or (to is not None and to < today):
            raise Invalid(f"what is past cannot be changed: give a day from {today} on")
        if to is not None and abs(to - day) > MOST_MOVED:
            raise Invalid(f"a date is moved by {MOST_MOVED.days} days at most: end the plan and make a new one")

        def act(session: Session, plan: OrderPlan) -> None:
            rule = rule_of(plan)
            if plan.ends_on is not None and day > plan.ends_on:
                raise NotFound(f"plan {plan_id} ends on {plan.ends_on}")
            if next(dates(rule.rule, rule.starts_on, day, day), None) is None:
                raise NotFound(f"{day} is no date of plan {plan_id}: look at its next dates")
            if to is not None and to != day and any(True for _ in dates(rule.rule, rule.starts_on, to, to)):
                raise Conflict(f"plan {plan_id} has {to} already: skip {day}, or choose another day")
            if to is not None and any(each.moved_to == to and each.day != day for each in plan.exceptions):
                raise Conflict(f"another date of plan {plan_id} was moved to {to}: choose another day")
            row = next((each for each in plan.exceptions if each.day == day), None)
            if to == day:
                if row is not None:
                    session.delete(row)
                return
            row = row or PlanException(plan_id=plan_id, day=day)
            row.moved_to, row.why = to, why.strip()[:_LONGEST_WHY]
            session.add(row)

        return self._changed(plan_id, version, act)

    def end(self, plan_id: int, why: str, *, last_day: date | None = None, version: int | None = None) -> PlanView:
        """End a plan now, or after a last day. What companies were asked for stays, and is cancelled by itself."""
        why = why.strip()[:_LONGEST_WHY]
        if not why:
            raise Invalid("say why the plan ends")

        def act(_session: Session, plan: OrderPlan) -> None:
            if last_day is not None and last_day >= self._today():
                plan.ends_on = last_day
            else:
                plan.state = PlanState.ENDED.value
            plan.end_reason = why

        return self._changed(plan_id, version, act)

    def get(self, plan_id: int) -> PlanView:
        """Give a plan. Raises NotFound."""
        with self._reading() as session:
            return plan_view(_found(session.get(OrderPlan, plan_id), plan_id))

    def of_elder(self, elder_id: int, limit: int = 50) -> tuple[PlanView, ...]:
        """Give an elder's plans, those that go on first."""
        with self._reading() as session:
            query = (
                select(OrderPlan)
                .where(OrderPlan.elder_id == elder_id)
                .order_by(OrderPlan.state == PlanState.ENDED.value, OrderPlan.id.desc())
                .limit(limit)
            )
            return tuple(plan_view(plan) for plan in session.scalars(query))

    def preview(self, plan_id: int, count: int = 10) -> tuple[Occurrence, ...]:
        """Give the next dates of a plan, and what is left out among them, with the reason."""
        plan = self.get(plan_id)
        return self._next(rule_of(plan), plan.pauses, count) if plan.state is not PlanState.ENDED else ()

    def preview_of(self, wish: PlanWish, count: int = 10, *, plan_id: int | None = None) -> tuple[Occurrence, ...]:
        """Give the next dates of what would be a plan, or of what plan `plan_id` would be, with its pauses and
        exceptions. Raises BadRule and Invalid as `create` and `change` do."""
        wish = self._checked(wish, plan_id)
        plan = None if plan_id is None else self.get(plan_id)
        rule = PlanRule(
            read_rule(wish.rule), read_times(wish.times), ZoneInfo(wish.zone), wish.starts_on, wish.ends_on,
            HolidayWay(wish.holidays), dict(plan.moved) if plan else {},
        )  # fmt: skip
        return self._next(rule, plan.pauses if plan else (), count)

    def known_until(self) -> date | None:
        """Give the last day for which public holidays are known; later dates may still change."""
        return self._holidays().known_until

    def _next(self, rule: PlanRule, pauses: tuple[Pause, ...], count: int) -> tuple[Occurrence, ...]:
        now, first = self._clock(), max(self._today(rule.zone), rule.starts_on)
        shown: list[Occurrence] = []
        left = count
        for each in occurrences(rule, first, first + _LOOKED_AHEAD, self._holidays(), pauses):
            if each.due_at is not None and each.due_at <= now:
                continue
            shown.append(each)
            left -= each.due_at is not None
            if not left or len(shown) >= 3 * count:
                break
        return tuple(shown)

    def _changed(self, plan_id: int, version: int | None, act: Callable[[Session, OrderPlan], None]) -> PlanView:
        now = self._clock()
        with self._unit_of_work() as session:
            session.scalar(select(OrderPlan.id).where(OrderPlan.id == plan_id).with_for_update())
            plan = _found(session.get(OrderPlan, plan_id, populate_existing=True), plan_id)
            if version is not None and plan.version != version:
                raise PlanChanged(f"somebody changed plan {plan_id} first: look at it again")
            if plan.state == PlanState.ENDED.value:
                raise Conflict(f"plan {plan_id} has ended ({plan.end_reason}): make a new one")
            act(session, plan)
            # Nobody has looked since: whoever makes orders now does, also if we die before we can.
            plan.version, plan.made_until, plan.updated_at = plan.version + 1, None, now
        self._maker.settle(plan_id)
        return self.get(plan_id)

    def _checked(self, wish: PlanWish, plan_id: int | None = None) -> PlanWish:
        zone = wish.zone or str(self._zone)
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise Invalid(f"there is no time zone {zone[:40]!r}: give one as Asia/Shanghai, or none") from None
        if wish.holidays not in set(HolidayWay):
            raise Invalid(f"holidays is one of {', '.join(HolidayWay)}")
        today = self._today(ZoneInfo(zone))
        if plan_id is None and not today <= wish.starts_on <= today + FARTHEST:
            raise Invalid(f"a plan begins between today ({today}) and a year from now; not on {wish.starts_on}")
        if wish.ends_on is not None and wish.ends_on < max(today, wish.starts_on):
            raise Invalid(f"the last day {wish.ends_on} is past, or before the first: give a later one, or none")
        rule = read_rule(wish.rule)
        check_begins(rule, wish.starts_on)
        note = " ".join(wish.note.split())[:2000]
        return replace(wish, zone=zone, rule=rule.text, times=write_times(read_times(wish.times)), note=note)

    def _check_there(self, session: Session, elder_id: int, wish: PlanWish) -> int:
        """See that all who are named are there, and give the usual quantity of the item."""
        elder = session.get(Elder, elder_id)
        if elder is None:
            raise NotFound(f"there is no elder {elder_id}")
        if elder.state != "active":
            raise NotServed(f"elder {elder_id} is {elder.state}: correct the record first if that is wrong")
        item = session.get(ServiceItem, wish.item_id)
        if item is None:
            raise NotFound(f"there is no item {wish.item_id}")
        if not item.active:
            raise NotServed(f"{item.name} is not offered any more")
        if wish.company_id is not None and session.get(Company, wish.company_id) is None:
            raise NotFound(f"there is no company {wish.company_id}")
        worker = None if wish.worker_id is None else session.get(Worker, wish.worker_id)
        if wish.worker_id is not None and worker is None:
            raise NotFound(f"there is no worker {wish.worker_id}")
        if worker is not None and wish.company_id not in (None, worker.company_id):
            raise Invalid(f"worker {worker.code} is of another company: choose that one, or nobody in particular")
        day = max(self._today(), wish.starts_on)
        return cost_of(session.connection(), elder_id, wish.item_id, day, wish.quantity).rate.usual

    def _today(self, zone: ZoneInfo | None = None) -> date:
        """Give the local day, or that of a plan's zone."""
        return self._clock().astimezone(zone or self._zone).date()


def _found(plan: OrderPlan | None, plan_id: int) -> OrderPlan:
    if plan is None:
        raise NotFound(f"there is no plan {plan_id}")
    return plan
