"""Elders who are served no more: moved away, died, or do not wish to be. All that was to come ends in one unit of work.

Nobody is called any more from the commit on: every dialling looks at the record (routing/outreach/consent.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

import structlog
from redis.exceptions import RedisError
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from db.models import (
    AuditEntry,
    Callback,
    Elder,
    ElderDeparture,
    ElderPhoto,
    MedicineReminder,
    Order,
    OrderPlan,
    SmsMessage,
    WellBeingEnrolment,
)
from db.session import UnitOfWork
from routing.calls.messages import Message
from routing.elders.joining import active_daily
from routing.errors import Conflict, Invalid, NotFound
from routing.orders.cases import open_case
from routing.orders.commands import Act, Cancel
from routing.orders.lifecycle import load, perform
from routing.orders.notices import Notices, to_call_off
from routing.orders.planning.policy import PlanState
from routing.orders.policy import OPEN, OrderState
from routing.outreach.consent import Why

log = structlog.get_logger(__name__)

STATES: Final = ("moved", "deceased", "deregistered")
"""Moved away, died, or does not wish to be served."""
UNDO_WITHIN: Final = timedelta(days=30)
_ACTIVE: Final = "active"
_OWED: Final = ("due", "asking", "failed")
_NOT_THEIRS: Final = ("offer", "overdue", "promise", "message")
"""Kinds of calls that are made to others, that the router lets go of itself, or that a person looks at."""


class NotActive(Conflict):
    """The elder is not served now, or is again."""

    code = "elder_not_active"


class TooLate(Conflict):
    """The time in which it can be undone is over."""

    code = "departure_too_late"


@dataclass(frozen=True)
class Departure:
    """What a person decided. `cancel` are the open orders that nobody needs; the others a person asks about."""

    elder_id: int
    state: str
    on: date
    note: str = field(default="", repr=False)
    cancel: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Standing:
    """What would end, for whoever decides."""

    elder: Elder = field(repr=False)
    orders: Sequence[Order] = ()
    """Open ones. Those with a visit under way cannot be cancelled."""
    plans: int = 0
    reminders: int = 0
    daily: bool = False
    departures: Sequence[ElderDeparture] = ()
    """What was decided before, the latest first."""
    undoable: int | None = None


class Departures:
    """Ends what an elder has, and gives it back. `by` is who asks, as user:2. Threads share one."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], *, notices: Notices,
        publish: Callable[[Message], None], let_go: Callable[[str, str], None],
    ) -> None:  # fmt: skip
        """`let_go` has a promised call not made, by its cause; `by` is told, too. Redis may be away."""
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._notices = notices
        self._publish = publish
        self._let_go = let_go

    def standing(self, elder_id: int) -> Standing:
        """Tell what would end. Raises NotFound."""
        with self._reading() as work:
            elder = work.get(Elder, elder_id)
            if elder is None:
                raise NotFound(f"there is no elder {elder_id}")
            orders = work.scalars(_open_orders(elder_id)).all()
            for order in orders:
                _ = order.item.name  # Loaded here, for whoever shows it.
            before = select(ElderDeparture).where(ElderDeparture.elder_id == elder_id)
            rows = work.scalars(before.order_by(ElderDeparture.id.desc()).limit(20)).all()
            last = next((row for row in rows if row.undone_at is None), None)
            can = last is not None and elder.state == last.state and self._clock() < last.at + UNDO_WITHIN
            return Standing(
                elder, orders, len(_plans(work, elder_id)), len(_reminders(work, elder_id)),
                bool(active_daily(work, (elder_id,))), rows, last.id if last is not None and can else None,
            )  # fmt: skip

    def depart(self, wanted: Departure, by: str) -> int:
        """End all that was to come, and give the number by which it is undone.

        Raises NotFound, NotActive, Invalid, and MoveRefused for an order that cannot be cancelled any more: then
        nothing is done.
        """
        now = self._clock()
        if wanted.state not in STATES:
            raise Invalid(f"an elder leaves as one of: {', '.join(STATES)}")
        with self._unit_of_work() as work:
            elder = _taken(work, wanted.elder_id)
            if elder.state != _ACTIVE:
                raise NotActive(f"elder {elder.id} is {elder.state}")
            orders = {order.id: order.number for order in work.scalars(_open_orders(elder.id))}
            if not wanted.cancel <= set(orders):
                raise Invalid("an order that is to be cancelled is not open any more: look again")
            undo: dict[str, Any] = {"state": elder.state}
            undo["plans"] = self._end_plans(work, elder.id, wanted.state, now)
            undo["daily"] = self._end_daily(work, elder.id, now, by)
            undo["reminders"] = self._end_reminders(work, elder.id, now, by)
            told = self._cancel(work, sorted(wanted.cancel), by, now, wanted.state)
            undo["orders"] = sorted(wanted.cancel)
            # Nobody needs to recognise them any more. A photo is not kept for the thirty days of an undo.
            work.execute(delete(ElderPhoto).where(ElderPhoto.elder_id == elder.id))
            elder.state, elder.updated_at = wanted.state, now
            work.flush()
            promises = self._drop_owed(work, elder.id, now)
            row = ElderDeparture(
                elder_id=elder.id, state=wanted.state, on=wanted.on, note=" ".join(wanted.note.split())[:500], at=now,
                by=by[:60], undo=json.dumps(undo),
            )  # fmt: skip
            work.add(row)
            work.flush()
            left = [orders[each] for each in sorted(set(orders) - wanted.cancel)]
            if left:
                note = f"the elder is {wanted.state}: ask about the open orders {', '.join(left)}"
                _case, opened = open_case(
                    work, now, key=f"departure-{row.id}", kind="registration", elder_id=elder.id, actor=by, note=note
                )
                told += [opened] if opened else []
            detail = f"{wanted.state} departure:{row.id} cancelled:{len(wanted.cancel)} left:{len(left)}"
            work.add(AuditEntry(at=now, actor=by, action="elder.departed", subject=f"elder:{elder.id}", detail=detail))
            departure_id = row.id
        self._tell(told, promises, by)
        return departure_id

    def undo(self, departure_id: int, by: str) -> None:
        """Serve the elder again: plans, reminders and the daily call go on. Orders that were cancelled stay so.

        Raises NotFound, NotActive if it was undone, and TooLate.
        """
        now = self._clock()
        with self._unit_of_work() as work:
            row = work.get(ElderDeparture, departure_id)
            if row is None:
                raise NotFound(f"there is no departure {departure_id}")
            elder = _taken(work, row.elder_id)
            work.refresh(row)
            if row.undone_at is not None or elder.state != row.state:
                raise NotActive(f"departure {departure_id} was undone, or the record was changed since")
            if now >= row.at + UNDO_WITHIN:
                raise TooLate(f"departure {departure_id} can be undone for {UNDO_WITHIN.days} days")
            undo: Mapping[str, Any] = json.loads(row.undo)
            for plan_id, state in undo["plans"]:
                plan = work.get(OrderPlan, plan_id, with_for_update=True)
                if plan is not None and plan.state == PlanState.ENDED.value:
                    plan.state, plan.end_reason, plan.made_until, plan.updated_at = state, "", None, now
                    plan.version += 1
            for reminder in work.scalars(select(MedicineReminder).where(MedicineReminder.id.in_(undo["reminders"]))):
                reminder.ended_at = reminder.ended_by = None
            daily = work.get(WellBeingEnrolment, undo["daily"]) if undo["daily"] is not None else None
            if daily is not None and not active_daily(work, (elder.id,)):
                daily.active_elder_id, daily.ended_at, daily.ended_by = elder.id, None, None
            elder.state, elder.updated_at = undo["state"], now
            row.undone_at, row.undone_by = now, by[:60]
            detail = f"departure:{row.id}"
            work.add(AuditEntry(at=now, actor=by, action="elder.returned", subject=f"elder:{elder.id}", detail=detail))

    def _cancel(self, work: Session, orders: Sequence[int], by: str, now: datetime, state: str) -> list[Message]:
        told: list[Message] = []
        for order_id in orders:
            order = load(work, order_id)
            former = to_call_off(order)
            told += perform(work, order, Cancel(), Act(by, "desk", now, f"the elder is {state}"))
            if former is not None:
                self._notices.cancelled(work, order, now)
        return told

    @staticmethod
    def _end_plans(work: Session, elder_id: int, state: str, now: datetime) -> list[tuple[int, str]]:
        ended = []
        for plan in _plans(work, elder_id, lock=True):
            ended.append((plan.id, plan.state))
            plan.state, plan.end_reason, plan.updated_at = PlanState.ENDED.value, f"the elder is {state}", now
            plan.version += 1
        return ended

    @staticmethod
    def _end_daily(work: Session, elder_id: int, now: datetime, by: str) -> int | None:
        for row in active_daily(work, (elder_id,)):
            row.active_elder_id, row.ended_at, row.ended_by = None, now, by[:60]
            return row.id
        return None

    @staticmethod
    def _end_reminders(work: Session, elder_id: int, now: datetime, by: str) -> list[int]:
        rows = _reminders(work, elder_id)
        for row in rows:
            row.ended_at, row.ended_by = now, by[:60]
        return [row.id for row in rows]

    @staticmethod
    def _drop_owed(work: Session, elder_id: int, now: datetime) -> list[str]:
        """Cancel calls that are owed and messages that wait; give the promises, which the router lets go of."""
        mine = Callback.elder_id == elder_id
        owed = (mine, Callback.state.in_(_OWED), Callback.kind.not_in(_NOT_THEIRS))
        gone = {"state": "cancelled", "last_outcome": Why.GONE.value, "updated_at": now}
        unsynchronised = {"synchronize_session": False}
        work.execute(update(Callback).where(*owed).values(gone).execution_options(**unsynchronised))
        waiting = (SmsMessage.elder_id == elder_id, SmsMessage.state == "queued", SmsMessage.direction == "out")
        failed = {"state": "failed", "understood": "the elder is not served any more"}
        work.execute(update(SmsMessage).where(*waiting).values(failed).execution_options(**unsynchronised))
        return list(
            work.scalars(select(Callback.cause).where(mine, Callback.kind == "promise", Callback.state == "due"))
        )

    def _tell(self, messages: Sequence[Message], promises: Sequence[str], by: str) -> None:
        """What is written holds; a page that learns of it late, or a promise barred later, is the lesser evil."""
        try:
            for message in messages:
                self._publish(message)
            for cause in promises:
                self._let_go(cause, by)
        except RedisError as error:
            log.warning("departures.not_told", error=type(error).__name__)


