"""How callers were served: what each call counts as, on both databases, and rows that add up whatever happened."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.models import AgentSpell, Callback, TicketRecord
from db.session import UnitOfWork
from routing.errors import Invalid, NotFound
from routing.reports.book import Reports
from routing.reports.call_facts import Lines
from routing.reports.periods import By, Period, midnight, period, rows, total
from routing.reports.service import Served
from routing.reports.tables import Report
from tests.routing.reports.happened import call, write

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
DAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""In Shanghai."""
NOW = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)


def reports(reading: UnitOfWork, zone: ZoneInfo = SHANGHAI, *tests: bytes) -> Reports:
    return Reports(reading, lambda: NOW, zone, Lines("12340", tests))


def counted(report: Report) -> dict[str, object]:
    table = report.tables[0]
    assert table.total is not None
    return table.as_object(table.total)


def minutes(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


def test_each_call_counts_as_what_it_was(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    write(
        unit_of_work,
        call("quick", minutes(0), asked=20, wait=15, talk=100, outcome="answered"),
        call("slow", minutes(1), asked=5, wait=15.2, talk=200, outcome="answered"),
        call("gone", minutes(2), asked=10, ends=50, outcome="abandoned"),
        call("promised", minutes(3), asked=10, ends=130, outcome="promised"),
        call("message", minutes(4), asked=None, ends=60, outcome="promised"),
        call("keys", minutes(5), asked=None, ends=60, outcome="self_served"),
        call("keys-waiting", minutes(6), asked=30, ends=60, outcome="self_served"),
        call("menu", minutes(7), asked=None, ends=9, outcome="abandoned"),
        call("down-gone", minutes(8), asked=None, ends=40, outcome="abandoned", recovered=True),
        call("down-taken", minutes(9), asked=None, wait=12, talk=60, outcome="answered", recovered=True),
        call("fallback", minutes(10), asked=3, ends=90, outcome="fallback"),
        call("now", minutes(11), asked=3),
        call("we-rang", minutes(12), asked=None, ends=90, outcome="answered", direction="outbound"),
    )
    found = counted(reports(reading).make("service", DAY, DAY))
    assert {name: found[name] for name in ("calls", "self_served", "left", "offered")} == {
        "calls": 12, "self_served": 2, "left": 1, "offered": 9,
    }  # fmt: skip
    assert {name: found[name] for name in ("answered", "in_time", "abandoned", "promised", "waiting")} == {
        "answered": 3, "in_time": 2, "abandoned": 3, "promised": 2, "waiting": 1,
    }  # fmt: skip
    assert found["wait_mean"] == pytest.approx((15 + 15.2 + 12) / 3, abs=0.001)
    assert found["wait_longest"] == pytest.approx(87, abs=0.001)
    assert found["talk_mean"] == pytest.approx(120, abs=0.001)
    assert (found["in_time_share"], found["connect_share"]) == (2 / 9, 3 / 9)


def test_a_transfer_is_the_same_call_and_a_place_that_was_kept_is_no_wait(
    unit_of_work: UnitOfWork, reading: UnitOfWork
) -> None:
    write(
        unit_of_work,
        call("moved", minutes(0), asked=10, wait=5, talk=300, outcome="answered"),
        [TicketRecord(id="t-2", call_id="moved", intent="order", caller_class="elder", joined_at=minutes(2),
                      ended_at=minutes(3), end="answered", agent_extension="1002")],
        call("kept", minutes(20), asked=-3000, wait=3010, talk=60, outcome="answered"),
    )  # fmt: skip
    found = counted(reports(reading).make("service", DAY, DAY))
    assert (found["offered"], found["answered"], found["in_time"]) == (2, 2, 2)
    assert found["wait_longest"] == pytest.approx(10, abs=0.001)


def test_cries_for_help_call_backs_and_wrap_up(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    write(
        unit_of_work,
        call("s1", minutes(0), asked=1, wait=14, talk=60, outcome="answered", intent="sos"),
        call("s2", minutes(1), asked=1, wait=59, talk=60, outcome="answered", intent="sos"),
        call("s3", minutes(2), asked=None, wait=100, talk=60, outcome="answered", dialled="12340"),
        call("s4", minutes(3), asked=1, ends=30, outcome="abandoned", dialled="12340"),
    )
    states = (
        ("done", "answered"),
        ("cancelled", "taken_back"),
        ("cancelled", "cancelled"),
        ("failed", ""),
        ("due", ""),
    )
    with unit_of_work() as work:
        for number, (state, outcome) in enumerate(states):
            work.add(
                Callback(cause=f"p-{number}", kind="promise", flow="promised", reference="1", number="+8613900000001",
                         number_index=bytes([number]) * 16, state=state, due_at=NOON, last_outcome=outcome,
                         created_at=NOON, updated_at=NOON)
            )  # fmt: skip
        for number, (state, seconds) in enumerate((("wrap_up", 30), ("wrap_up", 10), ("paused", 600))):
            begin = minutes(5 + number)
            work.add(AgentSpell(extension="1001", state=state, began_at=begin, missed=False,
                                ended_at=begin + timedelta(seconds=seconds)))  # fmt: skip
    found = counted(reports(reading).make("service", DAY, DAY))
    assert [found[name] for name in ("sos", "sos_answered", "sos_15", "sos_60")] == [4, 3, 0.25, 0.5]
    assert [found[name] for name in ("callbacks", "kept", "broken")] == [5, 2, 1]
    assert found["aht"] == pytest.approx((180 + 40) / 3, abs=0.001)


def test_tests_of_the_line_count_nowhere(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    write(
        unit_of_work,
        call("ours", minutes(0), wait=1, talk=5, outcome="answered", number_index=b"t" * 16),
        call("theirs", minutes(0), wait=1, talk=5, outcome="answered", number_index=b"u" * 16),
        call("withheld", minutes(0), wait=1, talk=5, outcome="answered"),
    )
    assert counted(reports(reading, SHANGHAI, b"t" * 16).make("service", DAY, DAY))["calls"] == 2


def test_a_call_over_midnight_counts_where_it_began(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    late = datetime(2026, 3, 2, 15, 59, 50, tzinfo=UTC)
    write(unit_of_work, call("late", late, asked=5, wait=20, talk=600, outcome="answered"))
    made = reports(reading).make("service", DAY, DAY + timedelta(days=1), "half_hour").tables[0].as_objects()
    assert [each["interval"] for each in made if each["calls"]] == ["2026-03-02 23:30"]


def test_half_hours_without_calls_are_there_and_those_to_come_are_not(reading: UnitOfWork) -> None:
    made = reports(reading).make("service", date(2026, 3, 4), date(2026, 3, 9), "half_hour")
    assert made.last == date(2026, 3, 5)
    intervals = [row[0] for row in made.tables[0].rows]
    assert (intervals[0], intervals[-1], len(intervals)) == ("2026-03-04 00:00", "2026-03-05 12:00", 48 + 25)


@pytest.mark.parametrize(
    ("first", "last", "by", "words"),
    [(DAY, DAY - timedelta(days=1), "day", "must not be after"), (date(2026, 3, 6), None, "day", "yet to come"),
     (date(2025, 1, 1), DAY, "day", "400 days at most"), (date(2026, 1, 1), DAY, "half_hour", "31 days at most"),
     (DAY, DAY, "year", "rows are of")],
)  # fmt: skip
def test_what_cannot_be_asked(reading: UnitOfWork, first: date, last: date | None, by: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        reports(reading).make("service", first, last, by)


def test_a_report_that_there_is_not(reading: UnitOfWork) -> None:
    with pytest.raises(NotFound, match="service"):
        reports(reading).make("weather")


@given(
    zone=st.sampled_from([SHANGHAI, BERLIN, ZoneInfo("Asia/Kathmandu"), ZoneInfo("Australia/Lord_Howe")]),
    first=st.dates(date(2026, 3, 1), date(2026, 11, 30)),
    days=st.integers(1, 31),
    seconds=st.lists(st.tuples(st.integers(0, 31 * 86_400), st.integers(0, 5000)), max_size=60),
)
def test_half_hours_days_and_months_add_up_to_the_same(
    zone: ZoneInfo, first: date, days: int, seconds: list[tuple[int, int]]
) -> None:
    asked = Period(first, first + timedelta(days=days - 1), zone)
    begin, length = int(asked.begin.timestamp()), int((asked.end - asked.begin).total_seconds())
    quarters: dict[int, Served] = {}
    for second, waited in seconds:
        quarter = (begin + second % length) // 900
        one = Served(calls=1, offered=1, answered=1, answered_wait_ms=waited, longest_wait_ms=waited)
        quarters[quarter] = quarters.get(quarter, Served()) + one
    sums = {by: rows(quarters, by, asked, asked.end, Served()) for by in By}
    expected = total(quarters.values(), Served())
    assert {total((each for _, each in lines), Served()) for lines in sums.values()} == {expected}
    for day, counted in sums[By.DAY]:
        halves = [each for label, each in sums[By.HALF_HOUR] if label.startswith(day)]
        assert total(halves, Served()) == counted
    assert len(sums[By.DAY]) == days
    labels = [label for label, _ in sums[By.HALF_HOUR]]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(("day", "number"), [(date(2026, 3, 29), 46), (date(2026, 10, 25), 50)])
def test_the_days_on_which_the_clocks_change(day: date, number: int) -> None:
    asked = Period(day, day, BERLIN)
    labels = [label for label, _ in rows({}, By.HALF_HOUR, asked, asked.end, Served())]
    assert len(labels) == number
    assert [label for label in labels if " 02:" in label] == (
        [] if number == 46 else [f"{day} 02:{half} UTC+0{hours}00" for hours in (2, 1) for half in ("00", "30")]
    )


def test_the_usual_period_is_the_last_seven_days() -> None:
    asked = period(None, None, today=DAY, zone=SHANGHAI, most_days=31)
    assert (asked.first, asked.last) == (date(2026, 2, 24), DAY)
    assert all(a < b for a, b in pairwise([midnight(DAY, SHANGHAI), asked.end]))
