"""What became of each call, from both sides: the callers' and agents' phones, and the database with its recordings.

A call is whole if its caller was hung up on with a good word after a talk that the agent ended, and if the database
knows its beginning, its end, its agent, the one end of its ticket, and a recording of the talk with sound in it.
Whatever is missing makes it lost, once, for the first reason in the order below.
"""

from __future__ import annotations

import wave
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from db.models import CallRecord, TicketRecord
from routing.calls.messages import TicketEnd
from routing.numbers import as_dialled
from scripts.benchmarks.desks import Talk
from scripts.wiring.stores import Stores

_BLOCK_SECONDS = 0.5
_LOUD = 500
"""Of 32,767: far below what our phones say, far above what an empty line has."""
_SOUND_SHARE = 0.5
_LEAST_SHARE = 0.8
_UNRECORDED_SECONDS = 1.0
"""A recording begins when the two are connected, a moment after picking up, and lacks what was lost of the sound."""


@dataclass(frozen=True)
class Kept:
    """A call as the database has it."""

    call_id: str
    ended: bool
    outcome: str
    agent: str | None
    recording: str | None
    ticket_ends: tuple[str | None, ...]


@dataclass
class Side:
    """What the phones saw of the same calls."""

    begun: Sequence[str]
    """The callers' numbers, each of one call."""
    ended_well: set[str]
    talks: Sequence[Talk]
    doubled: Iterable[str] = ()
    """Callers for whom an agent's phone rang that was taken."""
    missed: Iterable[str] = ()
    """Callers who were gone before a phone was picked up."""


@dataclass(frozen=True)
class Losses:
    """The lost calls, each with its reason."""

    reasons: Mapping[str, str]
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many calls were lost."""
        return len(self.reasons)


def losses(phones: Side, kept: Mapping[str, Sequence[Kept]], recordings: Path) -> Losses:
    """Compare both sides; `kept` is by the caller's number."""
    talks: dict[str, list[Talk]] = {}
    for talk in phones.talks:
        talks.setdefault(talk.caller, []).append(talk)
    doubled, missed = set(phones.doubled), set(phones.missed)
    reasons: dict[str, str] = {}
    for number in phones.begun:
        if number not in phones.ended_well:
            reason = "failed at the caller"
        elif number in doubled:
            reason = "offered to an agent who had a call"
        elif number in missed:
            reason = "gone while a phone rang"
        else:
            reason = _talked(talks.get(number, [])) or _kept(kept.get(number, ()), talks[number][0], recordings)
        if reason:
            reasons[number] = reason
    strangers = {talk.caller for talk in phones.talks} - set(phones.begun)
    reasons |= dict.fromkeys(strangers, "a talk with somebody who did not call")
    return Losses(reasons, dict(Counter(reasons.values())))


def _talked(talks: Sequence[Talk]) -> str:
    if not talks:
        return "no talk with an agent"
    if any(talk.cut for talk in talks):
        return "cut off in the talk"
    return "" if len(talks) == 1 else "more than one talk"


def _kept(calls: Sequence[Kept], talk: Talk, recordings: Path) -> str:
    if len(calls) != 1:
        return "no record" if not calls else "more than one record"
    call = calls[0]
    if not call.ended:
        return "a record without an end"
    if call.outcome != TicketEnd.ANSWERED or call.agent != talk.extension:
        return "a record that tells otherwise"
    if call.ticket_ends != (TicketEnd.ANSWERED,):
        return "a ticket without its one end"
    if call.recording is None:
        return "no recording"
    least = _LEAST_SHARE * (talk.ended_at - talk.answered_at) - _UNRECORDED_SECONDS
    return _recorded(recordings / f"{call.recording}.wav", least)


def _recorded(path: Path, least_seconds: float) -> str:
    """Give what is wrong with a recording."""
    try:
        with wave.open(str(path)) as sound:
            rate = sound.getframerate()
            samples = array("h", sound.readframes(sound.getnframes()))
    except (FileNotFoundError, EOFError, wave.Error):
        return "no recording"
    if not samples or len(samples) / rate < least_seconds:
        return "a recording that is too short"
    size = round(rate * _BLOCK_SECONDS)
    blocks = [max(samples[at : at + size]) > _LOUD for at in range(0, len(samples) - size, size)]
    return "" if sum(blocks) >= _SOUND_SHARE * len(blocks) else "a recording without sound"


def kept_since(stores: Stores, since: datetime) -> dict[str, list[Kept]]:
    """Read the incoming calls that began since then, by the caller's number as the carrier gives it."""
    with stores.reading() as session:
        calls = session.execute(
            select(
                CallRecord.id, CallRecord.number, CallRecord.ended_at, CallRecord.outcome, CallRecord.agent_extension,
                CallRecord.recording,
            ).where(CallRecord.started_at >= since, CallRecord.direction == "inbound")
        ).all()  # fmt: skip
        tickets: dict[str, list[str | None]] = {}
        for call_id, end in session.execute(
            select(TicketRecord.call_id, TicketRecord.end).where(TicketRecord.joined_at >= since)
        ):
            tickets.setdefault(call_id, []).append(end)
    found: dict[str, list[Kept]] = {}
    for call in calls:
        number = as_dialled(call.number) if call.number else ""
        found.setdefault(number, []).append(
            Kept(
                call.id, call.ended_at is not None, call.outcome, call.agent_extension, call.recording,
                tuple(tickets.get(call.id, ())),
            )
        )  # fmt: skip
    return found
