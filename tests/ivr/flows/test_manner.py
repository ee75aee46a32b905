"""Whoever is known is spoken to in their own manner, in every conversation; and what is learnt from a talk."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from db.demo import DEMO
from ivr.call import Delivery, HangupKind
from ivr.flows.after_service import AfterService
from ivr.flows.sos import Sos
from ivr.flows.waiting import Waiting
from ivr.flows.welcome import Welcome
from routing.calls.messages import CallerClass, Intent
from routing.calls.records import Ticket, TicketStage
from routing.manners.book import MannerBook, Value
from routing.manners.fares import End, Fare
from tests.ivr.flows.talk import Exchange
from tests.routing.town import ZONE

MENU, CONFIRM = "welcome.menu", "order.confirm_free"


@dataclass
class Fares:
    """Keeps what it is given."""

    kept: list[tuple[int, Fare]] = field(default_factory=list)

    def start(self) -> None:
        """Nothing to begin."""

    def stop(self) -> None:
        """Nothing to end."""

    def keep(self, elder_id: int, fare: Fare) -> None:
        self.kept.append((elder_id, fare))

    @property
    def fare(self) -> Fare:
        ((_elder_id, fare),) = self.kept
        return fare


@pytest.fixture
def fares(exchange: Exchange) -> Fares:
    fares = Fares()
    exchange.services["fares"] = fares
    return fares


def set_manner(exchange: Exchange, who: int, **wishes: Value) -> None:
    town = exchange.town
    MannerBook(town.unit_of_work, town.reading, town.clock, ZONE).change(who, wishes, "user:1")


def test_a_known_elder_is_greeted_in_their_own_delivery(exchange: Exchange) -> None:
    set_manner(exchange, exchange.town.elder_id(DEMO.wang), slow=True, loud=True)
    talk = exchange.call(Welcome, DEMO.wang.number)
    assert {each.delivery for each in talk.call.heard} == {Delivery("zh-CN", slow=True, loud=True)}


def test_of_two_at_one_number_the_chosen_one_is_spoken_to_in_their_own(exchange: Exchange) -> None:
    wife = exchange.town.elder_id(DEMO.couple[1])
    set_manner(exchange, wife, slow=True)
    talk = exchange.call(Welcome, DEMO.couple[0].number, {"welcome.which_elder": "2"})
    heard = {each.key: each.delivery for each in talk.call.heard}
    assert not heard["welcome.which_elder"].slow
    assert heard[MENU].slow


def test_whom_we_call_is_spoken_to_in_their_own(exchange: Exchange, fares: Fares) -> None:
    order = exchange.town.served()
    set_manner(exchange, exchange.town.elder_id(DEMO.wang), loud=True)
    talk = exchange.call(AfterService, ref=order.id, presses={"callback.any_key": "1"})
    assert {each.delivery.loud for each in talk.call.heard} == {True}
    assert fares.kept == [], "who presses nothing then may not be there at all"


def test_nothing_is_said_in_an_sos_that_a_key_could_hold_up(exchange: Exchange, fares: Fares) -> None:
    talk = exchange.call(Sos, DEMO.one_key.number)
    assert (talk.heard, talk.goes) == ([], "sos")
    assert fares.kept == []


def test_whoever_goes_straight_to_a_person_is_obeyed_all_the_same(exchange: Exchange, fares: Fares) -> None:
    talk = exchange.call(Welcome, DEMO.straight.number, {"welcome.person": "2"})
    assert talk.heard[:3] == ["welcome.greet_morning", "welcome.person", "status.none"]
    assert (talk.goes, fares.kept[0][1].questions) == ("bye", 1)


def test_the_hash_goes_along_to_hold(exchange: Exchange) -> None:
    talk = exchange.call(Welcome, DEMO.quiet.number, {MENU: "#0"})
    assert talk.call.variables["IVR_DELIVERY"] == "zh-CN slow loud"
    ticket = Ticket(
        ticket_id="t1", call_id="a-1", node="a", channel="PJSIP/x", intent=Intent.GENERAL,
        caller_class=CallerClass.ELDER, joined_at=1_000.0, stage=TicketStage.HELD, told_at=1_060.0, told_ahead=2,
    )  # fmt: skip
    exchange.living["t1"] = ticket
    waits = exchange.call(Waiting, ref="t1", variables=talk.call.variables)
    assert {each.delivery for each in waits.call.heard} == {Delivery("zh-CN", slow=True, loud=True)}


def test_a_good_self_service_is_told(exchange: Exchange, fares: Fares) -> None:
    exchange.call(Welcome, DEMO.wang.number, {MENU: "2", "status.none": ""})
    assert fares.kept[0][0] == exchange.town.elder_id(DEMO.wang)
    assert (fares.fare.end, fares.fare.questions, fares.fare.went_well) == (End.SELF_SERVICE, 1, True)


@pytest.mark.parametrize(
    ("presses", "end"),
    [({}, End.PERSON_BY_SILENCE), ({MENU: "0"}, End.PERSON_BY_KEY), ({MENU: ["7", "8"]}, End.PERSON)],
)
def test_the_way_to_a_person_is_told(exchange: Exchange, fares: Fares, presses: dict[str, str], end: End) -> None:
    exchange.call(Welcome, DEMO.wang.number, presses)
    assert fares.fare.end is end
    assert fares.fare.wrong_keys == (2 if end is End.PERSON else 0)


def test_hanging_up_is_told_unless_they_had_what_they_called_for(exchange: Exchange, fares: Fares) -> None:
    exchange.call(Welcome, DEMO.wang.number, {MENU: ""}, hang_up_at=3, hang_up_kind=HangupKind.HUNG_UP)
    assert fares.fare.end is End.HUNG_UP


def test_hints_late_keys_and_hashes_are_counted(exchange: Exchange, fares: Fares) -> None:
    exchange.call(Welcome, DEMO.wang.number, {MENU: "1", "services.person": "#", "error.hint": ["1", "~1"]})
    fare = fares.fare
    assert (fare.deliveries, fare.slow, fare.loud, fare.delivery_chosen) == (1, True, True, True)
    assert fare.latest_key_seconds == pytest.approx(3.7 + 1.5)
    assert fare.hints in {0, 1}


def test_whoever_goes_straight_to_a_person_was_asked_nothing(exchange: Exchange, fares: Fares) -> None:
    exchange.call(Welcome, DEMO.straight.number)
    assert fares.kept == []


def test_strangers_are_not_learnt_from(exchange: Exchange, fares: Fares) -> None:
    exchange.call(Welcome, DEMO.stranger)
    exchange.call(Welcome, DEMO.couple[0].number)
    assert fares.kept == []
