"""What was asked of the carrier and has no answer yet: at most a window of it, each with an end of its own."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from routing.outreach.sms.smpp.pdu import Pdu


class NotWritten(Exception):
    """Nothing of it left this machine, so the carrier certainly has not got it."""


class Unanswered(Exception):
    """It was written, or begun to be written, and no answer came: nobody can tell whether the carrier has it."""


@dataclass
class _Asked:
    done: threading.Event = field(default_factory=threading.Event)
    answer: Pdu | None = None


class Pending:
    """The window of requests under way on one connection. Threads may share it."""

    def __init__(self, window: int) -> None:
        self._places = threading.BoundedSemaphore(window)
        self._asked: dict[int, _Asked] = {}
        self._lock = threading.Lock()
        self._lost = False

    def enter(self, sequence: int, seconds: float) -> None:
        """Take a place in the window. Raises NotWritten when none becomes free in time, or the connection is lost."""
        if not self._places.acquire(timeout=seconds):
            raise NotWritten("the window of unacknowledged messages is full")
        with self._lock:
            if self._lost:
                self._places.release()
                raise NotWritten("the connection was lost")
            self._asked[sequence] = _Asked()

    def leave(self, sequence: int) -> None:
        """Give the place back."""
        with self._lock:
            known = self._asked.pop(sequence, None)
        if known is not None:
            self._places.release()

    def wait(self, sequence: int, seconds: float) -> Pdu:
        """Wait for the answer. Raises Unanswered."""
        with self._lock:
            asked = self._asked[sequence]
        if not asked.done.wait(seconds):
            raise Unanswered(f"no answer within {seconds:.0f} s")
        if asked.answer is None:
            raise Unanswered("the connection was lost before the answer")
        return asked.answer

    def answered(self, answer: Pdu) -> bool:
        """Note an answer; tell whether anybody waits for it."""
        with self._lock:
            asked = self._asked.get(answer.sequence)
            if asked is None:
                return False
            asked.answer = answer
            asked.done.set()
            return True

    def lose(self) -> None:
        """The connection is gone: nothing is answered any more."""
        with self._lock:
            self._lost = True
            for asked in self._asked.values():
                asked.done.set()
