"""The pages of reports, their files and pictures, the API and the command: all of them tell the same."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from agent_console.catalogue import CHINESE, ENGLISH, speaking
from agent_console.texts import word
from routing.reports.book import NAMES
from routing.reports.sheets import shown
from tests.agent_console.console import Desk
from tests.routing.reports.happened import call, write


@pytest.fixture
def called(desk: Desk) -> Desk:
    """A desk that three people have called in the last days."""
    now = desk.services.clock()
    write(
        desk.services.unit_of_work,
        call("r1", now - timedelta(days=2), asked=5, wait=3, talk=61, outcome="answered"),
        call("r2", now - timedelta(days=1), asked=5, wait=30, talk=60, outcome="answered"),
        call("r3", now - timedelta(days=1), asked=5, ends=90, outcome="abandoned"),
    )
    return desk


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_a_workbook_says_what_the_page_says(called: Desk, name: str, language: str) -> None:
    client = called.logged_in("auditor")
    client.set_cookie("language", "en" if language == ENGLISH else "zh-CN")
    made = called.services.reports.make(name)
    page = client.get(f"/supervisor/reports/{name}").get_data(as_text=True)
    body = client.get(f"/supervisor/reports/{name}/export.xlsx").get_data()
    book = load_workbook(io.BytesIO(body))
    assert len(book.worksheets) == len(made.tables)
    with speaking(CHINESE):
        for sheet, table in zip(book.worksheets, made.tables, strict=True):
            rows = list(sheet.iter_rows(values_only=True))
            assert list(rows[0]) == [word("report_column", column.code) for column in table.columns]
            assert len(rows) == 1 + len(table.rows) + (table.total is not None)
            for row, cells in zip(table.rows, rows[1:], strict=False):
                for value, cell, column in zip(row, cells, table.columns, strict=True):
                    if isinstance(value, (int, float)) and column.kind != "fen":
                        assert cell == pytest.approx(value, abs=0.001), column.code
                    if value not in (None, ""):
                        assert f"<td>{shown(value, column, word)}</td>" in page, column.code


@pytest.mark.parametrize("name", NAMES)
def test_the_csv_and_the_api_give_the_same_rows(called: Desk, name: str) -> None:
    made = called.services.reports.make(name)
    client = called.logged_in("supervisor")
    text = client.get(f"/supervisor/reports/{name}/export.csv").get_data().decode("utf-8-sig")
    assert len([row for row in csv.reader(io.StringIO(text)) if row]) == sum(
        2 + len(table.rows) + (table.total is not None) for table in made.tables
    )
    said = called.anonymous().get(f"/api/v1/reports/{name}", headers=called.bearer("auditor")).get_json()
    assert [table["rows"] for table in said["tables"]] == [table.as_objects() for table in made.tables]
    assert (said["from"], said["to"]) == (made.first.isoformat(), made.last.isoformat())


def test_the_page_of_service_shows_the_figures(called: Desk) -> None:
    made = called.services.reports.make("service", None, None, "day").tables[0]
    assert made.total is not None
    total = made.as_object(made.total)
    assert (total["offered"], total["answered"], total["in_time"], total["abandoned"]) == (3, 2, 1, 1)
    page = called.logged_in("supervisor").get("/supervisor/reports/service").get_data(as_text=True)
    assert "33.3%" in page
    assert "66.7%" in page


def test_pictures_in_both_languages(called: Desk) -> None:
    client = called.logged_in("supervisor")
    picture = client.get("/supervisor/reports/service/0.svg")
    assert (picture.mimetype, "接通率" in picture.get_data(as_text=True)) == ("image/svg+xml", True)
    assert client.get("/supervisor/reports/standard/0.svg").status_code == 404  # Nothing of it is drawn.
    assert client.get("/supervisor/reports/standard/9.svg").status_code == 404
    english = called.anonymous().get("/supervisor/reports/service/0.svg")
    assert english.status_code == 302


@pytest.mark.parametrize("days", ["from=2026-03-15&to=2026-03-02", "from=x", "from=2199-01-01", "by=year"])
def test_what_cannot_be_asked_is_told(desk: Desk, days: str) -> None:
    client = desk.logged_in("supervisor")
    assert client.get(f"/supervisor/reports/service?{days}").status_code == 200
    assert client.get(f"/supervisor/reports/service/export.csv?{days}").status_code == 400
    assert client.get(f"/supervisor/reports/service/0.svg?{days}").status_code == 400
    headers = desk.bearer("supervisor")
    assert desk.anonymous().get(f"/api/v1/reports/service?{days}", headers=headers).status_code == 422


def test_names_that_no_report_has(desk: Desk) -> None:
    client, headers = desk.logged_in("supervisor"), desk.bearer("supervisor")
    assert client.get("/supervisor/reports/weather").status_code == 404
    assert client.get("/supervisor/reports/service/export.pdf").status_code == 404
    assert desk.anonymous().get("/api/v1/reports/weather", headers=headers).status_code == 404


def test_each_export_is_written_down(called: Desk) -> None:
    client = called.logged_in("supervisor")
    client.get("/supervisor/reports/service/export.csv")
    page = called.logged_in("auditor").get("/admin/audit").get_data(as_text=True)
    assert "report.exported" in page
