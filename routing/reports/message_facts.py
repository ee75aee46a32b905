"""How fast messages from telephones were responded to, as the database tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, cast, func, literal, select
from sqlalchemy.orm import Session, aliased

from db.intervals import seconds_between
from db.models import Case, SmsMessage
from db.slots import second_of

_READ = ("understood", "unclear", "received")
"""States of messages that somebody or something here was to respond to; strangers' are not answered."""
_ANSWERS = "answer-"
_COMPANY_ANSWERS = "offer-answer-"
"""Before the id of the message that they answer: the keys of our answers (sms/inbound.py, sms/company_replies.py)."""


@dataclass(frozen=True)
class Responded:
    """A message, the second since 1970 in which it came, and the seconds until the response; None: there was none."""

    second: int
    seconds: float | None


def responses(session: Session, begin: datetime, end: datetime) -> Sequence[Responded]:
    """Give the messages that came between two instants, in their order.

    The response is our answer by SMS when the carrier took it, or a person's closing of the case that the message is:
    the sooner.
    """
    answer, other = aliased(SmsMessage), aliased(SmsMessage)
    number = cast(SmsMessage.id, String)
    closed = select(func.min(Case.closed_at)).where(Case.sms_id == SmsMessage.id).scalar_subquery()
    waits = [seconds_between(SmsMessage.created_at, at) for at in (answer.sent_at, other.sent_at, closed)]
    query = (
        select(second_of(SmsMessage.created_at), *waits)
        .outerjoin(answer, answer.key == literal(_ANSWERS) + number)
        .outerjoin(other, other.key == literal(_COMPANY_ANSWERS) + number)
        .where(
            SmsMessage.direction == "in", SmsMessage.state.in_(_READ), SmsMessage.created_at >= begin,
            SmsMessage.created_at < end,
        )
        .order_by(SmsMessage.created_at)
    )  # fmt: skip
    found = []
    for second, *told in session.execute(query):
        known = [round(max(0.0, float(each)), 2) for each in told if each is not None]
        found.append(Responded(second, min(known, default=None)))
    return found
