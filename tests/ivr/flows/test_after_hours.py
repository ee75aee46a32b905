"""What callers hear when the hotline is closed, what the owner of a duty phone hears, and the taking of a message."""

from __future__ import annotations

from datetime import datetime

import pytest

from db.demo import DEMO
from ivr.call import RecordingEnd
from ivr.flows.duty import Duty
from ivr.flows.message import Message
from ivr.flows.welcome import Welcome
from routing.calls.directory import DirectoryUnavailable
from routing.calls.messages import CallerClass, Intent
from routing.calls.records import Ticket
from routing.hours.policy import Standing, Why
from tests.ivr.flows.talk import Exchange, every_step
from tests.routing.town import ZONE

WANG = DEMO.wang.number
OPENS = datetime(2026, 3, 5, 8, tzinfo=ZONE)


def close(exchange: Exchange, why: Why = Why.WEEKDAY, opens_at: datetime | None = OPENS) -> None:
    exchange.services["standing"] = lambda: Standing(False, None, opens_at, why)


@pytest.mark.parametrize(
    ("hours", "why", "said"),
    [(10, Why.WEEKDAY, "night"), (20, Why.HOLIDAY, "night"), (0, Why.HOLIDAY, "holiday"), (0, Why.EXCEPTION, "now")],
)
def test_an_elder_hears_why_nobody_is_there_and_finds_all_the_keys(
    exchange: Exchange, hours: int, why: Why, said: str
) -> None:
    exchange.town.clock.forward(hours=hours - 1 if hours == 20 else hours)
    close(exchange, why)
    talk = exchange.call(Welcome, WANG)
    assert talk.heard[1:] == [f"closed.{said}", "closed.menu", "closed.person"]
    assert talk.goes == "hold"


def test_services_and_orders_work_by_night(exchange: Exchange) -> None:
    close(exchange)
    talk = exchange.call(Welcome, WANG, {"closed.menu": "1", "services.person": "1", "order.confirm": "1",
                                         "order.confirm_free": "1"})  # fmt: skip
    assert "order.placed" in talk.heard
    assert talk.goes == "bye"
    assert exchange.call(Welcome, WANG, {"closed.menu": "2"}).heard[-1] != "closed.menu"


@pytest.mark.parametrize("over", ["closed.now", "closed.menu"])
@pytest.mark.parametrize(("key", "goes"), [("0", "hold"), ("9", "sos")])
def test_0_and_9_over_every_prompt(exchange: Exchange, over: str, key: str, goes: str) -> None:
    close(exchange)
    assert exchange.call(Welcome, WANG, {over: key}).goes == goes


@pytest.mark.parametrize("number", [DEMO.straight.number, "anonymous"])
def test_who_hears_no_menu_hears_what_is_urgent(exchange: Exchange, number: str) -> None:
    close(exchange)
    talk = exchange.call(Welcome, number)
    assert talk.heard[-2:] == ["closed.now", "closed.stay"]
    assert talk.goes == "hold"
    assert exchange.call(Welcome, number, {"closed.stay": "9"}).goes == "sos"


def test_hanging_up_at_every_step_by_night(exchange: Exchange) -> None:
    close(exchange)
    assert every_step(lambda step: exchange.call(Welcome, WANG, hang_up_at=step)) > 3


def waits(exchange: Exchange, elder_id: int | None, caller_class: CallerClass = CallerClass.ELDER) -> None:
    exchange.living["t-1"] = Ticket(
        "t-1", "a-0", "a", "PJSIP/carrier-1", Intent.GENERAL, caller_class, 0.0, elder_id=elder_id
    )


@pytest.mark.parametrize(("key", "answer"), [("1", "1"), ("", "0"), ("2", "0"), ("0", "0"), ("9", "0")])
def test_only_1_takes_the_call_on_a_duty_phone(exchange: Exchange, key: str, answer: str) -> None:
    waits(exchange, exchange.town.elder_id(DEMO.wang))
    talk = exchange.call(Duty, "", lambda prompt, _before: key if prompt == "duty.accept" else "", ref="t-1")
    assert talk.heard[:3] == ["duty.greet", "duty.caller", "duty.accept"]
    assert talk.said("duty.caller")["who"] == "王奶奶"
    assert talk.call.variables["DUTY_ANSWER"] == answer
    assert talk.goes == "bye"
    assert talk.book.tickets == [], "whoever picks up a duty phone wants nobody"


