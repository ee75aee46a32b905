"""GB/T 33358: the worst 24 hours, found among all windows, and answers to SMS."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from db.models import Case, SmsMessage
from db.session import UnitOfWork
from routing.errors import Invalid
from routing.reports.standard import worst_window
from tests.routing.reports.happened import call, write
from tests.routing.reports.test_service import NOON, reports


@given(
    events=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 1)), min_size=1, max_size=25),
    begin=st.integers(0, 40), span=st.integers(1, 30), length=st.integers(1, 20),
)  # fmt: skip
def test_no_window_is_worse_than_the_worst(events: list[tuple[int, int]], begin: int, span: int, length: int) -> None:
    events.sort()
    found = worst_window(
        [second for second, _ in events], [good for _, good in events], begin=begin, end=begin + span, length=length
    )
    shares = []
    for end in range(begin + 1, begin + span + 1):
        inside = [good for second, good in events if end - length <= second < end]
        if inside:
            shares.append(Fraction(sum(inside), len(inside)))
    assert (found is None) == (not shares)
    if found is not None:
        assert Fraction(found.good, found.of) == min(shares)
        inside = [good for second, good in events if found.end - length <= second < found.end]
        assert (sum(inside), len(inside)) == (found.good, found.of)


def test_a_bad_night_between_two_good_days_is_found(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    """Each calendar day keeps to 95 %, and the 24 hours across midnight do not."""
    midnight = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    good = [midnight + timedelta(hours=offset, seconds=number) for offset in (-20, 20) for number in range(100)]
    lost = [midnight + timedelta(minutes=offset) for offset in (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5)]
    calls = [call(f"g{n}", at, wait=3, talk=9, outcome="answered") for n, at in enumerate(good)]
    calls += [call(f"l{n}", at, ends=40, outcome="abandoned") for n, at in enumerate(lost)]
    write(unit_of_work, *calls)
    for day in (date(2026, 3, 2), date(2026, 3, 3)):
        row = reports(reading).make("standard", day, day).tables[0].as_objects()[1]
        assert (row["of"], row["good"], row["met"]) == (105, 100, "yes")
    both = reports(reading).make("standard", date(2026, 3, 2), date(2026, 3, 3))
    connect = both.tables[0].as_objects()[1]
    assert (connect["worst_of"], connect["worst"], connect["worst_met"]) == (10, 0.0, "no")
    assert str(connect["worst_to"]).startswith("2026-03-03 ")
    assert both.facts["connect_worst"] == 0.0


def test_sms_are_responded_to_by_our_answer_or_by_a_person(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    def sms(number: int, direction: str, key: str, state: str, **more: object) -> SmsMessage:
        return SmsMessage(
            id=number, key=key, direction=direction, number="+8613900000001", number_index=b"1" * 16, text="好",
            state=state, created_at=NOON, **more,
        )  # fmt: skip

    with unit_of_work() as work:
        work.add_all(
            [
                sms(1, "in", "in-1", "understood"), sms(2, "in", "in-2", "unclear"), sms(3, "in", "in-3", "unclear"),
                sms(4, "in", "in-4", "stranger"), sms(5, "in", "in-5", "understood"),
                sms(6, "out", "answer-1", "sent", sent_at=NOON + timedelta(seconds=180)),
                sms(7, "out", "offer-answer-5", "sent", sent_at=NOON + timedelta(seconds=181)),
            ]
        )  # fmt: skip
        work.flush()
        work.add(
            Case(key="sms-2", kind="sms", state="closed", sms_id=2, opened_at=NOON,
                 closed_at=NOON + timedelta(seconds=100))
        )  # fmt: skip
    row = reports(reading).make("standard", date(2026, 3, 2), date(2026, 3, 2)).tables[0].as_objects()[2]
    assert (row["figure"], row["of"], row["good"], row["met"]) == ("sms", 4, 2, "no")


def test_without_calls_nothing_is_kept_or_broken(reading: UnitOfWork) -> None:
    made = reports(reading).make("standard", date(2026, 3, 2), date(2026, 3, 2))
    assert {row[5] for row in made.tables[0].rows} == {"none"}
    assert len(made.tables[1].rows) == 24


def test_a_leap_year_and_more_may_be_asked_for(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    """A year is drawn up with a mark a day; longer than 400 days nothing is."""
    days = [NOON - timedelta(days=number) for number in (0, 200, 365)]
    write(unit_of_work, *(call(f"c{n}", at, wait=3 + 20 * n, talk=9, outcome="answered") for n, at in enumerate(days)))
    made = reports(reading).make("standard", date(2025, 3, 2), date(2026, 3, 2))
    figures = made.tables[0].as_objects()
    assert [(row["of"], row["good"]) for row in figures[:2]] == [(3, 1), (3, 3)]
    assert 365 <= len(made.tables[1].rows) <= 366
    with pytest.raises(Invalid):
        reports(reading).make("standard", date(2025, 1, 1), date(2026, 3, 2))


def test_nothing_is_read_anew_for_each_message_nor_all_journeys_for_a_call(
    engine: Engine, unit_of_work: UnitOfWork, reading: UnitOfWork
) -> None:
    """What a month of many messages, or of one call without a ticket, took minutes for: the plans say so."""
    write(unit_of_work, call("gone", NOON, asked=None, ends=40, outcome="abandoned", recovered=True))
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_more: object) -> None:
        asked.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        made = reports(reading).make("standard", date(2026, 3, 2), date(2026, 3, 2))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert made.tables[0].as_objects()[1]["of"] == 1
    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    plans = {}
    with engine.connect() as connection:
        for statement, values in asked:
            plan = connection.exec_driver_sql(explain + statement, values).all()
            plans["messages" if "cases" in statement else "calls"] = "\n".join(str(row) for row in plan)
    assert set(plans) == {"messages", "calls"}
    assert "CORRELATED" not in plans["messages"] and "SubPlan" not in plans["messages"]
    assert "hashed" not in plans["calls"]
