"""Escalation: orders that stand too long climb from the desk to the supervisor to the duty phones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Row, Select, String, and_, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from db.models import Case, CaseEvent, Order, OrderEscalation, ServiceItem, ServiceKind
from db.session import UnitOfWork
from routing.calls.messages import Message
from routing.errors import NotFound
from routing.orders.cases import open_case
from routing.orders.errors import MovedOn
from routing.orders.escalation.duty import DutyCalls
from routing.orders.escalation.policy import URGENT_MINUTES, EscalationRules, Level, Overdue, Stay, overdue
from routing.orders.escalation.views import OverdueOrder, overdue_order
from routing.orders.lifecycle import Act, load
from routing.orders.policy import OrderState
from routing.writing import insert_once

log = structlog.get_logger(__name__)

_LOOKED_AT = 20_000
"""Overdue orders that one sweep looks at, those that stand longest first; it reads a few columns of each."""


class Escalations:
    """Finds overdue orders, tells of them level by level, and lets a person take one upon them."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        publish: Callable[[Message], None],
        duty: DutyCalls,
        rules: EscalationRules,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._publish = publish
        self._duty = duty
        self._rules = rules

    def sweep(self, limit: int = 100) -> int:
        """Tell of what has become overdue, ring the next duty phones, close the cases of what moved on; give how many.

        Safe to run at any time, by any number of processes: each level of a stay is written once.
        """
        now = self._clock()
        climbed = sum(self._climb(order_id, now) for order_id in self._to_climb(now)[:limit])
        with self._reading() as session:  # Nothing to do: nothing is locked.
            idle = not self._duty.to_ring(session, now, limit) and not _moved(session, limit)
        if idle:
            return climbed
        with self._unit_of_work() as session:
            return climbed + self._duty.ring_on(session, now, limit) + _close_what_moved(session, now, limit)

    def standing(self, limit: int = 50) -> tuple[OverdueOrder, ...]:
        """Give the orders that are overdue now: the highest level first, then the longest."""
        with self._reading() as session:
            return tuple(overdue_order(row) for row in session.scalars(_present().limit(limit)))

    def count(self) -> int:
        """Count the orders that are overdue now."""
        with self._reading() as session:
            return session.scalar(select(func.count()).select_from(_present().order_by(None).subquery())) or 0

    def of_order(self, order_id: int) -> tuple[OverdueOrder, ...]:
        """Give every level that an order ever reached, in order."""
        with self._reading() as session:
            query = select(OrderEscalation).where(OrderEscalation.order_id == order_id).order_by(OrderEscalation.id)
            return tuple(overdue_order(row) for row in session.scalars(query))

    def get(self, escalation_id: int) -> OverdueOrder:
        """Give one level. Raises NotFound."""
        with self._reading() as session:
            row = session.get(OrderEscalation, escalation_id)
            if row is None:
                raise NotFound(f"no order is overdue by the number {escalation_id}")
            return overdue_order(row)

    def of_call(self, escalation_id: int) -> tuple[OverdueOrder, str, str]:
        """Give what a duty phone is being rung about, the cause of the call, and whose phone it is, as duty:1.

        Raises NotFound.
        """
        with self._reading() as session:
            row = session.get(OrderEscalation, escalation_id)
            call = self._duty.being_made(session, row) if row is not None else None
            if row is None or call is None:
                raise NotFound(f"no duty phone is being rung about {escalation_id}")
            cause, position = call
            return overdue_order(row), cause, f"duty:{position}"

    def take_over(self, escalation_id: int, actor: str) -> OverdueOrder:
        """A person takes it upon them: nobody else is rung, and the order has its time once more.

        Raises NotFound, and MovedOn when the order has moved, or somebody else took it before.
        """
        now = self._clock()
        with self._unit_of_work() as session:
            row = session.get(OrderEscalation, escalation_id)
            if row is None:
                raise NotFound(f"no order is overdue by the number {escalation_id}")
            order = load(session, row.order_id)
            session.refresh(row)
            if row.version != order.version:
                raise MovedOn(f"order {order.number} has moved on: it is {order.state}")
            if row.taken_at is not None and row.taken_by != actor:
                raise MovedOn(f"{row.taken_by} took order {order.number} before")
            if row.taken_at is None:
                row.taken_at, row.taken_by = now, actor
                _note(session, order, Act(actor, "desk", now), "taken")
                self._duty.let_go(session, row, now)
                session.flush()
            return overdue_order(row)

    def _to_climb(self, now: datetime) -> list[int]:
        """Give the orders that have reached a level of which nobody was told yet."""
        told = (
            select(OrderEscalation.order_id, OrderEscalation.version,
                   func.max(OrderEscalation.level).label("level"), func.max(OrderEscalation.taken_at).label("taken_at"))
            .group_by(OrderEscalation.order_id, OrderEscalation.version)
            .subquery()
        )  # fmt: skip
        query = (
            select(Order.id, Order.state, Order.updated_at, Order.due_at, Order.dispatch_from,
                   ServiceKind.day_and_night, func.coalesce(told.c.level, 0).label("level"), told.c.taken_at)
            .join(ServiceItem, ServiceItem.id == Order.item_id)
            .join(ServiceKind, ServiceKind.code == ServiceItem.kind)
            .outerjoin(told, and_(told.c.order_id == Order.id, told.c.version == Order.version))
            .where(or_(*self._may_be_overdue(now)), func.coalesce(told.c.level, 0) < Level.DUTY_PHONE)
            .order_by(Order.updated_at)
            .limit(_LOOKED_AT)
        )  # fmt: skip
        with self._reading() as session:
            rows = session.execute(query).all()
        return [
            row.id
            for row in rows
            if (found := overdue(_stay(row, row.day_and_night, row.taken_at), now, self._rules)) is not None
            and found.level > row.level
        ]

    def _may_be_overdue(self, now: datetime) -> list[ColumnElement[bool]]:
        """For each state the coarse condition that an index serves; the policy decides."""
        some = []
        for state, minutes in self._rules.minutes.items():
            if state is OrderState.ACCEPTED:
                since: ColumnElement[bool] = Order.due_at <= now - timedelta(minutes=minutes)
            else:
                since = Order.updated_at <= now - timedelta(minutes=min(minutes, URGENT_MINUTES))
            some.append(and_(Order.state == state.value, since))
        return some

    def _climb(self, order_id: int, now: datetime) -> bool:
        """Write the levels that are new, and tell of the order."""
        opened: list[Message] = []
        with self._unit_of_work() as session:
            order = load(session, order_id)
            query = select(OrderEscalation).where(
                OrderEscalation.order_id == order.id, OrderEscalation.version == order.version
            )
            before = session.scalars(query).all()
            taken = max((row.taken_at for row in before if row.taken_at), default=None)
            urgent = session.scalar(
                select(ServiceKind.day_and_night)
                .join(ServiceItem, ServiceItem.kind == ServiceKind.code)
                .where(ServiceItem.id == order.item_id)
            )
            stay = _stay(order, bool(urgent), taken)
            found = overdue(stay, now, self._rules)
            highest = max((row.level for row in before), default=0)
            if found is None or found.level <= highest:
                return False
            for level in range(highest + 1, found.level + 1):
                opened += self._tell(session, order, Level(level), found, now)
            log.info("escalation.climbed", order_id=order.id, state=order.state, level=int(found.level))
        for message in opened:
            try:
                self._publish(message)
            except Exception:  # What is written stands; a page that learns of it late is the lesser evil.
                log.warning("escalation.not_published", exc_info=True)
        return True

    def _tell(
        self, session: Session, order: Order, level: Level, found: Overdue, now: datetime
    ) -> Sequence[Message]:  # fmt: skip
        row = OrderEscalation(
            order_id=order.id, version=order.version, state=order.state, level=level, at=now,
            overdue_since=found.since, reason=found.reason,
        )  # fmt: skip
        mine = (OrderEscalation.order_id == order.id, OrderEscalation.version == order.version)
        kept, new = insert_once(session, row, and_(*mine, OrderEscalation.level == int(level)))
        if not new or level is Level.DESK:
            return ()
        if level is Level.DUTY_PHONE:
            _note(session, order, Act("system", "job", now), "duty rung")
            self._duty.ring_first(session, kept, now)
            return ()
        case = _open_case_of(session, order)
        if case is not None:
            _note(session, order, Act("system", "job", now, found.reason), "overdue")
            return ()
        _case, opened = open_case(
            session, now, key=case_key(order), kind="overdue", elder_id=order.elder_id, order_id=order.id,
            note=f"order {order.number}: {found.reason}",
        )  # fmt: skip
        return (opened,) if opened else ()


