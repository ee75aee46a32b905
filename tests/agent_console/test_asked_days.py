"""Days that pages are asked for: read, left out, or refused in words; never a fault of ours."""

from __future__ import annotations

import pytest

from tests.agent_console.console import Desk

PAGES = [
    "/supervisor/visits?day={}",
    "/supervisor/visits/export.csv?from={}&to={}",
    "/admin/audit?from={}&to={}",
    "/journal/elders/1?from={}&to={}",
]


def test_every_page_takes_a_day_and_takes_none(desk: Desk) -> None:
    browser = desk.logged_in("administrator")
    for page in PAGES:
        for day in ("2026-03-01", ""):
            assert browser.get(page.format(day, day)).status_code == 200, page


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "yesterday"])
def test_what_is_no_day_of_ours_is_refused(desk: Desk, day: str) -> None:
    browser = desk.logged_in("administrator")
    for page in PAGES:
        assert browser.get(page.format(day, day)).status_code in (400, 422), page
