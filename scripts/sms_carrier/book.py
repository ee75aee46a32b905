"""What the simulated carrier was given, and what it has to bring."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import smpp34

from routing.outreach.sms.encoding import Alphabet, write
from routing.outreach.sms.smpp.deliveries import Segment, joined_text, read_delivery

MOST_KEPT = 5000
"""Messages that the book remembers; the oldest go first."""


@dataclass(frozen=True)
class Taken:
    """One submit_sm that was accepted."""

    id: str
    number: str = field(repr=False)
    sender: str
    segment: Segment = field(repr=False)
    wants_report: bool
    at: float

    @property
    def text(self) -> str:
        """The text of this part."""
        return joined_text({1: self.segment.data}, 1, self.segment.coding)


@dataclass(frozen=True)
class Bringing:
    """One deliver_sm that waits for its acknowledgement. `due` is by the monotonic clock."""

    key: int
    message: smpp34.DeliverSm = field(repr=False)
    due: float = 0.0
    tries: int = 0
    under_way: bool = False


class Book:
    """Remembers. Threads may share it."""

    def __init__(self, again_seconds: float = 1.0, make_id: Callable[[int], str] = lambda at: f"{at:08X}") -> None:
        """`again_seconds` lie between two tries to bring a message, `make_id` makes the ids that it gives."""
        self._again = again_seconds
        self._make_id = make_id
        self._taken: list[Taken] = []
        self._bringing: dict[int, Bringing] = {}
        self._brought: list[int] = []
        self._count = 1000
        self._reference = 0
        self._changed = threading.Condition()

    def take(self, submitted: smpp34.SubmitSm) -> Taken:
        """Accept a message and give it an id."""
        segment = read_delivery(submitted)
        if not isinstance(segment, Segment):
            segment = Segment(submitted.source_addr, submitted.destination_addr, b"", 0)
        with self._changed:
            self._count += 1
            taken = Taken(
                self._make_id(self._count), submitted.destination_addr, submitted.source_addr, segment,
                bool(submitted.registered_delivery & 1), time.time(),
            )  # fmt: skip
            self._taken = [*self._taken[-MOST_KEPT:], taken]
            self._changed.notify_all()
        return taken

    def bring(self, message: smpp34.DeliverSm, delay: float = 0.0) -> int:
        """Have a message brought, and give the key by which `brought` knows it."""
        with self._changed:
            self._count += 1
            self._bringing[self._count] = Bringing(self._count, message, time.monotonic() + delay)
            self._changed.notify_all()
            return self._count

    def reply(self, number: str, to: str, text: str) -> list[int]:
        """Write a text as a phone would, in as many parts as it takes, and have them brought."""
        written = write(text)
        coding = {Alphabet.GSM7: 0, Alphabet.LATIN1: 3, Alphabet.UCS2: 8}[written.alphabet]
        total = len(written.parts)
        self._reference = (self._reference + 1) & 0xFF
        keys = []
        for at, part in enumerate(written.parts, 1):
            header = bytes((5, 0, 3, self._reference, total, at)) if total > 1 else b""
            keys.append(self.bring(smpp34.DeliverSm(
                number, to, header + part, esm_class=0x40 if header else 0, data_coding=coding
            )))  # fmt: skip
        return keys

    def receipt(self, taken: Taken, word: str = "DELIVRD", delay: float = 0.0) -> int:
        """Have a delivery receipt brought, in the usual form of text."""
        done = time.strftime("%y%m%d%H%M", time.gmtime())
        delivered = int(word == "DELIVRD")
        text = (
            f"id:{taken.id} sub:001 dlvrd:{delivered:03} submit date:{done} done date:{done} stat:{word} err:000 text:"
        )
        return self.bring(
            smpp34.DeliverSm(taken.number, taken.sender, text.encode(), esm_class=0x04), delay
        )  # fmt: skip

    def next_to_bring(self) -> Bringing | None:
        """Give what is due and not under way, and note that it is."""
        now = time.monotonic()
        with self._changed:
            for each in self._bringing.values():
                if not each.under_way and each.due <= now:
                    self._bringing[each.key] = replace(each, under_way=True, tries=each.tries + 1)
                    return self._bringing[each.key]
        return None

    def acknowledged(self, key: int, accepted: bool) -> None:
        """Note the answer to a deliver_sm: taken, or to be brought again later."""
        with self._changed:
            each = self._bringing.get(key)
            if each is None:
                return
            if accepted:
                del self._bringing[key]
                self._brought.append(key)
            else:
                self._bringing[key] = replace(each, under_way=False, due=time.monotonic() + self._again)
            self._changed.notify_all()

    def lost(self, keys: list[int]) -> None:
        """The connection went before these were acknowledged: they are brought again."""
        for key in keys:
            self.acknowledged(key, False)

    @property
    def taken(self) -> list[Taken]:
        """All that was accepted, in order."""
        with self._changed:
            return list(self._taken)

    def wait_for(self, wanted: Callable[[Book], bool], seconds: float = 20.0) -> bool:
        """Wait until it is as wanted, at most so long."""
        until = time.monotonic() + seconds
        with self._changed:
            while not wanted(self):
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, 0.1))
        return True

    def was_brought(self, key: int) -> bool:
        """Tell whether it was acknowledged."""
        return key in self._brought

    def tries(self, key: int) -> int:
        """How often it was brought without success so far."""
        each = self._bringing.get(key)
        return each.tries if each else 0
