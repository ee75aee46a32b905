"""What came over the link, in the database: written first, so that the carrier may forget it, and read afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db.models import SmsReport, SmsSegment
from db.session import UnitOfWork
from routing.outreach.sms.encoding import Alphabet
from routing.outreach.sms.parts import REPORTED_WITHIN, take_report
from routing.outreach.sms.smpp.deliveries import Segment, joined_text
from routing.outreach.sms.smpp.receipts import Receipted

log = structlog.get_logger(__name__)

JOIN_WITHIN = timedelta(minutes=2)
"""A part that has not come by then does not come: the rest goes on as it is, marked. Phones send parts at once."""
REPEATED_WITHIN = timedelta(minutes=5)
"""The same text again, with nothing in between: the carrier did not hear that we have it. It is read once."""
PART_REPEATED_WITHIN = timedelta(hours=24)
"""The same for a part: its number in the message tells it from any other."""
KEPT = timedelta(days=7)
MOST_ATTEMPTS = 5
"""A message that cannot be read after so many tries is left to people; it stands in the log."""
_A_ROUND = 200


class Inbox(Protocol):
    """Reads messages (routing.outreach.sms.inbound)."""

    def received(self, carrier_id: str, sender: str, to: str, text: str, ts: str = "") -> object:
        """Take one message, once per carrier's id."""


class Arrivals:
    """Takes what the carrier brings, and hands whole messages on."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        inbox: Inbox,
        number_index: Callable[[str], bytes],
        content_index: Callable[[str], bytes],
        plain: Alphabet = Alphabet.GSM7,
    ) -> None:
        """`number_index` takes a number as the carrier writes it, `plain` is what its data_coding 0 stands for."""
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._inbox = inbox
        self._number_index = number_index
        self._content_index = content_index
        self._plain = plain

    def write(self, came: Sequence[Segment | Receipted]) -> None:
        """Write what came, all of it or nothing; again and in any order it does no harm. Raises SQLAlchemyError."""
        now = self._clock()
        with self._unit_of_work() as session:
            for each in came:
                if isinstance(each, Receipted):
                    take_report(session, each, self._number_index(each.number), now)
                else:
                    self._write_segment(session, each, now)

    def hand_on(self) -> int:
        """Hand on messages whose parts are all here, and those whose last part is overdue; give how many.

        A message that fails is tried again at the next round, a bounded number of times. Raises SQLAlchemyError.
        """
        with self._reading() as session:
            query = select(SmsSegment).where(SmsSegment.handed_at.is_(None)).order_by(SmsSegment.id).limit(_A_ROUND)
            waiting = list(session.scalars(query))
        wholes: dict[str, list[SmsSegment]] = {}
        for segment in waiting:
            wholes.setdefault(segment.whole, []).append(segment)
        return sum(self._hand_on(parts) for parts in wholes.values() if self._ready(parts))

    def tidy(self) -> None:
        """Forget what is too old to be repeated."""
        now = self._clock()
        with self._unit_of_work() as session:
            session.execute(delete(SmsSegment).where(SmsSegment.handed_at < now - KEPT))
            session.execute(delete(SmsReport).where(SmsReport.received_at < now - max(KEPT, REPORTED_WITHIN)))

    def _ready(self, parts: list[SmsSegment]) -> bool:
        first = parts[0]
        # Whatever the clock says: set back, it would make them wait for as long as it was set back by.
        overdue = abs(self._clock() - first.received_at) > JOIN_WITHIN
        if len(parts) < first.total and overdue:
            log.warning("sms.part_missing", whole=first.whole, came=len(parts), of=first.total)
        return len(parts) >= first.total or overdue

    def _hand_on(self, parts: list[SmsSegment]) -> bool:
        first = parts[0]
        text = joined_text(
            {each.part: bytes.fromhex(each.data) for each in parts}, first.total, first.coding, self._plain
        )
        done = True
        try:
            self._inbox.received(f"smpp-{first.whole}", first.sender, first.number_to, text)
        except SQLAlchemyError:
            raise
        except Exception:  # What one message does must not keep the others waiting.
            log.exception("sms.not_read", whole=first.whole, attempts=first.attempts + 1)
            done = first.attempts + 1 >= MOST_ATTEMPTS
        with self._unit_of_work() as session:
            session.execute(
                update(SmsSegment)
                .where(SmsSegment.whole == first.whole, SmsSegment.handed_at.is_(None))
                .values(handed_at=self._clock() if done else None, attempts=SmsSegment.attempts + 1)
            )
        return done

    def _write_segment(self, session: Session, came: Segment, now: datetime) -> None:
        sender_index = self._number_index(came.sender)
        content = self._content_index(f"{came.coding}\0{came.data.hex()}")
        whole = self._whole_of(session, came, sender_index, content, now)
        if whole is None:
            log.info("sms.repeated", part=came.part, of=came.total)
            return
        session.add(
            SmsSegment(
                whole=whole, sender=came.sender, sender_index=sender_index, number_to=came.to[:40],
                reference=came.reference, total=came.total, part=came.part, coding=came.coding, data=came.data.hex(),
                content_index=content, received_at=now, attempts=0,
            )
        )  # fmt: skip
        session.flush()

    def _whole_of(
        self, session: Session, came: Segment, sender_index: bytes, content: bytes, now: datetime
    ) -> str | None:
        """Tell to which message a part belongs: one that is begun, or a new one. None: it was here before."""
        from_here = select(SmsSegment).where(
            SmsSegment.sender_index == sender_index, SmsSegment.number_to == came.to[:40]
        )
        if came.reference is None:
            last = session.scalar(from_here.order_by(SmsSegment.id.desc()).limit(1))
            if last is None or last.reference is not None or last.received_at < now - REPEATED_WITHIN:
                return _new()
            return None if last.content_index == content else _new()
        same = from_here.where(
            SmsSegment.reference == came.reference, SmsSegment.total == came.total,
            SmsSegment.received_at > now - PART_REPEATED_WITHIN,
        )  # fmt: skip
        known = list(session.scalars(same.order_by(SmsSegment.id)))
        if any(each.part == came.part and each.content_index == content for each in known):
            return None
        begun = [each for each in known if each.handed_at is None and each.received_at > now - JOIN_WITHIN]
        if begun and not any(each.part == came.part for each in begun if each.whole == begun[-1].whole):
            return begun[-1].whole
        return _new()  # The phone has counted round, and begins another message with the same reference.


def _new() -> str:
    return secrets.token_hex(16)