def test_a_duty_phone_hears_of_an_sos_at_once(exchange: Exchange) -> None:
    waits(exchange, exchange.town.elder_id(DEMO.wang), CallerClass.SOS)
    talk = exchange.call(Duty, "", {"duty.sos": "1"}, ref="t-1")
    assert talk.heard == ["duty.sos"]
    assert talk.call.variables["DUTY_ANSWER"] == "1"


def test_a_duty_phone_takes_a_call_of_which_nobody_knows_whose_it_is(exchange: Exchange) -> None:
    talk = exchange.call(Duty, "", {"duty.accept": "1"}, ref="t-gone")
    assert talk.heard == ["duty.greet", "duty.unknown", "duty.accept"]
    assert talk.call.variables["DUTY_ANSWER"] == "1"

    class Down:
        def elder(self, _elder_id: int) -> None:
            raise DirectoryUnavailable

    waits(exchange, 1)
    exchange.directory = Down()
    assert exchange.call(Duty, "", {"duty.accept": "1"}, ref="t-1").call.variables["DUTY_ANSWER"] == "1"


def test_the_words_on_a_duty_phone_fit_into_the_time_that_the_dialplan_gives(exchange: Exchange) -> None:
    waits(exchange, exchange.town.elder_id(DEMO.wang))
    assert exchange.call(Duty, "", ref="t-1").call.now < 15


def test_a_message_is_taken_and_the_call_back_is_promised_with_its_time(exchange: Exchange) -> None:
    close(exchange)
    talk = exchange.call(Message, WANG, ref="t-1", recording=RecordingEnd.KEY, recorded_seconds=3)
    assert talk.heard == ["message.call_back", "message.leave", "message.thanks", "bye.take_care"]
    assert talk.said("message.call_back")["when"] == OPENS
    assert not talk.call.not_spoken
    (recording,) = talk.call.recordings
    assert recording.name == f"/run/elderline/recordings/message-{talk.call.facts.call_id}"
    assert talk.goes == "bye"
    assert talk.call.variables["LEFT_WORD"] == "1"


def test_by_day_it_is_promised_soon(exchange: Exchange) -> None:
    assert exchange.call(Message, WANG, recorded_seconds=9).heard[0] == "message.call_back_soon"


def test_whoever_says_nothing_is_asked_once_more_and_called_back_all_the_same(exchange: Exchange) -> None:
    talk = exchange.call(Message, WANG, recorded_seconds=1.2)
    assert talk.heard[2:4] == ["message.empty", "message.leave"]
    assert talk.heard[-2:] == ["message.silent", "bye.take_care"]
    assert len(talk.call.recordings) == 2
    assert talk.call.variables["LEFT_WORD"] == "1"
    withheld = exchange.call(Message, "anonymous", recorded_seconds=1.2)
    assert "LEFT_WORD" not in withheld.call.variables, "nobody could be called back"


def test_0_is_no_way_to_a_person_in_a_message_but_9_is_an_sos_with_the_same_ticket(exchange: Exchange) -> None:
    talk = exchange.call(Message, WANG, {"message.leave": ["0", ""]}, ref="t-1", recorded_seconds=9)
    assert len(talk.call.recordings) == 1
    assert talk.goes == "bye"
    sos = exchange.call(Message, WANG, {"message.call_back_soon": "9"}, ref="t-1")
    assert (sos.goes, sos.ticket.ticket_id, sos.ticket.caller_class) == ("sos", "t-1", CallerClass.SOS)


def test_hanging_up_at_every_step_of_a_message(exchange: Exchange) -> None:
    assert every_step(lambda step: exchange.call(Message, WANG, hang_up_at=step, recorded_seconds=1.2)) > 4
    talk = exchange.call(Message, WANG, recording=RecordingEnd.HANGUP, recorded_seconds=5)
    assert (talk.goes, talk.call.variables.get("LEFT_WORD")) == ("", None), "the dialplan looks for the message itself"
    assert talk.book.ends == [], "what became of the call is for the router to say"
