"""The staffing table against what happened, on both databases: the forecast by hand, who was there, what is to come."""

from __future__ import annotations

from datetime import timedelta

import pytest

from db.models import AgentSpell
from db.session import UnitOfWork
from routing.calls.messages import AgentState
from routing.reports.agents import Spell
from routing.reports.book import Reports
from routing.reports.call_facts import Lines
from routing.reports.tables import Report
from routing.staffing.levels import GOVERNMENT_HOTLINE, agents_needed
from tests.routing.reports.happened import call, write
from tests.routing.reports.test_service import DAY, NOON, NOW, SHANGHAI, minutes, reports


def rows(report: Report) -> dict[str, dict[str, object]]:
    """By the time of day, of a report of one day."""
    return {str(row["interval"])[-5:]: dict(row) for row in report.tables[0].as_objects()}


def spell(state: AgentState, begin: float, end: float, extension: str = "1001") -> list[AgentSpell]:
    return [AgentSpell(extension=extension, state=state.value, began_at=minutes(begin), ended_at=minutes(end))]


def test_planned_and_real(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    """Two Mondays with 20 and 10 calls at noon: 10 a week ago, 20 two weeks ago; three weeks ago would count half."""
    week = 7 * 24 * 60
    before = [call(f"a{each}", minutes(each - 2 * week), wait=5, talk=60, outcome="answered") for each in range(20)]
    before += [call(f"b{each}", minutes(each - week), wait=5, talk=60, outcome="answered") for each in range(10)]
    today = [
        call("in time", minutes(1), wait=10, talk=60, outcome="answered"),
        call("late", minutes(2), wait=40, talk=60, outcome="answered"),
    ]
    write(unit_of_work, *before, *today)
    write(
        unit_of_work,
        spell(AgentState.READY, -5, 40), spell(AgentState.PAUSED, 40, 60), spell(AgentState.TALKING, 3, 6, "1002"),
        spell(AgentState.UNREACHABLE, 0, 60, "1003"),
    )  # fmt: skip
    report = reports(reading).make("staffing", DAY, DAY)
    found = rows(report)
    assert len(found) == 48
    noon = found["12:00"]
    newer, older = 0.5 ** (1 / 3), 0.5 ** (2 / 3)
    expected = (10 * newer + 20 * older) / (newer + older)
    assert noon["calls_forecast"] == pytest.approx(expected)
    assert noon["calls"] == 2
    assert noon["agents_planned"] == agents_needed(expected, 1800, 180, GOVERNMENT_HOTLINE)
    assert noon["agents_on"] == pytest.approx(30 / 30 + 3 / 30, abs=1e-4)
    assert noon["agents_at_hand"] == pytest.approx(33 / 30, abs=1e-4)
    assert noon["in_time_share"] == 0.5
    assert isinstance(noon["level_forecast"], float) and noon["level_forecast"] >= 0.95
    later = found["12:30"]
    assert (later["agents_on"], later["agents_at_hand"]) == (pytest.approx(1, abs=1e-4), pytest.approx(1 / 3, abs=1e-4))
    assert found["11:30"]["agents_on"] == pytest.approx(5 / 30, abs=1e-4)
    assert found["03:00"]["agents_planned"] == 0 and found["03:00"]["calls"] == 0
    assert report.facts["calls"] == 2 and report.facts["calls_forecast"] == pytest.approx(expected)
    assert report.facts["aht"] == 180, "30 talks are too few to tell"


def test_today_is_what_is_asked_for_with_what_is_yet_to_come(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    past = NOW - timedelta(days=7)
    write(unit_of_work, *(call(f"p{each}", past + timedelta(hours=5), wait=1, talk=1) for each in range(3)))
    standing = [Spell("1001", AgentState.READY, NOW.timestamp() - 600), Spell("1002", AgentState.LOGGED_OFF, 0.0)]
    made = Reports(reading, lambda: NOW, SHANGHAI, Lines("12340"), lambda: standing).make("staffing")
    assert made.first == made.last == NOW.astimezone(SHANGHAI).date()
    found = rows(made)
    assert found["11:30"]["agents_on"] == pytest.approx(10 / 30)
    assert found["17:00"]["calls_forecast"] == 3 and found["17:00"]["calls"] is None
    assert found["17:00"]["agents_on"] is None and isinstance(found["17:00"]["agents_planned"], int)


def test_a_house_without_a_past_has_no_plan(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    write(unit_of_work, call("first", NOON, wait=3, talk=60, outcome="answered"))
    report = reports(reading).make("staffing", DAY, DAY)
    noon = rows(report)["12:00"]
    assert (noon["calls_forecast"], noon["agents_planned"], noon["level_forecast"]) == (None, None, None)
    assert (noon["calls"], noon["in_time_share"]) == (1, 1.0)
    assert report.facts["calls_forecast"] is None


def test_the_handling_time_is_measured_from_enough_talks(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    day = 24 * 60
    write(unit_of_work, *(call(f"x{n}", minutes(n - 3 * day), wait=2, talk=90, outcome="answered") for n in range(60)))
    write(unit_of_work, spell(AgentState.WRAP_UP, -3 * day, -3 * day + 30))
    report = reports(reading).make("staffing", DAY, DAY)
    assert report.facts["aht"] == pytest.approx(90 + 1800 / 60, abs=0.01)
