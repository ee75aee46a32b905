"""The page about who answers, its sheets, its picture, and the same by the API."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from tests.agent_console.console import Desk

DAYS = "from=2026-03-02&to=2026-03-15"


def test_the_page_shows_weeks_kinds_and_companies(desk: Desk) -> None:
    page = desk.logged_in("supervisor").get(f"/supervisor/responses?{DAYS}").get_data(as_text=True)
    for each in ("2026-03-02", "2026-03-09", "电话接通", "短信评分", "老人已确认"):
        assert each in page


@pytest.mark.parametrize("days", ["from=2026-03-15&to=2026-03-02", "from=x", "from=1900-01-01&to=2026-01-01"])
def test_days_that_are_none_are_told_so(desk: Desk, days: str) -> None:
    client = desk.logged_in("supervisor")
    assert "最多 54 周" in client.get(f"/supervisor/responses?{days}").get_data(as_text=True)
    assert client.get(f"/supervisor/responses/responses.csv?{days}").status_code == 400
    assert client.get(f"/supervisor/responses/weeks.svg?{days}").status_code == 400


def test_sheets_and_picture(desk: Desk) -> None:
    client = desk.logged_in("auditor")
    sheet = client.get(f"/supervisor/responses/responses.csv?{DAYS}")
    assert sheet.get_data().decode("utf-8-sig").startswith("分类,代码,名称,电话回访")
    assert "responses-2026-03-02-2026-03-15.csv" in sheet.headers["Content-Disposition"]
    book = load_workbook(io.BytesIO(client.get(f"/supervisor/responses/responses.xlsx?{DAYS}").get_data())).active
    assert book is not None
    assert book.cell(1, 4).value == "电话回访"
    picture = client.get(f"/supervisor/responses/weeks.svg?{DAYS}")
    assert (picture.mimetype, "电话评分" in picture.get_data(as_text=True)) == ("image/svg+xml", True)
    assert client.get(f"/supervisor/responses/responses.pdf?{DAYS}").status_code == 404


def test_the_api_gives_the_same(desk: Desk) -> None:
    client, headers = desk.anonymous(), desk.bearer("supervisor")
    said = client.get(f"/api/v1/ratings/summary?{DAYS}", headers=headers).get_json()
    assert (said["from"], said["to"], [each["key"] for each in said["weeks"]]) == (
        "2026-03-02", "2026-03-15", ["2026-03-02", "2026-03-09"],
    )  # fmt: skip
    assert said["total"]["call_asked"] == 0
    assert client.get("/api/v1/ratings/summary?from=2026-03-15&to=2026-03-02", headers=headers).status_code == 422
    assert client.get("/api/v1/ratings/summary?from=today", headers=headers).status_code == 422
