"""Agents for the standards: no fewer would do, and none is spent."""

from __future__ import annotations

import pytest

from routing.staffing.erlang import StaffingError
from routing.staffing.levels import (
    EMERGENCY,
    GOVERNMENT_HOTLINE,
    STANDARDS,
    TELECARE,
    agents_needed,
    queue_of,
    rostered,
)
from routing.staffing.plan import Needs, desks, plan_day


@pytest.mark.parametrize("level", STANDARDS, ids=lambda level: level.name)
@pytest.mark.parametrize("patience", [None, 120.0])
@pytest.mark.parametrize("calls", [0.3, 12.0, 160.0, 900.0])
def test_the_number_is_the_least_that_meets_the_level(level, patience, calls) -> None:
    agents = agents_needed(calls, 1800, 180, level, patience)
    assert level.met_by(queue_of(calls, 1800, 180, agents, patience))
    assert agents == 1 or not level.met_by(queue_of(calls, 1800, 180, agents - 1, patience))


def test_the_standards_are_those_of_their_sources() -> None:
    assert [(goal.share, goal.seconds) for goal in GOVERNMENT_HOTLINE.goals] == [(0.95, 15)]
    assert [(goal.share, goal.seconds) for goal in TELECARE.goals] == [(0.975, 60), (0.99, 180)]
    assert [(goal.share, goal.seconds) for goal in EMERGENCY.goals] == [(0.90, 15), (0.95, 20)]


def test_a_district_of_three_thousand_calls_takes_twenty_odd_agents() -> None:
    """The sizing that the project is held to: 5.4 to 6.4 % of 3,000 calls in the busiest half hour, 20 to 27 agents."""
    for calls in (3000 * 0.054, 3000 * 0.064):
        for level in STANDARDS:
            assert 20 <= agents_needed(calls, 1800, 180, level) <= 27


def test_callers_who_give_up_take_no_more_agents_than_callers_who_wait() -> None:
    assert agents_needed(160, 1800, 180, TELECARE, 1e6) == agents_needed(160, 1800, 180, TELECARE)
    assert agents_needed(0, 1800, 180, TELECARE) == 0


def test_shrinkage_fills_the_roster() -> None:
    assert [rostered(14, share) for share in (0.0, 0.3, 0.5)] == [14, 20, 28]
    with pytest.raises(StaffingError):
        rostered(14, 1.0)


def test_what_nobody_could_staff_is_refused() -> None:
    with pytest.raises(StaffingError, match="more than"):
        agents_needed(1e7, 1800, 180, TELECARE)


def test_a_plan_covers_the_half_hours_with_calls() -> None:
    calls = tuple(160.0 if hour in (18, 19) else 0.0 for hour in range(48))
    plan = plan_day(calls, Needs(shrinkage=0.25))
    assert [each.index for each in plan] == [18, 19]
    assert all(
        each.answered_within >= 0.95 and each.at_desks <= 0.75 * each.rostered < each.at_desks + 0.75 for each in plan
    )
    assert desks(plan, 48)[17:21] == (0, plan[0].at_desks, plan[1].at_desks, 0)
