"""What everyone hears who dials the hotline."""

from __future__ import annotations

import pytest

from db.demo import DEMO
from ivr.call import HangupKind
from ivr.flows.welcome import Welcome
from routing.calls.directory import DirectoryUnavailable
from routing.calls.messages import CallerClass, Intent
from tests.ivr.flows.talk import Exchange, every_step
from tests.routing.town import Town

WANG = DEMO.wang.number


@pytest.mark.parametrize(
    ("hours", "greeting"), [(0, "morning"), (4, "afternoon"), (10, "evening"), (17, "evening"), (20, "morning")]
)
def test_an_elder_is_greeted_by_name_and_time_of_day(exchange: Exchange, hours: int, greeting: str) -> None:
    exchange.town.clock.forward(hours=hours)
    talk = exchange.call(Welcome, WANG)
    assert talk.heard[0] == f"welcome.greet_{greeting}"
    assert talk.said(talk.heard[0])["who"] == "王奶奶"
    assert not talk.call.not_spoken


def test_no_key_is_a_person_and_no_repeat(exchange: Exchange) -> None:
    talk = exchange.call(Welcome, WANG)
    assert talk.heard == ["welcome.greet_morning", "welcome.menu", "welcome.person"]
    assert talk.goes == "hold"
    assert (talk.ticket.intent, talk.ticket.caller_class) == (Intent.GENERAL, CallerClass.FRAIL)
    assert talk.ticket.elder_id == exchange.town.elder_id(DEMO.wang)
    assert talk.book.began_as == ["inbound"]


def test_the_calm_of_a_menu_is_short(exchange: Exchange) -> None:
    assert exchange.call(Welcome, WANG).call.now < 20


@pytest.mark.parametrize("over", ["welcome.greet_morning", "welcome.menu"])
@pytest.mark.parametrize(("key", "goes"), [("0", "hold"), ("9", "sos")])
def test_0_is_a_person_and_9_is_sos_over_every_prompt(exchange: Exchange, over: str, key: str, goes: str) -> None:
    talk = exchange.call(Welcome, WANG, {over: key})
    assert talk.goes == goes
    assert (talk.ticket.caller_class is CallerClass.SOS) == (key == "9")


def test_9_opens_a_case_wherever_it_is_pressed(exchange: Exchange) -> None:
    talk = exchange.call(Welcome, WANG, {"welcome.menu": "9"})
    (case,) = exchange.town.cases.open_cases()
    assert (case.kind, case.call_id, case.id) == ("sos", talk.call.facts.call_id, talk.ticket.case_id)
    assert case.elder_id == exchange.town.elder_id(DEMO.wang)


@pytest.mark.parametrize("keys", ["3", "33", "#", "8888", "765432"])
def test_keys_that_mean_nothing_end_with_a_person(exchange: Exchange, keys: str) -> None:
    talk = exchange.call(Welcome, WANG, lambda prompt, _before: keys if prompt == "welcome.menu" else "")
    assert talk.goes == "hold"


def test_everything_at_once_ends_with_a_person_or_an_order_never_with_nothing(exchange: Exchange) -> None:
    for keys in ("1234567890*#", "*#*#*#*#", "0987654321", "1" * 40, "2" * 40, "*" * 40):
        talk = exchange.call(Welcome, WANG, lambda _prompt, _before, keys=keys: keys)  # type: ignore[misc]
        assert talk.goes in ("hold", "sos", "bye"), keys


def test_whoever_wishes_is_put_through_without_a_menu(exchange: Exchange) -> None:
    talk = exchange.call(Welcome, DEMO.straight.number)
    assert talk.heard == ["welcome.greet_morning", "welcome.person"]
    assert talk.ticket.elder_id == exchange.town.elder_id(DEMO.straight)


@pytest.mark.parametrize(("key", "who"), [("1", 0), ("2", 1)])
def test_two_elders_on_one_number_say_who_they_are(exchange: Exchange, key: str, who: int) -> None:
    talk = exchange.call(Welcome, DEMO.couple[0].number, {"welcome.which_elder": key})
    assert talk.said("welcome.which_elder") == {"first": "张爷爷", "second": "陈奶奶"}
    assert talk.ticket.elder_id == exchange.town.elder_id(DEMO.couple[who])
    assert talk.book.elders == [None, talk.ticket.elder_id], "the record of the call learns who it was"
    assert not talk.call.not_spoken


def test_two_elders_and_no_key_is_a_person_who_asks(exchange: Exchange) -> None:
    talk = exchange.call(Welcome, DEMO.couple[0].number)
    assert (talk.goes, talk.ticket.elder_id, talk.ticket.intent) == ("hold", None, Intent.GENERAL)


@pytest.mark.parametrize(
    "number",
    ["", "anonymous", "unknown", "+12125550123", "0012125550123", "12a45", "1" * 60, "'; DROP", "10086"],
)
def test_whoever_we_do_not_know_is_greeted_and_put_through(exchange: Exchange, number: str) -> None:
    talk = exchange.call(Welcome, number)
    assert talk.heard == ["welcome.unknown", "welcome.person"]
    assert (talk.goes, talk.ticket.intent, talk.ticket.elder_id) == ("hold", Intent.REGISTER, None)
    assert not [step for step in talk.book.steps if step.endswith("failed")]


def test_a_worker_and_a_company_come_to_their_own_lines(exchange: Exchange) -> None:
    assert "visit.greet" in exchange.call(Welcome, DEMO.worker.number).heard
    assert "company.greet" in exchange.call(Welcome, DEMO.company.number).heard


def test_when_nobody_can_be_looked_up_a_person_helps(exchange: Exchange) -> None:
    class Down:
        def look_up(self, _number: str) -> None:
            raise DirectoryUnavailable("down")

    exchange.directory = Down()
    talk = exchange.call(Welcome, WANG)
    assert (talk.goes, talk.ticket.intent) == ("hold", Intent.GENERAL)
    assert talk.desk.directory_down


def test_a_caller_may_go_at_any_step(exchange: Exchange, town: Town) -> None:
    assert every_step(lambda at: exchange.call(Welcome, WANG, hang_up_at=at)) >= 4
    assert every_step(lambda at: exchange.call(Welcome, DEMO.couple[0].number, hang_up_at=at)) >= 4
    assert not town.cases.open_cases()


def test_whoever_hangs_up_with_nothing_has_given_the_call_up(exchange: Exchange) -> None:
    assert exchange.call(Welcome, WANG, hang_up_at=3).book.ends == ["abandoned"]


def test_whoever_hangs_up_after_ordering_has_been_served(exchange: Exchange) -> None:
    keys = {"welcome.menu": "1", "services.choice": "~1", "services.person": "1", "order.confirm_free": "1"}
    keys |= {"order.twice": "1"}
    cut_short = (exchange.call(Welcome, WANG, keys, hang_up_at=at) for at in range(5, 60))
    talk = next(talk for talk in cut_short if talk.next is None and "order.placed" in talk.book.steps)
    assert talk.book.ends == ["self_served"]


def test_called_away_is_not_hung_up(exchange: Exchange) -> None:
    talk = exchange.call(Welcome, WANG, hang_up_at=3, hang_up_kind=HangupKind.CALLED_AWAY)
    assert talk.book.steps[-1] == "welcome.called_away"
