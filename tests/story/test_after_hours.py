"""Who calls when the hotline is closed: duty phones in turn, a message, a call-back that a person closes."""

from __future__ import annotations

import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import select

from db.demo import DEMO
from db.models import Callback
from ivr.flows.after_hours import closed_words
from routing.errors import Conflict
from routing.hours.policy import DayKind
from routing.outreach.messages import LeftMessage
from tests.ears import tone_level
from tests.ears.wav import as_samples
from tests.story.scene import Person, Scene, open_scene

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow]

FIRST, SECOND = "+8613900000001", "+8613900000002"
CALLER_HZ, DUTY_HZ = 440, 1000
QUIET = DEMO.quiet
ZONE = ZoneInfo("Asia/Shanghai")
SPOKEN_BYTES = 3 * 16_000
"""Of what Asterisk records, 8 kHz in 16 bits."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A hotline that is closed today and tomorrow, with two people on duty."""
    with open_scene(tmp_path_factory.mktemp("scene"), "redis", "asterisk", "ivr", ring_seconds=3) as scene:
        register = scene.hotline.services.hours_register
        register.set_week(dict.fromkeys(DayKind, "08:00-18:00"))
        today = datetime.now(scene.hotline.settings.zone).date()
        for n in range(-1, 2):
            register.set_exception(today + timedelta(days=n), "", "the test's day off")
        register.add_phone("张值班", FIRST)
        register.add_phone("李值班", SECOND)
        scene.hotline.start("router")
        yield scene


@contextmanager
def on_duty(scene: Scene, number: str, *, answers: bool = True) -> Iterator[Person]:
    """Somebody with a duty phone."""
    person = scene.person(number, tone_hz=DUTY_HZ)
    person.phone.answers = answers
    yield person


def caller_at_night(scene: Scene) -> tuple[Person, str]:
    """An elder who dials and wants a person at once; give the id of their call too."""
    elder = scene.person(QUIET.number, tone_hz=CALLER_HZ)
    return elder, dials_again(scene, elder)


def dials_again(scene: Scene, elder: Person) -> str:
    """Dial, and press 0 over the greeting; give the id of the call."""
    scene.dial(elder)
    elder.phone.press("0")
    return call_of(scene, elder)


def messages(scene: Scene, call_id: str = "") -> list[LeftMessage]:
    """The messages that nobody has closed, of one call or of all."""
    return [each for each in scene.hotline.services.messages.open() if call_id in ("", each.call_id)]


def call_of(scene: Scene, elder: Person) -> str:
    """The id of the elder's call that lasts: that of the only ticket."""
    tickets = scene.until("the elder's ticket", scene.hotline.services.tickets.waiting, 30)
    assert len(tickets) == 1
    return str(tickets[0].call_id)


def ends_of(scene: Scene, call_id: str) -> list[str | None]:
    """How the call's tickets ended, once all of them have."""

    def ended() -> list[str | None]:
        ends = [each.end for each in scene.tickets(call_id)]
        return ends if ends and all(ends) else []

    return list(scene.until("the ticket has ended", ended, 30))


def test_the_second_on_duty_takes_the_call_that_the_first_does_not_answer(scene: Scene) -> None:
    with on_duty(scene, FIRST, answers=False) as first, on_duty(scene, SECOND) as second:
        elder = scene.person(QUIET.number, tone_hz=CALLER_HZ)
        scene.dial(elder)
        key, _ = closed_words(scene.hotline.services.hours.now(), datetime.now(scene.hotline.settings.zone))
        elder.hears(key, 40)
        elder.phone.press("0")
        elder.hears("closed.person")
        call_id = call_of(scene, elder)
        first.phone.wait_for("ringing", 20)
        second.phone.wait_for("connected", 30)
        second.hears("duty.greet")  # Who it is comes next; the key may be pressed over it.
        second.phone.press("1")
        second.hears_tone(CALLER_HZ)
        elder.hears_tone(DUTY_HZ)
        first.phone.wait_for("hung_up", 15)
        second.phone.hang_up()
        elder.phone.wait_for("hung_up", 15)
        assert elder.silent_spells() == []
        assert ends_of(scene, call_id) == ["answered"]
        assert messages(scene, call_id) == []


def test_a_voice_mailbox_takes_no_call_and_what_the_elder_said_before_hanging_up_is_answered(scene: Scene) -> None:
    with on_duty(scene, FIRST) as mailbox, on_duty(scene, SECOND) as busy:
        busy.phone.refuses = 486
        elder, call_id = caller_at_night(scene)
        mailbox.phone.wait_for("connected", 30)
        opens_at = scene.hotline.services.hours.now().opens_at
        assert opens_at is not None
        elder.ears.hear_beginning("message.call_back", 1, 50, when=opens_at.astimezone(ZONE))
        assert elder.silent_spells() == []  # Later they speak, and nobody else does.
        speaks(scene, call_id)
        elder.phone.hang_up()
        assert ends_of(scene, call_id) == ["promised"]
        (left,) = scene.until("the message is on the list", lambda: messages(scene, call_id), 30)
        assert (left.call_id, left.number, left.due_at) == (call_id, QUIET.number, opens_at)
        assert left.elder_id is not None
        assert heard_in_recording(scene, call_id) > 0.03
        service = scene.hotline.services.messages
        service.close(left.id, "called back, all is well", "user:1")
        assert messages(scene, call_id) == []
        with pytest.raises(Conflict):
            service.close(left.id, "again", "user:2")


