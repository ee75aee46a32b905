"""More phones than one process holds: rooms of four, each a process of its own with its own line.

The wheel of PJSIP has four calls in a process, so thirty callers and their agents are in a dozen rooms. A phone in a
room is spoken to as one here is; the rooms listen by themselves, and only figures and short pieces of sound come over.
"""

from __future__ import annotations

import multiprocessing
import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.managers import BaseManager
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.ears import RATE, silences, tone_level
from tests.ears.wav import as_samples
from tests.ports import free_port, free_udp_block

if TYPE_CHECKING:
    from tests.phones.phone import Phone, PhoneEvent

IN_A_ROOM = 4
"""Phones of one room: as many as the wheel has calls."""
PIECE_SECONDS = 0.5
"""How much of the latest sound is looked at for a tone."""
LOUD_ENOUGH = 0.03
"""Amplitude (0 to 1) of a tone that counts as heard; phones speak theirs at about 0.4."""
ALONE = 0.8
"""Share of the power of what is heard that a tone has when nothing else is heard."""
_LOOK_SECONDS = 0.2
_PORTS = 24


@dataclass(frozen=True)
class Quiet:
    """The longest silence of one call: when it began, in seconds of the recording, and how long it was."""

    at: float
    seconds: float
    of: float
    """Length of the recording."""


class RoomPhone:
    """A phone as its room has it; what is asked of it comes over a pipe, several threads at a time."""

    def __init__(self, number: str, tone_hz: int) -> None:
        from tests.phones.phone import Phone

        self._phone: Phone = Phone(_room_line(), number, tone_hz=tone_hz)

    def plug_in(self, server: str | None = None, user: str | None = None, password: str = "") -> None:
        """As Phone.plug_in; an agent's phone waits until it is registered."""
        self._phone.plug_in(server, user, password)

    def unplug(self) -> None:
        """As Phone.unplug."""
        self._phone.unplug()

    def dial(self, uri: str) -> None:
        """Dial and wait until somebody answers (20 s)."""
        since = time.monotonic()
        self._phone.dial(uri)
        self._phone.wait_for("connected", 20, since)

    def press(self, keys: str) -> None:
        """As Phone.press."""
        self._phone.press(keys)

    def hang_up(self) -> None:
        """End the call, if there is one, and wait until it has ended (10 s)."""
        if self._phone.busy:
            since = time.monotonic()
            self._phone.hang_up()
            with suppress(AssertionError):  # The other side may have ended it at the same moment.
                self._phone.wait_for("hung_up", 10, since - 1)

    def name(self) -> str:
        """The number that it calls from."""
        return self._phone.number

    def busy(self) -> bool:
        """Whether it has a call."""
        return self._phone.busy

    def events(self) -> list[PhoneEvent]:
        """Everything that happened to it, in monotonic seconds of this machine."""
        return list(self._phone.events)

    def calls(self) -> int:
        """How many calls it has heard so far, the present one included."""
        return len(self._phone.listened)

    def hears_tone(self, hz: int, seconds: float) -> float | None:
        """Wait until the latest half second is the tone and nothing else; give the moment (monotonic), or None."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._tone_alone(hz):
                return time.monotonic()
            if not self._phone.busy:
                return None
            time.sleep(_LOOK_SECONDS)  # Sound arrives all the time and announces nothing.
        return None

    def _tone_alone(self, hz: int) -> bool:
        """Whether the latest half second is this tone and hardly anything else; speech has it in it, too."""
        piece = as_samples(self._phone.heard()[-int(PIECE_SECONDS * RATE) :])
        level = tone_level(piece, hz)
        return level > LOUD_ENOUGH and level**2 / 2 > ALONE * float((piece**2).mean())

    def hears_something(self, seconds: float, loud: float) -> bool:
        """Wait until it has heard so many seconds of the call that are no silence."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            heard = as_samples(self._phone.heard())
            quiet = sum(length for _, length in silences(heard, 0.0))
            if len(heard) / RATE - quiet >= loud:
                return True
            time.sleep(_LOOK_SECONDS)
        return False

    def quietest(self, call: int = -1) -> Quiet:
        """The longest silence in a call that was heard, frame by frame of 20 ms."""
        heard = as_samples(np.frombuffer(bytes(self._phone.listened[call]), dtype=np.int16))
        at, seconds = max(silences(heard, 0.0), key=lambda each: each[1], default=(0.0, 0.0))
        return Quiet(at, seconds, len(heard) / RATE)

    def heard(self, call: int = -1) -> np.ndarray:
        """What was heard in a call, in samples of 16 bits."""
        return np.frombuffer(bytes(self._phone.listened[call]), dtype=np.int16)


_OF_A_PHONE = ("plug_in", "unplug", "dial", "press", "hang_up", "name", "busy", "events", "calls", "hears_tone",
               "hears_something", "quietest", "heard")  # fmt: skip
_lines: list[Any] = []


def _room_line() -> Any:
    """The one line of this process, which is a room; opened with its first phone."""
    from tests.phones.line import Line

    if not _lines:
        _lines.append(Line(free_port(socket.SOCK_DGRAM), rtp_first=free_udp_block(_PORTS), work_ms=25))
    return _lines[0]


def _let_go() -> None:
    while _lines:
        _lines.pop().close()


class _Room(BaseManager):
    """A process with phones in it."""


_Room.register("phone", RoomPhone, exposed=_OF_A_PHONE)
_Room.register("let_go", _let_go)


@contextmanager
def rooms(phones: Sequence[tuple[str, int]]) -> Iterator[list[RoomPhone]]:
    """Phones for all these numbers, each with the tone that it speaks (Hz), while the block lasts."""
    context = multiprocessing.get_context("spawn")
    every = [_Room(ctx=context) for _ in range(-(-len(phones) // IN_A_ROOM))]
    with ThreadPoolExecutor(len(every)) as pool:
        try:
            list(pool.map(lambda room: room.start(), every))
            yield [_asked(every[at // IN_A_ROOM], "phone", *phone) for at, phone in enumerate(phones)]
        finally:
            list(pool.map(_close, every))


def _close(room: _Room) -> None:
    with suppress(Exception):  # A room that is broken, or never opened, ends all the same.
        _asked(room, "let_go")
        room.shutdown()


def _asked(room: _Room, name: str, *words: object) -> Any:
    """Call what is registered under a name; the library makes these methods at run time."""
    return getattr(room, name)(*words)
