"""Visits and certificates on their pages and in the API."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from db.demo import DEMO
from db.models import (
    AuditEntry,
    Order,
    Visit,
    VisitCorrection,
    VisitException,
    Worker,
    WorkerCertificate,
)
from routing.orders.policy import OrderState
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import open_stores
from tests.agent_console.console import Desk, csrf

PAGE, CERTIFICATES = "/supervisor/visits", "/supervisor/certificates"


@pytest.fixture(autouse=True)
def _no_visits_left(desk: Desk) -> Iterator[None]:
    yield
    with desk.services.unit_of_work() as work:
        for model in (VisitCorrection, VisitException, Visit):
            work.execute(delete(model))
        work.execute(delete(WorkerCertificate).where(WorkerCertificate.kind != "care"))


@pytest.fixture
def visit(desk: Desk) -> Visit:
    """A visit that was begun from the worker's own phone, and has not ended."""
    services = desk.services
    order = services.orders.place(desk.elder_id(), desk.item_id(), key="visit-of-the-test", source="desk")
    with services.unit_of_work() as work:
        row = work.get_one(Order, order.id)
        worker = work.scalars(select(Worker).where(Worker.code == DEMO.worker.code)).one()
        row.state, row.worker_id, row.company_id = OrderState.ACCEPTED.value, worker.id, worker.company_id
        row.due_at = row.created_at = services.clock() - timedelta(minutes=30)
    joined = HotlineServices(open_stores(services.settings))
    joined.visits.check_in(worker.id, DEMO.worker.number, "a-1")
    with services.reading() as work:
        return work.scalars(select(Visit)).one()


def local(desk: Desk, visit: Visit, **before: float) -> str:
    assert visit.checked_in_at is not None
    return (visit.checked_in_at - timedelta(**before)).astimezone(desk.services.settings.zone).isoformat()


def test_a_supervisor_resolves_and_corrects_and_the_original_stays(desk: Desk, visit: Visit) -> None:
    client = desk.logged_in("supervisor")
    page = client.get(PAGE).get_data(as_text=True)
    assert "签到未核实" in page and "护理员手机" in page and DEMO.wang.name in page
    with desk.services.reading() as work:
        row = work.scalars(select(VisitException)).one()
    form = {"csrf_token": csrf(client, PAGE), "reason": "forgot", "note": ""}
    again = f"{PAGE}/exceptions/{row.id}"
    assert client.post(again, data=form | {"reason": "other"}).status_code == 422
    assert client.post(again, data=form, follow_redirects=True).status_code == 200
    assert client.post(again, data=form).status_code == 409
    earlier = local(desk, visit, minutes=10)[:16]
    shown = client.post(f"{PAGE}/{visit.id}", data=form | {"checked_in_at": earlier}, follow_redirects=True)
    assert earlier.replace("T", " ") in shown.get_data(as_text=True) and "忘记了" in shown.get_data(as_text=True)
    assert client.post(f"{PAGE}/{visit.id}", data=form).status_code == 422
    assert client.post(f"{PAGE}/{visit.id}", data=form | {"checked_in_at": "soon"}).status_code == 422
    with desk.services.reading() as work:
        kept = work.scalars(select(VisitCorrection)).one()
        actions = [each.action for each in work.scalars(select(AuditEntry)) if each.subject == f"visit:{visit.id}"]
    assert kept.before == visit.checked_in_at
    assert actions == ["visit.resolved", "visit.record", "visit.corrected", "visit.record"]


