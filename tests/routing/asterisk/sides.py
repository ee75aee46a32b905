"""One way to speak to the bare library and to our client, so that one scenario can be played to both."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest
from panoramisk.manager import Manager

from routing.asterisk.client import AmiClient
from routing.asterisk.errors import AmiError
from routing.asterisk.events import AmiEvent, Reconnected, UserEventRaised
from routing.asterisk.limits import AmiLimits, NodeAddress

QUICK = AmiLimits(
    action_seconds=0.5,
    ping_every_seconds=60,
    pong_within_seconds=0.3,
    reconnect_first_seconds=0.02,
    reconnect_most_seconds=0.1,
)


class Bare:
    """panoramisk as its documentation uses it."""

    name = "bare"

    def __init__(self, address: NodeAddress, *, pings: bool = False) -> None:
        self._logins = 0
        self._again = asyncio.Event()
        self.manager = Manager(
            on_login=self._logged_in,
            loop=asyncio.get_running_loop(),
            host=address.host,
            port=address.port,
            username=address.user,
            secret=address.secret,
            reconnect_timeout=0,
            ping_delay=0 if pings else 60,
            ping_interval=1 if pings else 60,
        )

    async def connect(self) -> None:
        """Connect, and wait for the login's answer."""
        await self.manager.connect()
        answered = self.manager.authenticated_future
        if answered is not None:
            await answered

    async def send(self, action: str, **fields: Any) -> Any:
        """Send and wait."""
        return await self.manager.send_action({"Action": action, **fields})

    def on_user_event(self, callback: Callable[[str, str], None]) -> None:
        """Call back with the event's name and its Note."""
        self.manager.register_event("UserEvent", lambda manager, event: callback(event.userevent, event.note))

    async def back(self) -> None:
        """Wait until it has logged in again after a loss."""
        await self._again.wait()

    def _logged_in(self, manager: Manager) -> None:
        self._logins += 1
        if self._logins > 1:
            self._again.set()

    async def close(self) -> None:
        """Close, and keep it from connecting again."""
        self.manager.reconnect_timeout = 3600
        self.manager.close()


class Ours:
    """Our client."""

    name = "ours"

    def __init__(self, address: NodeAddress, *, pings: bool = False) -> None:
        self._again = asyncio.Event()
        self.client = AmiClient(address, limits=replace(QUICK, ping_every_seconds=0.1 if pings else 60))
        self.client.subscribe(self._heard)

    async def connect(self) -> None:
        """Connect and log in."""
        await self.client.start()

    async def send(self, action: str, **fields: Any) -> Any:
        """Send and wait."""
        return await self.client.action(action, **fields)

    def on_user_event(self, callback: Callable[[str, str], None]) -> None:
        """Call back with the event's name and its Note."""

        def pass_on(event: AmiEvent) -> None:
            if isinstance(event, UserEventRaised):
                callback(event.name, event.headers.text("Note"))

        self.client.subscribe(pass_on)

    async def back(self) -> None:
        """Wait until it has logged in again after a loss."""
        await self._again.wait()

    def _heard(self, event: AmiEvent) -> None:
        if isinstance(event, Reconnected):
            self._again.set()

    async def close(self) -> None:
        """Stop."""
        await self.client.stop()


AnySide = Bare | Ours
both_sides = pytest.mark.parametrize("side", [Bare, Ours], ids=["bare", "ours"])


@asynccontextmanager
async def connected(side: type[AnySide], address: NodeAddress, *, pings: bool = False) -> AsyncIterator[AnySide]:
    """A side that is logged in while the block lasts."""
    talker = side(address, pings=pings)
    try:
        await talker.connect()
        yield talker
    finally:
        with suppress(AmiError):
            await talker.close()


@contextmanager
def defect_of(side: type[AnySide], *shown_by: type[BaseException]) -> Iterator[None]:
    """Within it, ours must pass and the bare library must fail in one of these ways.

    When an upgrade of the library mends the fault, the bare side fails the test, and our cure may go.
    """
    if side is Ours:
        yield
        return
    with pytest.raises(shown_by):
        yield
