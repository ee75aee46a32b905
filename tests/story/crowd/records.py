"""What is in the database after an outage: a record for each call that Asterisk had, and for no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select

from db.models.calls import CallRecord, JourneyEvent, TicketRecord
from routing.calls.recovery.writing import RECOVERED
from tests.hotline import Hotline

SETTLED_SECONDS = 90.0
"""The router compares what the node's file tells of a call with the record half a minute after its end."""


@dataclass(frozen=True)
class Kept:
    """The record of one call, and what belongs to it."""

    number: str | None
    ended: bool
    outcome: str
    agent: str | None
    tickets: tuple[str | None, ...]
    recoveries: int

    @property
    def whole(self) -> bool:
        """Whether it has an end, and the agent whom the caller reached."""
        return self.ended and self.outcome in ("answered", "fallback") and self.agent is not None


def kept(hotline: Hotline) -> dict[str, Kept]:
    """Give the records of all calls that came in, by call id."""
    with hotline.stores.reading() as session:
        tickets = [(each.call_id, each.end) for each in session.scalars(select(TicketRecord))]
        recovered = Counter(session.scalars(select(JourneyEvent.call_id).where(JourneyEvent.what == RECOVERED)))
        return {
            call.id: Kept(
                call.number,
                call.ended_at is not None,
                call.outcome or "",
                call.agent_extension,
                tuple(end for call_id, end in tickets if call_id == call.id),
                recovered[call.id],
            )
            for call in session.scalars(select(CallRecord))
            if call.direction == "inbound"
        }


def settled(hotline: Hotline, call_ids: Collection[str]) -> dict[str, Kept]:
    """Wait until each of these calls has a whole record, or until it should; give all records."""
    with suppress(AssertionError):  # Whoever asked sees by the records themselves what is wrong with them.
        hotline.eventually("whole records", lambda: _all_whole(kept(hotline), call_ids), SETTLED_SECONDS)
    return kept(hotline)


def _all_whole(records: dict[str, Kept], call_ids: Collection[str]) -> bool:
    return all(each in records and records[each].whole for each in call_ids)
