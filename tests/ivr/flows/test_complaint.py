"""A complaint by voice: recorded, or told to a person, and never lost."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from db.demo import DEMO
from db.models import Case
from ivr.call import ChannelError, Recording, RecordingEnd
from ivr.flows.complaint import Complaint
from routing.calls.messages import CallerClass, Intent
from tests.ivr.flows.talk import Exchange, Talk, every_step
from tests.routing.town import Town

WANG = DEMO.wang.number
LEFT = ["complaint.sorry", "services.person", "complaint.leave", "complaint.thanks", "note.call_by", "bye.goodbye"]


def complain(exchange: Exchange, keys: dict[str, Any] | None = None, **more: Any) -> Talk:
    return exchange.call(Complaint, WANG, keys or {}, **{"recorded_seconds": 9} | more)


def complaints(town: Town) -> list[Case]:
    return [case for case in town.rows(Case) if case.kind == "complaint"]


def test_a_complaint_is_recorded_and_the_caller_hears_by_when_somebody_calls(exchange: Exchange, town: Town) -> None:
    order = town.place(DEMO.wang)
    talk = complain(exchange)
    (case,) = complaints(town)
    call_id = talk.call.facts.call_id
    assert talk.heard == LEFT
    assert not talk.call.not_spoken
    assert (case.key, case.recording) == (f"complaint-{call_id}", f"complaint-{call_id}")
    assert (case.elder_id, case.order_id, case.call_id) == (town.elder_id(DEMO.wang), order.id, call_id)
    assert (case.number, case.state) == (WANG, "open")
    assert case.due_at == talk.said("note.call_by")["when"]
    assert [each.name for each in talk.call.recordings] == [f"/run/elderline/recordings/{case.recording}"]
    assert (talk.goes, talk.book.ends, talk.book.tickets) == ("bye", ["self_served"], [])


def test_what_the_caller_was_just_told_of_is_what_it_is_about(exchange: Exchange, town: Town) -> None:
    told = town.served()
    town.place(DEMO.wang, "cleaning")

    class Told(Complaint):
        def run(self) -> Any:
            self.desk.about_order = told.id
            return super().run()

    exchange.call(Told, WANG, recorded_seconds=9)
    (case,) = complaints(town)
    assert case.order_id == told.id


@pytest.mark.parametrize("key", ["0", "9", "0" * 50])
def test_0_and_9_before_the_tone_leave_no_case(exchange: Exchange, town: Town, key: str) -> None:
    talk = exchange.call(Complaint, WANG, {"services.person": key}, recorded_seconds=9)
    assert talk.goes == ("sos" if key == "9" else "hold")
    assert talk.ticket.intent is (Intent.SOS if key == "9" else Intent.COMPLAINT)
    assert not complaints(town) and not talk.call.recordings


def test_nothing_is_asked_before_the_tone(exchange: Exchange, town: Town) -> None:
    """Whoever is here has been through two menus; a key that means nothing holds nobody up."""
    talk = exchange.call(Complaint, WANG, {"complaint.sorry": "4", "services.person": "1"}, recorded_seconds=9)
    assert (talk.heard, talk.goes, len(complaints(town))) == (LEFT, "bye", 1)


@pytest.mark.parametrize("over", ["complaint.sorry", "services.person", "complaint.leave"])
@pytest.mark.parametrize(("key", "goes"), [("0", "hold"), ("9", "sos")])
def test_0_and_9_over_what_is_said_before_the_tone(
    exchange: Exchange, town: Town, over: str, key: str, goes: str
) -> None:
    talk = complain(exchange, {over: key})
    assert talk.goes == goes
    assert (talk.ticket.caller_class is CallerClass.SOS) == (goes == "sos")
    assert not complaints(town)


@pytest.mark.parametrize(("key", "goes"), [("0", "hold"), ("9", "sos")])
@pytest.mark.parametrize("seconds", [0.4, 7.0])
def test_0_and_9_while_recording_keep_what_was_said(
    exchange: Exchange, town: Town, key: str, goes: str, seconds: float
) -> None:
    talk = complain(exchange, recording=RecordingEnd.KEY, recording_key=key, recorded_seconds=seconds)
    assert (talk.goes, talk.ticket.intent) == (goes, Intent.SOS if goes == "sos" else Intent.COMPLAINT)
    assert len(complaints(town)) == (seconds > 1)
    if goes == "hold" and seconds > 1:
        assert talk.ticket.case_id == complaints(town)[0].id


@pytest.mark.parametrize("over", ["complaint.thanks", "note.call_by", "bye.goodbye"])
@pytest.mark.parametrize(("key", "goes"), [("0", "hold"), ("9", "sos")])
def test_0_and_9_afterwards_and_the_case_stands(exchange: Exchange, town: Town, over: str, key: str, goes: str) -> None:
    talk = complain(exchange, {over: key})
    (case,) = complaints(town)
    assert talk.goes == goes
    assert goes == "sos" or (talk.ticket.intent, talk.ticket.case_id) == (Intent.COMPLAINT, case.id)


def test_silence_is_asked_once_more_and_then_a_person_helps(exchange: Exchange, town: Town) -> None:
    talk = complain(exchange, recorded_seconds=1.2)
    assert talk.heard[3:] == ["message.empty", "complaint.leave", "note.to_person"]
    assert len(talk.call.recordings) == 2
    assert (talk.goes, talk.ticket.intent) == ("hold", Intent.COMPLAINT)
    assert not complaints(town)


@pytest.mark.parametrize(("seconds", "cases"), [(5.0, 1), (0.2, 0)])
def test_hanging_up_while_recording_counts_as_left_if_anything_was_said(
    exchange: Exchange, town: Town, seconds: float, cases: int
) -> None:
    talk = complain(exchange, recording=RecordingEnd.HANGUP, recorded_seconds=seconds)
    assert (talk.next, len(complaints(town))) == (None, cases)
    assert talk.book.ends == (["self_served"] if cases else [])


def test_whoever_hangs_up_at_any_step_leaves_one_case_or_none(exchange: Exchange, town: Town) -> None:
    steps = every_step(lambda at: complain(exchange, hang_up_at=at))
    assert 0 < len(complaints(town)) < steps
    assert len({case.call_id for case in complaints(town)}) == len(complaints(town))
    every_step(lambda at: complain(exchange, recorded_seconds=1.2, hang_up_at=at))


class Away:
    """A database that takes no case."""

    def open(self, *_: Any, **__: Any) -> Any:
        raise OperationalError("INSERT", {}, Exception("away"))


def test_with_the_database_away_the_caller_is_thanked_all_the_same(exchange: Exchange, town: Town) -> None:
    town.voice_notes._cases = Away()  # type: ignore[assignment]
    talk = complain(exchange)
    assert (talk.heard, talk.goes, talk.book.tickets) == (LEFT, "bye", [])
    talk = complain(exchange, {"complaint.thanks": "0"})
    assert (talk.goes, talk.ticket.intent, talk.ticket.case_id) == ("hold", Intent.COMPLAINT, None)


def test_not_knowing_what_it_is_about_is_no_reason_to_take_no_complaint(exchange: Exchange, town: Town) -> None:
    class Down:
        def latest_open(self, _elder_id: int) -> None:
            raise OperationalError("SELECT", {}, Exception("away"))

    exchange.services["orders"] = Down()
    assert complain(exchange).heard == LEFT
    assert complaints(town)[0].order_id is None


def test_a_recording_that_breaks_is_for_a_person_to_look_after(
    exchange: Exchange, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any, **__: Any) -> Recording:
        raise ChannelError("no room on the disk")

    monkeypatch.setattr("tests.ivr.flows.talk.SpeakingCall.record", breaks)
    talk = complain(exchange)
    assert (talk.heard[-1], talk.goes, talk.ticket.intent) == ("error.technical", "hold", Intent.COMPLAINT)
    assert talk.ticket.case_id == complaints(town)[0].id


def test_a_stranger_may_complain(exchange: Exchange, town: Town) -> None:
    exchange.call(Complaint, DEMO.stranger, recorded_seconds=9)
    (case,) = complaints(town)
    assert (case.elder_id, case.order_id, case.number) == (None, None, DEMO.stranger)
