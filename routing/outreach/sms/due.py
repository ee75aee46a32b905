"""Figures of the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from db.models import SmsMessage


@dataclass(frozen=True)
class OutboxFigures:
    """Outgoing messages of the last day by state (of the queued ones, all), and since when the oldest of those waits
    that may go; `unreported` of them the carrier took more than `REPORT_WITHIN` ago, and has reported nothing."""

    states: dict[str, int]
    oldest: datetime | None
    unreported: int = 0


REPORT_WITHIN = timedelta(hours=1)
"""Telephones are off at night, and their networks report later; but a carrier of which many messages are not reported
within this time drops them, or its reports do not reach us."""
UNREPORTED: Final = "the carrier took it and has reported nothing since"


def is_unreported(message: SmsMessage, now: datetime) -> bool:
    """Tell whether a report of delivery is overdue."""
    return message.state == "sent" and message.sent_at is not None and message.sent_at < now - REPORT_WITHIN


def oldest_due(session: Session, now: datetime) -> datetime | None:
    """Give since when a message could have gone and has not; what waits for its hour does not count before that."""
    since = case((SmsMessage.not_before > SmsMessage.created_at, SmsMessage.not_before), else_=SmsMessage.created_at)
    query = select(func.min(since)).where(SmsMessage.direction == "out", SmsMessage.state == "queued")
    found: datetime | None = session.scalar(
        query.where(or_(SmsMessage.not_before.is_(None), SmsMessage.not_before <= now))
    )
    return found


def outbox_figures(session: Session, now: datetime) -> OutboxFigures:
    """Count the outbox."""
    lately = or_(SmsMessage.created_at > now - timedelta(days=1), SmsMessage.state == "queued")
    counted = select(SmsMessage.state, func.count()).where(SmsMessage.direction == "out", lately)
    counted = counted.group_by(SmsMessage.state)
    states = {str(state): int(count) for state, count in session.execute(counted)}
    silent = select(func.count()).where(SmsMessage.direction == "out", SmsMessage.state == "sent", lately)
    silent = silent.where(SmsMessage.sent_at < now - REPORT_WITHIN)
    return OutboxFigures(states, oldest_due(session, now), session.scalar(silent) or 0)
