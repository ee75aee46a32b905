"""Hours, duty phones and messages on the pages and in the API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from db.demo import DEMO
from db.models import AuditEntry, CallRecord, DutyNumber, ExceptionHours, OpeningHours
from tests.agent_console.console import Desk, csrf

CALL = "a-1700000000.7"
NUMBER = "13900000001"


@pytest.fixture(autouse=True)
def _open_all_day(desk: Desk) -> Iterator[None]:
    yield
    with desk.services.unit_of_work() as work:
        for model in (OpeningHours, ExceptionHours, DutyNumber):
            work.execute(delete(model))


def actions(desk: Desk) -> list[tuple[str, str]]:
    with desk.services.reading() as work:
        return [(row.action, row.detail) for row in work.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_a_supervisor_sets_the_week_and_it_is_audited(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    page = client.get("/supervisor/hours").get_data(as_text=True)
    assert "服务中" in page and "00:00-24:00" in page
    form = {"csrf_token": csrf(client, "/supervisor/hours"), "mon": "08:00-12:00, 14:00-18:00", "sat": "20:00-02:00"}
    page = client.post("/supervisor/hours/week", data=form, follow_redirects=True).get_data(as_text=True)
    assert "已保存" in page and "20:00-02:00" in page
    assert ("hours.week", "mon 08:00-12:00, 14:00-18:00; sat 20:00-02:00") in actions(desk)
    bad = client.post("/supervisor/hours/week", data=form | {"mon": "all day"})
    assert bad.status_code == 422
    assert "20:00-02:00" in client.get("/supervisor/hours").get_data(as_text=True), "the week stays as it was"


def test_a_supervisor_sets_and_drops_an_exception(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    form = {"csrf_token": csrf(client, "/supervisor/hours"), "day": "2099-10-01", "hours": "", "why": "盘点"}
    assert "盘点" in client.post("/supervisor/hours/exceptions", data=form, follow_redirects=True).get_data(
        as_text=True
    )
    assert client.post("/supervisor/hours/exceptions", data=form | {"day": "tomorrow"}).status_code == 422
    page = client.post("/supervisor/hours/exceptions/drop", data=form, follow_redirects=True).get_data(as_text=True)
    assert "盘点" not in page
    assert client.post("/supervisor/hours/exceptions/drop", data=form).status_code == 404


def test_duty_phones_are_masked_for_auditors_and_stay_out_of_the_audit(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    form = {
        "csrf_token": csrf(client, "/supervisor/hours"),
        "name": "张值班",
        "number": NUMBER,
        "times": "sat 8:00-9:00",
    }
    page = client.post("/supervisor/hours/duty", data=form, follow_redirects=True).get_data(as_text=True)
    assert NUMBER in page and "张值班" in page and "sat 08:00-09:00" in page
    assert not [detail for action, detail in actions(desk) if NUMBER in detail or "张值班" in detail]
    seen = desk.logged_in("auditor").get("/supervisor/hours").get_data(as_text=True)
    assert NUMBER not in seen and "张值班" not in seen and "***0001" in seen


def test_hours_through_the_api(desk: Desk) -> None:
    client, headers = desk.anonymous(), desk.bearer("supervisor")
    told = client.get("/api/v1/hours", headers=headers).get_json()
    assert (told["open"], told["why"], told["hours"], len(told["week"])) == (True, "always", {}, 7)
    week = {"hours": {"mon": "08:00-18:00", "make_up": "09:00-10:00"}}
    told = client.post("/api/v1/hours/week", headers=headers, json=week).get_json()
    assert told["hours"] == week["hours"]
    for bad in ({"hours": {"someday": "08:00-09:00"}}, {"hours": {"mon": "8"}}, {}):
        assert client.post("/api/v1/hours/week", headers=headers, json=bad).status_code == 422
    day = {"day": "2099-05-01", "hours": "09:00-10:00", "why": "留守"}
    told = client.post("/api/v1/hours/exceptions", headers=headers, json=day).get_json()
    assert [(each["day"], each["hours"], each["name"]) for each in told["exceptions"]] == [
        ("2099-05-01", "09:00-10:00", "留守")]  # fmt: skip
    dropped = client.post("/api/v1/hours/exceptions/2099-05-01/drop", headers=headers, json={})
    assert dropped.get_json()["exceptions"] == []
    assert client.post("/api/v1/hours/exceptions/2099-05-01/drop", headers=headers, json={}).status_code == 404
    phone = {"name": "张值班", "number": NUMBER}
    told = client.post("/api/v1/hours/duty", headers=headers, json=phone).get_json()
    (duty,) = told["duty"]
    assert (duty["number"], duty["on_duty"], duty["times"]) == ("+86" + NUMBER, True, "")
    changed = phone | {"times": "mon-fri 18:00-08:00"}
    told = client.post(f"/api/v1/hours/duty/{duty['id']}", headers=headers, json=changed).get_json()
    assert told["duty"][0]["times"].startswith("mon 18:00-08:00")
    told = client.post(f"/api/v1/hours/duty/{duty['id']}/drop", headers=headers, json={}).get_json()
    assert told["duty"] == []
    masked = client.get("/api/v1/hours", headers=desk.bearer("auditor"))
    assert masked.status_code == 200


@pytest.fixture
def message(desk: Desk) -> int:
    """A message of 王桂兰, with its recording."""
    services = desk.services
    with services.unit_of_work() as work:
        work.add(
            CallRecord(id=CALL, node="a", direction="inbound", number=DEMO.wang.number, started_at=services.clock(),
                       elder_id=desk.elder_id())
        )  # fmt: skip
    folder: Path = services.settings.var_dir / "asterisk" / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"message-{CALL}.wav").write_bytes(b"RIFF....WAVE")
    return services.messages.take(CALL, services.clock())


def test_an_agent_listens_to_a_message_and_closes_it(desk: Desk, message: int) -> None:
    client = desk.logged_in("agent")
    page = client.get("/desk/messages").get_data(as_text=True)
    assert f"/desk/messages/{message}/recording" in page
    heard = client.get(f"/desk/messages/{message}/recording")
    assert (heard.status_code, heard.mimetype, heard.data) == (200, "audio/wav", b"RIFF....WAVE")
    assert heard.headers["Cache-Control"] != "public"
    assert "message.heard" in [action for action, _ in actions(desk)]
    form = {"csrf_token": csrf(client, "/desk/messages"), "outcome": ""}
    assert client.post(f"/desk/messages/{message}/close", data=form).status_code == 422
    form["outcome"] = "回电了，要送餐"
    page = client.post(f"/desk/messages/{message}/close", data=form, follow_redirects=True).get_data(as_text=True)
    assert "没有等着处理的录音" in page
    assert client.post(f"/desk/messages/{message}/close", data=form).status_code == 409
    assert "message.closed" in [action for action, _ in actions(desk)]


def test_messages_through_the_api(desk: Desk, message: int) -> None:
    client, headers = desk.anonymous(), desk.bearer("agent")
    (listed,) = client.get("/api/v1/callbacks?kind=message&state=due", headers=headers).get_json()["items"]
    assert (listed["id"], listed["call_id"], listed["number"]) == (message, CALL, DEMO.wang.number)
    assert (listed["closed_at"], listed["flow"]) == (None, "")
    closed = client.post(f"/api/v1/callbacks/{message}/close", headers=headers, json={"outcome": "called back"})
    told = closed.get_json()
    assert (closed.status_code, told["state"], told["closing_note"]) == (200, "done", "called back")
    assert told["closed_by"].startswith("token:")
    again = client.post(f"/api/v1/callbacks/{message}/close", headers=headers, json={"outcome": "x"})
    assert again.status_code == 409
    seen = client.get(f"/api/v1/callbacks/{message}", headers=desk.bearer("auditor")).get_json()
    assert seen["closing_note"] == "***" and DEMO.wang.number not in str(seen)


def test_the_wallboard_says_how_many_messages_wait(desk: Desk, message: int) -> None:
    page = desk.logged_in("supervisor").get("/supervisor").get_data(as_text=True)
    assert "待回电的留言 1" in page
    desk.services.messages.close(message, "done", "user:1")
    assert "待回电的留言" not in desk.logged_in("supervisor").get("/supervisor").get_data(as_text=True)


def test_a_message_without_words_has_no_recording(desk: Desk) -> None:
    taken = desk.services.messages.take("a-1700000000.8", desk.services.clock())
    client = desk.logged_in("agent")
    assert "没有录到说话" in client.get("/desk/messages").get_data(as_text=True)
    assert client.get(f"/desk/messages/{taken}/recording").status_code == 404


def test_a_duty_phone_is_changed_in_its_place(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    form = {"csrf_token": csrf(client, "/supervisor/hours"), "name": "值班甲", "number": NUMBER, "position": "1"}
    for name in ("值班甲", "值班乙"):
        assert client.post("/supervisor/hours/duty", data={**form, "name": name, "position": ""}).status_code == 302
    first, second = desk.services.hours_register.plan().phones
    changed = {**form, "name": "值班丙", "times": "mon-fri 18:00-08:00", "position": "0"}
    assert client.post(f"/supervisor/hours/duty/{second.id}", data=changed).status_code == 302
    phones = desk.services.hours_register.plan().phones
    assert [(each.id, each.name) for each in phones] == [(second.id, "值班丙"), (first.id, "值班甲")]
    assert "mon-fri 18:00-08:00" in client.get("/supervisor/hours").get_data(as_text=True)
    assert ("duty.changed", f"duty:{second.id}") in actions(desk)
    assert client.post(f"/supervisor/hours/duty/{second.id}", data={**changed, "number": "12"}).status_code == 422
    assert client.post("/supervisor/hours/duty/999", data=changed).status_code == 404
