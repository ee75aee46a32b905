"""What callers say after the tone, on a real Asterisk: on file, with a case, heard and closed by a colleague."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from db.demo import DEMO
from db.models import AuditEntry, Case
from routing.orders.recorded_cases import RecordedCase
from tests.agent_console.console import Desk, csrf, make_services
from tests.ears import RATE, tone_level
from tests.ears.wav import as_samples
from tests.story.scene import Person, Scene, open_scene

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow]

CALLER_HZ, VOICE_HZ = 440, 1000
SPOKEN_BYTES = 3 * 16_000
"""Of what Asterisk records, 8 kHz in 16 bits."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A hotline with a console in this process."""
    folder = tmp_path_factory.mktemp("scene")
    with open_scene(folder, "redis", "asterisk", "ivr", "router", session_key="s" * 40) as scene:
        yield scene


@pytest.fixture
def agent(scene: Scene) -> Iterator[FlaskClient]:
    """A colleague's browser."""
    desk = Desk(make_services(scene.hotline.settings))
    client = desk.anonymous()
    assert desk.log_in(client, DEMO.agent.login, DEMO.agent.password).status_code == 302
    yield client
    desk.close()


def speaks(scene: Scene, kind: str) -> Path:
    """Wait until Asterisk has recorded three seconds of the caller, and give the file."""
    folder, known = scene.hotline.node.folder / "recordings", {each.recording for each in cases(scene)}

    def recorded() -> list[Path]:
        new = (each for each in folder.glob(f"{kind}-*.wav") if each.stem not in known)
        return [each for each in new if each.stat().st_size > SPOKEN_BYTES]

    found: list[Path] = scene.until("the caller speaks after the tone", recorded, 90)
    return found[0]


def cases(scene: Scene) -> list[Case]:
    with scene.hotline.stores.reading() as session:
        return list(session.scalars(select(Case)))


def the_case(scene: Scene, path: Path) -> RecordedCase:
    """The case of a recording, once it is there; only one may be."""
    services = scene.hotline.services.recorded_cases

    def opened() -> list[RecordedCase]:
        return [each for each in services.open() if each.recording == path.stem]

    (found,) = scene.until("the case is open", opened, 60)
    return found  # type: ignore[no-any-return]


def loudness(sound: bytes) -> float:
    """How loud the caller's tone is in the loudest second of a WAV file."""
    with wave.open(io.BytesIO(sound)) as file:
        samples = as_samples(np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16))
    assert len(samples) > 2 * 8000
    return max(tone_level(samples[at : at + 8000], CALLER_HZ) for at in range(0, len(samples) - 8000, 4000))


def is_heard_and_closed(scene: Scene, agent: FlaskClient, case: RecordedCase) -> None:
    page = agent.get(f"/desk/messages?kind={case.kind}").get_data(as_text=True)
    assert f'id="case-{case.id}"' in page
    heard = agent.get(f"/desk/messages/cases/{case.id}/recording")
    assert heard.status_code == 200
    level = loudness(heard.data)
    print(f"{case.kind}: the caller's tone is at {level:.3f} in the recording")
    assert level > 0.03
    form: dict[str, Any] = {"csrf_token": csrf(agent, "/desk/messages"), "outcome": "已回电"}
    assert agent.post(f"/desk/messages/cases/{case.id}/close", data=form).status_code == 302
    with scene.hotline.stores.reading() as session:
        audited = [row.action for row in session.scalars(select(AuditEntry)) if row.subject == f"case:{case.id}"]
        assert session.get_one(Case, case.id).state == "closed"
    assert audited == ["case.heard", "case.closed"]


