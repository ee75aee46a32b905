"""The line of companies: who calls, offers that wait, the list of the day, and when they take orders."""

from __future__ import annotations

from datetime import timedelta

import pytest

from db.demo import DEMO
from db.models import Company, CompanyAvailability, Offer
from ivr.flows.companies import Companies
from routing.calls.messages import Intent
from routing.orders.policy import OrderState
from routing.orders.providers.line import line_code
from tests.ivr.flows.talk import Exchange, Talk, every_step
from tests.routing.town import Town

COMPANY = DEMO.company.number
PIN = "580243"


def test_a_company_hears_what_waits_and_accepts_one_after_the_other(exchange: Exchange, town: Town) -> None:
    orders = [town.place(), town.place(DEMO.quiet)]
    talk = exchange.call(Companies, COMPANY, {"company.menu": ["1"], "offer.menu": ["1", "1"]})
    assert talk.said("company.waiting")["orders"] == 2
    assert [town.orders.get(order.id).state for order in orders] == [OrderState.ACCEPTED] * 2
    assert (talk.goes, talk.book.ends, talk.heard[-1]) == ("bye", ["self_served"], "bye.goodbye")
    assert not talk.call.not_spoken


def test_a_company_declines_with_a_reason(exchange: Exchange, town: Town) -> None:
    town.place()
    exchange.call(Companies, COMPANY, {"company.menu": ["1"], "offer.menu": "2", "offer.why": "2"})
    (offer,) = town.rows(Offer)
    assert (offer.state, offer.decline_reason) == ("declined", "too_far")


def test_a_company_for_which_nothing_waits(exchange: Exchange) -> None:
    talk = exchange.call(Companies, COMPANY, {"company.menu": ["1"]})
    assert talk.heard == ["company.greet", "company.menu", "company.none", "company.menu", "bye.goodbye"]


def test_a_company_that_presses_nothing_is_put_through(exchange: Exchange) -> None:
    talk = exchange.call(Companies, COMPANY)
    assert (talk.goes, talk.ticket.intent) == ("hold", Intent.COMPANY)


def test_the_list_has_today_and_tomorrow_morning_the_next_first(exchange: Exchange, town: Town) -> None:
    today, noon = town.clock.now, timedelta(hours=12)
    times = [today + timedelta(hours=3), today + timedelta(hours=1), today + timedelta(days=1)]
    elsewhere = [today.replace(hour=0) + timedelta(days=1) + noon, today + timedelta(days=2)]
    numbers = []
    for at, due in enumerate([*times, *elsewhere]):
        order = town.orders.place(
            town.elder_id(DEMO.wang), town.item_id("meal"), key=f"list-{at}", source="voice", due_at=due
        )
        numbers.append(town.accept(order).number)
    talk = exchange.call(Companies, COMPANY, {"company.menu": ["2"], "company.list_menu": ["1", "2", "1", "1"]})
    read = [each.values["number"] for each in talk.call.heard if each.key == "company.order"]
    assert read == [numbers[1], numbers[0], numbers[0], numbers[2]]
    assert talk.said("company.list")["orders"] == 3
    assert talk.said("company.order")["who"] == "王奶奶"
    assert "company.list_end" in talk.heard
    assert not talk.call.not_spoken


@pytest.mark.parametrize(
    ("keys", "goes"), [(["3"], "bye"), ([], "bye"), (["2"] * 9, "hold"), (["0"], "hold"), (["9"], "sos")]
)
def test_the_list_ends_when_they_like(exchange: Exchange, town: Town, keys: list[str], goes: str) -> None:
    for who in (DEMO.wang, DEMO.quiet):
        town.accept(town.place(who))
    talk = exchange.call(Companies, COMPANY, {"company.menu": ["2"], "company.list_menu": keys})
    assert talk.goes == goes
    assert "company.list_end" not in talk.heard


def test_a_company_without_orders_is_told_so(exchange: Exchange) -> None:
    assert "company.list_none" in exchange.call(Companies, COMPANY, {"company.menu": ["2"]}).heard


def change(exchange: Exchange, key: str, **more: str) -> Talk:
    presses = {"company.menu": ["3"], "company.availability": key}
    return exchange.call(Companies, COMPANY, presses | {name.replace("__", "."): value for name, value in more.items()})


