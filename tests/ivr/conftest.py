"""AGI sessions over loopback."""

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from ivr.agi_link import AgiLink
from ivr.agi_protocol import HardenedAgi
from ivr.call import Delivery
from ivr.channel import AgiCall
from tests.ivr.agi_sides import Pair
from tests.ivr.scripted_asterisk import ScriptedAsterisk, header_bytes


class PlainPrompts:
    """Every key is one sound of its own name; "x+y" is two."""

    def plan(self, key: str, _language: str, _delivery: Delivery, /, **_values: object) -> Sequence[str]:
        if key.startswith("unknown"):
            raise LookupError(key)
        return key.split("+")


def loopback() -> tuple[socket.socket, socket.socket]:
    """A connected pair over TCP, as Asterisk would have it: its end, and ours."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        theirs = socket.create_connection(listener.getsockname())
        ours, _ = listener.accept()
    for each in (theirs, ours):
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return theirs, ours


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    theirs, ours = loopback()
    yield theirs, ours
    for each in (theirs, ours):
        with contextlib.suppress(OSError):
            each.close()


AgiSession = Callable[..., tuple[AgiCall, ScriptedAsterisk]]


@pytest.fixture
def agi_session() -> Iterator[AgiSession]:
    """Start a call whose Asterisk is scripted: `agi_session({"menu": "1"}, missing={"a"})`."""
    opened: list[tuple[AgiLink, ScriptedAsterisk]] = []

    def start(*args: Any, header: dict[str, str] | None = None, **kwargs: Any) -> tuple[AgiCall, ScriptedAsterisk]:
        theirs, ours = loopback()
        theirs.sendall(header_bytes(header))
        asterisk = ScriptedAsterisk(theirs, *args, **kwargs)
        asterisk.start()
        link = AgiLink(ours, 5.0)
        opened.append((link, asterisk))
        return AgiCall(HardenedAgi(link, 5.0), PlainPrompts(), "/prompts"), asterisk

    yield start
    for link, asterisk in opened:
        link.close()
        asterisk.join(5.0)


@pytest.fixture
def session(pair: Pair) -> Callable[..., Any]:
    """Make a session of either kind whose Asterisk will have said these bytes."""

    def start(make: Callable[..., Any], says: bytes = b"", **kwargs: Any) -> Any:
        theirs, ours = pair
        before = signal.getsignal(signal.SIGHUP)
        theirs.sendall(header_bytes() + says)
        try:
            return make(ours, **kwargs)
        finally:
            signal.signal(signal.SIGHUP, before)

    return start
