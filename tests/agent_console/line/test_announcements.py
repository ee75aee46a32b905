"""Announcements on their page and in the API."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from db.demo import DEMO
from db.models import Announcement, AuditEntry
from tests.agent_console.console import Desk, csrf

PAGE = "/supervisor/announcements"


@pytest.fixture(autouse=True)
def _nothing_announced(desk: Desk) -> Iterator[None]:
    yield
    with desk.services.unit_of_work() as work:
        work.execute(delete(Announcement))


def actions(desk: Desk) -> list[tuple[str, str]]:
    with desk.services.reading() as work:
        found = work.scalars(select(AuditEntry).where(AuditEntry.action.startswith("announcement.")))
        return [(row.action, row.subject) for row in found]


def wav(seconds: float = 3, *, rate: int = 8000, channels: int = 1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"\1\1" * round(seconds * rate) * channels)
    return file.getvalue()


def until(desk: Desk, **how_long: float) -> str:
    return (desk.services.clock().astimezone(desk.services.settings.zone) + timedelta(**how_long)).strftime(
        "%Y-%m-%dT%H:%M"
    )


def test_a_supervisor_makes_records_and_ends_one(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    form = {"csrf_token": csrf(client, PAGE), "text": "明天停水，请您备好水。", "district": DEMO.wang.district,
            "valid_until": until(desk, days=2)}  # fmt: skip
    page = client.post(PAGE, data=form, follow_redirects=True).get_data(as_text=True)
    (made,) = desk.services.announcements.all()
    assert "明天停水" in page and "还没有声音" in page and DEMO.wang.district in page
    assert (made.spoken, made.created_by) == (False, f"user:{desk.user_id(DEMO.supervisor.login)}")
    sent = {"csrf_token": form["csrf_token"], "sound": (io.BytesIO(wav()), "voice.wav")}
    page = client.post(f"{PAGE}/{made.id}/recording", data=sent, follow_redirects=True).get_data(as_text=True)
    assert "正在播报" in page and desk.services.announcements.get(made.id).spoken
    heard = client.get(f"{PAGE}/{made.id}/recording")
    assert (heard.status_code, heard.data) == (200, wav())
    end = {"csrf_token": form["csrf_token"]}
    assert "已停止" in client.post(f"{PAGE}/{made.id}/end", data=end, follow_redirects=True).get_data(as_text=True)
    assert client.post(f"{PAGE}/{made.id}/end", data=end).status_code == 409
    sent["sound"] = (io.BytesIO(wav()), "voice.wav")
    assert client.post(f"{PAGE}/{made.id}/recording", data=sent).status_code == 409
    assert actions(desk) == [
        (f"announcement.{what}", f"announcement:{made.id}") for what in ("made", "recorded", "ended")
    ]  # fmt: skip


def test_what_is_wrong_is_refused(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    form = {"csrf_token": csrf(client, PAGE), "text": "好", "district": "", "valid_until": until(desk, days=1)}
    for wrong in ({"text": " "}, {"text": "长" * 51}, {"district": "没有的街道"}, {"valid_until": "tomorrow"},
                  {"valid_until": ""}, {"valid_until": until(desk, days=-1)}, {"valid_until": until(desk, days=500)},
                  {"valid_from": until(desk, days=2)}):  # fmt: skip
        assert client.post(PAGE, data=form | wrong).status_code == 422, wrong
    assert desk.services.announcements.all() == ()
    client.post(PAGE, data=form)
    (made,) = desk.services.announcements.all()
    for sound in (b"", b"not a sound", wav(16), wav(0.1), wav(rate=16000), wav(channels=2)):
        sent = {"csrf_token": form["csrf_token"], "sound": (io.BytesIO(sound), "voice.wav")}
        assert client.post(f"{PAGE}/{made.id}/recording", data=sent).status_code == 422
    assert client.post(f"{PAGE}/{made.id}/recording", data={"csrf_token": form["csrf_token"]}).status_code == 422
    assert client.get(f"{PAGE}/{made.id}/recording").status_code == 404
    assert client.post(f"{PAGE}/999999/end", data=form).status_code == 404


def test_announcements_through_the_api(desk: Desk) -> None:
    client, headers = desk.anonymous(), desk.bearer("supervisor")
    ends = (desk.services.clock() + timedelta(days=3)).isoformat()
    made = client.post("/api/v1/announcements", headers=headers, json={"text": "有义诊。", "valid_until": ends})
    told = made.get_json()
    assert (made.status_code, told["district"], told["active"], told["spoken"], told["recording"]) == (
        201, "", True, False, False)  # fmt: skip
    listed = client.get("/api/v1/announcements", headers=desk.bearer("agent")).get_json()["items"]
    assert [each["id"] for each in listed] == [told["id"]]
    ended = client.post(f"/api/v1/announcements/{told['id']}/end", headers=headers, json={}).get_json()
    assert (ended["active"], ended["ended_at"] is not None) == (False, True)
    again = client.post(f"/api/v1/announcements/{told['id']}/end", headers=headers, json={})
    assert again.status_code == 409
    for wrong in ({"text": ""}, {"text": "好", "valid_until": "2026-01-01T00:00:00"}, {"text": "长" * 51}):
        body = {"valid_until": ends} | wrong
        assert client.post("/api/v1/announcements", headers=headers, json=body).status_code == 422
    assert [action for action, _ in actions(desk)] == ["announcement.made", "announcement.ended"]
