"""Whom a message did not reach: for the list of people, who know of other ways (`routing.outreach.not_reached`)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Callback, Campaign, CampaignRecipient
from routing.outreach.campaigns.policy import FLOW, KIND
from routing.outreach.owing import owe

log = structlog.get_logger(__name__)

MOST_LISTED: Final = 100
"""Of one message: more nobody works off beside the calls of a day. The frail are first; the others stand on the
message's own page and in its file."""


def list_for_people(session: Session, row: Campaign, now: datetime) -> int:
    """List those who were not reached, one for each telephone, and give how many were added. Asked again it adds only
    who came since, within the bound."""
    theirs = CampaignRecipient.campaign_id == row.id
    causes = select(CampaignRecipient.cause).where(theirs)
    before = select(func.count()).where(Callback.cause.in_(causes), Callback.state.in_(("listed", "closed")))
    room = MOST_LISTED - (session.scalar(before) or 0)
    if room <= 0:
        return 0
    query = (
        select(CampaignRecipient, Callback)
        .outerjoin(Callback, Callback.cause == CampaignRecipient.cause)
        .where(theirs, CampaignRecipient.state == "not_reached", CampaignRecipient.number.is_not(None))
        .where(CampaignRecipient.lead_index.is_not(None), CampaignRecipient.reason != "never_call")
        .where(Callback.id.is_(None) | Callback.state.not_in(("listed", "closed")))
        .order_by(CampaignRecipient.position)
        .limit(room)
    )
    found = session.execute(query).all()
    for each, call in found:
        listed = call or owe(
            session, now, cause=each.cause, kind=KIND, flow=FLOW, reference=str(each.id), number=each.number or "",
            elder_id=each.elder_id,
        )  # fmt: skip
        listed.state, listed.last_outcome, listed.updated_at = "listed", each.reason or listed.last_outcome, now
        listed.claimed_until = None
    session.flush()
    log.info("campaigns.listed", campaign_id=row.id, count=len(found))
    return len(found)
