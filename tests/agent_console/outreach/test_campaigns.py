"""Group messages on the pages and in the API: made, previewed, started, followed, stopped, listed and audited."""

from __future__ import annotations

import io
import wave

from sqlalchemy import select

from db.models import AuditEntry
from tests.agent_console.console import Desk, csrf

PAGE = "/supervisor/campaigns"
FORM = {
    "title": "暴雨", "text": "明天有暴雨，请不要出门。", "way": "call", "warning": "red", "lines": "2",
    "opens": "08:00", "closes": "20:00", "ends_at": "",
}  # fmt: skip


def wav(seconds: float = 2.0) -> bytes:
    """A file as Asterisk plays it."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(b"\0\1" * int(8_000 * seconds))
    return written.getvalue()


def test_a_supervisor_makes_previews_starts_pauses_and_stops_one(desk: Desk) -> None:
    boss = desk.logged_in("supervisor")

    def post(path: str, **form: object) -> str:
        data = {"csrf_token": csrf(boss, PAGE)} | form
        return boss.post(path, data=data, follow_redirects=True).get_data(as_text=True)

    shown = post(PAGE, **FORM)
    assert "红色预警" in shown and "还没有语音" in shown and "符合条件的老人" in shown
    one = f"{PAGE}/{desk.services.campaigns.all()[0].id}"
    answer = boss.post(f"{one}/start", data={"csrf_token": csrf(boss, PAGE)})
    assert answer.status_code == 422
    assert "重" not in post(f"{one}/recording", sound=(io.BytesIO(b"no sound"), "a.wav"))
    assert "<audio" in post(f"{one}/recording", sound=(io.BytesIO(wav()), "a.wav"))
    assert boss.get(f"{one}/recording").data == wav()
    assert "进行中" in post(f"{one}/start")
    assert "已暂停" in post(f"{one}/pause")
    assert "已暂停" in boss.get(f"{one}/progress").get_data(as_text=True)
    assert "进行中" in post(f"{one}/resume")
    assert 'elderline_campaign_elders{state="waiting"}' in boss.get("/metrics").get_data(as_text=True)
    assert "已停止" in post(f"{one}/stop")
    assert boss.post(f"{one}/pause", data={"csrf_token": csrf(boss, PAGE)}).status_code == 409
    with desk.services.reading() as work:
        acts = work.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("campaign."))).all()
    assert [each for each in acts if each != "campaign.recipients"] == [
        "campaign.made", "campaign.recorded", "campaign.start", "campaign.pause", "campaign.resume", "campaign.stop",
    ]  # fmt: skip
    whole = boss.get(f"{one}/recipients.csv").get_data(as_text=True)
    assert "王桂兰" in whole
    auditor = desk.logged_in("auditor")
    masked = auditor.get(f"{one}/recipients.csv").get_data(as_text=True)
    assert "王桂兰" not in masked and "王**" in masked
    assert "王桂兰" not in auditor.get(one).get_data(as_text=True)


def test_what_is_wrong_is_refused_on_the_page(desk: Desk) -> None:
    boss = desk.logged_in("supervisor")
    for wrong in (
        {"lines": "0"}, {"lines": "many"}, {"opens": "noon"}, {"ends_at": "2020-01-01T09:00"}, {"text": "雨" * 5_000},
        {"text": "雨\u202e"}, {"district": "月球"}, {"ends_at": "soon"},
    ):  # fmt: skip
        data = {"csrf_token": csrf(boss, PAGE)} | FORM | wrong
        assert boss.post(PAGE, data=data).status_code == 422, wrong
    assert desk.services.campaigns.all() == ()


def test_the_api_makes_previews_and_moves(desk: Desk) -> None:
    client, headers, path = desk.app.test_client(), desk.bearer("supervisor"), "/api/v1/campaigns"
    wanted = {"title": "暴雨", "text": "明天有暴雨。", "way": "sms", "lines": 1}
    made = client.post(path, json=wanted, headers=headers)
    assert (made.status_code, made.get_json()["state"]) == (201, "draft")
    one = f"{path}/{made.get_json()['id']}"
    preview = client.get(f"{one}/preview", headers=headers).get_json()
    assert preview["elders"] > 0 and preview["telephones"] == 0 and preview["messages"] > 0
    moved = client.post(f"{one}/move", json={"what": "start"}, headers=headers).get_json()
    assert (moved["state"], moved["total"]) == ("running", preview["elders"])
    again = client.post(f"{one}/move", json={"what": "start"}, headers=headers)
    assert (again.status_code, again.get_json()["counts"]) == (200, moved["counts"])  # Pressed twice by one person.
    client.post(f"{one}/move", json={"what": "stop"}, headers=headers)
    assert client.post(f"{one}/move", json={"what": "pause"}, headers=headers).status_code == 409
    seen = client.get(f"{one}/recipients", headers=desk.bearer("auditor")).get_json()["items"]
    assert any("*" in each["name"] for each in seen)
    stopped = client.post(f"{one}/move", json={"what": "stop"}, headers=headers).get_json()
    assert (stopped["state"], stopped["settled"]) == ("stopped", stopped["total"])
    assert client.get(f"{path}/999", headers=headers).status_code == 404
    assert client.post(path, json=wanted | {"lines": 0}, headers=headers).status_code == 422
    assert len(client.get(path, headers=headers).get_json()["items"]) == 1
