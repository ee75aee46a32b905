"""The FastAGI server: accepts calls, gives each a thread and a time to be heard, and never lets a crash be silence.

Whatever fails here ends in a closed connection without IVR_NEXT, and the dialplan then takes its own fallback. A call
beyond `max_calls` is sent back at once with IVR_NEXT=overload, by a few threads kept for that; when even these are
taken, its connection is just closed, which costs nothing when there is least to spare. No caller waits for a thread.

Nothing here knows the database or the router; the composition root gives a `handler`.
"""

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from ivr import variables
from ivr.agi_link import AgiLink, LineTooLong
from ivr.agi_protocol import HardenedAgi
from ivr.call import CallerHungUp, ChannelError

log = structlog.get_logger(__name__)

OVERLOAD = "overload"
"""The IVR_NEXT of a call beyond the limit: straight to the dialplan's fallback, which tells the supervisors why."""

BACKLOG = 1024  # A burst waits in the kernel for the few microseconds that each accept takes.
TURNING_AWAY = 32  # Calls beyond the limit that are told so at once; others are closed without a word.
TURN_AWAY_SECONDS = 2.0
HEADER_SECONDS = 5.0  # Asterisk sends the header in one go; who does not is no Asterisk.
CLEAN_UP_SECONDS = 2.0  # After a cut at the end of a drain.
TIRED_SECONDS = 0.1  # After a failed accept (no more file descriptors, mostly).


