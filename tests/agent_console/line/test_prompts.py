"""Recordings of prompts on the page and over the API: uploaded, heard, refused, taken back, asked for by phone."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
import soundfile
from flask.testing import FlaskClient
from sqlalchemy import select

from agent_console.texts import text, word
from db.models import AuditEntry
from routing.calls import keys
from routing.calls.messages import COMMANDS
from routing.calls.records import AgentRecord, to_json
from routing.voice.studio import MOST_BYTES, Trouble, Wish
from tests.agent_console.console import Desk, csrf
from tests.ivr.prompts.voices import reading

NAME = "welcome.person.0"
PAGE = f"/supervisor/prompts/zh-CN/{NAME}"


def audited(desk: Desk) -> list[tuple[str, str]]:
    with desk.services.reading() as work:
        query = select(AuditEntry).where(AuditEntry.action.like("prompt.%")).order_by(AuditEntry.id)
        return [(each.action, each.detail) for each in work.scalars(query)]


def upload(client: FlaskClient, content: bytes, page: str = PAGE) -> str:
    form = {"csrf_token": csrf(client, page), "recording": (io.BytesIO(content), "mine.wav")}
    answer = client.post(f"{page}/upload", data=form, content_type="multipart/form-data", follow_redirects=True)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def post(client: FlaskClient, what: str, **form: str) -> Any:
    return client.post(f"{PAGE}/{what}", data={"csrf_token": csrf(client, PAGE), **form}, follow_redirects=True)


def test_the_page_shows_every_prompt_with_what_is_heard(desk: Desk) -> None:
    page = desk.logged_in("supervisor").get("/supervisor/prompts").get_data(as_text=True)
    for line in desk.services.studio.lines("zh-CN"):
        assert line.words in page
    assert word("layer", "rendered") in page
    assert word("layer", "none") not in page


def test_a_search_leaves_what_was_searched_for(desk: Desk) -> None:
    page = desk.logged_in("supervisor").get("/supervisor/prompts?find=welcome.").get_data(as_text=True)
    assert NAME in page
    assert "sos.calm.0" not in page


def test_a_recording_is_uploaded_heard_and_taken_back_and_each_is_audited(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    assert text("prompt.kept") in upload(client, reading(3.0, rate=44_100, channels=2))
    assert desk.services.studio.line("zh-CN", NAME).heard.value == "recorded"
    heard = client.get(f"{PAGE}/recorded.wav")
    sound, rate = soundfile.read(io.BytesIO(heard.data))
    assert (heard.mimetype, rate) == ("audio/wav", 8_000)
    assert 2.5 < len(sound) / rate < 3.5
    assert text("prompt.dropped") in post(client, "drop").get_data(as_text=True)
    assert desk.services.studio.line("zh-CN", NAME).heard.value == "rendered"
    assert client.get(f"{PAGE}/recorded.wav").status_code == 404
    assert client.get(f"{PAGE}/rendered.wav").status_code == 200
    assert audited(desk) == [("prompt.recorded", f"zh-CN/{NAME}"), ("prompt.taken_back", f"zh-CN/{NAME}")]


def test_a_dialect_is_a_shelf_of_its_own(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    chosen = client.get("/supervisor/prompts?tag=zh-CN&dialect=lanzhou")
    assert chosen.headers["Location"].endswith("tag=zh-CN-x-lanzhou")
    page = f"/supervisor/prompts/zh-CN-x-lanzhou/{NAME}"
    assert word("layer", "dialect") in upload(client, reading(3.0), page)
    assert desk.services.studio.line("zh-CN", NAME).heard.value == "rendered"
    assert "zh-CN-x-lanzhou" in client.get("/supervisor/prompts").get_data(as_text=True)


def test_what_is_no_sound_is_refused_in_words_and_leaves_nothing(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    for content, trouble in ((b"GIF89a" + b"\0" * 100, Trouble.UNREADABLE), (reading(0.2), Trouble.SHORT)):
        assert word("recording", trouble.value) in upload(client, content)
    assert desk.services.studio.line("zh-CN", NAME).recorded is None
    assert audited(desk) == []


def test_every_trouble_and_layer_has_its_words(desk: Desk) -> None:
    for trouble in Trouble:
        assert word("recording", trouble.value) != trouble.value


def test_no_file_and_too_large_a_file_are_refused(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    assert post(client, "upload").status_code == 422
    form = {"csrf_token": csrf(client, PAGE), "recording": (io.BytesIO(bytes(MOST_BYTES * 2)), "long.wav")}
    assert client.post(f"{PAGE}/upload", data=form, content_type="multipart/form-data").status_code == 413


def test_strangers_may_send_no_more_than_elsewhere(desk: Desk) -> None:
    form = {"recording": (io.BytesIO(bytes(2_000_000)), "long.wav")}
    answer = desk.anonymous().post(f"{PAGE}/upload", data=form, content_type="multipart/form-data")
    assert answer.status_code in (400, 401, 413)


def test_auditors_listen_and_change_nothing(desk: Desk) -> None:
    client = desk.logged_in("auditor")
    page = client.get(PAGE).get_data(as_text=True)
    assert "/upload" not in page
    for what in ("upload", "phone", "drop"):
        assert post(client, what).status_code == 403
    assert desk.logged_in("agent").get("/supervisor/prompts").status_code == 403


@pytest.mark.parametrize("path", ["zh-CN/no.such.0", "../secret/x", "zh-CN-x-/welcome.person.0", "de/welcome.person.0"])
def test_what_there_is_not_is_not_found(desk: Desk, path: str) -> None:
    assert desk.logged_in("supervisor").get(f"/supervisor/prompts/{path}").status_code in (404, 422)


def test_the_phone_of_whoever_asks_is_rung_once_it_is_free(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    assert text("prompt.phone.not_free") in post(client, "phone", at="1003").get_data(as_text=True)
    phone = AgentRecord("1003", contacts=("a|1003|sip:1003@127.0.0.1:5066",))
    desk.services.redis.hset(keys.AGENTS, "1003", to_json(phone))
    assert text("prompt.phone.rings") in post(client, "phone", at="1003").get_data(as_text=True)
    stream: Any = desk.services.redis.xrange(COMMANDS)
    (command,) = [json.loads(fields[b"message"]) for _, fields in stream]
    assert (command["type"], command["at"]) == ("RecordPrompt", "1003")
    assert desk.services.wishes.get(command["request"]) == Wish("zh-CN", NAME, command["by"])
    assert command["by"].startswith("user:")
    assert audited(desk) == [("prompt.by_phone", f"zh-CN/{NAME} at 1003")]


def test_the_api_lists_takes_and_gives_back(desk: Desk) -> None:
    client, headers = desk.anonymous(), desk.bearer("supervisor")
    listed = client.get("/api/v1/prompts?tag=zh-CN", headers=headers).get_json()["items"]
    assert [each["name"] for each in listed] == [each.name for each in desk.services.studio.lines("zh-CN")]
    audio = base64.b64encode(reading(3.0)).decode()
    path = f"/api/v1/prompts/{NAME}/recording"
    kept = client.post(path, json={"audio": audio}, headers=headers)
    assert (kept.status_code, kept.get_json()["heard"]) == (200, "recorded"), kept.get_json()
    assert client.get(f"/api/v1/prompts/{NAME}", headers=headers).get_json()["recording"]["stale"] is False
    gone = client.post(f"{path}/drop", json={}, headers=headers)
    assert gone.get_json()["recording"] is None
    assert client.post(f"{path}/drop", json={}, headers=headers).status_code == 404
    assert [action for action, _ in audited(desk)] == ["prompt.recorded", "prompt.taken_back"]


def test_the_api_says_what_is_wrong_with_a_recording(desk: Desk) -> None:
    client, headers = desk.anonymous(), desk.bearer("supervisor")
    path = f"/api/v1/prompts/{NAME}/recording"
    quiet = base64.b64encode(reading(3.0, level=0.0005)).decode()
    for audio, words in ((quiet, "too soft"), ("&&&", "base64"), (base64.b64encode(b"x" * 99).decode(), "no sound")):
        answer = client.post(path, json={"audio": audio}, headers=headers)
        assert answer.status_code == 422
        assert words in answer.get_json()["detail"]
    assert client.post(path, json={"audio": quiet}, headers=desk.bearer("agent")).status_code == 403


def test_a_recording_as_large_as_allowed_passes_the_api(desk: Desk) -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, (48_000 * 40, 2))
    content = io.BytesIO()
    soundfile.write(content, noise, 48_000, format="WAV", subtype="PCM_24")
    audio = base64.b64encode(content.getvalue()[:MOST_BYTES]).decode()
    path = f"/api/v1/prompts/{NAME}/recording"
    answer = desk.anonymous().post(path, json={"audio": audio}, headers=desk.bearer("supervisor"))
    assert answer.status_code == 422
    assert "at most" in answer.get_json()["detail"]
