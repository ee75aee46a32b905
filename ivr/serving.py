"""One ivr process from its first call to its last: it serves, is told to leave, hands over, and ends with its calls.

Told to leave (SIGTERM, or the end of `parent`, the process that the supervisor watches), it goes on taking calls until
a successor does, so that a restart costs no caller anything, and even a version that cannot start costs nothing while
the time lasts. SIGINT ends it within seconds: the dialplan's fallback takes the calls under way.
"""

from __future__ import annotations

import contextlib
import selectors
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import structlog

from ivr.handover import Handover, Inheritance
from ivr.server import AgiServer

log = structlog.get_logger(__name__)

QUICK_SECONDS = 4.0
"""At SIGINT calls in flows have so long to end by themselves."""
_LOOK_SECONDS = 5.0
"""So often it is looked whether calls are still taken, and the parent is sent a beat; all else wakes us."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def nothing() -> None:
    """What is called when there is nothing to call."""


@dataclass
class Serving:
    """Runs a server in the main thread. `path` is where a successor asks for the place; without it, none can."""

    server: AgiServer
    leaving_seconds: float = 600.0
    """Once told to leave: so long for a successor to come, and for the last call to end; then calls are cut, and go to
    the dialplan's fallback."""
    path: Path | None = None
    parent: socket.socket | None = None
    inheritance: Inheritance | None = None
    ready: Callable[[], None] = nothing
    """Called when calls are taken."""
    leaving: Callable[[], None] = nothing
    """Called once, when told to leave, before the parent is let go."""
    taken: Callable[[], None] = nothing
    """Called once, when a successor takes the calls."""
    _until: float | None = field(default=None, init=False)
    _handed_over: bool = field(default=False, init=False)
    _stopped: bool = field(default=False, init=False)
    _empty: bool = field(default=False, init=False)
    _quick: bool = field(default=False, init=False)

    def run(self) -> int:
        """Serve to the end. Returns the exit status: 1 when calls had to be cut, or accepting ended by itself."""
        self._wake, self._waker = socket.socketpair()
        with self._signals():
            accepting = threading.Thread(target=self.server.serve_forever, name="agi-accept", daemon=True)
            accepting.start()
            if self.path is not None:
                Handover(self.path, self.server.listener, self._has_taken).start()
            self.ready()
            if self.inheritance is not None:
                self.inheritance.serving()
            while not self._over() and (accepting.is_alive() or self._stopped):
                self._look()
            by_itself = not self._over()
            self.server.stop()
            drained = self.server.drain(QUICK_SECONDS if self._quick else 0.0)
            log.info("agi.stopped", drained=drained, handed_over=self._handed_over, total=self.server.counts.total)
            return 1 if by_itself or not drained else 0

    def _over(self) -> bool:
        return self._quick or self._empty or (self._until is not None and time.monotonic() >= self._until)

    def _look(self) -> None:
        """Beat, wait for the next thing that happens, and do what it asks."""
        if self.parent is not None:
            with contextlib.suppress(
                OSError
            ):  # A parent that is gone is seen below; one that reads nothing is no matter.
                self.parent.send(b".", socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        wait = _LOOK_SECONDS if self._until is None else min(_LOOK_SECONDS, max(0.0, self._until - time.monotonic()))
        with selectors.DefaultSelector() as any_of:
            any_of.register(self._wake, selectors.EVENT_READ)
            if self.parent is not None:
                any_of.register(self.parent, selectors.EVENT_READ)
            happened = [key.fileobj for key, _ in any_of.select(wait)]
        if self._wake in happened:
            for what in self._wake.recv(256):
                self._do(what)
        if self.parent is not None and self.parent in happened:
            self._leave()

    def _do(self, what: int) -> None:
        if what == signal.SIGINT:
            self._quick = True
        elif what == signal.SIGTERM:
            self._leave()
        elif what == _TAKEN:
            self._handed_over = True
            self.taken()
            self._leave()
            self._stop_taking()
        elif what == _EMPTY:
            self._empty = True

    def _leave(self) -> None:
        """Begin to leave, once: from now on the time counts, and the supervisor may start the next one."""
        if self._until is not None:
            return
        self._until = time.monotonic() + self.leaving_seconds
        log.info("agi.leaving", active=self.server.counts.active, seconds=self.leaving_seconds)
        self.leaving()
        if self.parent is not None:
            self.parent.close()
            self.parent = None
        if self.path is None:  # Nobody can come for the place.
            self._stop_taking()

    def _stop_taking(self) -> None:
        """Take no more calls, and be woken when the last one has ended."""
        if self._stopped:
            return
        self._stopped = True
        self.server.stop()

        def wait() -> None:
            if self.server.empty(self.leaving_seconds):
                self._waker.send(bytes([_EMPTY]))

        threading.Thread(target=wait, name="last-call", daemon=True).start()

    def _has_taken(self) -> None:
        self._waker.send(bytes([_TAKEN]))

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Have signals wake us, however often they come, and put back what was before."""
        self._wake.setblocking(True)
        self._waker.setblocking(False)
        handlers = {each: signal.signal(each, _noted) for each in _SIGNALS}
        before = signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            for each, handler in handlers.items():
                signal.signal(each, handler)


_TAKEN, _EMPTY = 201, 202
"""What wakes us beside signals, which come as their numbers."""


def _noted(_number: int, _frame: FrameType | None) -> None:
    """The number has been written where we wait for it."""
