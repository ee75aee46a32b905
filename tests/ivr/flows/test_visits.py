"""The care workers' line."""

from __future__ import annotations

import pytest

from db.demo import DEMO
from db.models import Case, Order, Visit, VisitException, VisitTask
from ivr.flows.visits import Visits
from routing.calls.messages import Intent
from routing.orders.policy import OrderState
from routing.orders.views import OrderView
from tests.ivr.flows.talk import Exchange, Talk, every_step
from tests.routing.town import Town

HOME, PIN = DEMO.wang.number, DEMO.worker.pin
IN = {"visit.enter_pin": f"{PIN}#", "visit.which": "1"}
OUT = IN | {"visit.which": "2"}


@pytest.fixture
def order(town: Town) -> OrderView:
    return town.accept(town.place())


def test_in_and_out_from_the_elders_phone(exchange: Exchange, town: Town, order: OrderView) -> None:
    talk = exchange.call(Visits, HOME, IN)
    assert talk.heard == [
        "visit.greet", "visit.enter_pin", "visit.home", "visit.which", "visit.checked_in", "bye.goodbye",
    ]  # fmt: skip
    assert talk.said("visit.home")["who"] == "王奶奶"
    assert (talk.goes, talk.book.began_as, talk.book.ends) == ("bye", ["inbound"], ["self_served"])
    assert town.orders.get(order.id).state is OrderState.VISITING
    town.clock.forward(minutes=35)
    talk = exchange.call(Visits, HOME, OUT)
    assert talk.said("visit.checked_out")["minutes"] == 35
    assert town.orders.get(order.id).state is OrderState.DONE
    (visit,) = town.rows(Visit)
    assert (visit.in_verified, visit.out_verified, visit.in_call_id) == (True, True, "a-1")
    assert not talk.call.not_spoken


@pytest.mark.parametrize("number", [DEMO.worker.number, "", "anonymous"])
def test_from_another_phone_it_is_written_and_said_to_be_unverified(
    exchange: Exchange, town: Town, order: OrderView, number: str
) -> None:
    talk = exchange.call(Visits, number, IN)
    assert "visit.unverified" in talk.heard
    assert town.orders.get(order.id).state is OrderState.VISITING
    assert not town.rows(Visit)[0].in_verified


def wrong(exchange: Exchange, number: str = HOME, keys: str = "135792#") -> Talk:
    return exchange.call(Visits, number, {"visit.enter_pin": keys, "visit.wrong_pin": [keys, keys]})


def test_three_wrong_pins_lock_the_phone_and_a_person_helps(exchange: Exchange, town: Town, order: OrderView) -> None:
    talk = wrong(exchange)
    assert talk.heard[-1] == "visit.locked"
    assert (talk.goes, talk.ticket.intent) == ("hold", Intent.WORKER)
    locked = exchange.call(Visits, HOME, IN)
    assert locked.heard[-1] == "visit.locked"
    assert town.orders.get(order.id).state is OrderState.ACCEPTED


def test_a_pin_never_shows_in_the_journey(exchange: Exchange, order: OrderView) -> None:
    for talk in (wrong(exchange), exchange.call(Visits, DEMO.quiet.number, IN)):
        assert PIN not in repr(talk.book)
        assert "135792" not in repr(talk.book)


def test_a_second_try_is_enough(exchange: Exchange, order: OrderView) -> None:
    talk = exchange.call(Visits, HOME, {"visit.enter_pin": "111111#", "visit.wrong_pin": f"{PIN}#", "visit.which": "1"})
    assert "visit.checked_in" in talk.heard


@pytest.mark.parametrize(
    ("presses", "said"),
    [(OUT, "visit.no_order"), (IN, "visit.no_order")],
    ids=["out without an order", "no order today"],
)
def test_what_cannot_be_is_said_and_a_person_helps(exchange: Exchange, presses: dict[str, str], said: str) -> None:
    talk = exchange.call(Visits, HOME, presses)
    assert talk.heard[-1] == said
    assert (talk.goes, talk.ticket.intent) == ("hold", Intent.WORKER)


def test_who_checks_in_twice_hears_since_when(exchange: Exchange, town: Town, order: OrderView) -> None:
    exchange.call(Visits, HOME, IN)
    began = town.clock.now
    town.clock.forward(minutes=9)
    talk = exchange.call(Visits, HOME, IN)
    assert talk.said("visit.already_since")["when"] == began
    assert (talk.goes, talk.book.ends) == ("bye", ["self_served"])
    assert len(town.rows(Visit)) == 1


def test_two_elders_at_one_number(exchange: Exchange, town: Town) -> None:
    first, second = (town.accept(town.place(who)) for who in DEMO.couple)
    with town.unit_of_work() as session:
        session.get_one(Order, second.id).worker_id = first.worker_id
    presses = IN | {"visit.order": ["", "2"]}
    talk = exchange.call(Visits, DEMO.couple[0].number, presses)
    asked = [each.values["who"] for each in talk.call.heard if each.key == "visit.order"]
    assert asked == ["张爷爷", "陈奶奶"]
    assert town.orders.get(second.id).state is OrderState.VISITING
    assert town.orders.get(first.id).state is OrderState.ACCEPTED
    assert not talk.call.not_spoken


def test_the_lock_opens_a_case_for_the_desk(exchange: Exchange, town: Town, order: OrderView) -> None:
    talk = wrong(exchange)
    (case,) = town.rows(Case)
    assert (case.kind, case.call_id, case.number) == ("visit", talk.call.facts.call_id, HOME)


