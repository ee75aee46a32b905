"""What became of calls, as the database tells it: a row for each call that came, and counts by quarter of an hour."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, Subquery, and_, case, cast, func, not_, or_, select
from sqlalchemy.orm import Session

from db.intervals import seconds_between
from db.models import AgentSpell, Callback, CallRecord, JourneyEvent, TicketRecord
from db.slots import quarter_of, second_of
from routing.calls.messages import AgentState, Intent, TicketEnd
from routing.calls.recovery.writing import RECOVERED
from routing.reports.service import ANSWER_SECONDS, SOS_SECONDS, Served
from routing.reports.standard import IntArray, whole_numbers

_A_MOMENT = 0.001
"""A day's fraction in SQLite is off by some microseconds."""
_LONGEST = timedelta(days=1)
"""A ticket is looked for this long after the period: whoever waits longer has no telephone of this world."""
_KEPT = ("done",)
_TAKEN_BACK = "taken_back"


@dataclass(frozen=True)
class Lines:
    """Which calls are counted how."""

    sos: str
    """The number that one-key phones dial."""
    tests: tuple[bytes, ...] = ()
    """Blind indexes of the numbers from which we call to try the line: their calls count nowhere."""


@dataclass(frozen=True)
class Answers:
    """Those who asked for a person: the second since 1970 in which each call began, which rise, and for each 1 if they
    were connected, and 1 if within `ANSWER_SECONDS`."""

    seconds: IntArray
    answered: IntArray
    in_time: IntArray


def quarters(session: Session, begin: datetime, end: datetime, lines: Lines) -> dict[int, Served]:
    """Count what began between two instants, by the number of the quarter of an hour."""
    found: dict[int, dict[str, int]] = defaultdict(lambda: {each.name: 0 for each in fields(Served)})
    for counted in (_calls(session, begin, end, lines), _callbacks(session, begin, end), _wrap_up(session, begin, end)):
        for quarter, values in counted:
            for name, value in values.items():
                found[quarter][name] += value
    return {quarter: Served(**values) for quarter, values in found.items()}


def answers(session: Session, begin: datetime, end: datetime, lines: Lines) -> Answers:
    """Give the callers who asked for a person, in the order of their calls. Who waits now is left out."""
    each = _each_call(begin, end, lines)
    packed = each.c.second * 4 + _flag(each.c.answered) * 2 + _flag(each.c.in_time)
    query = select(func.aggregate_strings(cast(packed, String), " ")).where(each.c.offered, not_(each.c.waiting))
    told = whole_numbers(session.scalar(query))
    return Answers(told >> 2, (told >> 1) & 1, told & 1)


def _calls(session: Session, begin: datetime, end: datetime, lines: Lines) -> list[tuple[int, dict[str, int]]]:
    each = _each_call(begin, end, lines)
    sos_15, sos_60 = (and_(each.c.sos, each.c.answered, each.c.waited <= limit + _A_MOMENT) for limit in SOS_SECONDS)
    counts = {
        "self_served": each.c.self_served, "left": not_(or_(each.c.self_served, each.c.offered)),
        "offered": each.c.offered, "answered": each.c.answered, "in_time": each.c.in_time,
        "promised": each.c.promised, "waiting": each.c.waiting, "abandoned": each.c.abandoned,
        "talks": each.c.talked.is_not(None), "sos": each.c.sos, "sos_answered": and_(each.c.sos, each.c.answered),
        "sos_15": sos_15, "sos_60": sos_60,
    }  # fmt: skip
    sums = {name: func.sum(_flag(condition)) for name, condition in counts.items()}
    sums["answered_wait_ms"] = func.sum(case((each.c.answered, _ms(each.c.waited)), else_=0))
    sums["talk_ms"] = func.sum(_ms(func.coalesce(each.c.talked, 0.0)))
    longest = func.max(case((or_(each.c.answered, each.c.abandoned), _ms(each.c.waited)), else_=0))
    query = select(each.c.quarter, func.count(), longest, *(cast(total, BigInteger) for total in sums.values()))
    rows = []
    for quarter, calls, waited, *numbers in session.execute(query.group_by(each.c.quarter)):
        counted = dict(zip(sums, map(int, numbers), strict=True))
        rows.append((quarter, {"calls": calls, "longest_wait_ms": int(waited), **counted}))
    return rows