def _note(session: Session, order: Order, act: Act, what: str) -> None:
    """Write a step into the case in which a person looks after the order, if there is one."""
    case = _open_case_of(session, order)
    if case is not None:
        session.add(CaseEvent(case_id=case.id, at=act.at, actor=act.actor, what=what, detail=act.reason))


def _moved(session: Session, limit: int) -> list[tuple[Case, Order]]:
    """Give the open cases of orders that are not overdue any more."""
    present = literal("overdue-order-") + cast(Order.id, String) + "-" + cast(Order.version, String)
    query = (
        select(Case, Order)
        .join(Order, Order.id == Case.order_id)
        .where(Case.kind == "overdue", Case.state == "open", Case.key != present)
        .order_by(Case.id)
        .limit(limit)
    )
    return [(case, order) for case, order in session.execute(query)]


def _close_what_moved(session: Session, now: datetime, limit: int) -> int:
    """Close them: nobody must go through them by hand."""
    over = _moved(session, limit)
    for case, order in over:
        case.state, case.closed_at, case.outcome = "closed", now, f"the order moved on: it is {order.state}"
        session.add(CaseEvent(case_id=case.id, at=now, actor="system", what="closed", detail=case.outcome))
    return len(over)


def case_key(order: Order) -> str:
    """Name the case of an order's stay in the state in which it is now."""
    return f"overdue-order-{order.id}-{order.version}"


def _open_case_of(session: Session, order: Order) -> Case | None:
    """Give the case in which a person looks after the order already."""
    query = select(Case).where(
        Case.order_id == order.id, Case.state == "open", Case.kind.in_(("dispatch", "overdue", "complaint"))
    )
    return session.scalars(query.order_by(Case.id.desc()).limit(1)).first()


def _stay(order: Order | Row[Any], urgent: bool, taken_at: datetime | None) -> Stay:
    """A stay counts from where the order came into the state, or a person took it upon them."""
    since = max(order.updated_at, taken_at) if taken_at else order.updated_at
    return Stay(OrderState(order.state), since, order.due_at, urgent, order.dispatch_from)


def _present() -> Select[OrderEscalation]:
    """The highest level of each order that is overdue now."""
    higher = (
        select(func.max(OrderEscalation.level))
        .where(OrderEscalation.order_id == Order.id, OrderEscalation.version == Order.version)
        .correlate(Order)
        .scalar_subquery()
    )
    return (
        select(OrderEscalation)
        .join(Order, and_(Order.id == OrderEscalation.order_id, Order.version == OrderEscalation.version))
        .where(OrderEscalation.level == higher)
        .order_by(OrderEscalation.level.desc(), OrderEscalation.overdue_since, OrderEscalation.id)
    )
