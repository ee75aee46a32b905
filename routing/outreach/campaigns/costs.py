"""What a message costs: estimated before the start, and counted from the calls and SMS that there really were."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import CallAttempt, Callback, CallRecord, Campaign, CampaignRecipient, SmsMessage
from routing.outreach.campaigns.policy import CallHabits

DIALS_WITHIN = timedelta(minutes=3)
"""From the claim of a call to its first sign: it is dialled within half a minute, and rings for one at the most."""
_ANSWERED = ("answered", "done", "not_reached")
NOT_CHARGED = ("queued", "failed", "expired")


@dataclass(frozen=True)
class Tariff:
    """What the carrier charges, in fen: each minute begun of a call that was answered, each part of an SMS."""

    call_minute: int = 10
    sms_part: int = 5


USUAL_TARIFF = Tariff()


@dataclass(frozen=True)
class Cost:
    """What it came to so far."""

    minutes: int
    parts: int
    fen: int


def expected(
    telephones: int, parts_at_once: int, parts_each: int, message_seconds: float, *, attempts: int,
    habits: CallHabits, tariff: Tariff, writes: bool,
) -> tuple[int, int]:  # fmt: skip
    """Give the expected fen of a start now, and the most: if all answer, or if nobody does and all are written to.

    Each telephone answers a try with the share of `habits`; a message is heard once, to its end.
    """
    minutes = math.ceil((habits.greeting_seconds + message_seconds) / 60)
    reached = 1 - (1 - habits.answered_share) ** max(1, attempts)
    at_once, call = parts_at_once * tariff.sms_part, minutes * tariff.call_minute
    instead = parts_each * tariff.sms_part if writes else 0
    usual = at_once + math.ceil(telephones * (reached * call + (1 - reached) * instead))
    return usual, at_once + telephones * max(call, instead)


def came_to(session: Session, row: Campaign, tariff: Tariff) -> Cost:
    """Count it: a call of ours to a number of the message that began when a try of it was claimed is the message's.

    A call lasts from the dial to its end, for when it was answered is not on its record: the ring is counted too, so
    this is the most that it can have been.
    """
    theirs = CampaignRecipient.campaign_id == row.id
    made = (
        select(CampaignRecipient.number_index, CallAttempt.at)
        .join(Callback, Callback.cause == CampaignRecipient.cause)
        .join(CallAttempt, CallAttempt.callback_id == Callback.id)
        .where(theirs, CampaignRecipient.number_index.is_not(None), CallAttempt.outcome.in_(_ANSWERED))
    )
    tries: dict[bytes | None, list[datetime]] = {}
    for index, at in session.execute(made):
        tries.setdefault(index, []).append(at)
    calls = select(CallRecord.number_index, CallRecord.started_at, CallRecord.ended_at).where(
        CallRecord.direction == "outbound", CallRecord.started_at >= (row.started_at or row.created_at),
        CallRecord.started_at <= row.ends_at + DIALS_WITHIN, CallRecord.ended_at.is_not(None),
        CallRecord.number_index.in_(select(CampaignRecipient.number_index).where(theirs)),
    )  # fmt: skip
    minutes = 0
    for index, began, ended in session.execute(calls):
        if (
            ended is not None
            and index is not None
            and any(at <= began <= at + DIALS_WITHIN for at in tries.get(index, ()))
        ):
            minutes += max(1, math.ceil((ended - began).total_seconds() / 60))
    charged = select(func.coalesce(func.sum(SmsMessage.parts), 0)).where(
        SmsMessage.key.in_(select(CampaignRecipient.cause).where(theirs)), SmsMessage.state.not_in(NOT_CHARGED)
    )
    parts = int(session.scalar(charged) or 0)
    return Cost(minutes, parts, minutes * tariff.call_minute + parts * tariff.sms_part)
