"""Placing, following, moving and cancelling orders."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from db.demo import DEMO
from db.models import Callback, Elder, Offer, Order, OrderEvent, ServiceItem, SmsMessage, Worker
from routing.calls.messages import OrderMoved
from routing.errors import Conflict, DomainError, NotFound
from routing.orders import placing
from routing.orders.commands import Close
from routing.orders.errors import MovedMeanwhile, MoveRefused, NotServed
from routing.orders.policy import OrderState
from routing.orders.service import Orders
from tests.routing.town import Town


def at_once(count: int, act: Callable[[int], object]) -> list[object]:
    """Run `act` in so many threads that begin together; a domain error is the result of its thread."""
    barrier = Barrier(count)

    def run(at: int) -> object:
        barrier.wait(10)
        try:
            return act(at)
        except DomainError as refused:
            return refused

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_the_menu_holds_the_items_with_a_key_in_their_order(town: Town) -> None:
    assert [(item.key, item.code) for item in town.orders.menu()] == [
        (1, "meal"), (1, "cleaning"), (1, "bathing"), (1, "repair"), (1, "escort"), (1, "medicine"),
        (1, "companionship"),
    ]  # fmt: skip
    assert [item.code for item in town.orders.menu("meals")] == ["meal"]


def test_an_order_has_a_number_a_price_with_its_reason_and_a_first_row_of_history(town: Town) -> None:
    order = town.place(DEMO.quiet, "cleaning")
    assert len(order.number) == 6
    assert order.number.isdecimal()
    assert (order.price_fen, order.elder_pays_fen) == (4000, 2000)
    assert "subsidised" in order.price_reason
    first = town.orders.history(order.id)[0]
    assert (first.from_state, first.to_state, first.actor) == ("", "requested", f"elder:{order.elder_id}")
    assert any(isinstance(each, OrderMoved) and each.state == "requested" for each in town.published)


def test_what_is_quoted_is_what_is_charged(town: Town) -> None:
    elder, item = town.elder_id(DEMO.quiet), town.item_id("cleaning")
    quoted = town.orders.quote(elder, item)
    assert quoted.elder_pays_fen == town.place(DEMO.quiet, "cleaning").elder_pays_fen


def test_the_same_key_never_makes_a_second_order(any_town: Town) -> None:
    placed = at_once(6, lambda _at: any_town.place(key="call-1"))
    assert len({order.id for order in placed if isinstance(order, type(placed[0]))}) == 1
    assert len(any_town.rows(Order)) == 1
    assert [event.to_state for event in any_town.rows(OrderEvent)].count("requested") == 1


def test_many_orders_at_once_all_have_numbers_of_their_own(any_town: Town) -> None:
    placed = at_once(8, lambda at: any_town.place(key=f"call-{at}"))
    assert not [each for each in placed if isinstance(each, Exception)]
    assert len({order.number for order in any_town.rows(Order)}) == 8


def test_an_order_that_draws_a_taken_number_draws_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = town.place().number
    drawn = iter([taken, "765432"])
    monkeypatch.setattr(placing, "numbers", lambda: drawn)
    assert town.place(key="another").number == "765432"
    assert len(town.rows(Order)) == 2


def test_an_order_stands_when_nobody_can_be_told_and_is_offered_by_the_sweep(town: Town) -> None:
    def broken(*_anything: object) -> None:
        raise ConnectionError("Redis is away")

    orders = Orders(town.unit_of_work, town.reading, town.clock, broken, broken, notices=town.notices)
    order = orders.place(town.elder_id(DEMO.wang), town.item_id("meal"), key="k", source="voice")
    assert order.state is OrderState.REQUESTED
    assert town.dispatch.sweep() == 1
    assert town.orders.get(order.id).state is OrderState.OFFERED


@pytest.mark.parametrize("state", ["moved", "deregistered", "deceased"])
def test_an_elder_who_is_not_served_gets_no_order(town: Town, state: str) -> None:
    with town.unit_of_work() as session:
        session.get_one(Elder, town.elder_id(DEMO.wang)).state = state
    with pytest.raises(NotServed, match=state):
        town.place()
    assert not town.rows(Order)


def test_what_is_not_offered_any_more_cannot_be_ordered(town: Town) -> None:
    with town.unit_of_work() as session:
        session.get_one(ServiceItem, town.item_id("meal")).active = False
    with pytest.raises(NotServed):
        town.place()
    assert "meal" not in [item.code for item in town.orders.menu()]


def test_nobody_and_nothing_cannot_be_ordered_for(town: Town) -> None:
    with pytest.raises(NotFound):
        town.orders.place(999_999, town.item_id("meal"), key="a", source="voice")
    with pytest.raises(NotFound):
        town.orders.place(town.elder_id(DEMO.wang), 999_999, key="b", source="voice")


def test_the_same_again_is_noticed_for_ten_minutes(town: Town) -> None:
    elder, meal = town.elder_id(DEMO.wang), town.item_id("meal")
    assert town.orders.recent_same(elder, meal) is None
    order = town.place()
    town.clock.forward(minutes=9)
    repeat = town.orders.recent_same(elder, meal)
    assert repeat is not None
    assert repeat.id == order.id
    assert town.orders.recent_same(elder, town.item_id("repair")) is None
    town.clock.forward(minutes=2)
    assert town.orders.recent_same(elder, meal) is None


def test_a_cancelled_order_is_no_repeat_and_not_open(town: Town) -> None:
    order = town.place()
    town.orders.cancel(order.id, actor=f"elder:{order.elder_id}", channel="phone_key", reason="changed her mind")
    assert town.orders.recent_same(order.elder_id, order.item_id) is None
    assert town.orders.latest_open(order.elder_id) is None
    assert [offer.state for offer in town.rows(Offer)] == ["withdrawn"]
    assert [call.state for call in town.rows(Callback)] == ["cancelled"]


def test_the_worker_who_was_to_come_is_called_off_once(town: Town) -> None:
    order = town.accept(town.place())
    town.orders.cancel(order.id, actor=f"elder:{order.elder_id}", channel="phone_key", reason="changed her mind")
    number = next(row.phone for row in town.rows(Worker) if row.id == order.worker_id)
    assert [text for text in town.sms_to(number) if "已取消" in text and order.number in text] == [
        f"【银龄热线】单子{order.number}（送餐，今天11:30）已取消，请不要上门。有疑问请拨12347。"
    ]


def test_nobody_is_called_off_who_was_not_told_to_come(town: Town) -> None:
    order = town.place()
    town.orders.cancel(order.id, actor=f"elder:{order.elder_id}", channel="phone_key", reason="")
    assert not [row for row in town.rows(SmsMessage) if "已取消" in row.text]


def test_the_latest_open_order_is_told(town: Town) -> None:
    town.place(key="first")
    town.clock.forward(minutes=1)
    latest = town.place(item="cleaning", key="second")
    found = town.orders.latest_open(latest.elder_id)
    assert found is not None
    assert (found.number, found.item_name) == (latest.number, "保洁")
    assert next(order.id for order in town.orders.of_elder(latest.elder_id)) == latest.id


def test_a_move_that_the_table_forbids_changes_nothing(town: Town) -> None:
    order = town.place()
    with pytest.raises(MoveRefused):
        town.orders.carry_out(order.id, Close(), actor="user:1", channel="desk")
    assert town.orders.get(order.id).state is OrderState.OFFERED


def test_who_was_slower_is_told_who_was_faster(town: Town) -> None:
    order = town.orders.get(town.place().id)
    town.orders.cancel(order.id, actor="user:1", channel="desk", reason="by 1", expected_version=order.version)
    with pytest.raises(MovedMeanwhile, match=r"管理员 \(user:1\) moved it to cancelled"):
        town.orders.cancel(order.id, actor="user:2", channel="desk", reason="by 2", expected_version=order.version)


def test_two_people_act_on_one_order_and_one_wins(any_town: Town) -> None:
    order = any_town.orders.get(any_town.place().id)
    ends = at_once(
        4,
        lambda at: any_town.orders.cancel(
            order.id, actor=f"user:{at}", channel="desk", reason="-", expected_version=order.version
        ),
    )
    assert len([end for end in ends if isinstance(end, Conflict)]) == 3
    cancelled = [event for event in any_town.rows(OrderEvent) if event.to_state == "cancelled"]
    assert len(cancelled) == 1
    assert all(cancelled[0].actor in str(end) for end in ends if isinstance(end, Conflict))
