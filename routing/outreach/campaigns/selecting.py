"""Whom a message is for, and who of them may be reached: read within a unit of work, all at once, for thousands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from db.models import Consent, Elder, NeverCall, OptOut
from routing.outreach.campaigns.policy import Person, Selection, Way, is_meant, turn
from routing.outreach.consent import Channel, Known, Purpose, Why, forbidden
from routing.outreach.reach import NumberIndex, number_for_call, number_for_sms

MayDial = Callable[[str], bool]
"""Whether a number is a telephone of the own country that is not dear: neither short, nor foreign, nor nonsense."""

NO_NUMBER = "no_number"
NOT_DIALABLE = "not_dialable"
ALLOWED = Why.ALLOWED.value


@dataclass(frozen=True)
class Candidate:
    """An elder whom a message is for. `call` and `sms` say whether and why not, as `Why` has it, or that there is no
    number, or none that we may dial."""

    person: Person
    number: str | None = field(repr=False)
    index: bytes | None
    call: str
    sms: str


@dataclass(frozen=True)
class _File:
    """What is on file about announcements, of everybody."""

    elders: dict[int, dict[tuple[Channel, Purpose], bool]]
    numbers: dict[bytes, dict[tuple[Channel, Purpose], bool]]
    out: dict[bytes, set[Channel]]
    never_elders: frozenset[int]
    never_numbers: frozenset[bytes]

    def elder(self, elder_id: int) -> Known:
        return Known(never_call=elder_id in self.never_elders, said=self.elders.get(elder_id, {}))

    def number(self, index: bytes) -> Known:
        return Known(
            opted_out=frozenset(self.out.get(index, ())), never_call=index in self.never_numbers,
            said=self.numbers.get(index, {}),
        )  # fmt: skip


def candidates(
    session: Session, selection: Selection, way: Way, now: datetime, *, number_index: NumberIndex, may_dial: MayDial
) -> list[Candidate]:
    """Give the elders whom a message is for, in their turn; those who are dead, moved or deregistered are none."""
    query = select(Elder).where(Elder.state == "active").options(selectinload(Elder.phones))
    if selection.district:
        query = query.where(Elder.district == selection.district)
    file = _read(session, now)
    found = []
    for elder in session.scalars(query):
        person = Person(elder.id, elder.district, elder.caller_class, elder.payer_class, elder.lives_alone)
        if not is_meant(person, selection):
            continue
        number = number_for_call(elder) if way.calls else number_for_sms(elder)
        index = number_index(number) if number else None
        call = _why(file, Channel.CALL, elder.id, number=number, index=index, may_dial=may_dial)
        text_to = number_for_sms(elder)
        text_index = number_index(text_to) if text_to else None
        sms = _why(file, Channel.SMS, elder.id, number=text_to, index=text_index, may_dial=may_dial)
        found.append(Candidate(person, number, index, call, sms))
    return sorted(found, key=lambda each: turn(each.person))


def districts(session: Session) -> tuple[str, ...]:
    """Give the districts in which elders live."""
    found = session.scalars(select(Elder.district).where(Elder.district != "", Elder.state == "active").distinct())
    return tuple(sorted(found))


def first_step(candidate: Candidate, way: Way) -> tuple[str, str]:
    """Give the state in which somebody is frozen, and why: waiting for a call, writing (an SMS), or left out."""
    if not way.calls:
        return ("writing", "") if candidate.sms == ALLOWED else ("left_out", candidate.sms)
    if candidate.call == ALLOWED:
        return "waiting", ""
    at_peace = candidate.call in (Why.OPTED_OUT, Why.WITHDRAWN, Why.NO_CONSENT, Why.GONE)
    if way.writes and candidate.sms == ALLOWED and not at_peace:
        return "writing", candidate.call
    return "left_out", candidate.call


def leads(found: Sequence[Candidate], way: Way) -> set[int]:
    """Give the elders by whose call a telephone is told: the first of each number who may be told."""
    seen: set[bytes] = set()
    chosen = set()
    for each in found:
        if each.index is not None and each.index not in seen and first_step(each, way)[0] != "left_out":
            seen.add(each.index)
            chosen.add(each.person.elder_id)
    return chosen


def _why(
    file: _File, channel: Channel, elder_id: int, *, number: str | None, index: bytes | None, may_dial: MayDial
) -> str:
    if number is None or index is None:
        return NO_NUMBER
    if not may_dial(number):
        return NOT_DIALABLE
    person, phone = file.elder(elder_id), file.number(index)
    if channel is Channel.CALL and (person.never_call or phone.never_call):
        return Why.NEVER_CALL.value
    return forbidden(Purpose.ANNOUNCEMENT, channel, person, phone).value


def _read(session: Session, now: datetime) -> _File:
    elders: dict[int, dict[tuple[Channel, Purpose], bool]] = defaultdict(dict)
    numbers: dict[bytes, dict[tuple[Channel, Purpose], bool]] = defaultdict(dict)
    words = select(Consent).where(Consent.purpose == Purpose.ANNOUNCEMENT.value).order_by(Consent.at, Consent.id)
    for row in session.scalars(words):  # The later one wins.
        if row.elder_id is not None:
            elders[row.elder_id][Channel(row.channel), Purpose.ANNOUNCEMENT] = row.given
        if row.number_index is not None:
            numbers[row.number_index][Channel(row.channel), Purpose.ANNOUNCEMENT] = row.given
    out: dict[bytes, set[Channel]] = defaultdict(set)
    for opted in session.scalars(select(OptOut)):
        if opted.channel in Channel.__members__.values():
            out[opted.number_index].add(Channel(opted.channel))
    lasting = NeverCall.expires_at.is_(None) | (NeverCall.expires_at > now)
    never = session.execute(
        select(NeverCall.elder_id, NeverCall.number_index).where(NeverCall.ended_at.is_(None), lasting)
    ).all()
    return _File(
        elders, numbers, out, frozenset(row.elder_id for row in never if row.elder_id is not None),
        frozenset(row.number_index for row in never if row.number_index is not None),
    )  # fmt: skip
