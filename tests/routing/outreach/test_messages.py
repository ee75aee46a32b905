"""Messages: once on the list, due when the hotline opens, closed by a person and by nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.demo import DEMO
from db.models import Callback, CallRecord
from routing.errors import Conflict, Invalid, NotFound
from routing.hours.policy import ALWAYS_OPEN, Standing, Why
from routing.outreach.messages import Messages
from tests.routing.town import Town

CALL = "a-1700000000.1"


@pytest.fixture
def messages(town: Town, tmp_path: Path) -> Messages:
    return Messages(town.unit_of_work, town.reading, town.clock, lambda: ALWAYS_OPEN, tmp_path)


def call(town: Town, call_id: str = CALL) -> None:
    """The record of a call of 王桂兰."""
    with town.unit_of_work() as session:
        session.add(
            CallRecord(id=call_id, node="a", direction="inbound", number=DEMO.wang.number, started_at=town.clock(),
                       elder_id=town.elder_id(DEMO.wang))
        )  # fmt: skip


def test_a_message_is_on_the_list_once_with_who_called(town: Town, messages: Messages) -> None:
    call(town)
    first = messages.take(CALL, town.clock())
    assert messages.take(CALL, town.clock()) == first
    (left,) = messages.open()
    assert (left.call_id, left.number, left.elder_id) == (CALL, DEMO.wang.number, town.elder_id(DEMO.wang))
    assert left.due_at == left.left_at == town.clock()
    assert messages.open_count() == 1


def test_a_message_left_by_night_is_due_when_the_hotline_opens(town: Town, tmp_path: Path) -> None:
    opens = town.clock() + timedelta(hours=9)
    closed = Standing(False, None, opens, Why.WEEKDAY)
    messages = Messages(town.unit_of_work, town.reading, town.clock, lambda: closed, tmp_path)
    messages.take(CALL, town.clock())
    assert messages.open()[0].due_at == opens


def test_who_called_is_filled_in_when_it_is_known(town: Town, messages: Messages) -> None:
    taken = messages.take(CALL, datetime(2026, 3, 4, tzinfo=UTC))
    assert (messages.get(taken).number, messages.get(taken).elder_id) == ("", None)
    messages.complete([CALL, "another"])
    call(town)
    messages.complete([CALL, "another"])
    assert (messages.get(taken).number, messages.get(taken).elder_id) == (
        DEMO.wang.number, town.elder_id(DEMO.wang))  # fmt: skip


def test_only_a_person_closes_it_with_a_word_and_once(town: Town, messages: Messages) -> None:
    taken = messages.take(CALL, town.clock())
    town.clock.forward(days=60)
    assert (town.callbacks.claim_due(), town.callbacks.sweep()) == ((), 0), "nothing dials it and nothing gives it up"
    with pytest.raises(Invalid):
        messages.close(taken, "  ", "user:1")
    closed = messages.close(taken, "called back: she wanted a meal", "user:1")
    assert (closed.closed_by, closed.closing_note, closed.closed_at) == (
        "user:1", "called back: she wanted a meal", town.clock())  # fmt: skip
    assert messages.open() == ()
    with pytest.raises(Conflict):
        messages.close(taken, "again", "user:2")
    assert town.rows(Callback)[0].state == "done"


def test_other_call_backs_are_no_messages(town: Town, messages: Messages) -> None:
    owed = town.callbacks.owe("offer-7", kind="offer", flow="offer", reference="7", number=DEMO.company.number)
    for act in (lambda: messages.close(owed.id, "x", "user:1"), lambda: messages.get(owed.id)):
        with pytest.raises(NotFound):
            act()


def test_a_recording_is_found_by_its_call_and_by_nothing_else(messages: Messages, tmp_path: Path) -> None:
    (tmp_path / f"message-{CALL}.wav").write_bytes(b"RIFF")
    (tmp_path / "secret.wav").write_bytes(b"RIFF")
    assert messages.recording(CALL) == tmp_path / f"message-{CALL}.wav"
    for other in ("another", "../secret", "..", "", "a/b", "x-/../../secret"):
        assert messages.recording(other) is None
