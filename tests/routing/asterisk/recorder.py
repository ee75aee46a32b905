"""Keeps the events that a client tells of, and waits for the one that a test is about."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest

from routing.asterisk.client import AmiClient
from routing.asterisk.errors import AmiError
from routing.asterisk.events import AmiEvent
from routing.asterisk.limits import AmiLimits
from tests.routing.asterisk.fake_ami import FakeAmi
from tests.routing.asterisk.sides import QUICK

Kind = TypeVar("Kind", bound=AmiEvent)


class Recorder:
    """Subscribe it: `client.subscribe(recorder)`. Make it on the event loop of the test."""

    def __init__(self) -> None:
        self.events: list[AmiEvent] = []
        self._came = asyncio.Event()

    def __call__(self, event: AmiEvent) -> None:
        """Keep the event."""
        self.events.append(event)
        self._came.set()

    def of(self, kind: type[Kind]) -> list[Kind]:
        """The events of a kind so far, in order."""
        return [event for event in self.events if isinstance(event, kind)]

    async def seen(self, kind: type[Kind], count: int = 1, within: float = 10.0) -> Kind:
        """Wait for the `count`-th event of a kind; TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            while len(self.of(kind)) < count:
                await self._another()
        return self.of(kind)[count - 1]

    async def seen_where(self, kind: type[Kind], holds: Callable[[Kind], bool], within: float = 10.0) -> Kind:
        """Wait for an event of a kind of which something holds; TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            while not (found := [event for event in self.of(kind) if holds(event)]):
                await self._another()
        return found[0]

    async def _another(self) -> None:
        self._came.clear()
        await self._came.wait()


@asynccontextmanager
async def started(
    node: FakeAmi, limits: AmiLimits = QUICK, *, fails: type[AmiError] | None = None
) -> AsyncIterator[tuple[AmiClient, Recorder]]:
    """A client that has been started, and what it told."""
    client, recorder = AmiClient(node.address(), limits=limits), Recorder()
    client.subscribe(recorder)
    try:
        if fails is None:
            await client.start()
        else:
            with pytest.raises(fails):
                await client.start()
        yield client, recorder
    finally:
        await client.stop()