def test_at_a_home_of_two_both_are_named(exchange: Exchange, town: Town) -> None:
    town.accept(town.place(DEMO.couple[1]))
    talk = exchange.call(Visits, DEMO.couple[0].number, IN)
    assert talk.said("visit.home_of_two") == {"first": "张爷爷", "second": "陈奶奶"}
    assert "visit.checked_in" in talk.heard


def kinds(town: Town) -> set[str]:
    return {each.kind for each in town.rows(VisitException)}


def test_at_another_elders_home_they_are_told_and_it_counts_as_unverified(
    exchange: Exchange, town: Town, order: OrderView
) -> None:
    talk = exchange.call(Visits, DEMO.quiet.number, IN | {"visit.sure_elsewhere": "1"})
    assert talk.said("visit.home")["who"] == "李爷爷"
    assert talk.heard.index("visit.not_yours") < talk.heard.index("visit.unverified")
    assert kinds(town) == {"wrong_home"}
    assert [case.kind for case in town.rows(Case)] == ["visit"]


def test_whoever_is_at_the_wrong_home_by_mistake_gets_a_person_and_nothing_is_written(
    exchange: Exchange, town: Town, order: OrderView
) -> None:
    talk = exchange.call(Visits, DEMO.quiet.number, IN | {"visit.sure_elsewhere": "2"})
    assert (talk.goes, talk.ticket.intent, town.rows(Visit)) == ("hold", Intent.WORKER, [])


def test_a_colleague_who_comes_instead_says_so(exchange: Exchange, town: Town, order: OrderView) -> None:
    presses = {"visit.enter_pin": "718352#", "visit.which": "1", "visit.sure_instead": "1"}
    talk = exchange.call(Visits, HOME, presses)
    assert "visit.of_colleague" in talk.heard
    (visit,) = town.rows(Visit)
    assert (visit.worker_id, visit.assigned_worker_id) == (town.worker_id("W02"), order.worker_id)
    assert visit.in_verified and not kinds(town)


def test_who_forgot_to_check_in_says_so_and_the_begin_stays_open(
    exchange: Exchange, town: Town, order: OrderView
) -> None:
    talk = exchange.call(Visits, HOME, OUT | {"visit.sure_no_begin": "1"})
    assert [word for word in talk.heard if word.startswith("visit.")][-3:] == [
        "visit.sure_no_begin", "visit.out_at", "visit.to_complete",
    ]  # fmt: skip
    (visit,) = town.rows(Visit)
    assert (visit.checked_in_at, visit.minutes, kinds(town)) == (None, None, {"missing_in"})
    assert town.orders.get(order.id).state is OrderState.DONE


def test_who_pressed_2_for_1_is_checked_in(exchange: Exchange, town: Town, order: OrderView) -> None:
    talk = exchange.call(Visits, HOME, OUT | {"visit.sure_no_begin": "2"})
    assert "visit.checked_in" in talk.heard
    assert town.orders.get(order.id).state is OrderState.VISITING


CARE = {"visit.enter_pin": "395174#"}


@pytest.fixture
def bathed(exchange: Exchange, town: Town) -> OrderView:
    """A visit with three tasks has begun."""
    order = town.accept(town.place(item="bathing"))
    talk = exchange.call(Visits, HOME, CARE | {"visit.which": "1"})
    assert "visit.checked_in" in talk.heard
    town.clock.forward(minutes=52)
    return order


def test_tasks_are_read_out_one_by_one(exchange: Exchange, town: Town, bathed: OrderView) -> None:
    talk = exchange.call(Visits, HOME, CARE | {"visit.which": "2", "visit.task_keys": ["1", "3", "2"]})
    assert [each.values["task"] for each in talk.call.heard if each.key == "visit.task"] == [
        "洗头洗澡", "换衣服", "剪指甲",
    ]  # fmt: skip
    assert [each.result for each in town.rows(VisitTask)] == ["done", "refused", "not_needed"]
    assert talk.heard.count("visit.tasks") == 1
    assert talk.said("visit.checked_out")["minutes"] == 52
    assert not talk.call.not_spoken


@pytest.mark.parametrize(("keys", "goes"), [("", "bye"), ("0", "hold"), ("9", "sos"), ("8" * 9, "bye")])
def test_whoever_does_not_say_what_was_done_has_checked_out_all_the_same(
    exchange: Exchange, town: Town, bathed: OrderView, keys: str, goes: str
) -> None:
    talk = exchange.call(Visits, HOME, CARE | {"visit.which": "2", "visit.task_keys": keys})
    assert (talk.goes, town.orders.get(bathed.id).state) == (goes, OrderState.DONE)
    assert not town.rows(VisitTask)


def test_who_hangs_up_among_the_tasks_has_checked_out(exchange: Exchange, town: Town, bathed: OrderView) -> None:
    presses = CARE | {"visit.which": "2", "visit.task_keys": ["1", "1", "1"]}
    whole = exchange.call(Visits, HOME, presses, hang_up_at=7)
    assert whole.next is None
    assert town.orders.get(bathed.id).state is OrderState.DONE


@pytest.mark.parametrize("at", ["visit.enter_pin", "visit.which"])
@pytest.mark.parametrize(("keys", "goes"), [("", "hold"), ("0#", "hold"), ("9#", "sos"), ("##", "hold")])
def test_no_key_0_and_9(exchange: Exchange, order: OrderView, at: str, keys: str, goes: str) -> None:
    talk = exchange.call(Visits, HOME, lambda prompt, _before: keys if prompt == at else IN.get(prompt, ""))
    assert talk.goes == goes


def test_a_worker_may_go_at_any_step_and_checks_in_once(exchange: Exchange, town: Town, order: OrderView) -> None:
    assert every_step(lambda at: exchange.call(Visits, HOME, IN, hang_up_at=at)) >= 6
    assert len(town.rows(Visit)) == 1
