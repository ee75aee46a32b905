"""Who was not reached, what an elder allows, whom never to call, and the pace: on the pages and in the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.demo import DEMO
from db.models import AuditEntry, Callback, Consent, Elder, NeverCall
from tests.agent_console.console import Desk, csrf

WANG = DEMO.wang.number


def audited(desk: Desk, action: str) -> list[tuple[str, str, str]]:
    with desk.services.reading() as work:
        rows = work.scalars(select(AuditEntry).where(AuditEntry.action == action)).all()
        return [(row.actor, row.subject, row.detail) for row in rows]


@pytest.fixture
def listed(desk: Desk) -> int:
    """An elder whom three calls and an SMS did not reach."""
    now = desk.services.clock()
    with desk.services.unit_of_work() as work:
        row = Callback(
            cause="after-service-order-1", kind="after_service", flow="after_service", reference="1", number=WANG,
            elder_id=desk.elder_id(), state="listed", due_at=now, attempts=3, last_outcome="no_answer",
            created_at=now - timedelta(days=2), updated_at=now,
        )  # fmt: skip
        work.add(row)
        work.flush()
        return row.id


def test_an_agent_closes_one_with_what_became_of_it_once(desk: Desk, listed: int) -> None:
    client = desk.logged_in("agent")
    page = client.get("/desk/not-reached").get_data(as_text=True)
    assert "回访没有联系上" in page
    assert "3 次" in page
    assert "无人接听" in page
    form = {"csrf_token": csrf(client, "/desk/not-reached"), "result": "relative", "note": "女儿说住在她家"}
    assert client.post(f"/desk/not-reached/{listed}/close", data=form | {"note": " "}).status_code == 422
    page = client.post(f"/desk/not-reached/{listed}/close", data=form, follow_redirects=True).get_data(as_text=True)
    assert "都联系上了" in page
    assert client.post(f"/desk/not-reached/{listed}/close", data=form).status_code == 409
    actor = f"user:{desk.user_id('agent1')}"
    assert audited(desk, "callback.closed") == [(actor, f"callback:{listed}", "relative")]
    with desk.services.reading() as work:
        row = work.get_one(Callback, listed)
        assert (row.state, row.last_outcome, row.closing_note, row.closed_by) == (
            "closed", "relative", "女儿说住在她家", actor,
        )  # fmt: skip


def test_the_api_lists_and_closes_them_and_no_other_call(desk: Desk, listed: int) -> None:
    headers, client = desk.bearer("agent"), desk.app.test_client()
    (shown,) = client.get("/api/v1/callbacks?state=listed", headers=headers).get_json()["items"]
    assert shown["id"] == listed
    wrong = client.post(f"/api/v1/callbacks/{listed}/close", json={"outcome": "x", "result": "y"}, headers=headers)
    assert wrong.status_code == 422
    done = client.post(
        f"/api/v1/callbacks/{listed}/close", json={"outcome": "在家", "result": "visited"}, headers=headers
    )
    assert (done.status_code, done.get_json()["state"]) == (200, "closed")
    again = client.post(f"/api/v1/callbacks/{listed}/close", json={"outcome": "在家"}, headers=headers)
    assert again.status_code == 409
    with desk.services.unit_of_work() as work:
        work.get_one(Callback, listed).state = "due"
    other = client.post(f"/api/v1/callbacks/{listed}/close", json={"outcome": "x"}, headers=headers)
    assert other.status_code == 404


def test_the_record_shows_and_takes_what_she_allows_and_when_she_rests(desk: Desk) -> None:
    client, elder = desk.logged_in("agent"), desk.elder_id()
    page = client.get(f"/desk?elder={elder}").get_data(as_text=True)
    assert "来电和短信的意愿" in page
    form = {
        "csrf_token": csrf(client, f"/desk?elder={elder}"), "rest": "12:30-14:00", "word-call-survey": "no",
        "word-call-reminder": "yes", "how": "paper", "note": "签了字",
    }  # fmt: skip
    page = client.post(f"/desk/elders/{elder}/consents", data=form, follow_redirects=True).get_data(as_text=True)
    assert "12:30-14:00" in page
    assert "不要 电话回访" in page
    client.post(f"/desk/elders/{elder}/consents", data=form)
    with desk.services.reading() as work:
        words = work.scalars(select(Consent).order_by(Consent.id)).all()
        assert [(each.purpose, each.given, each.how, each.note) for each in words] == [
            ("survey", False, "paper", "签了字"), ("reminder", True, "paper", "签了字"),
        ]  # fmt: skip
        assert work.get_one(Elder, elder).rest == "12:30-14:00"
    actor = f"user:{desk.user_id('agent1')}"
    assert audited(desk, "consent.withdrawn") == [(actor, f"elder:{elder}", "call survey")]
    assert audited(desk, "consent.given") == [(actor, f"elder:{elder}", "call reminder")]
    assert audited(desk, "elder.rest") == [(actor, f"elder:{elder}", "rest")]


@pytest.mark.parametrize("rest", ["12", "00:00-23:00", "25:00-26:00"])
def test_hours_of_rest_that_cannot_be_are_refused_with_what_to_write(desk: Desk, rest: str) -> None:
    headers, client = desk.bearer("agent"), desk.app.test_client()
    answer = client.post(f"/api/v1/elders/{desk.elder_id()}/consents", json={"rest": rest}, headers=headers)
    assert answer.status_code == 422
    assert "hours of rest" in answer.get_json()["detail"]


def test_the_api_of_what_an_elder_allows(desk: Desk) -> None:
    headers, client, elder = desk.bearer("agent"), desk.app.test_client(), desk.elder_id()
    said = {"channel": "sms", "purpose": "survey", "given": False, "rest": "13:00-14:00"}
    shown = client.post(f"/api/v1/elders/{elder}/consents", json=said, headers=headers).get_json()
    assert (shown["rest"], [(each["channel"], each["given"]) for each in shown["items"]]) == (
        "13:00-14:00", [("sms", False)],
    )  # fmt: skip
    assert client.get(f"/api/v1/elders/{elder}/consents", headers=headers).get_json() == shown
    assert client.get("/api/v1/elders/99999/consents", headers=headers).status_code == 404
    half = client.post(f"/api/v1/elders/{elder}/consents", json={"purpose": "survey"}, headers=headers)
    assert half.status_code == 422


def test_a_supervisor_keeps_the_list_of_whom_never_to_call(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    page_of = "/supervisor/never-call"
    form = {"csrf_token": csrf(client, page_of), "number": "0931 900 0101", "reason": "fax", "until": "2099-01-31"}
    page = client.post(page_of, data=form, follow_redirects=True).get_data(as_text=True)
    assert "传真" in page
    assert "2099-01-31" in page
    for wrong in ({"until": "soon"}, {"number": "x"}, {"reason": "because"}, {"until": "2001-01-01"}):
        assert client.post(page_of, data=form | wrong).status_code == 422, wrong
    with desk.services.reading() as work:
        entry = work.scalars(select(NeverCall)).one()
    assert entry.number == "+869319000101"
    page = client.post(f"{page_of}/{entry.id}/end", data=form, follow_redirects=True).get_data(as_text=True)
    assert "名单是空的" in page
    assert [each[2] for each in audited(desk, "never_call.added") + audited(desk, "never_call.ended")] == ["fax", "fax"]


def test_the_api_of_whom_never_to_call(desk: Desk) -> None:
    headers, client = desk.bearer("supervisor"), desk.app.test_client()
    entry = {"elder_id": desk.elder_id(), "reason": "hospital"}
    made = client.post("/api/v1/never-call", json=entry, headers=headers).get_json()
    assert (made["elder_id"], made["number"], made["reason"]) == (desk.elder_id(), None, "hospital")
    assert [each["id"] for each in client.get("/api/v1/never-call", headers=headers).get_json()["items"]] == [
        made["id"]
    ]
    assert client.post(f"/api/v1/never-call/{made['id']}/end", json={}, headers=headers).status_code == 200
    assert client.post(f"/api/v1/never-call/{made['id']}/end", json={}, headers=headers).status_code == 409
    both = client.post("/api/v1/never-call", json=entry | {"number": WANG}, headers=headers)
    assert both.status_code == 422


def test_the_pace_is_in_the_api_on_the_wallboard_and_in_the_metrics(desk: Desk, listed: int) -> None:
    headers, client = desk.bearer("agent"), desk.app.test_client()
    pace = client.get("/api/v1/callbacks/pace", headers=headers).get_json()
    assert (pace["room"], pace["because"], pace["abandoned_limit"]) == (pace["most"], "share_of_lines", 0.03)
    page = desk.logged_in("supervisor").get("/supervisor").get_data(as_text=True)
    assert 'id="pace"' in page
    assert "未联系上 1" in page
    metrics = client.get("/metrics").get_data(as_text=True)
    assert f"elderline_outbound_room {float(pace['room'])}" in metrics
    assert "elderline_outbound_abandoned_share 0.0" in metrics
    assert "elderline_outbound_not_reached 1.0" in metrics
