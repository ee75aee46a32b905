"""Open SOS cases: how old, whether somebody is on them, and which of them a person must be called to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from redis.exceptions import RedisError
from sqlalchemy import exists, func, or_, select

from agent_console.services import ConsoleServices
from db.models import CallRecord, Case, CaseEvent
from routing.calls.talk import TalkBoard
from routing.orders.sos import Attention, is_alarming, unattended_since

_MOST = 100
_PEOPLE = ("ticket.answered", "talk.joined", "duty.taken")
"""Steps by which a machine tells that a person has come."""


@dataclass(frozen=True)
class OpenSos:
    """One open case."""

    case_id: int
    call_id: str | None
    opened_at: datetime
    unattended_since: datetime | None
    """None while somebody speaks with the caller."""
    alarming: bool
    touched: bool
    """Whether any person has been on it."""

    def row(self) -> Mapping[str, object]:
        """The same for a page's script: epochs."""
        since = self.unattended_since
        return {
            "case_id": self.case_id, "opened_at": self.opened_at.timestamp(), "alarming": self.alarming,
            "unattended_since": since.timestamp() if since else None,
        }  # fmt: skip


def open_sos(services: ConsoleServices) -> list[OpenSos]:
    """Give the open SOS cases, the oldest first. Without Redis nobody is known to talk. Raises SQLAlchemyError."""
    try:
        talking = {talk.call_id for talk in TalkBoard(services.redis).all()}
    except (RedisError, OSError):
        talking = set()
    by_people = or_(CaseEvent.actor.like("user:%"), CaseEvent.actor.like("token:%"), CaseEvent.what.in_(_PEOPLE))
    touched = select(func.max(CaseEvent.at)).where(CaseEvent.case_id == Case.id, by_people).scalar_subquery()
    ended = (
        select(CallRecord.ended_at)
        .where(CallRecord.id == Case.call_id, CallRecord.answered_at.is_not(None))
        .scalar_subquery()
    )
    query = select(Case.id, Case.call_id, Case.opened_at, touched.label("touched"), ended.label("ended"))
    now, minutes = services.clock(), services.settings.sos_alarm_minutes
    found = []
    with services.reading() as work:
        wanted = query.where(Case.kind == "sos", Case.state == "open").order_by(Case.opened_at).limit(_MOST)
        for row in work.execute(wanted):
            last = max((each for each in (row.touched, row.ended) if each is not None), default=None)
            attention = Attention(row.opened_at, last, row.call_id in talking)
            found.append(
                OpenSos(
                    row.id, row.call_id, row.opened_at, unattended_since(attention),
                    is_alarming(attention, now, minutes), last is not None or row.call_id in talking,
                )
            )  # fmt: skip
    return found


def written_sos(services: ConsoleServices) -> list[Mapping[str, object]]:
    """Give the open SOS cases that came in writing and that no person has noted anything on: no telephone rings for
    them, so every desk shows them until somebody does. The oldest first."""
    by_people = or_(CaseEvent.actor.like("user:%"), CaseEvent.actor.like("token:%"))
    touched = exists().where(CaseEvent.case_id == Case.id, by_people)
    query = (
        select(Case.id, Case.elder_id, Case.opened_at)
        .where(Case.kind == "sos", Case.state == "open", Case.sms_id.is_not(None), Case.call_id.is_(None), ~touched)
        .order_by(Case.opened_at)
        .limit(_MOST)
    )
    with services.reading() as work:
        return [
            {"case_id": row.id, "elder_id": row.elder_id, "opened_at": row.opened_at.timestamp()}
            for row in work.execute(query)
        ]  # fmt: skip


def owed_by(services: ConsoleServices, extension: str, talking_on: str | None) -> list[Mapping[str, object]]:
    """Give the open SOS cases whose calls this agent has answered, but for the call that they are in."""
    query = (
        select(Case.id, Case.elder_id, Case.call_id)
        .join(CallRecord, CallRecord.id == Case.call_id)
        .where(Case.kind == "sos", Case.state == "open", CallRecord.agent_extension == extension)
        .order_by(Case.opened_at)
        .limit(_MOST)
    )
    with services.reading() as work:
        return [
            {"case_id": row.id, "elder_id": row.elder_id}
            for row in work.execute(query) if row.call_id != talking_on
        ]  # fmt: skip
