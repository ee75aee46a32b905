"""A message that somebody wants to move: locked, whether it may be, and what is written down of it."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from db.models import Campaign, CampaignMove, CampaignRecipient, SmsMessage
from routing.errors import Conflict, NotFound
from routing.outreach.campaigns.policy import Act, State, Why, is_repeat, move_of
from routing.outreach.campaigns.views import Move

log = structlog.get_logger(__name__)

MOST_SHOWN = 200
"""Of the moves of one message; a message that was moved more often shows the latest."""


def locked(session: Session, campaign_id: int) -> Campaign:
    """Give the row, locked. Raises NotFound."""
    row = session.get(Campaign, campaign_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(f"there is no group message {campaign_id}")
    return row


def after_move(session: Session, row: Campaign, act: Act, by: str) -> State | None:
    """Give the state that follows; None if the same person has brought it there already. Raises Conflict."""
    after = move_of(State(row.state), act, queued(session, row.id))
    if after is None and not is_repeat(State(row.state), act, by[:60], row.changed_by):
        raise Conflict(
            f"{row.changed_by} was faster: the message is {row.state} since {row.changed_at:%Y-%m-%d %H:%M} UTC"
        )
    return after


def moved(session: Session, row: Campaign, act: Act, after: State, *, by: str, now: datetime) -> None:
    """Write a move into the message and its history."""
    log.info("campaigns.moved", campaign_id=row.id, before=row.state, after=after.value)
    row.state, row.changed_at, row.changed_by = after.value, now, by[:60]
    note(session, row, act, by=by, now=now)


def finished(session: Session, row: Campaign, why: Why, now: datetime) -> None:
    """Write that nobody is told any more, and why."""
    log.info("campaigns.finished", campaign_id=row.id, why=why.value)
    row.state, row.changed_at, row.changed_by = State.FINISHED.value, now, "system"
    note(session, row, Act.FINISH, by="system", now=now, why=why.value)


def note(session: Session, row: Campaign, act: Act, *, by: str, now: datetime, why: str = "") -> None:
    """Add a line to the history."""
    session.add(CampaignMove(campaign_id=row.id, at=now, act=act.value, state=row.state, by=by[:60], why=why))


def moves_of(session: Session, campaign_id: int) -> tuple[Move, ...]:
    """Give the history, the latest first."""
    query = select(CampaignMove).where(CampaignMove.campaign_id == campaign_id)
    rows = session.scalars(query.order_by(CampaignMove.id.desc()).limit(MOST_SHOWN))
    return tuple(Move(each.at, each.act, each.state, each.by, each.why) for each in rows)


def queued(session: Session, campaign_id: int) -> int:
    """Count the elders who count as written to, and whose SMS waits to be sent, or is held."""
    return session.scalar(select(func.count()).select_from(untold(campaign_id).subquery())) or 0


def untold(campaign_id: int) -> Select[int]:
    """Select whoever counts as written to and whose SMS waits: their own, or the one that went to their number for
    somebody else's sake."""
    theirs = select(CampaignRecipient.cause).where(CampaignRecipient.campaign_id == campaign_id)
    waits = SmsMessage.key.in_(theirs) & (SmsMessage.state == "queued")
    own = exists().where(SmsMessage.key == CampaignRecipient.cause)
    return select(CampaignRecipient.id).where(
        CampaignRecipient.campaign_id == campaign_id, CampaignRecipient.state == "sent",
        CampaignRecipient.cause.in_(select(SmsMessage.key).where(waits))
        | (~own & CampaignRecipient.number_index.in_(select(SmsMessage.number_index).where(waits))),
    )  # fmt: skip