@pytest.mark.parametrize(("key", "days"), [("1", 1), ("2", 2)])
def test_closed_until_a_day_ends_and_dispatch_sees_it(exchange: Exchange, town: Town, key: str, days: int) -> None:
    talk = change(exchange, key)
    assert talk.heard[-5:] == ["company.availability", "company.saved", "company.closed", "company.menu", "bye.goodbye"]
    midnight = town.clock.now.replace(hour=0, minute=0) + timedelta(days=days)
    assert talk.said("company.closed")["when"] == midnight
    assert not talk.call.not_spoken
    assert town.orders.get(town.place().id).state is OrderState.UNASSIGNED
    (case,) = town.cases.open_cases()
    town.clock.now = midnight + timedelta(hours=9)
    assert town.orders.get(town.place(DEMO.quiet).id).state is OrderState.OFFERED
    assert case.kind == "dispatch"


def test_open_again(exchange: Exchange, town: Town) -> None:
    change(exchange, "2")
    talk = change(exchange, "3")
    assert talk.heard[-4:] == ["company.saved", "company.open", "company.menu", "bye.goodbye"]
    assert town.orders.get(town.place().id).state is OrderState.OFFERED
    words = [(word.kind, word.actor, word.channel) for word in town.availability.history(town.company_id())]
    actor = f"company:{town.company_id()}"
    assert words == [("opened", actor, "phone_key"), ("closed", actor, "phone_key")]


@pytest.mark.parametrize(("keys", "orders"), [("05", 5), ("10", 10), ("12", 12), ("90", 90), ("99", 99)])
def test_ten_and_more_are_keyed_with_two_digits(exchange: Exchange, town: Town, keys: str, orders: int) -> None:
    talk = change(exchange, "4", company__enter_capacity=keys, confirm__yes_no="1")
    assert talk.said("company.capacity")["orders"] == orders
    assert town.availability.now(town.company_id()).capacity == orders
    assert not talk.call.not_spoken


def test_so_many_for_today_once_it_is_confirmed(exchange: Exchange, town: Town) -> None:
    talk = change(exchange, "4", company__enter_capacity="02", confirm__yes_no="1")
    assert talk.said("company.capacity")["orders"] == 2
    assert not talk.call.not_spoken
    due = town.clock.now + timedelta(hours=3)
    states = []
    for at in range(3):
        order = town.orders.place(
            town.elder_id(DEMO.wang), town.item_id("meal"), key=f"c-{at}", source="voice", due_at=due
        )
        states.append(order.id)
        if town.orders.get(order.id).state is OrderState.OFFERED:
            town.accept(town.orders.get(order.id))
    assert [town.orders.get(each).state for each in states] == [
        OrderState.ACCEPTED, OrderState.ACCEPTED, OrderState.UNASSIGNED,
    ]  # fmt: skip
    tomorrow = town.orders.place(
        town.elder_id(DEMO.wang), town.item_id("meal"), key="c-9", source="voice", due_at=due + timedelta(days=1)
    )
    assert town.orders.get(tomorrow.id).state is OrderState.OFFERED, "the word counts for today"


def test_a_number_that_is_not_confirmed_changes_nothing(exchange: Exchange, town: Town) -> None:
    talk = change(exchange, "4", company__enter_capacity="02", confirm__yes_no="2")
    assert "company.unchanged" in talk.heard
    assert town.rows(CompanyAvailability) == []


def test_who_presses_nothing_changes_nothing(exchange: Exchange, town: Town) -> None:
    assert "company.unchanged" in change(exchange, "").heard
    assert town.rows(CompanyAvailability) == []


@pytest.mark.parametrize("number", [DEMO.stranger, DEMO.wang.number, "", "anonymous"])
def test_who_is_not_known_is_put_through_without_a_key(exchange: Exchange, town: Town, number: str) -> None:
    town.place()
    talk = exchange.call(Companies, number, {"offer.menu": "1"})
    assert (talk.heard, talk.goes) == (["company.greet", "company.identify"], "hold")
    assert talk.ticket.intent is Intent.COMPANY
    assert len(town.open_offers()) == 1


@pytest.mark.parametrize("number", [DEMO.stranger, ""])
def test_number_and_pin_are_known_from_any_telephone(exchange: Exchange, town: Town, number: str) -> None:
    company = town.company_id()
    town.company_register.set_pin(company, PIN, actor="user:1")
    order = town.place()
    presses = {
        "company.identify": "1", "company.enter_code": f"{line_code(company)}#", "company.enter_pin": f"{PIN}#",
        "company.menu": ["1"], "offer.menu": "1",
    }  # fmt: skip
    talk = exchange.call(Companies, number, presses)
    assert town.orders.get(order.id).state is OrderState.ACCEPTED
    assert talk.goes == "bye"
    assert not any(PIN in str(each) for each in talk.book.steps)


