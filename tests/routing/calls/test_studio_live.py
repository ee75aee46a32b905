"""A prompt is recorded by a supervisor's own phone: the real router, Asterisk and flow, and a phone that speaks."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ivr.call import Call
from ivr.conversations import Conversations
from ivr.flows.desk import CallDesk
from ivr.flows.recording_studio import RecordingStudio
from ivr.flows.registry import FlowRegistry
from ivr.prompts.live import LiveCatalogue
from ivr.prompts.studio import PromptStudio, TelephoneStudio
from ivr.server import AgiServer
from routing.calls.messages import AgentState
from routing.calls.supervise_messages import RecordPrompt
from routing.calls.tickets import send
from routing.voice.sayings import Sayings
from routing.voice.studio import Layer, Wish, Wishes
from tests.phones.listening import Listener
from tests.phones.phone import Phone
from tests.routing.calls.live import stage, wait  # noqa: F401  # A fixture.
from tests.routing.calls.stage import WITHIN, Stage

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow]

NAME, OTHER = "welcome.person.0", "bye.take_care.0"
READS_SECONDS = 2.5


class Room:
    """The flow that records, over its own AGI server, with folders as an instance has them."""

    def __init__(self, stage: Stage) -> None:  # noqa: F811
        self.stage = stage
        folder: Path = stage.settings.var_dir
        self.recordings = folder / "asterisk" / "recordings"
        self.wishes = Wishes(stage.redis)
        self.audit: list[str] = []
        self.sayings = Sayings(stage.settings.own_prompts, {})
        self.prompts = LiveCatalogue(self.sayings)
        self.studio = PromptStudio(self.sayings, lambda: datetime.now(UTC))
        self.telephone = TelephoneStudio(
            self.studio, self.wishes, self.recordings, lambda by, what: self.audit.append(f"{by} {what}")
        )

    @contextmanager
    def open(self) -> Iterator[None]:
        unwritten = SimpleNamespace(note=lambda *_: None)
        services: Any = SimpleNamespace(studio=self.telephone, journey=unwritten)

        def desk_for(call: Call) -> CallDesk:
            return CallDesk(services, call.facts)

        server = AgiServer(
            Conversations(
                FlowRegistry((RecordingStudio,)), self.prompts, desk_for, sounds="/run/elderline/prompts",
                language="zh-CN", instead_of=self.prompts.instead_of,
            ),
            port=self.stage.settings.agi_port,
        )  # fmt: skip
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.stop()
            server.drain(WITHIN)
            thread.join(WITHIN)

    def ask(self, name: str) -> None:
        """As the page does; read twice by the router it rings once."""
        wish = RecordPrompt(self.wishes.put(Wish("zh-CN", name, "user:2")), "1003", "user:2")
        send(self.stage.redis, wish)
        send(self.stage.redis, wish)

    @property
    def left(self) -> list[str]:
        return [path.name for path in self.recordings.glob("studio-*")]


def play(stage: Stage, story: Any) -> None:  # noqa: F811
    """Play a story over a router, and the flow that records."""
    room = Room(stage)

    async def run() -> None:
        with room.open():
            async with stage.router():
                try:
                    await story(room)
                finally:
                    await stage.clear()

    asyncio.run(asyncio.wait_for(run(), 150))


async def reads(room: Room, boss: Phone, name: str) -> Listener:
    """The phone rings, is picked up, and a tone is read into it until the hash key."""
    asked = time.monotonic()
    room.ask(name)
    await wait(boss, "connected", asked)
    listener = Listener(boss, room.prompts.now)
    await asyncio.to_thread(listener.hear, "studio.begin", WITHIN)
    await room.stage.until(lambda: bool(room.left))
    await asyncio.sleep(READS_SECONDS)  # So long the reading takes.
    await asyncio.to_thread(boss.press, "#")
    return listener


def test_read_by_phone_kept_and_heard_by_the_next_call(stage: Stage) -> None:  # noqa: F811
    async def story(room: Room) -> None:
        boss = await stage.agent("1003", answers=True, ready=False, tone_hz=700)
        listener = await reads(room, boss, NAME)
        await asyncio.to_thread(listener.hear, "studio.choose", WITHIN)
        assert room.studio.line("zh-CN", NAME).heard is Layer.RENDERED
        await asyncio.to_thread(boss.press, "1")
        await asyncio.to_thread(listener.hear, "studio.kept", WITHIN)
        await wait(boss, "hung_up")
        await stage.until(lambda: room.left == [])
        line = room.studio.line("zh-CN", NAME)
        assert line.heard is Layer.RECORDED
        assert line.recorded is not None
        assert 1.0 < line.recorded.seconds < 12.0
        assert room.audit == [f"user:2 zh-CN/{NAME}"]
        assert room.prompts.look()
        assert room.prompts.now.sound(NAME) == f"own/recorded/zh-CN/{NAME}"
        assert len([event for event in boss.events if event.what == "ringing"]) == 1
        await stage.until(lambda: stage.state("1003") is AgentState.PAUSED)

    play(stage, story)


def test_hanging_up_while_reading_leaves_nothing(stage: Stage) -> None:  # noqa: F811
    async def story(room: Room) -> None:
        boss = await stage.agent("1003", answers=True, ready=False, tone_hz=700)
        listener = await reads(room, boss, OTHER)
        await asyncio.to_thread(listener.hear, "studio.choose", WITHIN)
        await asyncio.to_thread(boss.hang_up)
        await stage.until(lambda: room.left == [])
        assert room.studio.line("zh-CN", OTHER).recorded is None
        assert room.audit == []

    play(stage, story)


def test_a_phone_in_use_does_not_ring(stage: Stage) -> None:  # noqa: F811
    async def story(room: Room) -> None:
        boss = await stage.agent("1003", answers=False, ready=False)
        room.ask(OTHER)
        await wait(boss, "ringing")
        room.ask(OTHER)
        send(stage.redis, RecordPrompt(uuid.uuid4().hex, "1002", "user:2"))
        await asyncio.to_thread(boss.hang_up)
        await stage.until(lambda: stage.state("1003") is AgentState.PAUSED)
        assert len([event for event in boss.events if event.what == "ringing"]) == 1

    play(stage, story)
