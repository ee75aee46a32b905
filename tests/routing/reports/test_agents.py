"""What agents did: spells as the router writes them, once each, and what the report makes of them."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from db.models import AgentSpell, JourneyEvent, TicketRecord
from db.session import UnitOfWork
from routing.calls import entries
from routing.calls.batches import write_batch
from routing.calls.messages import AgentState
from routing.calls.records import AgentRecord
from routing.calls.spells import Spells
from routing.reports.agents import Spell
from routing.reports.book import NAMES, Reports
from routing.reports.call_facts import Lines
from tests.routing.reports.happened import call, write
from tests.routing.reports.test_service import DAY, NOON, NOW, minutes, reports


class Notes:
    """A ledger that keeps what is entered."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def enter(self, line: str) -> None:
        self.lines.append(line)


def test_each_state_is_written_as_it_ends_and_time_off_duty_is_not() -> None:
    notes = Notes()
    spells = Spells(notes)  # type: ignore[arg-type]
    course = [
        (AgentState.LOGGED_OFF, 0, 0), (AgentState.READY, 10, 0), (AgentState.RINGING, 20, 0),
        (AgentState.RINGING, 25, 1), (AgentState.RESTING, 30, 1), (AgentState.LOGGED_OFF, 60, 1),
    ]  # fmt: skip
    before = AgentRecord("1001", since=0.0)
    for state, at, misses in course[1:]:
        since = before.since if state is before.state else float(at)
        agent = AgentRecord("1001", state=state, since=since, misses=misses)
        spells.changed(before, agent, float(at))
        before = agent
    expected = [("ready", 10.0, 20.0, False), ("ringing", 20.0, 30.0, True), ("resting", 30.0, 60.0, False)]
    assert notes.lines == [entries.spell("1001", *each) for each in expected]


def test_a_spell_is_written_once_however_often_it_comes(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    line = entries.spell("1001", "talking", NOON.timestamp(), NOON.timestamp() + 60, False)
    for _ in range(2):
        with unit_of_work() as work:
            write_batch(work.connection(), [line, line])
    with reading() as work:
        assert work.scalar(select(func.count()).select_from(AgentSpell)) == 1


def test_time_by_state_calls_misses_and_occupancy(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    begin = NOON - timedelta(hours=12)
    spans = [
        ("ready", -60, 60, False), ("ringing", 60, 70, True), ("resting", 70, 100, False), ("talking", 100, 400, False),
        ("wrap_up", 400, 440, False), ("paused", 440, 1440, False),
    ]  # fmt: skip
    with unit_of_work() as work:
        for state, since, until, missed in spans:
            work.add(
                AgentSpell(extension="1001", state=state, missed=missed, began_at=begin + timedelta(seconds=since),
                           ended_at=begin + timedelta(seconds=until))
            )  # fmt: skip
    write(unit_of_work, call("one", begin, asked=5, wait=95, talk=300, outcome="answered"))
    table = reports(reading).make("agents", DAY, DAY).tables[0]
    (row,) = table.as_objects()
    assert [row[name] for name in ("ready", "ringing", "talking", "wrap_up", "paused", "resting")] == pytest.approx(
        [60, 10, 300, 40, 1000, 30], abs=0.01
    )
    assert (row["answered"], row["missed"], row["transfers"]) == (1, 1, 0)
    assert row["aht"] == pytest.approx(340, abs=0.01)
    assert row["occupancy"] == pytest.approx(350 / 440, abs=0.001)


def test_a_transfer_is_counted_for_whom_it_was_made_by(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    write(
        unit_of_work,
        call("blind", minutes(0), wait=5, talk=300, outcome="answered"),
        [TicketRecord(id="t-9", call_id="blind", intent="order", caller_class="elder", joined_at=minutes(2),
                      ended_at=minutes(3), end="answered", agent_extension="1002"),
         JourneyEvent(call_id="blind", at=minutes(2), what="talk.transfer", detail="1002")],
        call("attended", minutes(10), wait=5, talk=300, outcome="answered"),
        [JourneyEvent(call_id="attended", at=minutes(11), what="talk.handed_over", detail="1001 to 1002")],
    )  # fmt: skip
    rows = {row["extension"]: row for row in reports(reading).make("agents", DAY, DAY).tables[0].as_objects()}
    assert [(rows[name]["transfers"], rows[name]["answered"]) for name in ("1001", "1002")] == [(2, 2), (0, 1)]


def test_the_present_state_counts_up_to_now(reading: UnitOfWork) -> None:
    standing = (Spell("1001", AgentState.PAUSED, NOW.timestamp() - 600), Spell("1002", AgentState.LOGGED_OFF, 0.0))
    made = Reports(reading, lambda: NOW, ZoneInfo("Asia/Shanghai"), Lines("12340"), lambda: standing)
    (row,) = made.make("agents", date(2026, 3, 5), date(2026, 3, 5)).tables[0].as_objects()
    assert (row["extension"], row["paused"]) == ("1001", 600.0)
    assert made.make("agents", DAY, DAY).tables[0].rows == ()


@pytest.mark.parametrize("name", NAMES)
def test_every_report_can_be_made_when_nothing_happened(reading: UnitOfWork, name: str) -> None:
    assert reports(reading).make(name, DAY, DAY).tables
