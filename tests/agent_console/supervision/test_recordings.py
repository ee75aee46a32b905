"""Listening to recordings: a reason first, one line however the browser fetches it, and nobody without a right to."""

from __future__ import annotations

import wave
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from db.models import AuditEntry, RecordingPlay
from routing.quality.recordings import TalkRecordings
from tests.agent_console.console import Desk, csrf
from tests.agent_console.supervision.test_supervision import begin

PAGE = "/supervisor/calls/c1/sound"


def recorded(desk: Desk, name: str = "c1-1") -> bytes:
    """A call with the recording of a talk, and the file's bytes."""
    begin(desk).note("c1", "ticket.answered", f"1001 {name}")
    folder = Path(desk.services.settings.var_dir, "asterisk", "recordings")
    folder.mkdir(parents=True, exist_ok=True)
    with wave.open(str(folder / f"{name}.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(range(250)) * 64)
    return (folder / f"{name}.wav").read_bytes()


def counted(desk: Desk) -> tuple[int, int]:
    """How often a hearing was written down: in the list, and in the audit."""
    with desk.services.reading() as work:
        heard = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "recording.heard")
        return work.scalar(select(func.count()).select_from(RecordingPlay)) or 0, work.scalar(heard) or 0


def test_a_reason_a_player_and_one_line_for_a_hundred_parts(desk: Desk) -> None:
    whole = recorded(desk)
    client = desk.logged_in("supervisor")
    page = client.get(PAGE).get_data(as_text=True)
    assert "c1-1" in page and "<audio" not in page and "还没有人听过" in page
    form = {"csrf_token": csrf(client, PAGE), "name": "c1-1"}
    assert client.post(PAGE, data=form).status_code == 422, "no reason"
    assert client.post(PAGE, data={**form, "reason": "other", "remark": " "}).status_code == 422
    assert client.post(PAGE, data={**form, "name": "../../secrets", "reason": "sos"}).status_code == 404
    assert counted(desk) == (0, 0)
    opened = client.post(PAGE, data={**form, "reason": "complaint", "remark": "工单 7"}, follow_redirects=True)
    page = opened.get_data(as_text=True)
    sound = page.split('src="/supervisor/recordings/')[1].split('"')[0]
    got = b""
    for start in range(0, len(whole), 200):
        end = min(start + 199, len(whole) - 1)
        part = client.get(f"/supervisor/recordings/{sound}", headers={"Range": f"bytes={start}-{end}"})
        assert part.status_code == 206 and part.headers["Content-Range"] == f"bytes {start}-{end}/{len(whole)}"
        got += part.data
    assert got == whole
    assert counted(desk) == (1, 1)
    assert "核实投诉" in page and "工单 7" in page


def test_the_log_is_the_auditor_s_and_the_sound_is_not(desk: Desk) -> None:
    recorded(desk)
    client = desk.logged_in("supervisor")
    client.post(PAGE, data={"csrf_token": csrf(client, PAGE), "name": "c1-1", "reason": "other", "remark": "家属来电"})
    auditor = desk.logged_in("auditor")
    page = auditor.get(PAGE).get_data(as_text=True)
    assert "其他" in page and "家属来电" not in page and 'name="reason"' not in page
    assert auditor.get("/supervisor/recordings/1.wav").status_code == 403
    with desk.services.reading() as work:
        play = work.scalars(select(RecordingPlay.id)).one()
    path = f"/supervisor/recordings/{play}.wav"
    assert client.get(path).status_code == 200
    assert desk.logged_in("administrator").get(path).status_code == 404, "whoever listens opens it themselves"


def test_what_was_opened_is_over_after_an_hour(desk: Desk) -> None:
    recorded(desk)
    services = desk.services
    late = services.clock() + timedelta(minutes=61)
    folder = Path(services.settings.var_dir, "asterisk", "recordings")
    play = services.talk_recordings.open("c1", "c1-1", "training", "", "user:2")
    assert services.talk_recordings.sound(play.id, "user:2").name == "c1-1.wav"
    later = TalkRecordings(services.unit_of_work, services.reading, lambda: late, folder)
    desk = replace_recordings(desk, later)
    assert later.play(play.id, "c1", "user:2") is None
    assert desk.logged_in("supervisor").get(f"/supervisor/recordings/{play.id}.wav").status_code == 404


def replace_recordings(desk: Desk, recordings: TalkRecordings) -> Desk:
    """The same console with other recordings."""
    return Desk(replace(desk.services, talk_recordings=recordings))


def test_a_file_that_is_elsewhere_and_a_call_without(desk: Desk) -> None:
    recorded(desk)
    Path(desk.services.settings.var_dir, "asterisk", "recordings", "c1-1.wav").unlink()
    client = desk.logged_in("supervisor")
    assert "文件不在本机" in client.get(PAGE).get_data(as_text=True)
    begin(desk, "c2")
    assert "没有录音" in client.get("/supervisor/calls/c2/sound").get_data(as_text=True)
    assert client.get("/supervisor/calls/none/sound").status_code == 404
