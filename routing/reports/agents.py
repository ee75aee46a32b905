"""What agents did: time by state, calls, transfers, calls missed. docs/reports.md has the definitions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from db.intervals import seconds_between
from db.models import Agent, AgentSpell, JourneyEvent, TicketRecord, User
from routing.calls.messages import AgentState, TicketEnd
from routing.calls.talk_messages import TalkAction
from routing.reports.tables import Column, Kind, Picture, Table, mean

_RINGS = (AgentState.RESERVED, AgentState.RINGING)
_BUSY = (*_RINGS, AgentState.TALKING, AgentState.WRAP_UP)
_IDLE = (AgentState.READY, AgentState.RESTING)
_TRANSFERRED = f"talk.{TalkAction.TRANSFER.value}"
_HANDED_OVER = "talk.handed_over"
_LONGEST = timedelta(days=1)
COLUMNS = (
    Column("extension", Kind.TEXT), Column("agent", Kind.TEXT), Column("on_duty", Kind.SECONDS),
    Column("ready", Kind.SECONDS), Column("ringing", Kind.SECONDS), Column("talking", Kind.SECONDS),
    Column("wrap_up", Kind.SECONDS), Column("paused", Kind.SECONDS), Column("resting", Kind.SECONDS),
    Column("unreachable", Kind.SECONDS), Column("answered"), Column("agent_talk", Kind.SECONDS),
    Column("agent_wrap_up", Kind.SECONDS), Column("aht", Kind.SECONDS), Column("missed"), Column("transfers"),
    Column("occupancy", Kind.SHARE),
)  # fmt: skip


@dataclass(frozen=True)
class Spell:
    """A time in one state that is not over; epochs in seconds."""

    extension: str
    state: AgentState
    since: float


@dataclass
class Worked:
    """What one agent did; seconds by state."""

    seconds: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    missed: int = 0
    transfers: int = 0

    def add(self, other: Worked) -> None:
        """Add another agent's."""
        self.seconds.update(other.seconds)
        self.answered += other.answered
        self.missed += other.missed
        self.transfers += other.transfers


def read(session: Session, begin: datetime, end: datetime, standing: Iterable[Spell]) -> dict[str, Worked]:
    """Count what agents did between two instants, with the spells that are not over and lie in it."""
    found: dict[str, Worked] = defaultdict(Worked)
    _spells(session, begin, end, found)
    for spell in standing:
        seconds = end.timestamp() - max(spell.since, begin.timestamp())
        if spell.state is not AgentState.LOGGED_OFF and seconds > 0:
            found[spell.extension].seconds[spell.state.value] += seconds  # type: ignore[assignment]  # Parts of seconds.
    answered = (
        select(TicketRecord.agent_extension, func.count())
        .where(
            TicketRecord.joined_at >= begin - _LONGEST, TicketRecord.joined_at < end, TicketRecord.ended_at >= begin,
            TicketRecord.ended_at < end, TicketRecord.end == TicketEnd.ANSWERED.value,
            TicketRecord.agent_extension.is_not(None),
        )
        .group_by(TicketRecord.agent_extension)
    )  # fmt: skip
    for extension, number in session.execute(answered):
        found[str(extension)].answered = number
    for extension, number in _transfers(session, begin, end).items():
        found[extension].transfers = number
    return dict(found)


def names(session: Session) -> Mapping[str, str]:
    """Give the names of agents by their extensions."""
    query = select(Agent.extension, User.name).join(User, User.id == Agent.user_id)
    return {row.extension: row.name for row in session.execute(query)}


def agents_table(worked: Mapping[str, Worked], named: Mapping[str, str]) -> Table:
    """Draw up the table: a row for each agent who did anything, and the total."""
    total = Worked()
    for each in worked.values():
        total.add(each)
    rows = tuple(_row(extension, named.get(extension, ""), worked[extension]) for extension in sorted(worked))
    picture = Picture(lines=("occupancy",), bars=("answered", "missed"))
    return Table("agents", COLUMNS, rows, _row("", "", total), picture)


def _row(extension: str, name: str, of: Worked) -> tuple[str | float | None, ...]:
    def spent(*states: AgentState) -> float:
        return float(sum(of.seconds[state.value] for state in states))

    talked, wrapped, busy = spent(AgentState.TALKING), spent(AgentState.WRAP_UP), spent(*_BUSY)
    at_hand = busy + spent(*_IDLE)
    return (
        extension, name, float(sum(of.seconds.values())), spent(AgentState.READY), spent(*_RINGS), talked, wrapped,
        spent(AgentState.PAUSED), spent(AgentState.RESTING), spent(AgentState.UNREACHABLE), of.answered,
        mean(talked, of.answered), mean(wrapped, of.answered), mean(talked + wrapped, of.answered), of.missed,
        of.transfers, busy / at_hand if at_hand else None,
    )  # fmt: skip


def _spells(session: Session, begin: datetime, end: datetime, found: dict[str, Worked]) -> None:
    since = case((AgentSpell.began_at < begin, begin), else_=AgentSpell.began_at)
    until = case((AgentSpell.ended_at > end, end), else_=AgentSpell.ended_at)
    each = (
        select(
            AgentSpell.extension, AgentSpell.state, seconds_between(since, until).label("seconds"),
            case((AgentSpell.missed & (AgentSpell.ended_at <= end), 1), else_=0).label("missed"),
        )
        .where(AgentSpell.ended_at > begin, AgentSpell.began_at < end)
        .subquery()
    )  # fmt: skip
    query = select(each.c.extension, each.c.state, func.sum(each.c.seconds), func.sum(each.c.missed))
    for extension, state, seconds, missed in session.execute(query.group_by(each.c.extension, each.c.state)):
        found[extension].seconds[state] += round(float(seconds), 3)  # type: ignore[assignment]
        found[extension].missed += int(missed)


def _transfers(session: Session, begin: datetime, end: datetime) -> Counter[str]:
    """Count by whom: who had the caller last when they were sent on, or who handed them over."""
    query = (
        select(
            JourneyEvent.id, JourneyEvent.what, JourneyEvent.detail, TicketRecord.agent_extension, TicketRecord.ended_at
        )
        .join(TicketRecord, TicketRecord.call_id == JourneyEvent.call_id)
        .where(
            JourneyEvent.what.in_((_TRANSFERRED, _HANDED_OVER)), JourneyEvent.at >= begin, JourneyEvent.at < end,
            TicketRecord.joined_at >= begin - _LONGEST, TicketRecord.joined_at < end,
            TicketRecord.end == TicketEnd.ANSWERED.value, TicketRecord.ended_at <= JourneyEvent.at,
        )
        .order_by(JourneyEvent.id, TicketRecord.ended_at)
    )  # fmt: skip
    by = {}
    for event, what, detail, extension, _ in session.execute(query):
        by[event] = detail.partition(" ")[0] if what == _HANDED_OVER else extension or ""
    return Counter(who for who in by.values() if who)
