"""When the voice menus offer a kind."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from db.models import AuditEntry
from routing.errors import Invalid, NotFound
from routing.hours.policy import Calendar, DayKind, SpecialDay
from routing.orders.items import ItemRegister
from routing.orders.menu_times import NEVER, in_menu, read_menu_times
from tests.routing.town import Town

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar(ZONE, special={date(2026, 10, 1): SpecialDay(DayKind.HOLIDAY, "国庆节")})


def shanghai(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("", ""),
        ("  OFF ", NEVER),
        ("mon-tue  7:00-19:00", "mon 07:00-19:00; tue 07:00-19:00"),
    ],
)
def test_times_are_kept_in_one_form(written: str, kept: str) -> None:
    assert read_menu_times(written) == kept
    assert read_menu_times(kept) == kept


@pytest.mark.parametrize(
    "written", ["always", "mon 25:00-26:00", "mon-fri", "never", "mon 08:00-09:00; mon 10:00-11:00"]
)
def test_what_is_no_time_is_refused_in_words(written: str) -> None:
    with pytest.raises(Invalid):
        read_menu_times(written)


@pytest.mark.parametrize(
    ("kept", "at", "told"),
    [
        ("", shanghai(5, 3), True),
        (NEVER, shanghai(5, 12), False),
        ("thu 07:00-19:00", shanghai(5, 7), True),
        ("thu 07:00-19:00", shanghai(5, 19), False),
        ("thu 07:00-19:00", shanghai(6, 12), False),
        ("thu 22:00-06:00", shanghai(6, 5, 59), True),
        ("thu 07:00-19:00; holiday 09:00-10:00", shanghai(1, 12, month=10), False),
        ("thu 07:00-19:00; holiday 09:00-10:00", shanghai(1, 9, month=10), True),
        ("what is this", shanghai(5, 12), True),
    ],
)
def test_a_kind_is_told_at_its_times(kept: str, at: datetime, told: bool) -> None:
    assert in_menu(kept, CALENDAR, at) is told


def test_a_change_counts_at_once_and_is_on_record(any_town: Town) -> None:
    town = any_town
    items = ItemRegister(town.unit_of_work, town.reading, town.clock)
    assert "meals" in {kind.code for kind in town.orders.kinds()}
    assert items.set_menu_times("meals", "off", "user:2") == NEVER
    assert "meals" not in {kind.code for kind in town.orders.kinds()}
    assert "meals" in {kind.code for kind in town.orders.all_kinds()}
    items.set_menu_times("meals", "off", "user:2")  # The same again is no change.
    items.set_menu_times("meals", "", "user:2")
    told = [(row.subject, row.detail) for row in town.rows(AuditEntry) if row.action == "menu.times"]
    assert told == [("kind:meals", "always -> off"), ("kind:meals", "off -> always")]
    with pytest.raises(NotFound):
        items.set_menu_times("nothing", "off", "user:2")
    assert town.place().item_id == town.item_id("meal")  # Agents and plans order at any time.
