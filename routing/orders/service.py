"""Orders: what can be ordered, what it costs, placing, following, cancelling."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import bindparam, select

from db.models import Order
from db.session import UnitOfWork
from routing.calls.messages import Message, OrderMoved
from routing.errors import DomainError, NotFound
from routing.hours.policy import Calendar, SpecialDay
from routing.orders.admitting import Asking, admit
from routing.orders.commands import Act, Cancel, Close, Dispute, GiveUp, Resolve, SendBack
from routing.orders.kinds import Menu, item_on_offer, items_with_keys, offered_kinds, times_of
from routing.orders.lifecycle import carried_out, load, perform
from routing.orders.menu_times import in_menu
from routing.orders.mine import NOT_AHEAD, orders_of
from routing.orders.notices import Notices, to_call_off
from routing.orders.placing import insert_order
from routing.orders.planning.made import Planned
from routing.orders.policy import OPEN, TWICE_WITHIN, OrderState, is_repeat, promised_for
from routing.orders.pricing.charging import charge, columns_of, keep
from routing.orders.pricing.policy import Price
from routing.orders.views import (
    MenuItem,
    MyOrders,
    OfferedKind,
    OrderStep,
    OrderView,
    new_order_view,
    order_step,
    order_view,
)

log = structlog.get_logger(__name__)

HOUSE_ZONE = ZoneInfo("Asia/Shanghai")
"""As the settings have it when nothing is set: all of China."""
_OPEN = sorted(state.value for state in OPEN)

_RECENT = (
    select(Order.id)
    .where(Order.elder_id == bindparam("elder_id"), Order.item_id == bindparam("item_id"))
    .where(Order.created_at > bindparam("after"), Order.state.in_(_OPEN))
    .where(Order.plan_id.is_(None))  # What a plan makes ahead is nobody's slip.
    .order_by(Order.created_at.desc())
    .limit(1)
)


class Orders:
    """Places and moves work orders.

    `holidays` are public holidays and the days that make up for them, for the times of the menus. `publish` tells
    whoever listens live; `placed` is told the id of each new order, after the commit, so that it may be dispatched at
    once. Should either fail, the order stands all the same, and the sweep of offers takes it up.
    """

    def __init__(
        self,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        publish: Callable[[Message], None],
        placed: Callable[[int], object],
        *,
        notices: Notices,
        zone: ZoneInfo = HOUSE_ZONE,
        holidays: Mapping[date, SpecialDay] = MappingProxyType({}),
    ) -> None:
        self._calendar = Calendar(zone, special=holidays)
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._publish = publish
        self._placed = placed
        self._notices = notices
        self._zone = zone

    def menu(self, kind: str | None = None) -> tuple[MenuItem, ...]:
        """Give the items that can be ordered by telephone (of one kind), by key."""
        with self._reading() as session:
            items = items_with_keys(session.connection())
        return tuple(item for item in items if kind in (None, item.kind))

    def kinds(self, menu: Menu | None = None, at: datetime | None = None) -> tuple[OfferedKind, ...]:
        """Give the kinds that the voice menus offer now, or at an instant (one of the menus), by menu and key."""
        when = at or self._clock()
        return tuple(kind for kind in self.all_kinds(menu) if in_menu(kind.times, self._calendar, when))

    def all_kinds(self, menu: Menu | None = None) -> tuple[OfferedKind, ...]:
        """Give the kinds that the voice menus offer at one time or another."""
        with self._reading() as session:
            kinds = offered_kinds(session.connection())
        return tuple(kind for kind in kinds if menu in (None, kind.menu))

    def is_told_now(self, item: MenuItem) -> bool:
        """Tell whether the voice menus may speak of an item now: its kind is not out of its times."""
        with self._reading() as session:
            return in_menu(times_of(session.connection(), item.kind), self._calendar, self._clock())

    def item(self, item_id: int) -> MenuItem | None:
        """Give an item that can still be ordered; None for one that is not offered any more."""
        with self._reading() as session:
            return item_on_offer(session.connection(), item_id)

    def mine(self, elder_id: int) -> MyOrders:
        """Give what an elder may ask of their orders by telephone."""
        with self._reading() as session:
            return orders_of(session, elder_id)

    def quote(
        self, elder_id: int, item_id: int, *, due_at: datetime | None = None, quantity: int | None = None,
        place_anyway: bool = False,
    ) -> Price:  # fmt: skip
        """Work out what the elder would pay for a visit then. Raises as `place` does."""
        now = self._clock()
        asking = Asking(elder_id, item_id, due_at or promised_for(now), quantity, place_anyway)
        with self._reading() as session:
            return admit(session.connection(), asking, now, self._zone).price

    def place(
        self,
        elder_id: int,
        item_id: int,
        *,
        key: str,
        source: str,
        call_id: str | None = None,
        due_at: datetime | None = None,
        note: str = "",
        actor: str | None = None,
        channel: str = "phone_key",
        planned: Planned | None = None,
        quantity: int | None = None,
        told_fen: int | None = None,
        place_anyway: bool = False,
    ) -> OrderView:
        """Write the order, once per `key`, with its price, a short number and the first row of its history.

        `source` is voice, desk, import or plan; without `due_at` it is promised by the rule for services wanted now.
        What is `planned` is offered from its time on.
        `quantity` is pieces, or minutes of an item by the hour; without it the tariff's usual one is ordered.
        `place_anyway`: although no company serves the place; dispatch then leaves it to a supervisor.
        Raises as `admit` does: BadDue, NotFound, NotServed, NotPriced, PriceRefused and NobodyServes; and PriceChanged
        when the elder was told that they pay `told_fen`, and would pay more. A key that is written gives its order,
        whatever is so by now.
        """
        now = self._clock()
        due_at = due_at or promised_for(now)
        with self._reading() as session:  # What is read here keeps no other writer waiting.
            try:
                asking = Asking(elder_id, item_id, due_at, quantity, place_anyway)
                cost = admit(session.connection(), asking, now, self._zone)
            except DomainError:
                before = session.scalar(select(Order).where(Order.key == key))
                if before is None:
                    raise
                return order_view(before)
        given = {
            "key": key, "elder_id": elder_id, "item_id": item_id, "source": source, "call_id": call_id,
            "due_at": due_at, "note": note,
        }  # fmt: skip
        if planned is not None:
            given |= {"plan_id": planned.plan_id, "plan_day": planned.day, "dispatch_from": planned.dispatch_from}
        act = Act(actor or f"elder:{elder_id}", channel, now, "placed")
        with self._unit_of_work() as session:
            if planned is not None:
                planned.confirm(session)
            connection = session.connection()
            charged = charge(connection, cost, key, told_fen)
            given |= columns_of(charged)
            new = insert_order(connection, given, act)
            if new is None:
                return order_view(session.scalars(select(Order).where(Order.key == key)).one())
            keep(connection, charged, new[0], now)
        view = new_order_view(*new, given, cost.item, now)
        self._tell(OrderMoved(view.id, view.state.value, now.timestamp(), elder_id))
        if planned is None or planned.dispatch_from <= now:
            self._open_dispatch(view.id)
        return view

    def recent_same(self, elder_id: int, item_id: int) -> OrderView | None:
        """Give the open order for the same item that the elder placed within the last ten minutes, if there is one."""
        now = self._clock()
        with self._reading() as session:
            same = {"elder_id": elder_id, "item_id": item_id, "after": now - TWICE_WITHIN}
            order_id = session.connection().scalar(_RECENT, same)
            if order_id is None:
                return None
            order = session.get_one(Order, order_id)
            return order_view(order) if is_repeat(order.created_at, now) else None

    def latest_open(self, elder_id: int) -> OrderView | None:
        """Give the latest order that the elder still waits for, if there is one."""
        with self._reading() as session:
            query = (
                select(Order)
                .where(Order.elder_id == elder_id, Order.state.in_(_OPEN), NOT_AHEAD)
                .order_by(Order.created_at.desc(), Order.id.desc())
                .limit(1)
            )
            order = session.scalar(query)
            return order_view(order) if order is not None else None

    def get(self, order_id: int) -> OrderView:
        """Give one order. Raises NotFound."""
        with self._reading() as session:
            order = session.get(Order, order_id)
            if order is None:
                raise NotFound(f"there is no order {order_id}")
            return order_view(order)

    def of_elder(self, elder_id: int, limit: int = 20) -> tuple[OrderView, ...]:
        """Give the elder's orders, the latest first."""
        with self._reading() as session:
            query = select(Order).where(Order.elder_id == elder_id).order_by(Order.created_at.desc()).limit(limit)
            return tuple(order_view(order) for order in session.scalars(query))

    def history(self, order_id: int) -> tuple[OrderStep, ...]:
        """Give what happened to an order, in order. Raises NotFound."""
        with self._reading() as session:
            order = session.get(Order, order_id)
            if order is None:
                raise NotFound(f"there is no order {order_id}")
            return tuple(order_step(event) for event in order.history)

    def cancel(
        self,
        order_id: int,
        *,
        actor: str,
        channel: str,
        reason: str,
        expected_version: int | None = None,
        key: str = "",
    ) -> OrderView:
        """Cancel an order, withdraw what is offered of it, and tell whoever was to come. Raises as `carry_out` does."""
        return self.carry_out(
            order_id, Cancel(), actor=actor, channel=channel, reason=reason, expected_version=expected_version, key=key
        )

    def carry_out(
        self, order_id: int, command: Cancel | SendBack | GiveUp | Dispute | Resolve | Close, *, actor: str,
        channel: str, reason: str = "", expected_version: int | None = None, key: str = "",
    ) -> OrderView:  # fmt: skip
        """Do something to an order, once per `key`. What gives it to a company is the work of `Dispatch`.

        Raises NotFound, MoveRefused (the table or a precondition), MovedMeanwhile (names who was faster), and Invalid
        for a key that belongs to something else.
        """
        now = self._clock()
        with self._unit_of_work() as session:
            order = load(session, order_id)
            if carried_out(session, key, order, command):
                return order_view(order)
            order = load(session, order_id, expected_version)
            former = to_call_off(order)
            moved = perform(session, order, command, Act(actor, channel, now, reason), key)
            if former is not None and command.to is OrderState.CANCELLED:
                self._notices.cancelled(session, order, now)
            elif former is not None and command.to is OrderState.REQUESTED:
                self._notices.taken_back(session, order, former, now)
            view = order_view(order)
        for message in moved:
            self._tell(message)
        if command.to is OrderState.REQUESTED:
            self._open_dispatch(order_id)
        return view

    def _tell(self, message: Message) -> None:
        try:
            self._publish(message)
        except Exception:  # The order is written; a page that learns of it late is the lesser evil.
            log.warning("orders.not_published", exc_info=True)

    def _open_dispatch(self, order_id: int) -> None:
        try:
            self._placed(order_id)
        except Exception:  # The sweep of offers finds every order that is requested and not offered.
            log.warning("orders.dispatch_left_to_the_sweep", order_id=order_id, exc_info=True)
