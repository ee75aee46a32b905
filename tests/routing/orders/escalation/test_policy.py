"""How long an order may stand, and who is told: the rules as they are said, and what holds for every course of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.orders.escalation.policy import (
    PRESSING,
    URGENT_MINUTES,
    USUAL_MINUTES,
    EscalationRules,
    Level,
    Stay,
    deadline,
    highest,
    overdue,
)
from routing.orders.policy import MOVES, OPEN, OrderState

NOON = datetime(2026, 3, 18, 4, 0, tzinfo=UTC)
CLIMB = timedelta(minutes=15)
RULES = EscalationRules(USUAL_MINUTES, CLIMB)
MINUTE = timedelta(minutes=1)

states = st.sampled_from(OrderState)
moments = st.timedeltas(timedelta(days=-80), timedelta(days=80)).map(lambda off: NOON + off)
stays = st.builds(
    Stay, state=states, since=moments, due_at=moments, urgent=st.booleans(), not_before=st.none() | moments
)


def waiting(state: OrderState = OrderState.UNASSIGNED, *, due: timedelta = timedelta(), urgent: bool = False) -> Stay:
    return Stay(state, NOON, NOON + due, urgent)


def test_every_state_that_an_order_can_leave_for_a_better_end_has_its_time() -> None:
    for_ever = {state for state in OrderState if deadline(waiting(state), RULES) is None}
    assert for_ever == {OrderState.CANCELLED, OrderState.CLOSED}
    assert all(MOVES[state] for state in USUAL_MINUTES)


def test_it_climbs_from_the_desk_to_the_supervisor_to_the_duty_phone() -> None:
    until = NOON + timedelta(minutes=USUAL_MINUTES[OrderState.UNASSIGNED])
    assert overdue(waiting(), until - timedelta(seconds=1), RULES) is None
    levels = [overdue(waiting(), until + after, RULES) for after in (0 * CLIMB, CLIMB, 2 * CLIMB, 9 * CLIMB)]
    assert [each and each.level for each in levels] == [
        Level.DESK, Level.SUPERVISOR, Level.DUTY_PHONE, Level.DUTY_PHONE
    ]  # fmt: skip
    assert {each and each.since for each in levels} == {until}


def test_nobody_is_woken_for_a_meal_of_tomorrow() -> None:
    for_breakfast = waiting(due=timedelta(hours=9))
    assert overdue(for_breakfast, NOON + timedelta(hours=5), RULES).level is Level.SUPERVISOR  # type: ignore[union-attr]
    assert overdue(for_breakfast, NOON + timedelta(hours=7), RULES).level is Level.DUTY_PHONE  # type: ignore[union-attr]


def test_nobody_is_woken_for_a_complaint_or_a_score() -> None:
    for state in set(OrderState) - OPEN:
        assert highest(waiting(state), NOON + timedelta(days=30)) is Level.SUPERVISOR


def test_an_urgent_repair_has_five_minutes_and_the_duty_phone_whenever_it_is_due() -> None:
    repair = waiting(due=timedelta(hours=20), urgent=True)
    at = NOON + timedelta(minutes=URGENT_MINUTES)
    assert overdue(repair, at - MINUTE, RULES) is None
    assert overdue(repair, at + 2 * CLIMB, RULES).level is Level.DUTY_PHONE  # type: ignore[union-attr]


def test_an_accepted_order_is_overdue_by_the_promised_time() -> None:
    accepted = waiting(OrderState.ACCEPTED, due=timedelta(hours=30))
    assert deadline(accepted, RULES) == NOON + timedelta(hours=31)


def test_one_that_is_planned_for_next_week_is_not_overdue_before_it_may_be_offered() -> None:
    next_week = NOON + timedelta(days=7)
    planned = Stay(OrderState.REQUESTED, NOON, next_week + timedelta(hours=5), not_before=next_week)
    assert deadline(planned, RULES) == next_week + timedelta(minutes=USUAL_MINUTES[OrderState.REQUESTED])


@given(stays, moments, st.timedeltas(timedelta(), timedelta(days=90)))
def test_who_knows_never_becomes_less_while_nothing_happens(stay: Stay, now: datetime, later: timedelta) -> None:
    before, after = overdue(stay, now, RULES), overdue(stay, now + later, RULES)
    if before is not None:
        assert after is not None
        assert after.level >= before.level
        assert after.since == before.since


@given(stays, moments)
def test_no_level_is_reached_before_its_time_and_none_beyond_the_highest(stay: Stay, now: datetime) -> None:
    found, until = overdue(stay, now, RULES), deadline(stay, RULES)
    assert (found is None) == (until is None or now < until)
    if found is not None and until is not None:
        assert now >= until + (found.level - 1) * CLIMB
        assert found.level <= highest(stay, now)
        if found.level is Level.DUTY_PHONE:
            assert stay.state in OPEN
            assert stay.urgent or stay.due_at - now <= PRESSING


@pytest.mark.parametrize(
    ("minutes", "climb"),
    [
        ({OrderState.OFFERED: 0}, CLIMB),
        ({OrderState.OFFERED: 100_001}, CLIMB),
        ({OrderState.CANCELLED: 5}, CLIMB),
        (USUAL_MINUTES, timedelta(seconds=30)),
    ],
)
def test_times_that_make_no_sense_are_refused(minutes: dict[OrderState, int], climb: timedelta) -> None:
    with pytest.raises(ValueError, match=r"minute|stands for ever"):
        EscalationRules(minutes, climb)