def test_an_elder_complains_about_what_was_ordered(scene: Scene, agent: FlaskClient) -> None:
    orders, elder_id = scene.hotline.services.orders, scene.elder_id(DEMO.quiet)
    (meal, *_rest) = (each for each in orders.menu() if each.code == "meal")
    order = orders.place(elder_id, meal.id, key="of-the-story", source="desk")
    elder = scene.person(DEMO.quiet.number, tone_hz=CALLER_HZ)
    scene.dial(elder)
    elder.ears.hear_beginning(scene.greeting(), 1, 60, who="李爷爷")
    elder.phone.press("2")
    elder.hears("status.complain")
    elder.phone.press("4")
    elder.hears("complaint.sorry")
    path = speaks(scene, "complaint")
    elder.phone.press("#")
    elder.hears("complaint.thanks")
    case = the_case(scene, path)
    assert (case.kind, case.elder_id, case.order_id) == ("complaint", elder_id, order.id)
    assert case.number == DEMO.quiet.number and case.due_at is not None
    elder.ears.hear_beginning("note.call_by", 1, 50, when=case.due_at.astimezone(scene.hotline.settings.zone))
    elder.phone.wait_for("hung_up", 60)
    is_heard_and_closed(scene, agent, case)


def stranger(scene: Scene) -> Person:
    """Somebody unknown, who presses 1 to register."""
    person = scene.person(DEMO.stranger, tone_hz=CALLER_HZ)
    scene.dial(person)
    person.hears("registration.menu")
    person.phone.press("1")
    return person


def test_a_stranger_leaves_name_and_address_and_hears_who_calls_back(scene: Scene, agent: FlaskClient) -> None:
    person = stranger(scene)
    path = speaks(scene, "registration")
    person.phone.press("#")
    person.hears("registration.thanks")
    case = the_case(scene, path)
    assert case.number == DEMO.stranger
    assert case.due_at is not None and case.due_at > case.opened_at
    person.ears.hear_beginning("note.call_by", 1, 50, when=case.due_at.astimezone(scene.hotline.settings.zone))
    person.hears("bye.goodbye")
    person.phone.wait_for("hung_up", 20)
    is_heard_and_closed(scene, agent, case)


def test_hanging_up_in_the_middle_of_it_counts_once(scene: Scene, agent: FlaskClient) -> None:
    person = stranger(scene)
    path = speaks(scene, "registration")
    person.phone.hang_up()
    case = the_case(scene, path)
    is_heard_and_closed(scene, agent, case)
    assert len([each for each in cases(scene) if each.call_id == case.call_id]) == 1


def test_no_key_is_a_person_who_registers_them(scene: Scene) -> None:
    person = scene.person(DEMO.stranger, tone_hz=CALLER_HZ)
    scene.dial(person)
    person.hears("welcome.person")
    (ticket,) = scene.until("the ticket", scene.hotline.services.tickets.waiting, 30)
    assert ticket.intent.value == "register"


def tone(hz: int, seconds: float) -> bytes:
    """A human voice, as far as the ears of the tests are concerned."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, RATE, 0, "NONE", ""))
        waves = 8_000 * np.sin(2 * np.pi * hz * np.arange(round(RATE * seconds)) / RATE)
        sound.writeframes(waves.astype("<i2").tobytes())
    return file.getvalue()


def test_an_elder_hears_what_is_announced_once_and_the_keys_work_over_it(scene: Scene) -> None:
    announcements, now = scene.hotline.services.announcements, datetime.now(UTC)
    made = announcements.make("明天停水。", DEMO.wang.district, now, now + timedelta(hours=1), by="user:1")
    announcements.record(made.id, tone(VOICE_HZ, 5))
    elder = scene.person(DEMO.wang.number)
    for hears_it in (True, False):
        before = scene.calls()
        scene.dial(elder)
        elder.ears.hear_beginning(scene.greeting(), 1, 60, who="王奶奶")
        if hears_it:
            elder.hears("announcement.intro")
            elder.hears_tone(VOICE_HZ)
            elder.phone.press("2")  # Over it: an answer to the menu.
            elder.hears("status.none")
        else:
            elder.hears("welcome.menu")
        elder.phone.hang_up()
        (record,) = scene.new_calls(before, 1)
        assert [step for step in scene.journey(record.id) if "announcement" in step] == (
            [f"announcement.told {made.id}"] if hears_it else [])  # fmt: skip
