"""Complaints and registrations on the work list: heard, audited, closed with an outcome; and in the API."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from db.demo import DEMO
from db.models import AuditEntry, CallRecord, Case
from routing.orders.voice_notes import VoiceNote
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import open_stores
from tests.agent_console.console import Desk, csrf

CALL, OTHER = "a-1700000000.17", "a-1700000000.18"


def actions(desk: Desk) -> list[tuple[str, str]]:
    with desk.services.reading() as work:
        return [(row.action, row.subject) for row in work.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def left(desk: Desk, kind: str, call_id: str, *, number: str | None = DEMO.stranger, sound: bytes = b"RIFF") -> int:
    """Somebody left something in a call, with its recording."""
    services = desk.services
    if sound:
        folder: Path = services.settings.var_dir / "asterisk" / "recordings"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{kind}-{call_id}.wav").write_bytes(sound)
    at = services.clock().timestamp()
    notes = HotlineServices(open_stores(services.settings)).voice_notes
    return notes.write(VoiceNote(kind, call_id, at, at + 3600, number))


def test_an_agent_listens_to_a_complaint_and_closes_it(desk: Desk) -> None:
    case = left(desk, "complaint", CALL)
    client = desk.logged_in("agent")
    page = client.get("/desk/messages").get_data(as_text=True)
    assert f'id="case-{case}"' in page and f"/desk/messages/cases/{case}/recording" in page
    assert ("message.listed", "list") in actions(desk)
    assert ("case.heard", f"case:{case}") not in actions(desk)
    heard = client.get(f"/desk/messages/cases/{case}/recording")
    assert (heard.status_code, heard.mimetype, heard.data) == (200, "audio/wav", b"RIFF")
    assert client.get(f"/desk/messages/cases/{case}/recording").status_code == 200
    assert actions(desk).count(("case.heard", f"case:{case}")) == 2, "each listening is written down"
    form = {"csrf_token": csrf(client, "/desk/messages"), "outcome": " "}
    assert client.post(f"/desk/messages/cases/{case}/close", data=form).status_code == 422
    form["outcome"] = "道歉了，重新送餐"
    page = client.post(f"/desk/messages/cases/{case}/close", data=form, follow_redirects=True).get_data(as_text=True)
    assert "没有等着处理的录音" in page
    assert client.post(f"/desk/messages/cases/{case}/close", data=form).status_code == 409
    assert ("case.closed", f"case:{case}") in actions(desk)
    with desk.services.reading() as work:
        closed = work.get_one(Case, case)
        assert (closed.state, closed.outcome, closed.closed_by) == (
            "closed",
            "道歉了，重新送餐",
            desk.user_id("agent1"),
        )


def test_kinds_are_filters(desk: Desk) -> None:
    complaint, registration = left(desk, "complaint", CALL), left(desk, "registration", OTHER)
    client = desk.logged_in("agent")
    for kind, shown in (("", {complaint, registration}), ("complaint", {complaint}), ("registration", {registration}),
                        ("message", set()), ("nonsense", set())):  # fmt: skip
        page = client.get(f"/desk/messages?kind={kind}").get_data(as_text=True)
        assert {each for each in (complaint, registration) if f'id="case-{each}"' in page} == shown, kind
    form = {"csrf_token": csrf(client, "/desk/messages"), "outcome": "登记了"}
    gone = client.post(f"/desk/messages/cases/{registration}/close?kind=registration", data=form)
    assert gone.location.endswith("?kind=registration")


def test_who_left_it_is_shown_and_by_when_they_are_called(desk: Desk) -> None:
    left(desk, "registration", CALL)
    page = desk.logged_in("agent").get("/desk/messages").get_data(as_text=True)
    assert "0931" + DEMO.stranger[-7:] in page and "登记" in page and "应回电" in page


def test_the_number_may_come_from_the_calls_record(desk: Desk) -> None:
    services = desk.services
    with services.unit_of_work() as work:
        work.add(CallRecord(id=CALL, node="a", direction="inbound", number=DEMO.wang.number,
                            started_at=services.clock()))  # fmt: skip
    case = left(desk, "complaint", CALL, number=None)
    assert services.recorded_cases.get(case).number == DEMO.wang.number


def test_a_file_that_is_gone_is_said_so(desk: Desk) -> None:
    case = left(desk, "complaint", OTHER, sound=b"")
    client = desk.logged_in("agent")
    assert "没有录到说话" in client.get("/desk/messages").get_data(as_text=True)
    assert client.get(f"/desk/messages/cases/{case}/recording").status_code == 404
    assert ("case.heard", f"case:{case}") not in actions(desk)


def test_cases_of_other_kinds_are_no_agents_to_hear_or_close(desk: Desk) -> None:
    sos = desk.services.cases.open("sos-x", "sos", call_id=CALL).id
    client = desk.logged_in("agent")
    form = {"csrf_token": csrf(client, "/desk/messages"), "outcome": "x"}
    assert client.post(f"/desk/messages/cases/{sos}/close", data=form).status_code == 404
    assert client.get(f"/desk/messages/cases/{sos}/recording").status_code == 404


@pytest.mark.parametrize("recording", ["../../secrets", "a/b", "..", ""])
def test_a_recordings_name_leads_nowhere_else(desk: Desk, recording: str) -> None:
    case = desk.services.cases.open(f"complaint-{recording}", "complaint", call_id=CALL, recording=recording).id
    assert desk.services.recorded_cases.file(desk.services.recorded_cases.get(case)) is None


def test_the_api_tells_that_there_is_a_recording_and_not_where(desk: Desk) -> None:
    case = left(desk, "complaint", CALL)
    client = desk.anonymous()
    told = client.get(f"/api/v1/cases/{case}", headers=desk.bearer("agent")).get_json()
    assert (told["kind"], told["recording"], told["number"]) == ("complaint", True, DEMO.stranger)
    assert f"complaint-{CALL}" not in str(told)
    masked = client.get("/api/v1/cases?kind=complaint", headers=desk.bearer("auditor")).get_json()["items"][0]
    assert DEMO.stranger not in str(masked)
    sos = desk.services.cases.open("sos-x", "sos", call_id=CALL).id
    assert client.get(f"/api/v1/cases/{sos}", headers=desk.bearer("agent")).get_json()["recording"] is False


def test_the_wallboard_shows_them_among_the_open_cases(desk: Desk) -> None:
    left(desk, "registration", CALL)
    assert "登记" in desk.logged_in("supervisor").get("/supervisor").get_data(as_text=True)
