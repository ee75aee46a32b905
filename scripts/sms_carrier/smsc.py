"""The simulated carrier's side of SMPP 3.4: one thread a connection."""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import smpp34
import structlog

from routing.outreach.sms.smpp import pdu as pdus
from routing.outreach.sms.smpp.pdu import Command, Garbled, Pdu, Status
from scripts.sms_carrier.book import Book

log = structlog.get_logger(__name__)

_TICK_SECONDS = 0.02
_WINDOW = 50
_BINDS = (Command.BIND_TRANSCEIVER, Command.BIND_RECEIVER, Command.BIND_TRANSMITTER)


class Cut(Exception):
    """A fault wants the connection closed at once."""


Fault = Callable[[Pdu, "Talk"], bool]
"""Sees each PDU that comes, before it is acted on. True: it has dealt with it itself. Raises Cut to hang up."""


@dataclass
class Talk:
    """One connection. `send_bytes` writes whatever a fault wants."""

    connection: socket.socket
    bound: Command | None = None
    under_way: dict[int, int] = field(default_factory=dict)
    sequence: int = 0

    def send(self, pdu: Pdu) -> None:
        """Write one PDU."""
        self.connection.sendall(pdu.encode())

    def send_bytes(self, data: bytes) -> None:
        """Write bytes."""
        self.connection.sendall(data)

    def next(self) -> int:
        """Count on."""
        self.sequence += 1
        return self.sequence


class Smsc:
    """Listens on loopback, takes messages from those who know a password, brings replies and receipts."""

    def __init__(
        self,
        accounts: Mapping[str, str],
        *,
        port: int = 0,
        book: Book | None = None,
        fault: Fault | None = None,
        receipt_seconds: float | None = 0.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`accounts` are users and passwords; `receipt_seconds` None: no receipts by itself."""
        self.book = book or Book()
        self.fault = fault
        self.binds = 0
        self.heard: list[Pdu] = []
        self._accounts = dict(accounts)
        self._receipt_seconds = receipt_seconds
        self._tls = tls
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", port))
        self._listener.settimeout(0.1)
        self._threads: list[threading.Thread] = []
        self._talks: list[Talk] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._listener.getsockname()[1]
        return port

    def start(self) -> None:
        """Begin to listen."""
        thread = threading.Thread(target=self._accept, name="smsc", daemon=True)
        self._threads.append(thread)
        thread.start()

    def stop(self) -> None:
        """Close everything, as a carrier does that goes away."""
        self._stop.set()
        for thread in list(self._threads):
            thread.join(5)
        self._listener.close()

    def cut(self) -> None:
        """Hang up on everybody."""
        for talk in list(self._talks):
            talk.connection.close()

    @property
    def bound(self) -> int:
        """How many are bound now."""
        return sum(talk.bound is not None for talk in list(self._talks))

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _address = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            thread = threading.Thread(target=self._talk, args=(connection,), daemon=True)
            self._threads = [each for each in self._threads if each.is_alive()] + [thread]
            thread.start()

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        if self._tls is not None:
            try:
                connection = self._tls.wrap_socket(connection, server_side=True)
            except OSError:
                connection.close()
                return
        talk = Talk(connection)
        self._talks.append(talk)
        buffer = bytearray()
        try:
            while not self._stop.is_set():
                if select.select([connection], [], [], _TICK_SECONDS)[0]:
                    data = connection.recv(65_536)
                    if not data:
                        return
                    buffer += data
                    self._take_apart(talk, buffer)
                self._bring(talk)
        except (Cut, OSError, ValueError, Garbled) as error:
            log.info("smsc.hung_up", why=type(error).__name__)
        finally:
            talk.bound = None
            self._talks.remove(talk)
            connection.close()
            self.book.lost(list(talk.under_way.values()))

    def _take_apart(self, talk: Talk, buffer: bytearray) -> None:
        while len(buffer) >= pdus.HEADER.size:
            length = pdus.length_of(bytes(buffer[: pdus.HEADER.size]))
            if len(buffer) < length:
                return
            whole = pdus.parse(bytes(buffer[:length]))
            del buffer[:length]
            self.heard.append(whole)
            if self.fault is None or not self.fault(whole, talk):
                self.act(talk, whole)

    def act(self, talk: Talk, heard: Pdu) -> None:
        """Do what a PDU asks."""
        if heard.answers:
            key = talk.under_way.pop(heard.sequence, None)
            if key is not None:
                self.book.acknowledged(key, heard.status in (Status.ROK, Status.RX_P_APPN))
        elif heard.command in _BINDS:
            self._bind(talk, heard)
        elif heard.command == Command.ENQUIRE_LINK:
            talk.send(pdus.answer(heard))
        elif heard.command == Command.UNBIND:
            talk.send(pdus.answer(heard))
            raise Cut
        elif heard.command == Command.SUBMIT_SM:
            self._submit(talk, heard)
        else:
            talk.send(pdus.nack(heard.sequence, Status.RINVCMDID))

    def _bind(self, talk: Talk, heard: Pdu) -> None:
        name, password = pdus.strings(heard.body, 2)
        if self._accounts.get(name) != password:
            talk.send(pdus.answer(heard, Status.RINVPASWD if name in self._accounts else Status.RINVSYSID))
            raise Cut
        self.binds += 1
        talk.send(pdus.answer(heard, text="elderline-smsc"))
        talk.bound = Command(heard.command)

    def _submit(self, talk: Talk, heard: Pdu) -> None:
        if talk.bound not in (Command.BIND_TRANSCEIVER, Command.BIND_TRANSMITTER):
            talk.send(pdus.answer(heard, Status.RINVBNDSTS))
            return
        try:
            submitted = pdus.message(heard)
        except Garbled:
            talk.send(pdus.answer(heard, Status.RSUBMITFAIL))
            return
        if not isinstance(submitted, smpp34.SubmitSm):
            raise Cut
        taken = self.book.take(submitted)
        talk.send(pdus.answer(heard, text=taken.id))
        if taken.wants_report and self._receipt_seconds is not None:
            self.book.receipt(taken, delay=self._receipt_seconds)

    def _bring(self, talk: Talk) -> None:
        """Bring what waits, if this connection takes messages."""
        if talk.bound not in (Command.BIND_TRANSCEIVER, Command.BIND_RECEIVER):
            return
        while len(talk.under_way) < _WINDOW and (each := self.book.next_to_bring()):
            sequence = talk.next()
            talk.under_way[sequence] = each.key
            whole = pdus.parse(each.message.encode())
            talk.send(Pdu(Command.DELIVER_SM, Status.ROK, sequence, whole.body))
