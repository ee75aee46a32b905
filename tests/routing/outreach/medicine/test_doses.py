"""Reminders: begun once for each time, followed whatever became of them, and kept as history."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from db.demo import DEMO
from db.models import Callback, MedicineDose
from routing.calls.messages import PlaceCall
from routing.errors import Conflict, Invalid, NotFound
from routing.outreach.medicine.policy import Told
from routing.outreach.medicine.reminders import Reminder, Wish
from tests.routing.orders.test_service import at_once
from tests.routing.outreach.wellbeing.mornings import NINE, SON, WANG
from tests.routing.town import ZONE, Town

TEXT = "降压药，一片。"


def remind(town: Town, **wish: object) -> Reminder:
    given = {"at": "09:00", "consent": "elder"} | wish
    made = town.reminders.make(town.elder_id(WANG), Wish(**given), by="user:2")  # type: ignore[arg-type]
    town.clock.now = NINE
    return made


def next_call(town: Town) -> PlaceCall:
    town.doses.sweep()
    (due,) = [each for each in town.rows(Callback) if each.state == "due"]
    town.clock.now = max(town.clock.now, due.due_at.astimezone(ZONE))
    assert town.callbacks.dial_due() == 1
    return town.placed[-1]


def rings_out(town: Town) -> None:
    call = next_call(town)
    town.clock.forward(seconds=30)
    town.callbacks.settle(call.cause, "no_answer")
    town.doses.sweep()


def presses(town: Town, told: Told) -> bool:
    call = next_call(town)
    cause = call.cause.rpartition(".")[0]
    town.callbacks.begin(cause)
    again = town.doses.told(int(call.reference), told)
    town.callbacks.finish(cause, reached=True)
    town.doses.sweep()
    return again


def dose(town: Town) -> MedicineDose:
    (row,) = town.rows(MedicineDose)
    return row


def test_taken_is_kept_with_its_time(any_town: Town) -> None:
    remind(any_town)
    presses(any_town, Told.TAKEN)
    (kept,) = any_town.reminders.doses(any_town.elder_id(WANG))
    assert (kept.state, kept.taken_at, kept.attempts) == ("taken", any_town.clock(), 1)
    any_town.clock.forward(hours=3)
    assert any_town.doses.sweep() == 0


def test_a_time_is_claimed_once_by_whoever_comes_at_once(any_town: Town) -> None:
    remind(any_town)
    at_once(4, lambda _at: any_town.doses.sweep())
    assert (len(any_town.rows(MedicineDose)), len(any_town.rows(Callback))) == (1, 1)


def test_later_is_once_more_after_twenty_minutes_and_then_no_more(town: Town) -> None:
    remind(town)
    assert presses(town, Told.LATER)
    assert not presses(town, Told.LATER)
    assert town.clock.now == NINE + timedelta(minutes=20)
    assert (dose(town).state, dose(town).attempts) == ("not_taken", 2)


@pytest.mark.parametrize("tell", [True, False])
def test_without_an_answer_once_again_and_then_the_contact_as_set(town: Town, tell: bool) -> None:
    remind(town, text=TEXT, tell_contact=tell)
    rings_out(town)
    assert dose(town).state == "calling"
    rings_out(town)
    assert (dose(town).state, dose(town).told_contact) == ("not_taken", tell)
    told = town.sms_to(SON)
    assert len(told) == tell
    assert not any("降压" in each or "王" in each for each in told)


def test_after_an_hour_nobody_is_reminded_any_more(town: Town) -> None:
    remind(town)
    town.clock.forward(hours=1)
    town.doses.sweep()
    assert (dose(town).state, town.rows(Callback)) == ("missed", [])


def test_a_call_that_no_line_was_free_for_is_made_no_later_than_an_hour(town: Town) -> None:
    remind(town)
    town.doses.sweep()
    town.clock.forward(minutes=61)
    town.doses.sweep()
    assert (dose(town).state, [row.state for row in town.rows(Callback)]) == ("not_taken", ["cancelled"])


def test_a_text_is_spoken_by_the_job_and_until_then_by_fixed_words(town: Town) -> None:
    made = remind(town, text=TEXT)
    assert (town.voice.wanted, made.spoken, TEXT in repr(made)) == ([TEXT], False, False)
    call = next_call(town)
    found = town.doses.of_call(int(call.reference))
    assert (found.text, found.part) == ("", "morning")
    town.voice.spoken.add((TEXT, "zh-CN"))
    assert town.doses.of_call(int(call.reference)).text == TEXT


def test_days_by_rule_the_last_day_and_the_end(town: Town) -> None:
    made = remind(town, ends_on=date(2026, 3, 5))
    assert town.doses.sweep() == 1
    town.clock.forward(days=1)
    assert len(town.rows(MedicineDose)) == 1
    town.reminders.end(made.id, "user:2")
    with pytest.raises(Conflict):
        town.reminders.end(made.id, "user:2")
    with pytest.raises(NotFound):
        town.reminders.end(99, "user:2")
    assert town.reminders.of_elder(town.elder_id(WANG)) == ()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"at": "07:00"}, "from 08:00 to 20:00"),
        ({"at": "08:00,12:00"}, "one time"),
        ({"consent": ""}, "who agreed"),
        ({"text": "药" * 5_000}, "40 characters"),
        ({"rule": "FREQ=NEVER"}, "FREQ"),
        ({"ends_on": date(2020, 1, 1)}, "ends on"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(town: Town, more: dict[str, object], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        remind(town, **more)


def test_two_reminders_at_one_time_are_one_too_many(town: Town) -> None:
    remind(town)
    with pytest.raises(Conflict, match="already"):
        remind(town)
    with pytest.raises(NotFound):
        town.reminders.make(9_999, Wish("09:00", "elder"), by="user:2")


def test_who_has_reminders_and_no_daily_call_can_be_away(any_town: Town) -> None:
    made = remind(any_town)
    first, last = date(2026, 3, 4), date(2026, 3, 6)
    (pause,) = any_town.reminders.pause(made.elder_id, first, last, "hospital", by="user:2")
    any_town.doses.sweep()
    assert any_town.rows(MedicineDose) == []
    assert any_town.reminders.end_pause(made.elder_id, pause.id) == ()
    any_town.doses.sweep()
    assert dose(any_town).state == "calling"
    with pytest.raises(Conflict):
        any_town.reminders.end_pause(made.elder_id, pause.id)
    with pytest.raises(Invalid):
        any_town.reminders.pause(made.elder_id, last, first, "hospital", by="user:2")
    with pytest.raises(NotFound):
        any_town.reminders.pause(any_town.elder_id(DEMO.quiet), first, last, "hospital", by="user:2")