def test_three_wrong_pins_lock_the_telephone_and_a_person_helps(exchange: Exchange, town: Town) -> None:
    company = town.company_id()
    town.company_register.set_pin(company, PIN, actor="user:1")
    wrong = {
        "company.identify": "1", "company.enter_code": [f"{line_code(company)}#"] * 3,
        "company.enter_pin": ["1111#", "2222#", "3333#"],
    }  # fmt: skip
    talk = exchange.call(Companies, DEMO.stranger, wrong)
    assert (talk.goes, talk.heard[-1]) == ("hold", "company.locked")
    right = wrong | {"company.enter_pin": [f"{PIN}#"]}
    assert exchange.call(Companies, DEMO.stranger, right).heard[-1] == "company.locked"
    town.clock.forward(minutes=16)
    assert "company.menu" in exchange.call(Companies, DEMO.stranger, right).heard


def test_a_company_without_a_pin_cannot_be_entered(exchange: Exchange, town: Town) -> None:
    presses = {
        "company.identify": "1", "company.enter_code": [f"{line_code(town.company_id())}#"] * 3,
        "company.enter_pin": ["1111#"] * 3,
    }  # fmt: skip
    assert exchange.call(Companies, DEMO.stranger, presses).goes == "hold"


def test_a_further_telephone_is_known(exchange: Exchange, town: Town) -> None:
    town.company_register.add_phone(town.company_id(), "13900000077", "夜班")
    assert exchange.call(Companies, "+8613900000077", {"company.menu": ["2"]}).goes == "bye"


def share(town: Town, number: int) -> list[int]:
    """Let so many companies have the telephone of the first."""
    with town.unit_of_work() as session:
        first = session.get_one(Company, town.company_id())
        more = [
            Company(code=f"S{at}", name=f"公司{at}", phone=first.phone, phone_index=first.phone_index)
            for at in range(number - 1)
        ]
        session.add_all(more)
        session.flush()
        return [first.id, *(each.id for each in more)]


def test_several_companies_with_one_telephone_say_which(exchange: Exchange, town: Town) -> None:
    ids = share(town, 3)
    order = town.place()
    presses = {"company.choice": ["", "", "1"], "company.menu": ["1"], "offer.menu": "1"}
    talk = exchange.call(Companies, COMPANY, presses)
    spoken = [each.values["code"] for each in talk.call.heard if each.key == "company.choice"]
    assert spoken == [line_code(each) for each in ids]
    assert town.orders.get(order.id).company_id == ids[0]
    assert not talk.call.not_spoken


def test_more_than_four_companies_enter_their_number(exchange: Exchange, town: Town) -> None:
    ids = share(town, 6)
    talk = exchange.call(Companies, COMPANY, {"company.enter_code": f"{line_code(ids[-1])}#", "company.menu": ["1"]})
    assert "company.none" in talk.heard
    other = exchange.call(Companies, COMPANY, {"company.enter_code": "9999#", "company.menu": ["1"]})
    assert other.goes == "hold"


@pytest.mark.parametrize("at", ["company.greet", "company.waiting", "company.menu", "offer.menu", "offer.order"])
@pytest.mark.parametrize(("key", "goes"), [("0", "hold"), ("9", "sos")])
def test_0_and_9(exchange: Exchange, town: Town, at: str, key: str, goes: str) -> None:
    town.place()
    assert exchange.call(Companies, COMPANY, {"company.menu": ["1"]} | {at: key}).goes == goes


@pytest.mark.parametrize(
    "presses",
    [
        {"company.menu": ["2"], "company.list_menu": ["1"]},
        {"company.menu": ["3"], "company.availability": "1"},
        {"company.menu": ["3"], "company.availability": "4", "company.enter_capacity": "12", "confirm.yes_no": "1"},
        {"company.menu": ["1"]},
    ],
)
def test_a_company_may_go_at_any_step(exchange: Exchange, town: Town, presses: dict[str, object]) -> None:
    town.accept(town.place())
    assert every_step(lambda at: exchange.call(Companies, COMPANY, presses, hang_up_at=at)) >= 4  # type: ignore[arg-type]


def test_the_menu_is_said_so_often_and_then_it_is_goodbye(exchange: Exchange) -> None:
    talk = exchange.call(Companies, COMPANY, {"company.menu": ["1"] * 20})
    assert (talk.goes, talk.heard.count("company.menu")) == ("bye", 4)
