"""What a stop undoes and a pause holds back, within its unit of work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import CursorResult, Select, select, update
from sqlalchemy.orm import Session

from db.models import CampaignRecipient, SmsMessage
from routing.outreach.campaigns.moving import untold

log = structlog.get_logger(__name__)


PAUSED: Final = "paused"
_HELD_FOR = timedelta(days=366)
"""Longer than any message lasts: what nobody releases ends at its own deadline."""


def hold_sms(session: Session, campaign_id: int, now: datetime) -> None:
    """Keep SMS that wait from going until the message goes on."""
    session.execute(
        update(SmsMessage)
        .where(SmsMessage.key.in_(_theirs(campaign_id)), SmsMessage.state == "queued")
        .values(not_before=now + _HELD_FOR, understood=PAUSED)
        .execution_options(synchronize_session=False)
    )


def release_sms(session: Session, campaign_id: int) -> None:
    """Let them go again."""
    session.execute(
        update(SmsMessage)
        .where(SmsMessage.key.in_(_theirs(campaign_id)), SmsMessage.state == "queued")
        .where(SmsMessage.understood == PAUSED)
        .values(not_before=None, understood="")
        .execution_options(synchronize_session=False)
    )


def _theirs(campaign_id: int) -> Select[str]:
    return select(CampaignRecipient.cause).where(CampaignRecipient.campaign_id == campaign_id)


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
    queued = SmsMessage.key.in_(_theirs(campaign_id)) & (SmsMessage.state == "queued")
    session.execute(
        update(CampaignRecipient)
        .where(CampaignRecipient.id.in_(untold(campaign_id)))
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