def _each_call(begin: datetime, end: datetime, lines: Lines) -> Subquery:
    """One row for each call that came in: what docs/reports.md says of it, as conditions."""
    joined = (
        select(
            TicketRecord.call_id.label("call_id"),
            func.min(TicketRecord.joined_at).label("joined_at"),
            func.max(case((TicketRecord.intent == Intent.SOS.value, 1), else_=0)).label("sos"),
        )
        .where(TicketRecord.joined_at >= begin - _LONGEST, TicketRecord.joined_at < end + _LONGEST)
        .group_by(TicketRecord.call_id)
        .subquery()
    )
    # With a limit: of a plain EXISTS PostgreSQL makes a list of all calls ever recovered, by reading all journeys.
    recovered = (
        select(JourneyEvent.id)
        .where(JourneyEvent.call_id == CallRecord.id, JourneyEvent.what == RECOVERED)
        .limit(1)
        .scalar_subquery()
        .is_not(None)
    )
    answered = CallRecord.answered_at.is_not(None)
    unserved = and_(CallRecord.outcome == TicketEnd.ABANDONED.value, recovered)
    had_ticket = joined.c.call_id.is_not(None)
    named = CallRecord.outcome.in_((TicketEnd.ANSWERED.value, TicketEnd.FALLBACK.value, TicketEnd.PROMISED.value))
    # The journey is asked only of a call without a ticket: what follows the first true condition is not looked at.
    wanted = case((or_(answered, had_ticket, named), 1), (unserved, 1), else_=0)
    self_served = and_(not_(answered), CallRecord.outcome == TicketEnd.SELF_SERVED.value)
    promised = and_(not_(answered), CallRecord.outcome == TicketEnd.PROMISED.value)
    going_on = and_(not_(answered), CallRecord.ended_at.is_(None), CallRecord.outcome == "")
    # A promise that was taken back keeps the place of an earlier call: nobody waits on a line before calling.
    later = case((joined.c.joined_at > CallRecord.started_at, joined.c.joined_at), else_=CallRecord.started_at)
    waited = seconds_between(later, func.coalesce(CallRecord.answered_at, CallRecord.ended_at, CallRecord.started_at))
    tests = [CallRecord.number_index.is_(None) | CallRecord.number_index.not_in(lines.tests)] if lines.tests else []
    first = (
        select(
            quarter_of(CallRecord.started_at).label("quarter"),
            second_of(CallRecord.started_at).label("second"),
            wanted.label("wanted"),
            answered.label("answered"),
            self_served.label("self_served"),
            promised.label("promised"),
            going_on.label("going_on"),
            case((waited < 0, 0.0), else_=waited).label("waited"),
            case((answered, seconds_between(CallRecord.answered_at, CallRecord.ended_at))).label("talked"),
            or_(joined.c.sos == 1, CallRecord.dialled == lines.sos).label("sos"),
        )
        .select_from(CallRecord)
        .outerjoin(joined, joined.c.call_id == CallRecord.id)
        .where(
            CallRecord.direction == "inbound", CallRecord.started_at >= begin, CallRecord.started_at < end, *tests
        )
        .offset(0)  # Nothing is left out: it keeps SQLite from working the times out anew wherever they are named.
        .subquery()
    )  # fmt: skip
    offered = and_(first.c.wanted == 1, not_(first.c.self_served))
    return select(
        first.c.quarter, first.c.second, first.c.answered, first.c.self_served, first.c.waited, first.c.talked,
        offered.label("offered"),
        and_(offered, first.c.promised).label("promised"),
        and_(offered, first.c.going_on).label("waiting"),
        and_(offered, not_(or_(first.c.answered, first.c.promised, first.c.going_on))).label("abandoned"),
        and_(first.c.answered, first.c.waited <= ANSWER_SECONDS + _A_MOMENT).label("in_time"),
        func.coalesce(first.c.sos, False).label("sos"),
    ).subquery()  # fmt: skip


def _callbacks(session: Session, begin: datetime, end: datetime) -> list[tuple[int, dict[str, int]]]:
    quarter = quarter_of(Callback.created_at).label("quarter")
    taken_back = and_(Callback.state == "cancelled", Callback.last_outcome == _TAKEN_BACK)
    kept, broken = or_(Callback.state.in_(_KEPT), taken_back), Callback.state == "failed"
    each = (
        select(quarter, _flag(kept).label("kept"), _flag(broken).label("broken"))
        .where(Callback.kind == "promise", Callback.created_at >= begin, Callback.created_at < end)
        .subquery()
    )
    query = select(each.c.quarter, func.count(), func.sum(each.c.kept), func.sum(each.c.broken))
    return [
        (at, {"callbacks": number, "kept": int(good), "broken": int(bad)})
        for at, number, good, bad in session.execute(query.group_by(each.c.quarter))
    ]


def _wrap_up(session: Session, begin: datetime, end: datetime) -> list[tuple[int, dict[str, int]]]:
    each = (
        select(
            quarter_of(AgentSpell.ended_at).label("quarter"),
            _ms(seconds_between(AgentSpell.began_at, AgentSpell.ended_at)).label("ms"),
        )
        .where(AgentSpell.state == AgentState.WRAP_UP.value, AgentSpell.ended_at >= begin, AgentSpell.ended_at < end)
        .subquery()
    )
    query = select(each.c.quarter, cast(func.sum(each.c.ms), BigInteger)).group_by(each.c.quarter)
    return [(at, {"wrap_up_ms": int(ms)}) for at, ms in session.execute(query)]


def _flag(condition: ColumnElement[Any]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _ms(seconds: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.round(seconds * 1000), BigInteger)