@pytest.mark.parametrize(("role", "clear"), [("supervisor", True), ("auditor", False)])
def test_the_export_is_masked_by_role_and_audited(desk: Desk, visit: Visit, role: str, clear: bool) -> None:
    day = local(desk, visit)[:10]
    for answer in (
        desk.logged_in(role).get(f"{PAGE}/export.csv?from={day}&to={day}"),
        desk.anonymous().get(f"/api/v1/visits/export?from={day}&to={day}", headers=desk.bearer(role)),
    ):
        assert (answer.status_code, answer.mimetype) == (200, "text/csv")
        assert answer.data.startswith(b"\xef\xbb\xbf")
        (row,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
        assert (row["recipient"] == DEMO.wang.name, row["place"] == DEMO.wang.address) == (clear, clear)
        assert (row["begin_from"], row["exceptions"]) == ("worker", "unverified_in")
    with desk.services.reading() as work:
        found = [each.detail for each in work.scalars(select(AuditEntry)) if each.action == "visit.exported"]
    assert found == [f"{day} to {day}, {'whole' if clear else 'masked'}"] * 2


def test_days_that_cannot_be_are_refused(desk: Desk) -> None:
    client, headers = desk.logged_in("auditor"), desk.bearer("auditor")
    for days in ("from=2026-03-02&to=2026-03-01", "from=2020-01-01&to=2026-01-01", "from=soon&to=later"):
        assert client.get(f"{PAGE}/export.csv?{days}").status_code == 422
        assert client.get(f"/api/v1/visits/export?{days}", headers=headers).status_code == 422
    assert client.get(f"{PAGE}?day=soon").status_code == 422


def test_visits_through_the_api(desk: Desk, visit: Visit) -> None:
    client, headers = desk.anonymous(), desk.bearer("supervisor")
    shown = client.get(f"/api/v1/visits/{visit.id}", headers=headers).get_json()
    assert (shown["in_from"], shown["in_verified"], shown["tasks"], shown["corrections"]) == ("worker", False, [], [])
    (open_one,) = client.get("/api/v1/visit_exceptions?state=open", headers=headers).get_json()["items"]
    body = {"reason": "forgot", "checked_in_at": local(desk, visit, minutes=5)}
    changed = client.post(f"/api/v1/visits/{visit.id}/correct", headers=headers, json=body).get_json()
    assert [each["what"] for each in changed["corrections"]] == ["checked_in_at"]
    resolve = f"/api/v1/visit_exceptions/{open_one['id']}/resolve"
    assert client.post(resolve, headers=headers, json={"reason": "because"}).status_code == 422
    done = client.post(resolve, headers=headers, json={"reason": "no_phone", "note": "没有座机"}).get_json()
    assert (done["state"], done["note"]) == ("resolved", "没有座机")
    masked = client.get("/api/v1/visit_exceptions", headers=desk.bearer("auditor")).get_json()["items"][0]
    assert masked["note"] == "***"


def test_certificates_from_a_file_on_the_page(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    table = (
        "护理员编号,证书种类,证书号,发证日期,有效期至\n"
        f"{DEMO.worker.code},first_aid,甘急-1,2020-01-01,长期\nW99,first_aid,x,,长期\n{DEMO.worker.code},food,x,,2020-01-01\n"
    )

    def send(content: bytes) -> TestResponse:
        form = {"csrf_token": csrf(client, CERTIFICATES), "file": (BytesIO(content), "证书.csv")}
        return client.post(f"{CERTIFICATES}/import", data=form)

    page = send(table.encode("gb18030")).get_data(as_text=True)
    assert "共 3 行：登记 1，以前已登记 0，未登记 2" in page and "甘急-1" in page
    assert "第 3 行" in page and "没有这个编号的护理员" in page and "证书已经过期" in page
    assert "登记 0，以前已登记 1，未登记 2" in send(table.encode()).get_data(as_text=True)
    with desk.services.reading() as work:
        kinds = work.scalars(select(WorkerCertificate.kind).where(WorkerCertificate.kind == "first_aid")).all()
        audit = work.scalars(select(AuditEntry.detail).where(AuditEntry.action == "certificate.imported")).first()
    assert (kinds, audit) == (["first_aid"], "3 rows, 1 added, 0 known, 2 not taken")
    for bad, says in ((b"", "文件是空的"), ("姓名\n".encode(), "缺少列")):
        refused = send(bad)
        assert (refused.status_code, says in refused.get_data(as_text=True)) == (422, True)
    assert send(b"x" * 1_100_000).status_code == 413
    with desk.services.unit_of_work() as work:
        work.execute(delete(WorkerCertificate).where(WorkerCertificate.kind == "first_aid"))


def test_certificates_on_the_page_and_in_the_api(desk: Desk) -> None:
    client, headers = desk.logged_in("supervisor"), desk.bearer("supervisor")
    with desk.services.reading() as work:
        worker_id = work.scalars(select(Worker.id).where(Worker.code == DEMO.worker.code)).one()
    today = desk.services.clock().astimezone(desk.services.settings.zone).date()
    form = {"csrf_token": csrf(client, CERTIFICATES), "kind": "food", "number": "甘食-7",
            "expires": (today + timedelta(days=9)).isoformat()}  # fmt: skip
    page = client.post(f"{CERTIFICATES}/workers/{worker_id}", data=form, follow_redirects=True)
    assert "甘食-7" in page.get_data(as_text=True)
    vet = form | {"state": "refused", "until": ""}
    page = client.post(f"{CERTIFICATES}/workers/{worker_id}/vetting", data=vet, follow_redirects=True)
    assert "背景审查不通过" in page.get_data(as_text=True)
    body = {"worker_id": worker_id, "state": "cleared"}
    assert client.post("/api/v1/certificates/vetting", headers=headers, json=body).status_code == 200
    soon = (today + timedelta(days=30)).isoformat()
    (listed,) = client.get(f"/api/v1/certificates?expires_before={soon}", headers=headers).get_json()["items"]
    assert (listed["kind"], listed["number"], listed["worker_code"]) == ("food", "甘食-7", DEMO.worker.code)
    masked = client.get(f"/api/v1/certificates?worker_id={worker_id}", headers=desk.bearer("auditor")).get_json()
    assert (masked["items"][0]["number"], masked["items"][0]["worker_name"][1:]) == ("***", "**")
    revoke = f"/api/v1/certificates/{listed['id']}/revoke"
    assert client.post(revoke, headers=headers, json={"why": ""}).status_code == 422
    assert client.post(revoke, headers=headers, json={"why": "假的"}).get_json()["state"] == "revoked"
    assert client.post(f"{CERTIFICATES}/{listed['id']}/revoke", data=form | {"why": "x"}).status_code == 409
    new = {"worker_id": worker_id, "kind": "vetting"}
    assert client.post("/api/v1/certificates", headers=headers, json=new).status_code == 422
    assert client.get("/api/v1/certificates/uncovered", headers=headers).get_json() == {"items": []}
    page = client.get(CERTIFICATES).get_data(as_text=True)
    assert "已吊销" in page
