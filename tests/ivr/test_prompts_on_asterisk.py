"""What a real phone hears of a real Asterisk when sounds are recorded anew, deleted or cut short: never silence.

Each layer of sounds is a tone of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from ivr.call import AS_EVER
from ivr.channel import AgiCall
from ivr.prompts import own
from ivr.prompts.live import LiveCatalogue
from ivr.prompts.manifest import Entry, write
from routing.voice.sayings import Sayings
from tests.asterisk_node import AsteriskNode
from tests.ears import tone_level
from tests.ears.wav import as_samples
from tests.ivr.conversations_on_asterisk import SECONDS, Conversation, conversation, dial, finished, node, write_tone
from tests.ivr.prompts.own_sounds import record
from tests.phones.phone import Phone

__all__ = ["conversation", "node"]

pytestmark = [pytest.mark.asterisk, pytest.mark.phones]

RENDERED, GENERAL, RECORDED = 440.0, 700.0, 1000.0
HELLO, BYE = "hello.all.0", "bye.all.0"
WORDS = {HELLO: "您好。", BYE: "再见。"}
TEXTS = """
language: zh-CN
prompts:
  hello.all: 您好。
  bye.all: 再见。
pieces:
  generic.segment: 找人工，请按零
"""


@pytest.fixture
def live(node: AsteriskNode, conversation: Conversation, tmp_path: Path) -> Iterator[LiveCatalogue]:
    """Texts of the tests' own, rendered as tones, with nothing recorded yet."""
    (tmp_path / "zh-CN.yaml").write_text(TEXTS, encoding="utf-8")
    folder = node.sounds / "zh-CN"
    for name, hertz in ((HELLO, RENDERED), (BYE, RENDERED), ("generic.segment", GENERAL)):
        folder.mkdir(exist_ok=True)
        write_tone(folder / f"{name}.wav", 1.0, hertz)
    write(folder, {name: Entry("", "", 1.0, -10.0, -19.0) for name in (HELLO, BYE, "generic.segment")})
    for path in (node.settings.own_prompts / own.RECORDED).rglob("*.*"):
        path.unlink()
    live = LiveCatalogue(Sayings(node.settings.own_prompts, {}), tmp_path, node.sounds)
    conversation.prompts, conversation.instead_of = live, live.instead_of
    yield live
    live.stop()


def heard(node: AsteriskNode, caller: Phone, conversation: Conversation, in_one: bool = True) -> tuple[set[float], int]:
    """The tones that a caller hears of both prompts, and how many sounds could not be played."""

    def talk(call: AgiCall) -> int:
        if in_one:
            call.ask([("hello.all", {}), ("bye.all", {})], seconds=0.2)
        else:
            call.play("hello.all")
            call.play("bye.all")
        return call.sounds_failed

    conversation.talk = talk
    dial(node, caller, conversation)
    failed: Any = finished(conversation)
    caller.wait_for("hung_up", SECONDS)
    sound = as_samples(caller.heard())
    return {hertz for hertz in (RENDERED, GENERAL, RECORDED) if tone_level(sound, hertz) > 0.02}, failed


def test_a_recording_is_heard_through_the_instances_own_folder(
    node: AsteriskNode, caller: Phone, conversation: Conversation, live: LiveCatalogue
) -> None:
    record(node.settings.own_prompts, "zh-CN", HELLO, WORDS[HELLO], RECORDED)
    live.look()
    assert heard(node, caller, conversation) == ({RECORDED, RENDERED}, 0)


@pytest.mark.parametrize("in_one", [True, False])
def test_a_recording_that_vanished_is_replaced_by_the_rendered_sound(
    node: AsteriskNode, caller: Phone, conversation: Conversation, live: LiveCatalogue, in_one: bool
) -> None:
    path = record(node.settings.own_prompts, "zh-CN", HELLO, WORDS[HELLO], RECORDED)
    live.look()
    path.unlink()
    tones, failed = heard(node, caller, conversation, in_one)
    assert (tones, failed) == ({RENDERED}, 1)
    assert live.plan("hello.all", "zh-CN", AS_EVER)[0] == f"zh-CN/{HELLO}"


def test_a_sentence_without_any_sound_is_replaced_by_something_true(
    node: AsteriskNode, caller: Phone, conversation: Conversation, live: LiveCatalogue
) -> None:
    (node.sounds / "zh-CN" / f"{HELLO}.wav").unlink()
    assert heard(node, caller, conversation) == ({GENERAL, RENDERED}, 1)


def test_a_sound_that_is_known_to_be_missing_is_no_failure_of_a_call(
    node: AsteriskNode, caller: Phone, conversation: Conversation, live: LiveCatalogue
) -> None:
    (node.sounds / "zh-CN" / f"{HELLO}.wav").unlink()
    with capture_logs() as logs:
        live.refresh()
    assert [each["sound"] for each in logs if each["event"] == "sound.not_playable"] == [f"zh-CN/{HELLO}"]
    assert heard(node, caller, conversation) == ({GENERAL, RENDERED}, 0)


@pytest.mark.parametrize("left", [0, 10, 30])
def test_a_recording_that_was_cut_to_nothing_is_replaced(
    node: AsteriskNode, caller: Phone, conversation: Conversation, live: LiveCatalogue, left: int
) -> None:
    path = record(node.settings.own_prompts, "zh-CN", HELLO, WORDS[HELLO], RECORDED)
    live.look()
    path.write_bytes(path.read_bytes()[:left])
    tones, failed = heard(node, caller, conversation)
    assert (tones, failed) == ({RENDERED}, 1)


def test_a_recording_that_was_cut_in_the_middle_is_passed_over_once_it_is_seen(
    node: AsteriskNode, caller: Phone, conversation: Conversation, live: LiveCatalogue
) -> None:
    path = record(node.settings.own_prompts, "zh-CN", HELLO, WORDS[HELLO], RECORDED)
    path.write_bytes(path.read_bytes()[:4_000])
    live.refresh()
    assert live.sounds_failed == 1
    assert heard(node, caller, conversation) == ({RENDERED}, 0)
