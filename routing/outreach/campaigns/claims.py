"""Which call of a group message is next, and may it be dialled now? Asked within the claim, so that a pause counts from
its commit on."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from db.models import Callback, Campaign, CampaignRecipient
from routing.outreach.campaigns.policy import KIND, WARNINGS, Now, State, Verdict, verdict
from routing.outreach.campaigns.views import hours_of

CANNOT_WAIT = ("orange", "red")
ON_LINES = ("dialling", "answered")
"""States of calls that take a line."""


def verdict_of(session: Session, call: Callback, now: datetime, zone: ZoneInfo) -> Verdict:
    """Decide by the message that the call is of; one that is not there any more is stopped."""
    found = select(Campaign).join(CampaignRecipient).where(CampaignRecipient.cause == call.cause)
    row = session.scalar(found.execution_options(populate_existing=True))
    if row is None:
        return Verdict(Now.NEVER, "stopped")
    return verdict(State(row.state), hours_of(row, zone), on_lines(session, row.id), row.lines, now)


def on_lines(session: Session, campaign_id: int) -> int:
    """Count the calls of a message that ring or are talked on."""
    query = (
        select(func.count())
        .select_from(CampaignRecipient)
        .join(Callback, Callback.cause == CampaignRecipient.cause)
        .where(CampaignRecipient.campaign_id == campaign_id, CampaignRecipient.state == "owed")
        .where(Callback.state.in_(ON_LINES))
    )
    return session.scalar(query) or 0


def due(session: Session, most: int, now: datetime, *, calm_room: int | None = None) -> list[int]:
    """Give the ids of calls that are due, the worst warning of the weather first, then the oldest.

    `calm_room` bounds those that can wait for a calmer moment; the two worst warnings cannot.
    """
    if most <= 0:
        return []
    query = (
        select(Callback.id, Campaign.warning)
        .outerjoin(CampaignRecipient, CampaignRecipient.cause == Callback.cause)
        .outerjoin(Campaign, Campaign.id == CampaignRecipient.campaign_id)
        .where(Callback.state == "due", Callback.due_at <= now, Callback.flow != "", Callback.kind == KIND)
        .order_by(URGENCY.desc(), Callback.due_at, Callback.id)
    )
    found = session.execute(query.limit(most)).all()
    urgent = [each[0] for each in found if each[1] in CANNOT_WAIT]  # They come first by their order.
    others = [each[0] for each in found if each[1] not in CANNOT_WAIT]
    return urgent + (others if calm_room is None else others[: max(0, calm_room - len(urgent))])


URGENCY = case({word: rank for rank, word in enumerate(WARNINGS)}, value=Campaign.warning, else_=0)
"""Orders messages by the warning that they give."""