def _taken(work: Session, elder_id: int) -> Elder:
    # Not the whole lock: rows that name the elder, as an order that is placed now, may come meanwhile.
    query = select(Elder).where(Elder.id == elder_id).with_for_update(key_share=True)
    elder = work.scalar(query.execution_options(populate_existing=True))
    if elder is None:
        raise NotFound(f"there is no elder {elder_id}")
    return elder


def _open_orders(elder_id: int) -> Any:
    states = [state.value for state in OPEN]
    return select(Order).where(Order.elder_id == elder_id, Order.state.in_(states)).order_by(Order.due_at, Order.id)


def _plans(work: Session, elder_id: int, *, lock: bool = False) -> Sequence[OrderPlan]:
    query = select(OrderPlan).where(OrderPlan.elder_id == elder_id, OrderPlan.state != PlanState.ENDED.value)
    query = query.order_by(OrderPlan.id)
    return work.scalars(query.with_for_update() if lock else query).all()


def _reminders(work: Session, elder_id: int) -> Sequence[MedicineReminder]:
    mine = MedicineReminder.elder_id == elder_id
    return work.scalars(select(MedicineReminder).where(mine, MedicineReminder.ended_at.is_(None))).all()


def can_cancel(order: Order) -> bool:
    """Tell whether an order can be cancelled with the rest: a visit under way goes on."""
    return order.state != OrderState.VISITING.value
