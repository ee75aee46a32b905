"""From the link into the database: each deliver_sm is acknowledged after it is written, and not before."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Full, Queue
from typing import Protocol

import structlog
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from routing.outreach.sms.smpp import pdu as pdus
from routing.outreach.sms.smpp.deliveries import Segment, read_delivery
from routing.outreach.sms.smpp.pdu import Garbled, Pdu, Status
from routing.outreach.sms.smpp.receipts import Receipted
from routing.outreach.sms.smpp.session import Broken

log = structlog.get_logger(__name__)

MOST_WAITING = 500
"""Messages that wait to be written. The next is answered with a temporary error, so that the carrier keeps it."""
AT_ONCE = 50
"""Messages that are written in one transaction: a commit costs as much as fifty of them."""
_ROUND_SECONDS = 0.5
_REST_SECONDS = 1.0
"""After the database failed."""


class Answers(Protocol):
    """The session that a message came by."""

    def send(self, pdu: Pdu) -> None:
        """Write one PDU. Raises Broken."""


class Writes(Protocol):
    """Keeps what came (routing.outreach.sms.smpp.arrivals)."""

    def write(self, came: list[Segment | Receipted], /) -> None:
        """Write all of it or nothing. Raises SQLAlchemyError."""

    def hand_on(self) -> int:
        """Hand on what is whole. Raises SQLAlchemyError."""


class Intake:
    """Takes messages from the reader of the link and writes them from a thread of its own."""

    def __init__(self, arrivals: Writes, wait: Callable[[float], object] | None = None) -> None:
        self._arrivals = arrivals
        self._queue: Queue[tuple[Answers, Pdu]] = Queue(MOST_WAITING)
        self._stop = threading.Event()
        self._wait = wait or self._stop.wait
        self._thread = threading.Thread(target=self._run, name="smpp-intake", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is here, and end. Call it before the link's end, so that the carrier hears of it."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(30)

    def deliver(self, session: Answers, came: Pdu) -> None:
        """Take one deliver_sm; called by the reader of the link, and never waits. Raises Broken."""
        try:
            self._queue.put_nowait((session, came))
        except Full:
            session.send(pdus.answer(came, Status.RX_T_APPN, ""))

    def _run(self) -> None:
        while not self._stop.is_set() or not self._queue.empty():
            batch = self._batch()
            try:
                if batch:
                    self._take(batch)
                self._arrivals.hand_on()
            except SQLAlchemyError as error:
                log.warning("smpp.database_away", error=type(error).__name__)
                self._wait(_REST_SECONDS)

    def _batch(self) -> list[tuple[Answers, Pdu]]:
        batch: list[tuple[Answers, Pdu]] = []
        with suppress(Empty):
            batch.append(self._queue.get(timeout=_ROUND_SECONDS))
            while len(batch) < AT_ONCE:
                batch.append(self._queue.get_nowait())
        return batch

    def _take(self, batch: list[tuple[Answers, Pdu]]) -> None:
        """Write a batch, and answer each. What is no message is refused for good: again it would be none either."""
        readable: list[_Came] = []
        for session, came in batch:
            try:
                readable.append(_Came(session, came, read_delivery(pdus.message(came))))
            except Garbled as error:
                log.warning("smpp.unreadable", why=str(error), bytes=len(came.body))
                self._answer(session, came, Status.RX_P_APPN)
        try:
            self._write(readable)
        except SQLAlchemyError as error:
            if _is_away(error):
                for each in readable:
                    self._answer(each.session, each.pdu, Status.RX_T_APPN)
                raise
            self._one_by_one(readable)
        except Exception:  # One of them cannot be written: the others must not suffer for it.
            log.exception("smpp.batch_not_written")
            self._one_by_one(readable)

    def _one_by_one(self, batch: list[_Came]) -> None:
        for each in batch:
            try:
                self._write([each])
            except SQLAlchemyError as error:
                log.warning("smpp.not_written", error=type(error).__name__)
                self._answer(each.session, each.pdu, Status.RX_T_APPN if _is_away(error) else Status.RX_P_APPN)
            except Exception:
                log.exception("smpp.not_written")
                self._answer(each.session, each.pdu, Status.RX_P_APPN)

    def _write(self, batch: list[_Came]) -> None:
        """Write messages, and say that we have them when the transaction is through."""
        self._arrivals.write([each.read for each in batch if each.read is not None])
        for each in batch:
            if each.read is None:
                log.warning("smpp.receipt_of_nothing")
            self._answer(each.session, each.pdu, Status.ROK)

    def _answer(self, session: Answers, came: Pdu, status: Status) -> None:
        try:
            session.send(pdus.answer(came, status, ""))
        except Broken:
            log.info("smpp.not_acknowledged", status=status.name)  # It comes again, and is known then.


@dataclass(frozen=True)
class _Came:
    session: Answers
    pdu: Pdu
    read: Segment | Receipted | None


def _is_away(error: SQLAlchemyError) -> bool:
    """Tell whether the database is at fault, and not what is to be written."""
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout | InternalError)
