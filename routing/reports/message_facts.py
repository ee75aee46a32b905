"""How fast messages from telephones were responded to, as the database tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, case, cast, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from db.intervals import seconds_between
from db.models import Case, SmsMessage
from db.slots import second_of
from routing.reports.standard import SMS_SECONDS, IntArray, whole_numbers

_READ = ("understood", "unclear", "received")
"""States of messages that somebody or something here was to respond to; strangers' are not answered."""
_ANSWERS = "answer-"
_COMPANY_ANSWERS = "offer-answer-"
"""Before the id of the message that they answer: the keys of our answers (sms/inbound.py, sms/company_replies.py)."""

_HALF_A_HUNDREDTH = 0.005
"""Times are told apart by hundredths of a second."""
_SKEW = timedelta(days=1)
"""No case of a message was closed so long before it came, however clocks differ."""


@dataclass(frozen=True)
class Responses:
    """Messages: the second since 1970 in which each came, which rise, and 1 if it was responded to in time."""

    seconds: IntArray
    in_time: IntArray


def responses(session: Session, begin: datetime, end: datetime) -> Responses:
    """Give the messages that came between two instants, in their order.

    The response is our answer by SMS when the carrier took it, or a person's closing of the case that the message is:
    the sooner. The cases are gathered once for all messages: they have no index by message, and asked for each message
    a month of 20,000 read them 20,000 times, which PostgreSQL broke off after its 30 s.
    """
    answer, other = aliased(SmsMessage), aliased(SmsMessage)
    number = cast(SmsMessage.id, String)
    closings = (
        select(Case.sms_id.label("sms_id"), func.min(Case.closed_at).label("at"))
        .where(Case.sms_id.is_not(None), Case.closed_at >= begin - _SKEW)
        .group_by(Case.sms_id)
        .subquery()
    )
    waits = [seconds_between(SmsMessage.created_at, at) for at in (answer.sent_at, other.sent_at, closings.c.at)]
    in_time = case((or_(*(wait < SMS_SECONDS + _HALF_A_HUNDREDTH for wait in waits)), 1), else_=0)
    packed = cast(second_of(SmsMessage.created_at) * 2 + in_time, String)
    query = (
        select(func.aggregate_strings(packed, " "))
        .outerjoin(answer, answer.key == literal(_ANSWERS) + number)
        .outerjoin(other, other.key == literal(_COMPANY_ANSWERS) + number)
        .outerjoin(closings, closings.c.sms_id == SmsMessage.id)
        .where(
            SmsMessage.direction == "in", SmsMessage.state.in_(_READ), SmsMessage.created_at >= begin,
            SmsMessage.created_at < end,
        )
    )  # fmt: skip
    told = whole_numbers(session.scalar(query))
    return Responses(told >> 1, told & 1)
