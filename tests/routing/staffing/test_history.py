"""Reading a history of calls, good and bad."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from routing.staffing.history import HistoryError, count, label, read_history, read_profile, scaled

LANZHOU = ZoneInfo("Asia/Shanghai")


def test_calls_are_counted_by_local_half_hour() -> None:
    days = count([datetime(2026, 3, 1, 16, 29, tzinfo=UTC), datetime(2026, 3, 1, 15, 59, tzinfo=UTC)], LANZHOU)
    assert days[date(2026, 3, 2)][0] == 1
    assert days[date(2026, 3, 1)][47] == 1


def test_intervals_of_a_file_are_added_up() -> None:
    rows = ["\ufeffTime,Calls,note", "2026-03-02T09:30,4,x", "2026-03-02 09:35,3,", "2026-03-02T01:59:00+00:00,2,"]
    assert read_history(rows, LANZHOU) == {date(2026, 3, 2): (*[0.0] * 19, 9.0, *[0.0] * 28)}


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([], "lacks time and calls"),
        (["when,calls"], "lacks time"),
        (["time,calls"], "no row"),
        (["time,calls", "yesterday,3"], "row 2"),
        (["time,calls", "2026-03-02T09:30,-1", "2026-03-02T10:00,many", "2026-03-02T10:30,nan"], "row 2.*row 3.*row 4"),
        (["time,calls", "2026-03-02T09:30"], "row 2"),
        (["time,calls", *["x,1"] * 9], "and 4 more"),
        (["time,calls", '2026-03-02T09:30,"3'], "row"),
    ],
)
def test_a_bad_file_is_told_row_by_row(rows: list[str], why: str) -> None:
    with pytest.raises(HistoryError, match=why):
        read_history(rows, LANZHOU)


def test_a_profile_is_one_day() -> None:
    day = read_profile(["time,calls", "07:00,2", "07:35,6"])
    assert (day[14], day[15], sum(day)) == (2, 6, 8)
    assert scaled(day, 400)[15] == 300
    assert label(15) == "07:30"
    with pytest.raises(HistoryError, match="no calls"):
        read_profile(["time,calls", "07:00,0"])
    with pytest.raises(HistoryError, match="row 2"):
        read_profile(["time,calls", "25:00,1"])
