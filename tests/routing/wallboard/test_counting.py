"""What the large screen counts is what the reports count, however it is put together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from db.session import UnitOfWork
from routing.reports.call_facts import Lines
from routing.wallboard.counting import OLDER_SECONDS, BoardCounts
from tests.routing.reports.happened import call, write
from tests.routing.town import Town

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)
"""Thursday noon in Shanghai."""


class Board:
    def __init__(self, reading: UnitOfWork) -> None:
        self.now, self.ticks = NOW, 0.0
        self.counts = BoardCounts(reading, lambda: self.now, ZONE, Lines("12340"), lambda: self.ticks)


def test_today_is_todays_calls_old_and_new(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    hours = {"yesterday": 13, "early": 9, "before": 2.3, "recent": 1, "now": 0.01}
    write(
        unit_of_work,
        *(
            call(
                name, NOW - timedelta(hours=ago), asked=0, wait=16 if name == "recent" else 14, talk=5,
                outcome="answered",
            )
            for name, ago in hours.items()
        ),
        call("gone", NOW - timedelta(hours=5), asked=2, ends=40, outcome="abandoned"),
    )  # fmt: skip
    board = Board(reading)
    served = board.counts.served()
    assert (served.offered, served.answered, served.in_time, served.abandoned) == (5, 4, 3, 1)


def test_what_ends_late_is_counted_within_a_minute(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    board = Board(reading)
    write(unit_of_work, call("long-ago", NOW - timedelta(hours=5), asked=0))
    assert board.counts.served().waiting == 1
    with unit_of_work() as work:
        work.connection().exec_driver_sql("DELETE FROM tickets")
    write(unit_of_work, call("new", NOW - timedelta(minutes=1), asked=0))
    assert board.counts.served().offered == 2  # The new one at once, the old one as it was.
    board.ticks += OLDER_SECONDS + 1
    assert board.counts.served().offered == 1


def test_just_after_midnight_the_day_is_new(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    board = Board(reading)
    board.now = datetime(2026, 3, 4, 16, 5, tzinfo=UTC)
    write(unit_of_work, call("before", datetime(2026, 3, 4, 15, 50, tzinfo=UTC), asked=0, wait=1, outcome="answered"))
    write(unit_of_work, call("after", datetime(2026, 3, 4, 16, 1, tzinfo=UTC), asked=0, wait=1, outcome="answered"))
    assert board.counts.served().offered == 1


def test_the_usual_day_is_this_weekday_of_the_last_weeks(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    for weeks, count in ((0, 2), (1, 3), (2, 1), (3, 5)):
        for at in range(count):
            begin = NOW - timedelta(weeks=weeks, minutes=20 - at)  # Between half past eleven and noon.
            write(unit_of_work, call(f"c{weeks}-{at}", begin, asked=0, wait=1, outcome="answered"))
        other_day = NOW - timedelta(weeks=weeks, days=1)
        write(unit_of_work, call(f"other-{weeks}", other_day, asked=0, wait=1, outcome="answered"))
    told = Board(reading).counts.today()
    assert (told.now, told.calls[23], sum(told.calls)) == (24, 2, 2)
    assert (told.usual.days, told.usual.middle[23], told.usual.least[23], told.usual.most[23]) == (3, 3, 1, 5)
    assert sum(told.usual.middle) == 3


def test_orders_are_counted_by_state(any_town: Town) -> None:
    town = any_town
    counts = BoardCounts(town.reading, town.clock, ZONE, Lines("12340"))
    assert set(counts.orders().values()) == {0}
    town.place(key="one")
    town.accept(town.place(key="two"))
    found = counts.orders()
    assert sum(found.values()) == 2
    assert found["accepted"] == 1
