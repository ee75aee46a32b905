"""What a stop undoes, within its unit of work."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from db.models import CampaignRecipient, SmsMessage

log = structlog.get_logger(__name__)


def take_back(session: Session, campaign_id: int, now: datetime) -> None:
    """Let nobody be called or written to any more; who rings or talks still gets an outcome of their own."""
    waiting = CampaignRecipient.state.in_(("waiting", "writing"))
    session.execute(
        update(CampaignRecipient)
        .where(CampaignRecipient.campaign_id == campaign_id, waiting)
        .values(state="stopped", reason="stopped", settled_at=now)
        .execution_options(synchronize_session=False)
    )
    session.flush()
    halted = select(CampaignRecipient.lead_index).where(
        CampaignRecipient.campaign_id == campaign_id, CampaignRecipient.state == "stopped"
    )
    session.execute(
        update(CampaignRecipient)
        .where(CampaignRecipient.campaign_id == campaign_id, CampaignRecipient.state == "shared")
        .where(CampaignRecipient.number_index.in_(halted))
        .values(state="stopped", reason="stopped", settled_at=now)
        .execution_options(synchronize_session=False)
    )
    theirs = select(CampaignRecipient.cause).where(CampaignRecipient.campaign_id == campaign_id)
    queued = SmsMessage.key.in_(theirs) & (SmsMessage.state == "queued")
    session.execute(
        update(CampaignRecipient)
        .where(CampaignRecipient.campaign_id == campaign_id, CampaignRecipient.state == "sent")
        .where(CampaignRecipient.cause.in_(select(SmsMessage.key).where(queued)))
        .values(state="stopped", reason="stopped", settled_at=now)
        .execution_options(synchronize_session=False)
    )
    dropped = session.execute(
        update(SmsMessage)
        .where(queued)
        .values(state="failed", understood="stopped")
        .execution_options(synchronize_session=False)
    )
    log.info("campaigns.taken_back", sms=dropped.rowcount if isinstance(dropped, CursorResult) else 0)
