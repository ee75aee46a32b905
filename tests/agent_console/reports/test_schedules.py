"""Schedules on the page: added, changed, stopped; their files fetched; and who may do what."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from db.models import ReportRun, ReportSchedule
from scripts.wiring.reports import report_runner
from scripts.wiring.stores import open_stores
from tests.agent_console.console import Desk, csrf

PAGE = "/supervisor/reports"
FORM = {"report": "service", "every": "day", "recipients": "li@example.org", "language": "en", "form": "csv"}


def post(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    return client.post(f"{PAGE}/{path}", data={**fields, "csrf_token": csrf(client, PAGE)}, follow_redirects=True)


def test_a_schedule_is_added_changed_stopped_and_taken_up(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    page = post(client, "schedules", **FORM).get_data(as_text=True)
    assert "li@example.org" in page
    assert "已保存" in page
    with desk.services.reading() as work:
        row = work.scalars(select(ReportSchedule)).one()
    page = post(client, f"schedules/{row.id}", **{**FORM, "recipients": "wu@example.org"}).get_data(as_text=True)
    assert "wu@example.org" in page
    assert "li@example.org" not in page
    assert "已停止" in post(client, f"schedules/{row.id}/stop").get_data(as_text=True)
    assert "进行中" in post(client, f"schedules/{row.id}/resume").get_data(as_text=True)
    assert post(client, f"schedules/{row.id}/burn").status_code == 404
    assert post(client, "schedules/99/stop").status_code == 404


def test_an_auditor_sees_schedules_without_addresses_and_changes_none(desk: Desk) -> None:
    post(desk.logged_in("supervisor"), "schedules", **FORM)
    client = desk.logged_in("auditor")
    page = client.get(PAGE).get_data(as_text=True)
    assert "li@example.org" not in page
    assert "/schedules" not in page
    assert client.post(f"{PAGE}/schedules", data={**FORM, "csrf_token": csrf(client, PAGE)}).status_code == 403


def test_wrong_addresses_are_told(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    said = post(client, "schedules", **{**FORM, "recipients": "nobody"})
    assert "邮箱请写成" in said.get_data(as_text=True)


def test_a_file_that_was_made_is_fetched_and_a_failed_one_tried_again(desk: Desk) -> None:
    client, services = desk.logged_in("supervisor"), desk.services
    post(client, "schedules", **FORM)
    with services.unit_of_work() as work:
        work.scalars(select(ReportSchedule)).one().starts_on -= timedelta(days=3)
    stores = open_stores(services.settings)
    report_runner(stores, services.clock, services.reports).sweep()
    with services.reading() as work:
        run = work.scalars(select(ReportRun).where(ReportRun.state == "done").order_by(ReportRun.id)).first()
    assert run is not None
    assert run.file in client.get(PAGE).get_data(as_text=True)
    sheet = client.get(f"{PAGE}/kept/{run.id}")
    assert sheet.get_data().decode("utf-8-sig").startswith("Service")
    assert run.file in sheet.headers["Content-Disposition"]
    assert client.get(f"{PAGE}/kept/999").status_code == 404
    assert post(client, f"kept/{run.id}/again").status_code == 409
    with services.unit_of_work() as work:
        work.get_one(ReportRun, run.id).state = "failed"
    assert "生成失败" in client.get(PAGE).get_data(as_text=True)
    assert "一分钟内重试" in post(client, f"kept/{run.id}/again").get_data(as_text=True)
    assert desk.logged_in("agent").get(f"{PAGE}/kept/{run.id}").status_code == 403
