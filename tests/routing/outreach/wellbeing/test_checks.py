"""Daily calls: begun once, followed whatever became of them, and told to people who must know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from db.demo import DEMO
from db.models import Callback, CaseEvent, Elder, ElderPhone, WellBeingCheck
from routing.calls.messages import CaseOpened
from routing.errors import NotFound
from routing.outreach.wellbeing.checks import WellBeing
from routing.outreach.wellbeing.policy import Heard, Looked, WellBeingRules
from tests.routing.orders.test_service import at_once
from tests.routing.outreach.wellbeing.mornings import (
    NINE,
    SON,
    WANG,
    alarm_case,
    check,
    enrol,
    lasted,
    look_ins,
    morning,
    next_call,
    presses,
    rings_out,
    unanswered,
)
from tests.routing.outreach.wellbeing.test_looking_in import look_in
from tests.routing.town import ZONE, Town


def test_nobody_is_called_before_the_time_and_everybody_once_after_it(town: Town) -> None:
    elder_id = morning(town)
    town.clock.forward(minutes=-1)
    assert town.well_being.sweep() == 0
    town.clock.forward(minutes=1)
    call = next_call(town)
    assert (call.cause, call.number, call.flow) == (f"wellbeing-{elder_id}-2026-03-05-1.1", WANG.number, "well_being")
    assert town.well_being.sweep() == 0
    town.clock.now = NINE + timedelta(days=1)
    town.well_being.sweep()
    assert len(town.rows(WellBeingCheck)) == 2


def test_a_day_is_claimed_once_by_whoever_comes_at_once(any_town: Town) -> None:
    for who in (WANG, DEMO.quiet, DEMO.one_key):
        enrol(any_town, who)
    any_town.clock.now = NINE
    at_once(4, lambda _at: any_town.well_being.sweep())
    assert len(any_town.rows(WellBeingCheck)) == 3
    assert [row.kind for row in any_town.rows(Callback)] == ["wellbeing"] * 3


def test_well_is_all_there_is_to_say(town: Town) -> None:
    morning(town)
    presses(town, Heard.WELL)
    assert (check(town).state, check(town).case_id) == ("well", None)
    town.clock.forward(hours=3)
    assert town.well_being.sweep() == 0
    assert town.callbacks.dial_due() == 0


def test_who_asks_to_be_called_is_on_the_list_of_people_before_all_but_an_sos(town: Town) -> None:
    elder_id = morning(town)
    town.cases.open("complaint-1", "complaint", opened_at=town.clock() - timedelta(days=1))
    presses(town, Heard.CALL_ME)
    case = alarm_case(town)
    assert (case.elder_id, case.state, check(town).case_id) == (elder_id, "open", case.id)
    assert case.due_at is not None and case.due_at - town.clock() <= timedelta(minutes=15)
    assert [each.kind for each in town.cases.open_cases()] == ["wellbeing", "complaint"]
    assert [each.kind for each in town.published if isinstance(each, CaseOpened)] == ["complaint", "wellbeing"]


@pytest.mark.parametrize("outcome", ["no_answer", "busy", "refused", "failed", "unknown"])
def test_three_calls_without_an_answer_within_an_hour_are_a_case_and_the_first_contact_is_rung(
    any_town: Town, outcome: str
) -> None:
    morning(any_town)
    for _ in range(2):
        rings_out(any_town, outcome)
        assert check(any_town).state == "calling"
    rings_out(any_town, outcome)
    assert (check(any_town).state, check(any_town).attempts) == ("alarm", 3)
    assert lasted(any_town) <= timedelta(hours=1)
    assert alarm_case(any_town).due_at is not None
    call = next_call(any_town)
    assert (call.number, call.flow) == (SON, "look_in")


def test_picked_up_without_a_key_counts_as_no_answer_and_the_case_says_so(town: Town) -> None:
    morning(town)
    for _ in range(3):
        call = next_call(town)
        cause = call.cause.rpartition(".")[0]
        town.callbacks.begin(cause)
        town.callbacks.finish(cause, reached=False)
        town.well_being.sweep()
    (opened,) = [each.detail for each in town.rows(CaseEvent) if each.what == "opened"]
    assert opened == "no answer 3 times; picked up without a key 3 times"


def test_an_answer_at_the_third_call_is_an_answer(town: Town) -> None:
    morning(town)
    rings_out(town)
    rings_out(town)
    presses(town, Heard.WELL)
    assert (check(town).state, look_ins(town)) == ("well", [])


def test_without_a_line_for_an_hour_it_is_an_alarm(town: Town) -> None:
    morning(town)
    town.well_being.sweep()
    town.clock.forward(minutes=61)
    town.well_being.sweep()
    assert (check(town).state, check(town).attempts) == ("alarm", 1)
    assert [row.state for row in town.rows(Callback)] == ["cancelled", "due"]


def test_a_hotline_that_stood_still_all_morning_tells_a_person(town: Town) -> None:
    morning(town)
    town.clock.forward(hours=5)
    town.well_being.sweep()
    assert (check(town).state, town.rows(Callback)) == ("missed", [])
    assert alarm_case(town).state == "open"


def test_whoever_has_no_number_any_more_is_told_to_a_person(town: Town) -> None:
    elder_id = morning(town)
    with town.unit_of_work() as session:
        session.execute(delete(ElderPhone).where(ElderPhone.elder_id == elder_id))
    town.well_being.sweep()
    assert (check(town).state, check(town).reason) == ("missed", "no number to call")


def test_who_died_or_moved_is_not_called(town: Town) -> None:
    elder_id = morning(town)
    with town.unit_of_work() as session:
        session.execute(update(Elder).where(Elder.id == elder_id).values(state="deceased"))
    assert town.well_being.sweep() == 0


def test_late_and_repeated_words_change_nothing(town: Town) -> None:
    morning(town)
    unanswered(town)
    check_id = check(town).id
    assert not town.well_being.answered(check_id, Heard.WELL, "call-9")
    assert check(town).state == "alarm"
    assert "wellbeing.late_answer well" in [f"{each.what} {each.detail}" for each in town.rows(CaseEvent)]
    look_in(town, Looked.WELL)
    town.well_being.looked(1, Looked.NEEDS_US)
    assert look_ins(town) == [(0, "well")]
    with pytest.raises(NotFound):
        town.well_being.of_call(99)
    with pytest.raises(NotFound):
        town.well_being.asked(99)


def test_a_clock_that_is_set_back_calls_nobody_twice(town: Town) -> None:
    morning(town)
    presses(town, Heard.WELL)
    town.clock.forward(minutes=-30)
    assert town.well_being.sweep() == 0
    town.clock.forward(minutes=45)
    assert town.well_being.sweep() == 0


@pytest.mark.parametrize("at", ["before", "between"])
def test_whoever_withdraws_their_yes_is_left_alone_and_nobody_is_alarmed(town: Town, at: str) -> None:
    elder_id = morning(town)
    if at == "between":
        rings_out(town)
    else:
        town.well_being.sweep()
    town.consents.note(channel="call", purpose="well_being", given=False, by="user:2", how="desk", elder_id=elder_id)
    town.clock.forward(minutes=25)
    assert town.callbacks.dial_due() == 0
    town.well_being.sweep()
    assert (check(town).state, look_ins(town)) == ("left", [])
    assert [case for case in town.cases.open_cases() if case.kind == "wellbeing"] == []


def test_no_to_surveys_is_no_word_about_the_daily_call(town: Town) -> None:
    elder_id = morning(town)
    town.consents.note(channel="call", purpose="survey", given=False, by="user:2", how="desk", elder_id=elder_id)
    unanswered(town)
    assert check(town).state == "alarm"


class Killed(BaseException):
    """The process is gone."""


def dying(town: Town, at: int) -> tuple[WellBeing, list[int]]:
    """The service in a process that dies before its `at`-th unit of work is committed, or right after it."""
    count = [0]

    @contextmanager
    def unit_of_work() -> Iterator[Session]:
        count[0] += 1
        with town.unit_of_work() as session:
            yield session
            if count[0] * 2 - 1 == at:
                raise Killed
        if count[0] * 2 == at:
            raise Killed

    return WellBeing(
        unit_of_work=unit_of_work, reading=town.reading, clock=town.clock, publish=town.published.append,
        rules=WellBeingRules(ZONE),
    ), count  # fmt: skip


@pytest.mark.parametrize("dies_at", range(1, 13))
def test_a_worker_that_dies_at_any_step_leaves_no_elder_uncalled_and_calls_nobody_twice(
    town: Town, dies_at: int
) -> None:
    morning(town)
    living, (mortal, steps) = town.well_being, dying(town, dies_at)
    died = 0

    def sweep() -> None:
        nonlocal died
        try:
            mortal.sweep()
        except Killed:
            died += 1
        living.sweep()

    town.well_being = _Sweeping(living, sweep)  # type: ignore[assignment]
    unanswered(town)
    rings_out(town)
    rings_out(town)
    if dies_at <= steps[0] * 2:
        assert died == 1
    causes = [call.cause for call in town.placed]
    assert len(causes) == len(set(causes)) == 5
    assert (check(town).state, check(town).looking_in) == ("alarm", "nobody")
    assert alarm_case(town).state == "open"


class _Sweeping:
    """The service, swept as a test says."""

    def __init__(self, service: WellBeing, sweep: Callable[[], None]) -> None:
        self._service, self.sweep = service, sweep

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)
