"""The page of the voice menus: times, what is wrong with them, and what is heard at an hour."""

from __future__ import annotations

import pytest

from tests.agent_console.console import Desk, csrf


def change(desk: Desk, kind: str, times: str) -> int:
    client = desk.logged_in("supervisor")
    form = {"csrf_token": csrf(client, "/supervisor/menus"), "times": times}
    return client.post(f"/supervisor/menus/{kind}", data=form).status_code


def preview(desk: Desk, query: str) -> str:
    page = desk.logged_in("auditor").get(f"/supervisor/menus?{query}").get_data(as_text=True)
    return page[page.index('id="menu-preview"') :]


def test_a_kind_is_told_at_its_times_in_the_preview(desk: Desk) -> None:
    assert "送餐" in preview(desk, "day=2026-11-23&time=12:00")
    assert change(desk, "meals", "mon-fri 06:00-18:00") == 302
    assert "送餐" in preview(desk, "day=2026-11-23&time=12:00")
    for away in ("day=2026-11-23&time=18:00", "day=2026-11-22&time=12:00"):
        assert "送餐" not in preview(desk, away)


@pytest.mark.parametrize(
    ("query", "status"), [("time=25:00", 422), ("day=yesterday", 422), ("time=12:00%2B08:00", 422)]
)
def test_a_moment_that_is_none_is_refused_in_words(desk: Desk, query: str, status: int) -> None:
    assert desk.logged_in("supervisor").get(f"/supervisor/menus?{query}").status_code == status


def test_times_that_are_none_are_refused_and_nothing_changes(desk: Desk) -> None:
    assert change(desk, "meals", "morning") == 422
    assert change(desk, "nothing", "off") == 404
    assert "送餐" in preview(desk, "time=12:00")
