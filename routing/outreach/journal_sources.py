"""Where the entries of a journal come from: one source for each kind of record, each with what it tells of a row."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from db.models import (
    Announcement,
    AnnouncementHeard,
    Callback,
    CallRecord,
    Case,
    Consent,
    MedicineDose,
    Offer,
    Order,
    Rating,
    SmsMessage,
    WellBeingCheck,
)

CALL, SMS, OWED, SCORE, ANNOUNCEMENT, CASE, OFFER = "call", "sms", "owed", "score", "announcement", "case", "offer"
DAILY, DOSE, CONSENT = "daily", "dose", "consent"


@dataclass(frozen=True)
class Person:
    """Whose journal it is: an elder, worker or company, and the blind indexes of their numbers."""

    kind: str
    id: int
    numbers: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True)
class Entry:
    """One thing that passed. Codes, but for `text`, which are the words themselves, and `number`, E.164."""

    at: datetime
    channel: str
    """call, sms, owed (a call that we are to make), score, announcement, case, offer, daily (the daily call's answer),
    dose (of a medicine) or consent."""
    way: str
    """in (from them), out (to them)."""
    what: str
    """Its kind: of a message the question that it asks, of an owed call or a case its kind, of a score its channel."""
    state: str
    """How it ended or stands, by the words of its kind."""
    reference: str
    """Id of the record, as the API knows it."""
    order_id: int | None = None
    shared: bool = False
    """It came from a number of several elders, and nobody knows whose it is."""
    number: str | None = field(default=None, repr=False)
    text: str = field(default="", repr=False)


@dataclass(frozen=True)
class Source:
    """One kind of record. `theirs` tells which rows are a person's; None: of such a person there are none."""

    channel: str
    rows: Select[Any]
    at: InstrumentedAttribute[Any]
    id: InstrumentedAttribute[Any]
    theirs: Callable[[Person], ColumnElement[bool] | None]
    entry: Callable[[Any, Person], Entry]
    named: bool = False
    """Its ids are words, not numbers."""

    @property
    def key(self) -> str:
        """Name of the attribute of a row that holds its id."""
        return self.id.key


def _by_number(
    elder: InstrumentedAttribute[Any], number: InstrumentedAttribute[Any]
) -> Callable[[Person], ColumnElement[bool] | None]:
    """Rows of an elder are those that name the elder, and those of the elder's numbers that name nobody; of the others
    those of their numbers."""

    def theirs(person: Person) -> ColumnElement[bool] | None:
        if person.kind == "elder":
            return or_(elder == person.id, and_(elder.is_(None), number.in_(person.numbers)))
        return number.in_(person.numbers) if person.numbers else None

    return theirs


def _of_elder(column: InstrumentedAttribute[Any]) -> Callable[[Person], ColumnElement[bool] | None]:
    return lambda person: column == person.id if person.kind == "elder" else None


def _of_company(column: InstrumentedAttribute[Any]) -> Callable[[Person], ColumnElement[bool] | None]:
    return lambda person: column == person.id if person.kind == "company" else None


def _call(row: CallRecord, person: Person) -> Entry:
    way = "in" if row.direction == "inbound" else "out"
    return Entry(
        row.started_at, CALL, way, row.dialled if way == "in" else "", row.outcome, row.id,
        shared=person.kind == "elder" and row.elder_id is None, number=row.number, text=row.agent_note,
    )  # fmt: skip


def _sms(row: SmsMessage, person: Person) -> Entry:
    understood = ""
    if row.direction == "in" and row.understood:
        understood = str(json.loads(row.understood).get("kind", ""))
    return Entry(
        row.created_at, SMS, row.direction, row.question or understood, row.state, str(row.id), row.order_id,
        shared=person.kind == "elder" and row.elder_id is None, number=row.number, text=row.text,
    )  # fmt: skip


def _owed(row: Callback, _person: Person) -> Entry:
    return Entry(
        row.created_at, OWED, "out" if row.flow else "in", row.kind, row.state, str(row.id), row.order_id,
        number=row.number, text=row.closing_note or "",
    )  # fmt: skip


def _score(row: Rating, _person: Person) -> Entry:
    state = "not_done" if row.done is False else str(row.score or "")
    return Entry(row.at, SCORE, "in", row.channel, state, str(row.id), row.order_id, text=row.remark or "")


def _heard(row: AnnouncementHeard, _person: Person) -> Entry:
    announcement: Announcement = row.announcement
    return Entry(row.at, ANNOUNCEMENT, "out", "", "", str(row.announcement_id), text=announcement.text)


def _case(row: Case, _person: Person) -> Entry:
    return Entry(
        row.opened_at, CASE, "in", row.kind, row.state, str(row.id), row.order_id, number=row.number, text=row.outcome
    )


def _daily(row: WellBeingCheck, _person: Person) -> Entry:
    return Entry(row.first_at, DAILY, "out", row.looking_in, row.state, str(row.id))


def _dose(row: MedicineDose, _person: Person) -> Entry:
    return Entry(row.due_at, DOSE, "out", "", row.state, str(row.id))


def _consent(row: Consent, _person: Person) -> Entry:
    given = "given" if row.given else "withdrawn"
    return Entry(row.at, CONSENT, "in", row.purpose, given, str(row.id), number=row.number, text=row.note or "")


def _offer(row: Offer, _person: Person) -> Entry:
    return Entry(row.offered_at, OFFER, "out", row.decline_reason, row.state, str(row.id), row.order_id)


SOURCES: tuple[Source, ...] = (
    Source(
        CALL, select(CallRecord), CallRecord.started_at, CallRecord.id,
        _by_number(CallRecord.elder_id, CallRecord.number_index), _call, named=True,
    ),
    Source(
        SMS, select(SmsMessage), SmsMessage.created_at, SmsMessage.id,
        _by_number(SmsMessage.elder_id, SmsMessage.number_index), _sms,
    ),
    Source(OWED, select(Callback), Callback.created_at, Callback.id, _of_elder(Callback.elder_id), _owed),
    Source(
        SCORE, select(Rating).join(Order, Order.id == Rating.order_id), Rating.at, Rating.id,
        _of_elder(Order.elder_id), _score,
    ),
    Source(
        ANNOUNCEMENT, select(AnnouncementHeard).options(joinedload(AnnouncementHeard.announcement)),
        AnnouncementHeard.at, AnnouncementHeard.announcement_id, _of_elder(AnnouncementHeard.elder_id), _heard,
    ),
    Source(CASE, select(Case), Case.opened_at, Case.id, _of_elder(Case.elder_id), _case),
    Source(
        DAILY, select(WellBeingCheck), WellBeingCheck.first_at, WellBeingCheck.id,
        _of_elder(WellBeingCheck.elder_id), _daily,
    ),
    Source(
        DOSE, select(MedicineDose), MedicineDose.due_at, MedicineDose.id, _of_elder(MedicineDose.elder_id), _dose,
    ),
    Source(
        CONSENT, select(Consent), Consent.at, Consent.id,
        _by_number(Consent.elder_id, Consent.number_index), _consent,
    ),
    Source(OFFER, select(Offer), Offer.offered_at, Offer.id, _of_company(Offer.company_id), _offer),
)  # fmt: skip
"""In the order that two of the same instant have; a mark names a source by its place here."""
CHANNELS = tuple(dict.fromkeys(each.channel for each in SOURCES))
"""What a journal may be narrowed to."""
