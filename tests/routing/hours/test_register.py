"""Hours and duty phones in the database."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from db.session import UnitOfWork
from routing.errors import Invalid, NotFound
from routing.hours.policy import Calendar, DayKind, ExceptionDay, read_spans, write_spans
from routing.hours.register import DUTY_PHONES_MOST, HotlinePlace, HoursPlan, HoursRegister
from routing.hours.standing import FRESH_SECONDS, Hours, warn_of_unknown_holidays

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 10, 2)


@pytest.fixture
def register(unit_of_work: UnitOfWork, reading: UnitOfWork) -> HoursRegister:
    return HoursRegister(unit_of_work, reading, HotlinePlace(ZONE), ("13900009999",))


def test_at_first_it_is_always_open_with_the_duty_phones_of_the_settings(register: HoursRegister) -> None:
    plan = register.plan()
    assert dict(plan.calendar.hours) == {}
    assert [(each.id, each.number) for each in plan.phones] == [(-1, "13900009999")]
    assert plan.calendar.special and plan.calendar.known_until


def test_a_week_takes_the_place_of_the_one_before(register: HoursRegister) -> None:
    register.set_week({DayKind.MON: "08:00-12:00,14:00-18:00", DayKind.SAT: "20:00-02:00"})
    register.set_week({DayKind.TUE: "08:00-18:00", DayKind.HOLIDAY: ""})
    hours = register.plan().calendar.hours
    assert {kind: write_spans(spans) for kind, spans in hours.items()} == {
        DayKind.TUE: "08:00-18:00", DayKind.HOLIDAY: ""}  # fmt: skip
    for bad in ({DayKind.MON: "nonsense"}, {DayKind.MON: ""}):
        with pytest.raises(Invalid):
            register.set_week(bad)
    assert set(register.plan().calendar.hours) == {DayKind.TUE, DayKind.HOLIDAY}, "nothing half done"
    register.set_week({})
    assert dict(register.plan().calendar.hours) == {}


def test_exceptions_are_set_changed_and_dropped(register: HoursRegister) -> None:
    register.set_exception(DAY, "", "盘点")
    register.set_exception(DAY, "09:00-10:00", "留守")
    assert dict(register.plan().calendar.exceptions) == {DAY: ExceptionDay(read_spans("09:00-10:00"), "留守")}
    register.drop_exception(DAY)
    assert dict(register.plan().calendar.exceptions) == {}
    with pytest.raises(NotFound):
        register.drop_exception(DAY)


def test_duty_phones_ring_in_order_and_their_numbers_are_sealed(
    register: HoursRegister, unit_of_work: UnitOfWork
) -> None:
    second = register.add_phone("李值班", "139 0000 0002", "mon-fri 18:00-08:00")
    register.add_phone("张值班", "0931-8000003", position=0)
    plan = register.plan()
    assert [each.number for each in plan.phones] == ["+869318000003", "+8613900000002"]
    register.change_phone(second, "李值班", "13900000004", "")
    assert [each.number for each in register.plan().phones] == ["+869318000003", "+8613900000004"]
    with unit_of_work() as session:
        stored = session.execute(text("SELECT name, number FROM duty_numbers")).all()
    assert all(b"13900000004" not in bytes(row.number) and "值班".encode() not in bytes(row.name) for row in stored)
    register.drop_phone(second)
    with pytest.raises(NotFound):
        register.drop_phone(second)
    with pytest.raises(NotFound):
        register.change_phone(second, "x", "13900000004", "")


@pytest.mark.parametrize(
    ("name", "number", "times"),
    [("", "13900000001", ""), ("x", "120", ""), ("x", "+4930123456", ""), ("x", "13900000001", "always"),
     ("x" * 201, "13900000001", "")],
)  # fmt: skip
def test_what_is_no_duty_phone_is_refused(register: HoursRegister, name: str, number: str, times: str) -> None:
    with pytest.raises(Invalid):
        register.add_phone(name, number, times)


def test_there_is_a_bound(register: HoursRegister) -> None:
    for n in range(DUTY_PHONES_MOST):
        register.add_phone(f"{n}", f"139000000{n:02}")
    with pytest.raises(Invalid):
        register.add_phone("one more", "13900000099")


def test_conversations_know_the_hours_while_the_database_is_away() -> None:
    closed = Calendar(ZONE, {DayKind.MON: read_spans("08:00-09:00")})
    plans: list[HoursPlan | Exception] = [OperationalError("", {}, Exception()), HoursPlan(closed)]
    ticks = 0.0

    def load() -> HoursPlan:
        plan = plans[0]
        if isinstance(plan, Exception):
            raise plan
        return plan

    hours = Hours(load, lambda: datetime(2026, 3, 3, 4, tzinfo=UTC), Calendar(ZONE), lambda: ticks)
    assert hours.now().open, "nothing is known yet: callers get the usual talk"
    del plans[0]
    assert hours.now().open, "not asked again for some seconds"
    ticks = FRESH_SECONDS
    assert not hours.now().open
    plans[0] = OperationalError("", {}, Exception())
    ticks = 3 * FRESH_SECONDS
    assert not hours.now().open, "what was read last stays"


@pytest.mark.parametrize("known", [False, True])
def test_while_one_conversation_reads_the_others_go_on(known: bool) -> None:
    """A database that does not answer keeps one caller waiting, and not all who call in these seconds, one by one."""
    ticks, slow, reads, answers = 0.0, not known, threading.Event(), threading.Event()

    def load() -> HoursPlan:
        if slow:
            reads.set()
            assert answers.wait(30)
        return HoursPlan(Calendar(ZONE))

    hours = Hours(load, lambda: datetime(2026, 3, 3, 4, tzinfo=UTC), Calendar(ZONE), lambda: ticks)
    if known:
        hours.now()
    ticks, slow = FRESH_SECONDS, True
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(hours.now)
        assert reads.wait(30)
        other = pool.submit(hours.now)
        try:
            assert other.result(10).open
            assert not one.done()
        finally:
            answers.set()


def test_unknown_holidays_are_told_once_they_matter() -> None:
    known = Calendar(ZONE, {DayKind.MON: ()}, known_until=date(2026, 12, 31))
    assert not warn_of_unknown_holidays(known, date(2026, 12, 31))
    assert warn_of_unknown_holidays(known, date(2027, 1, 1))
    assert not warn_of_unknown_holidays(Calendar(ZONE, known_until=date(2026, 12, 31)), date(2027, 1, 1))
