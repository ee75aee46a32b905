"""Conversations of a test's own with a real phone on a real Asterisk: fixtures."""

import math
import shutil
import threading
import wave
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ivr.agi_protocol import HardenedAgi
from ivr.call import Prompts
from ivr.channel import AgiCall
from ivr.prompts.catalogue import TONES
from ivr.server import AgiServer
from scripts.asterisk_config import SOUNDS
from tests.asterisk_node import AsteriskNode, make_node
from tests.ivr.conftest import PlainPrompts
from tests.phones.phone import Phone
from tests.waiting import until

SECONDS = 30.0  # A generous bound for one call.
PROMPTS = "/run/elderline/prompts"
RATE = 8000
LOUD = 500
"""Root mean square of 16 bit samples; our tones have 5,600."""
LONG, SHORT = "long", "short"  # Tones of our own: what is said does not matter here, its length does.


class Conversation:
    """Runs what a test wants said in the next call, in the server's thread, and keeps how it ended."""

    def __init__(self) -> None:
        self.talk: Callable[[AgiCall], Any] = lambda _call: None
        self.result: Any = None
        self.error: BaseException | None = None
        self.call: AgiCall | None = None
        self.begun = threading.Event()
        self.done = threading.Event()
        self.prompts: Prompts = PlainPrompts()
        self.instead_of: Callable[[str], str | None] = lambda _sound: None

    def __call__(self, agi: HardenedAgi, /) -> None:
        call = self.call = AgiCall(agi, self.prompts, PROMPTS, instead_of=self.instead_of)
        try:
            call.answer()
            self.begun.set()
            self.result = self.talk(call)
            call.set("IVR_NEXT", "bye")
        except Exception as error:
            self.error = error
            raise
        finally:
            self.done.set()


def write_tone(path: Path, seconds: float, hertz: float = 440) -> None:
    turn = 2 * math.pi * hertz / RATE
    samples = array("h", (round(8000 * math.sin(at * turn)) for at in range(round(seconds * RATE))))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AsteriskNode]:
    node = make_node(tmp_path_factory.mktemp("node"))
    node.sounds = tmp_path_factory.mktemp("sounds")
    write_tone(node.sounds / f"{LONG}.wav", 5)
    write_tone(node.sounds / f"{SHORT}.wav", 0.5)
    shutil.copytree(SOUNDS / TONES, node.sounds / TONES)
    for path in (node.sounds, *node.sounds.parents):
        if path.owner() == "root" and path != Path("/tmp"):  # noqa: S108 - it is everybody's already.
            path.chmod(0o755)
        if path.name.startswith("pytest-of"):
            break
    node.start()
    yield node
    node.stop()


@pytest.fixture
def conversation(node: AsteriskNode) -> Iterator[Conversation]:
    conversation = Conversation()
    server = AgiServer(conversation, port=node.settings.agi_port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield conversation
    server.stop()
    server.drain(SECONDS)
    thread.join(SECONDS)


def dial(node: AsteriskNode, caller: Phone, conversation: Conversation) -> None:
    """Dial the hotline and wait until the conversation has begun and the phone hears it."""
    caller.dial(f"sip:12349@127.0.0.1:{node.settings.sip_port}")
    caller.wait_for("listening", SECONDS)
    assert conversation.begun.wait(SECONDS)


def until_it_hears(phone: Phone, sound: bool = True) -> None:
    """Wait until the phone has heard a tone, or none, for a tenth of a second. Raises AssertionError.

    A key that is let go while no command listens is lost; while something is said, one does.
    """

    def hears() -> bool:
        last = phone.heard()[-RATE // 10 :].astype(float)
        return len(last) == RATE // 10 and (float(np.sqrt((last**2).mean())) > LOUD) is sound

    until(hears, SECONDS)


def finished(conversation: Conversation) -> Any:
    assert conversation.done.wait(SECONDS)
    if conversation.error is not None:
        raise conversation.error
    return conversation.result
