"""Claiming a call that is owed, within a unit of work: the claim and its attempt are written before anything dials."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, CursorResult, func, or_, select, update
from sqlalchemy.orm import Session

from db.models import CallAttempt, Callback, CallRecord
from routing.calls.messages import PlaceCall
from routing.numbers import why_not
from routing.outreach.campaigns import claims as campaign_calls
from routing.outreach.campaigns.policy import KIND as CAMPAIGN
from routing.outreach.campaigns.policy import Now
from routing.outreach.consent import LEFT_IN_PEACE, Channel, Permission, Purpose, purpose_of
from routing.outreach.following import Following
from routing.outreach.standing import permission

log = structlog.get_logger(__name__)

DIAL_WITHIN = timedelta(seconds=30)
"""The router dials within this time or not at all, so that a claim that ran out is surely not dialled any more."""
MARGIN = timedelta(seconds=30)
"""Between the longest ring and the end of a claim: for the report of the outcome."""
ON_THE_LINE_AGAIN = timedelta(minutes=10)
"""Whoever speaks with us just now is rung so long after."""
LONGEST_CALL = timedelta(hours=4)
"""A call without an end that began earlier is one whose end was lost."""


class Claiming:
    """Finds what is due, and claims it one by one."""

    def __init__(
        self, following: Following, *, ring_seconds: float, lines: int, not_elders: Collection[str],
        country: str = "CN",
    ) -> None:  # fmt: skip
        """`not_elders` are our numbers that workers and companies dial, also from an elder's telephone; no elder is
        rung outside `country`."""
        self._country = country
        self._following = following
        self._ring_seconds = ring_seconds
        self._lines = lines
        self._not_elders = tuple(not_elders)

    def due(
        self,
        session: Session,
        room: int | None,
        to_elders: int | None,
        now: datetime,
        *,
        to_messages: int | None = None,
    ) -> list[int]:
        """Give the ids of the calls that are due, as many as there are lines for; companies' first, for their offers
        run out; group messages' last, for each other call is somebody's own."""
        dialling = select(func.count()).where(Callback.state == "dialling", Callback.claimed_until >= now)
        free = self._lines - (session.scalar(dialling) or 0)
        free = max(0, free if room is None else min(free, room))
        business = [kind for kind in _KINDS if purpose_of(kind) is Purpose.BUSINESS]
        found = self._oldest(session, Callback.kind.in_(business), free, now)
        companies = len(found)
        left = free - companies
        left = left if to_elders is None else min(left, to_elders)
        single = Callback.kind.not_in(business) & (Callback.kind != CAMPAIGN)
        found += self._oldest(session, single, max(0, left), now)
        left = max(0, max(0, left) - (len(found) - companies))
        return found + campaign_calls.due(session, left, now, calm_room=to_messages)

    def claim(self, session: Session, callback_id: int, now: datetime) -> PlaceCall | None:
        """Claim one, or do what else is right: cancel it, put it off, ask by SMS. None: it is not dialled now."""
        row = session.get_one(Callback, callback_id, populate_existing=True, with_for_update=True)
        if row.state != "due" or self._is_over(session, row, now) or self._is_put_off(session, row, now):
            return None
        if row.kind == CAMPAIGN and not self._is_its_turn(session, row, now):
            return None
        return self._take(session, row, now)

    def _is_over(self, session: Session, row: Callback, now: datetime) -> bool:
        """End it without a dial if it is not needed, or not wanted."""
        may = self._permission(session, row, now)
        settled = self._following.settled_meanwhile(session, row)
        if settled or (not may.allowed and may.why in LEFT_IN_PEACE):
            self._following.end(row, "cancelled", settled or may.why.value, now)
            return True
        why = "" if may.allowed or may.not_before is not None else may.why.value
        if purpose_of(row.kind) is not Purpose.BUSINESS and why_not(row.number, self._country):
            why = "not_dialable"
        if row.kind == "after_service" and not why and self._called_in_since(session, row):
            why = "called_in"
        if why:
            row.last_outcome = why
            self._following.give_up(session, row, now)
        return bool(why)

    def _is_put_off(self, session: Session, row: Callback, now: datetime) -> bool:
        """Put it off if this is not the moment."""
        until = self._permission(session, row, now).not_before
        speaks = purpose_of(row.kind) is not Purpose.BUSINESS and self._calls(
            session, row, CallRecord.ended_at.is_(None), now - LONGEST_CALL
        )
        if until is None and speaks:
            until = now + ON_THE_LINE_AGAIN
        if until is not None:
            row.due_at, row.updated_at = until, now
        return until is not None

    def _is_its_turn(self, session: Session, row: Callback, now: datetime) -> bool:
        """A group message may be paused, stopped, out of its hours or on as many lines as it has."""
        found = campaign_calls.verdict_of(session, row, now, self._following.rules.zone)
        if found.now is Now.NEVER:
            self._following.end(row, "cancelled", found.why, now)
        elif found.not_before is not None:
            row.due_at, row.updated_at = found.not_before, now
        return found.now is Now.DIAL

    def _take(self, session: Session, row: Callback, now: datetime) -> PlaceCall | None:
        expires = now + DIAL_WITHIN
        claimed = session.execute(
            update(Callback)
            .where(Callback.id == row.id, Callback.state == "due", Callback.attempts == row.attempts)
            .values(
                updated_at=now, state="dialling", attempts=Callback.attempts + 1,
                claimed_until=expires + timedelta(seconds=self._ring_seconds) + MARGIN,
            )
        )  # fmt: skip
        if not isinstance(claimed, CursorResult) or claimed.rowcount != 1:
            return None
        session.refresh(row)
        session.add(CallAttempt(callback_id=row.id, attempt=row.attempts, at=now, outcome=""))
        return PlaceCall(
            f"{row.cause}.{row.attempts}", row.number, row.flow, row.reference, self._ring_seconds, expires.timestamp()
        )

    def _permission(self, session: Session, row: Callback, now: datetime) -> Permission:
        return permission(
            session, purpose_of(row.kind), Channel.CALL, number_index=self._following.number_index(row.number),
            elder_id=row.elder_id, now=now, rules=self._following.rules,
        )  # fmt: skip

    def _oldest(self, session: Session, which: ColumnElement[bool], most: int, now: datetime) -> list[int]:
        if most == 0:
            return []
        query = select(Callback.id).where(Callback.state == "due", Callback.due_at <= now, Callback.flow != "", which)
        return list(session.scalars(query.order_by(Callback.due_at, Callback.id).limit(most)))

    def _calls(self, session: Session, row: Callback, which: ColumnElement[bool], since: datetime) -> bool:
        """Tell whether there are such calls with this elder, or with this number."""
        theirs = [CallRecord.number_index == self._following.number_index(row.number)]
        if row.elder_id is not None:
            theirs.append(CallRecord.elder_id == row.elder_id)
        return bool(session.scalar(select(func.count()).where(or_(*theirs), which, CallRecord.started_at > since)))

    def _called_in_since(self, session: Session, row: Callback) -> bool:
        """Tell whether the elder called us since the call is owed: they could say how it was, the menu asks."""
        inbound = (CallRecord.direction == "inbound") & CallRecord.dialled.not_in(self._not_elders)
        return self._calls(session, row, inbound & (CallRecord.outcome != "abandoned"), row.created_at)


_KINDS = ("after_service", "promise", "offer", "overdue")