def callbacks(scene: Scene) -> list[Callback]:
    with scene.hotline.stores.reading() as session:
        return list(session.scalars(select(Callback).where(Callback.kind == "message")))


def speaks(scene: Scene, call_id: str = "") -> None:
    """Wait until Asterisk has recorded three seconds of the caller, of this call or of one that has no message yet."""
    folder = scene.hotline.node.folder / "recordings"
    known = {f"message-{each.call_id}.wav" for each in callbacks(scene)}

    def recorded() -> bool:
        files = [each for each in folder.glob(f"message-{call_id}*.wav") if each.name not in known]
        return any(each.stat().st_size > SPOKEN_BYTES for each in files)

    scene.until("the caller speaks after the tone", recorded, 90)


def heard_in_recording(scene: Scene, call_id: str) -> float:
    """How loud the caller's tone is in the message."""
    path = scene.hotline.services.messages.recording(call_id)
    assert path is not None
    with wave.open(str(path)) as file:
        samples = as_samples(np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16))
    assert len(samples) > 2 * 8000
    return max(tone_level(samples[at : at + 8000], CALLER_HZ) for at in range(0, len(samples) - 8000, 4000))


def test_an_sos_by_night_reaches_a_duty_phone(scene: Scene) -> None:
    with on_duty(scene, FIRST, answers=False) as first, on_duty(scene, SECOND) as second:
        elder = scene.person(DEMO.one_key.number, tone_hz=CALLER_HZ)
        scene.dial(elder, scene.hotline.settings.did_sos)
        scene.until("the case is open", scene.hotline.services.cases.open_cases)
        first.phone.wait_for("ringing", 20)
        second.phone.wait_for("connected", 30)
        second.ears.hear_beginning("duty.sos", 1, 25, who="赵奶奶")
        second.phone.press("1")
        second.hears_tone(CALLER_HZ)
        elder.hears_tone(DUTY_HZ)
        assert elder.silent_spells() == []


def is_let_go_when_the_caller_leaves(duty: Person, elder: Person) -> None:
    """In the middle of the words, which take some ten seconds with the wait for a key behind them."""
    since = time.monotonic()
    duty.ears.hear_beginning("duty.greet", 1, 50)
    elder.phone.hang_up()
    left = elder.phone.wait_for("hung_up", 15, since)
    let_go = duty.phone.wait_for("hung_up", 30, since)
    assert let_go.at - left.at < 5


def test_whoever_hangs_up_at_any_step_leaves_nothing_behind(scene: Scene) -> None:
    with on_duty(scene, FIRST) as first:
        elder, call_id = caller_at_night(scene)
        is_let_go_when_the_caller_leaves(first, elder)
        assert ends_of(scene, call_id) == ["abandoned"]
        first.phone.refuses = 486

        since = time.monotonic()
        call_id = dials_again(scene, elder)
        elder.ears.hear_beginning("message.call_back", 1, 60, when=datetime.now(ZONE))
        elder.phone.hang_up()
        elder.phone.wait_for("hung_up", 10, since)
        assert ends_of(scene, call_id) == ["abandoned"]
        assert messages(scene, call_id) == []


def test_asterisk_alone_rings_the_duty_phones_and_takes_a_message_which_is_on_the_list_afterwards(scene: Scene) -> None:
    before = {each.id for each in callbacks(scene)}
    scene.hotline.kill("router")
    scene.hotline.kill("ivr")
    with on_duty(scene, FIRST) as first, on_duty(scene, SECOND) as second:
        second.phone.refuses = 486
        elder = scene.person(QUIET.number, tone_hz=CALLER_HZ)
        scene.dial(elder)
        is_let_go_when_the_caller_leaves(first, elder)
        scene.dial(elder)
        first.hears("duty.accept", 40)
        first.phone.press("1")
        first.hears_tone(CALLER_HZ)
        elder.hears_tone(DUTY_HZ)
        first.phone.hang_up()
        elder.phone.wait_for("hung_up", 15)
        first.phone.refuses = 486
        since = time.monotonic()
        scene.dial(elder)
        speaks(scene)
        elder.phone.hang_up()
        elder.phone.wait_for("hung_up", 10, since)
    scene.hotline.start("ivr", "router")
    (left,) = scene.until("it is on the list", lambda: [each for each in messages(scene) if each.id not in before], 40)
    assert heard_in_recording(scene, left.call_id) > 0.03
    service = scene.hotline.services.messages
    assert scene.until("its number is known", lambda: service.get(left.id).number, 60) == QUIET.number
    assert {each.id for each in callbacks(scene)} - before == {left.id}
    scene.hotline.services.messages.close(left.id, "called back", "user:1")
