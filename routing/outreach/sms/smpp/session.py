"""One bound connection to the carrier: framing, the window, enquire_link both ways, and the good manners at its end."""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass

import structlog

from routing.outreach.sms.smpp import pdu as pdus
from routing.outreach.sms.smpp.pdu import Command, Garbled, Pdu, Status
from routing.outreach.sms.smpp.pending import NotWritten, Pending, Unanswered

log = structlog.get_logger(__name__)

_TICK_SECONDS = 0.2
_LAST_SEQUENCE = 0x7FFFFFFF
_READ_BYTES = 65_536


class Broken(Exception):
    """The connection is no use any more; the text says why, without anything personal."""


class Refused(Exception):
    """The carrier answered, and will not have us: by its status."""

    def __init__(self, status: int) -> None:
        super().__init__(pdus.status_name(status))
        self.status = status


@dataclass(frozen=True)
class Timers:
    """Bounds, in seconds."""

    connect: float = 5.0
    answer: float = 10.0
    """Of the carrier, to anything that we ask."""
    enquire: float = 30.0
    """A link that is silent for so long is asked whether it lives."""


class Session:
    """One connection, from the bind to its end. `on_deliver` is given each deliver_sm in the reader's thread, and must
    not keep it: it answers later with `send`."""

    def __init__(
        self, connection: socket.socket, timers: Timers, window: int, on_deliver: Callable[[Session, Pdu], None]
    ) -> None:
        self._socket = connection
        self._timers = timers
        self._on_deliver = on_deliver
        self._pending = Pending(window)
        self._writing = threading.Lock()
        # OpenSSL must not read and write one connection at the same moment; what is here to be read blocks nobody.
        self._reading = self._writing if isinstance(connection, ssl.SSLSocket) else nullcontext()
        self._sequences = _sequences()
        self._counting = threading.Lock()
        self._buffer = bytearray()
        self._heard = time.monotonic()
        self._enquired: float | None = None
        connection.settimeout(timers.answer)

    def bind(self, name: str, password: str, system_type: str) -> str:
        """Bind both ways, and give the carrier's name. Raises Refused or Broken."""
        request = pdus.bind(self._next(), name, password, system_type)
        self.send(request)
        until = time.monotonic() + self._timers.answer
        while time.monotonic() < until:
            for heard in self._receive(until - time.monotonic()):
                if heard.sequence == request.sequence and heard.answers:
                    if heard.status != Status.ROK:
                        raise Refused(heard.status)
                    if heard.command == Command.GENERIC_NACK:
                        raise Refused(Status.RBINDFAIL)
                    return (pdus.strings(heard.body, 1) or [""])[0]
        raise Broken(f"no answer to the bind within {self._timers.answer:.0f} s")

    def serve(self, stop: threading.Event) -> None:
        """Read until the connection ends or `stop` is set. Raises Broken with the reason when it ends."""
        try:
            while not stop.is_set():
                for heard in self._receive(_TICK_SECONDS):
                    self._hear(heard)
                self._keep_alive()
        finally:
            self._pending.lose()

    def ask(self, make: Callable[[int], bytes], patience: float) -> Pdu:
        """Send one request made for a sequence number, within the window, and wait for its answer.

        Raises NotWritten or Unanswered.
        """
        sequence = self._next()
        self._pending.enter(sequence, patience)
        try:
            data = make(sequence)
            with self._writing:
                try:
                    self._socket.sendall(data)
                except OSError as error:  # Some bytes may have left: only whoever wrote none may say that it did not.
                    raise Unanswered(f"the connection broke while writing: {type(error).__name__}") from None
            return self._pending.wait(sequence, self._timers.answer)
        finally:
            self._pending.leave(sequence)

    def send(self, pdu: Pdu) -> None:
        """Write one PDU. Raises Broken."""
        with self._writing:
            try:
                self._socket.sendall(pdu.encode())
            except OSError as error:
                raise Broken(f"writing failed: {type(error).__name__}") from None

    def end(self) -> None:
        """Unbind, wait a moment for the answer, and close. Never raises."""
        try:
            request = pdus.plain(Command.UNBIND, self._next())
            self.send(request)
            until = time.monotonic() + min(2.0, self._timers.answer)
            while time.monotonic() < until:
                if any(
                    heard.answers and heard.sequence == request.sequence
                    for heard in self._receive(until - time.monotonic())
                ):
                    break
        except Broken as error:
            log.info("smpp.unbind_without_answer", why=str(error))
        finally:
            self.close()

    def close(self) -> None:
        """Close the connection."""
        self._pending.lose()
        self._socket.close()

    def _hear(self, heard: Pdu) -> None:
        if heard.answers:
            if not self._pending.answered(heard) and heard.command != Command.ENQUIRE_LINK | Command.GENERIC_NACK:
                # Its question was given up: what it was about is unknown already, and stays so.
                log.warning("smpp.late_answer", command=hex(heard.command), status=pdus.status_name(heard.status))
        elif heard.command == Command.DELIVER_SM:
            self._on_deliver(self, heard)
        elif heard.command == Command.ENQUIRE_LINK:
            self.send(pdus.answer(heard))
        elif heard.command == Command.UNBIND:
            self.send(pdus.answer(heard))
            raise Broken("the carrier unbound us")
        elif heard.command != Command.ALERT_NOTIFICATION:
            self.send(pdus.nack(heard.sequence, Status.RINVCMDID))

    def _receive(self, seconds: float) -> Iterator[Pdu]:
        """Give the whole PDUs that are here, and what comes with one read within `seconds`. Raises Broken."""
        yield from self._whole()
        try:
            if not self._decrypted() and not select.select([self._socket], [], [], max(seconds, 0))[0]:
                return
            with self._reading:
                data = self._socket.recv(_READ_BYTES)
        except TimeoutError:
            return
        except (OSError, ValueError) as error:
            raise Broken(f"reading failed: {type(error).__name__}") from None
        if not data:
            raise Broken("the carrier closed the connection")
        self._heard, self._enquired = time.monotonic(), None
        self._buffer += data
        yield from self._whole()

    def _decrypted(self) -> int:
        """How many bytes TLS holds that select cannot see."""
        return self._socket.pending() if isinstance(self._socket, ssl.SSLSocket) else 0

    def _whole(self) -> Iterator[Pdu]:
        while len(self._buffer) >= pdus.HEADER.size:
            try:
                length = pdus.length_of(bytes(self._buffer[: pdus.HEADER.size]))
            except Garbled as error:
                # Where the next PDU begins cannot be known: only a new connection helps.
                self.send(pdus.nack(0, Status.RINVCMDLEN))
                raise Broken(f"garbage: {error}") from None
            if len(self._buffer) < length:
                return
            whole = bytes(self._buffer[:length])
            del self._buffer[:length]
            yield pdus.parse(whole)

    def _keep_alive(self) -> None:
        now = time.monotonic()
        if self._enquired is not None:
            if now - self._enquired > self._timers.answer:
                raise Broken(f"no answer to enquire_link within {self._timers.answer:.0f} s")
        elif now - self._heard > self._timers.enquire:
            self._enquired = now
            self.send(pdus.plain(Command.ENQUIRE_LINK, self._next()))

    def _next(self) -> int:
        with self._counting:
            return next(self._sequences)


def connected(host: str, port: int, seconds: float) -> socket.socket:
    """Connect. Raises Broken."""
    try:
        return socket.create_connection((host, port), timeout=seconds)
    except OSError as error:
        raise Broken(f"no connection: {type(error).__name__}") from None


def _sequences() -> Iterator[int]:
    while True:
        yield from range(1, _LAST_SEQUENCE)


__all__ = ["Broken", "NotWritten", "Refused", "Session", "Timers", "Unanswered", "connected"]
