"""What is on file of people and numbers, read within a unit of work for `consent.may_contact`."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog
from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from db.models import Consent, Elder, NeverCall, OptOut
from routing.outreach.consent import (
    NOTHING,
    Channel,
    Known,
    Permission,
    Purpose,
    Said,
    Why,
    at_any_hour,
    forbidden,
    may_contact,
)
from routing.outreach.policy import CallRules, Span, read_rest

log = structlog.get_logger(__name__)

_ANY_TIME = datetime.max.replace(tzinfo=UTC)
"""For what does not depend on the hour."""


def permission(
    session: Session,
    purpose: Purpose,
    channel: Channel,
    *,
    number_index: bytes | None,
    elder_id: int | None,
    now: datetime,
    rules: CallRules,
) -> Permission:
    """Decide whether this person may be contacted on this number now."""
    person = known_elder(session, elder_id, now) if elder_id is not None else NOTHING
    return may_contact(purpose, channel, person, known_number(session, number_index, now), now, rules=rules)


def barred(
    session: Session,
    purpose: Purpose,
    *,
    number_index: bytes | None,
    elder_id: int | None,
    now: datetime,
) -> Why:
    """Say what stands against calling this person on this number, whatever the hour is."""
    person = known_elder(session, elder_id, now) if elder_id is not None else NOTHING
    return at_any_hour(purpose, Channel.CALL, person, known_number(session, number_index, now))


def is_forbidden(
    session: Session, number_index: bytes, channel: str, *, elder_id: int | None = None, asks: bool = False
) -> bool:
    """Tell whether a number wants nothing by a channel at any hour; `asks`: or its elder does not want to be asked.

    Of messages that are no questions the number alone decides: it may be a worker's, who is told of an elder.
    """
    number = known_number(session, number_index, _ANY_TIME)
    person = known_elder(session, elder_id, _ANY_TIME) if asks and elder_id is not None else NOTHING
    purpose = Purpose.SURVEY if asks else Purpose.SERVICE
    return forbidden(purpose, Channel(channel), person, number) is not Why.ALLOWED


def known_elder(session: Session, elder_id: int, now: datetime) -> Known:
    """Give what is on file of an elder, by whatever number; of none that we know, nothing."""
    row = session.execute(select(Elder.state, Elder.rest).where(Elder.id == elder_id)).one_or_none()
    if row is None:
        return NOTHING
    return Known(
        state=row.state, rest=rest_of(row.rest), never_call=_never(session, NeverCall.elder_id == elder_id, now),
        said=_said(session, Consent.elder_id == elder_id),
    )  # fmt: skip


def known_number(session: Session, number_index: bytes | None, now: datetime) -> Known:
    """Give what is on file of a number, whoever has it."""
    if number_index is None:
        return NOTHING
    # One question for the many of whom nothing is on file: every SMS and every call asks, twice each.
    anything = (
        exists().where(kind.number_index == number_index) for kind in (OptOut, NeverCall, Consent)
    )  # fmt: skip
    if not session.scalar(select(or_(*anything))):
        return NOTHING
    out = session.scalars(select(OptOut.channel).where(OptOut.number_index == number_index))
    return Known(
        opted_out=frozenset(Channel(each) for each in out if each in Channel.__members__.values()),
        never_call=_never(session, NeverCall.number_index == number_index, now),
        said=_said(session, Consent.number_index == number_index),
    )


def rest_of(text: str) -> Span | None:
    """Read the hours of rest of a record; unreadable ones are none, for then the hours allowed still hold."""
    try:
        return read_rest(text)
    except ValueError:
        log.warning("standing.rest_unreadable")
        return None


def _never(session: Session, whose: ColumnElement[bool], now: datetime) -> bool:
    lasting = NeverCall.expires_at.is_(None) | (NeverCall.expires_at > now)
    return bool(session.scalar(select(exists().where(whose, NeverCall.ended_at.is_(None), lasting))))


def _said(session: Session, whose: ColumnElement[bool]) -> Said:
    rows = session.execute(
        # By the order in which they were written: a clock that was set back must not make a no the older word.
        select(Consent.channel, Consent.purpose, Consent.given).where(whose).order_by(Consent.id)
    )
    words: dict[tuple[Channel, Purpose], bool] = {}
    for row in rows:
        if row.purpose != "all":
            words[Channel(row.channel), Purpose(row.purpose)] = row.given  # The later one wins.
    return words