class Handler(Protocol):
    """Runs one call, from the header to the end, in the call's own thread."""

    def __call__(self, agi: HardenedAgi, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Counts:
    """How the server fares since it began."""

    active: int  # Calls in flows now.
    total: int  # Calls taken.
    failed: int  # Of them, ended by something unforeseen, so that the dialplan's fallback took over.
    unheard: int  # Of them, connections that sent no AGI header: probes, mostly.
    turned_away: int  # Calls beyond the limit.


@dataclass(slots=True)
class _Calls:
    """The calls under way, and the counts. Guarded by `changed`."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    links: set[AgiLink] = field(default_factory=set)
    total: int = 0
    failed: int = 0
    unheard: int = 0
    turned_away: int = 0
    told: set[AgiLink] = field(default_factory=set)  # Beyond the limit, and being told so.


class AgiServer:
    """One listening socket, one thread a call. Make it, `serve_forever()` in one thread, `stop()` from any other.

    The socket may have come from the process before, and may go to the next one (`listener`): so it is only ever
    closed here, and never shut down, which would close it for everybody.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        max_calls: int = 250,
        header_seconds: float = HEADER_SECONDS,
        listener: socket.socket | None = None,
    ) -> None:
        """Listen at once (port 0: any free one, see `address`), or on with a `listener` that is listening already.

        Raises OSError when the port is taken.
        """
        self._handler = handler
        self._max_calls = max_calls
        self._header_seconds = header_seconds
        self._calls = _Calls()
        self._stopping = threading.Event()
        self._finished = threading.Event()
        self._wake, self._waker = socket.socketpair()
        self.listener = listener or socket.create_server((host, port), backlog=BACKLOG)
        self.listener.setblocking(False)  # Another process may accept from it, too, and be faster.
        self.address: tuple[str, int] = self.listener.getsockname()[:2]

    @property
    def counts(self) -> Counts:
        calls = self._calls
        with calls.changed:
            return Counts(len(calls.links), calls.total, calls.failed, calls.unheard, calls.turned_away)

    def serve_forever(self) -> None:
        """Take calls until `stop`. Returns when the listening socket is closed; calls may still be under way."""
        log.info("agi.listening", host=self.address[0], port=self.address[1], max_calls=self._max_calls)
        try:
            with selectors.DefaultSelector() as either:
                either.register(self.listener, selectors.EVENT_READ)
                either.register(self._wake, selectors.EVENT_READ)
                while not self._stopping.is_set():
                    either.select()
                    self._accept_all()
        finally:
            self.listener.close()
            self._finished.set()

    def _accept_all(self) -> None:
        """Take every call that waits, also when `stop` was said meanwhile: closing would reset their connections."""
        for _ in range(BACKLOG):
            try:
                connection, _ = self.listener.accept()
            except BlockingIOError:
                return
            except OSError:
                log.exception("agi.accept_failed")
                self._stopping.wait(TIRED_SECONDS)
                return
            self._take(connection)

    def stop(self) -> None:
        """Take no more calls; those under way go on. Safe to call twice."""
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._waker.send(b"\0")

    def empty(self, seconds: float) -> bool:
        """After `stop`: wait at most so long for the last call to end, and tell whether it has."""
        calls = self._calls
        if not self._finished.wait(seconds):
            return False
        with calls.changed:
            return calls.changed.wait_for(lambda: not calls.links, timeout=seconds)

    def drain(self, seconds: float) -> bool:
        """After `stop`: wait for the calls under way, at most so long, then cut their connections (the dialplan's
        fallback takes those callers) and give their clean-up a moment. Returns whether all ended by themselves."""
        calls = self._calls
        gone = self.empty(seconds)
        with calls.changed:
            if not gone:
                log.warning("agi.calls_cut", calls=len(calls.links))
                for link in calls.links:
                    link.cut()
                calls.changed.wait_for(lambda: not calls.links, timeout=CLEAN_UP_SECONDS)
        return gone

    def _take(self, connection: socket.socket) -> None:
        link = AgiLink(connection, self._header_seconds)
        calls = self._calls
        with calls.changed:
            room = len(calls.links) < self._max_calls
            told = len(calls.told) < TURNING_AWAY
            if room:
                calls.links.add(link)
                calls.total += 1
            else:
                calls.turned_away += 1
                if told:
                    calls.told.add(link)
            calls.changed.notify_all()
        if room:
            self._start(self._run, link, connection)
        elif told:
            self._start(self._turn_away, link, connection)
        else:
            link.close()

    def _start(self, work: Callable[[AgiLink, socket.socket], None], link: AgiLink, connection: socket.socket) -> None:
        try:
            threading.Thread(target=work, args=(link, connection), name="agi-call", daemon=True).start()
        except RuntimeError:
            log.exception("agi.no_thread")
            self._done(link, failed=True)

    def _turn_away(self, link: AgiLink, _connection: socket.socket) -> None:
        log.warning("agi.turned_away", max_calls=self._max_calls)
        try:
            link.limit(TURN_AWAY_SECONDS)
            HardenedAgi(link, TURN_AWAY_SECONDS).set_variable(variables.IVR_NEXT, OVERLOAD)
        except (ChannelError, CallerHungUp, LineTooLong, OSError) as unheard:
            log.info("agi.not_told", why=str(unheard))
        finally:
            self._done(link, failed=False)

    def _run(self, link: AgiLink, connection: socket.socket) -> None:
        failed = True
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            agi = self._read_header(link)
            if agi is not None:
                self._converse(agi)
            failed = False
        except Exception:
            # The thread's edge: whatever it is, the caller must reach the fallback, which closing the link does.
            log.exception("agi.failed")
        finally:
            self._done(link, failed)
            structlog.contextvars.clear_contextvars()

    def _read_header(self, link: AgiLink) -> HardenedAgi | None:
        try:
            return HardenedAgi(link)
        except (ChannelError, LineTooLong, OSError) as unheard:
            # The health check connects and says nothing, again and again; that alone is no news.
            (log.debug if link.silent else log.info)("agi.no_header", why=str(unheard))
            with self._calls.changed:
                self._calls.unheard += 1
            return None

    def _converse(self, agi: HardenedAgi) -> None:
        structlog.contextvars.bind_contextvars(call_id=agi.env.get("agi_arg_1") or agi.env.get("agi_uniqueid", ""))
        began = time.monotonic()
        try:
            self._handler(agi)
        except CallerHungUp as gone:
            log.info("agi.ended", how=gone.kind.value)
        log.debug("agi.done", seconds=round(time.monotonic() - began, 3))

    def _done(self, link: AgiLink, failed: bool) -> None:
        link.close()
        calls = self._calls
        with calls.changed:
            calls.links.discard(link)
            calls.told.discard(link)
            calls.failed += failed
            calls.changed.notify_all()
