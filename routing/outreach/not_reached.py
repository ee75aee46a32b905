"""Elders whom neither calls nor an SMS reached: a list that people work off, each with an outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Callback, Campaign, CampaignRecipient, Order
from db.session import UnitOfWork
from routing.errors import Conflict, Invalid, NotFound
from routing.outreach.campaigns.policy import KIND as MESSAGE

RESULTS = ("spoken", "relative", "visited", "gave_up")
"""Spoke with the elder, with a relative, somebody went there, or it is let be."""
LONGEST_NOTE = 2_000


@dataclass(frozen=True)
class NotReached:
    """One of them, as the list shows it."""

    id: int
    elder_id: int | None
    order_id: int | None
    order_number: str
    item_name: str
    """Of the service that was to be asked about; of a group message its title."""
    number: str = field(repr=False)
    attempts: int
    last_outcome: str
    owed_since: datetime
    listed_at: datetime


class NotReachedList:
    """Shows and closes them. Nothing on it closes by itself but what the elder answered meanwhile."""

    def __init__(self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime]) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock

    def open(self, limit: int = 200) -> tuple[NotReached, ...]:
        """Give them, the oldest first."""
        with self._reading() as session:
            query = select(Callback).where(Callback.state == "listed").order_by(Callback.updated_at, Callback.id)
            return tuple(_shown(session, row) for row in session.scalars(query.limit(limit)))

    def count(self) -> int:
        """Count them."""
        with self._reading() as session:
            return session.scalar(select(func.count()).where(Callback.state == "listed")) or 0

    def close(self, callback_id: int, result: str, note: str, actor: str) -> None:
        """Close one with what became of it. Raises NotFound; Conflict if somebody was faster; Invalid."""
        if result not in RESULTS:
            raise Invalid(f"what became of it is one of {', '.join(RESULTS)}")
        note = note.strip()
        if not note or len(note) > LONGEST_NOTE:
            raise Invalid(f"say what became of it, in {LONGEST_NOTE} characters at most")
        now = self._clock()
        with self._unit_of_work() as session:
            row = session.get(Callback, callback_id, with_for_update=True)
            if row is None or row.state not in ("listed", "closed"):
                raise NotFound(f"there is no call {callback_id} on the list")
            if row.state == "closed":
                raise Conflict(f"call {callback_id} was closed by {row.closed_by}")
            row.state, row.last_outcome, row.closing_note = "closed", result, note
            row.closed_at, row.closed_by, row.updated_at = now, actor[:60], now


def _shown(session: Session, row: Callback) -> NotReached:
    order = session.get(Order, row.order_id) if row.order_id is not None else None
    about = order.item.name if order else ""
    if row.kind == MESSAGE:
        told = select(Campaign.title).join(CampaignRecipient).where(CampaignRecipient.cause == row.cause)
        about = session.scalar(told) or ""
    return NotReached(
        row.id, row.elder_id, row.order_id, order.number if order else "", about,
        row.number, row.attempts, row.last_outcome, row.created_at, row.updated_at,
    )  # fmt: skip
