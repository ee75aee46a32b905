"""Scores of talks: given by supervisors, read and answered by the agent, never overwritten once answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.models import Agent, AuditEntry, CallMark, CallRecord, CallScore, TicketRecord
from db.session import UnitOfWork
from routing.calls.messages import TicketEnd
from routing.errors import Conflict, Invalid, NotFound
from routing.quality.forms import Criterion, Form, ScoreForms, form_of
from routing.quality.policy import BEST, Talk, sample, total
from routing.reports.periods import midnight

LONGEST_REMARK = 2_000
_TALKS_MOST = 100_000
"""Talks of one week that a sample is drawn from: 14,000 a day."""
_SHOWN = 200


@dataclass(frozen=True)
class Score:
    """What a talk was given."""

    id: int
    ticket_id: str
    call_id: str
    extension: str
    user_id: int | None
    talked_at: datetime
    version: int
    marks: tuple[tuple[Criterion, int | None], ...]
    total: float
    remark: str = field(repr=False)
    scored_at: datetime
    scored_by: str
    seen_at: datetime | None
    answer: str = field(repr=False)
    answered_at: datetime | None


class Quality:
    """Proposes, scores, and keeps what agents answer."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], zone: ZoneInfo,
        talks_a_week: int,
    ) -> None:  # fmt: skip
        """`talks_a_week` are proposed of each agent."""
        self.forms = ScoreForms(unit_of_work, reading, clock)
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._zone = zone
        self._a_week = talks_a_week

    def proposed(self, monday: date) -> Mapping[str, Sequence[Talk]]:
        """Give the talks of a week that should be scored, by extension."""
        begin, end = midnight(monday, self._zone), midnight(monday + timedelta(days=7), self._zone)
        query = _TALKS.where(TicketRecord.ended_at >= begin, TicketRecord.ended_at < end).limit(_TALKS_MOST)
        with self._reading() as session:
            talks = [_talk(row) for row in session.execute(query) if row.ended_at is not None]
        return sample(talks, monday, self._a_week)

    def talk(self, ticket_id: str) -> Talk:
        """Give a talk by its ticket; its seconds are 0 while it lasts. Raises NotFound."""
        with self._reading() as session:
            return _one(session, ticket_id)

    def talks_of(self, call_id: str) -> tuple[Talk, ...]:
        """Give the talks of a call: one of each agent who had it."""
        with self._reading() as session:
            rows = session.execute(_TALKS.where(TicketRecord.call_id == call_id).limit(_SHOWN))
            return tuple(_talk(row) for row in rows)

    def score_of(self, ticket_id: str) -> Score | None:
        """Give what a talk was given, if it was."""
        with self._reading() as session:
            row = session.scalar(select(CallScore).where(CallScore.ticket_id == ticket_id))
            return None if row is None else _score(session, row)

    def scored(self, ticket_ids: Sequence[str]) -> Mapping[str, float]:
        """Give the totals of those talks that were scored."""
        query = select(CallScore.ticket_id, CallScore.total).where(CallScore.ticket_id.in_(ticket_ids))
        with self._reading() as session:
            return {ticket_id: given for ticket_id, given in session.execute(query)}  # noqa: C416  # rows are untyped.

    def of_extension(self, extension: str) -> tuple[Score, ...]:
        """Give an agent's latest scores, the newest talk first."""
        return self._list(CallScore.extension == extension)

    def of_user(self, user_id: int) -> tuple[Score, ...]:
        """Give a user's own latest scores, the newest talk first."""
        return self._list(CallScore.user_id == user_id)

    def means(self, since: datetime) -> Mapping[str, tuple[int, float]]:
        """Give how many talks since an instant were scored, and their mean, by extension."""
        query = select(CallScore.extension, func.count(), func.avg(CallScore.total))
        with self._reading() as session:
            rows = session.execute(query.where(CallScore.talked_at >= since).group_by(CallScore.extension))
            return {extension: (number, float(mean)) for extension, number, mean in rows}

    def score(self, ticket_id: str, marks: Mapping[int, int | None], remark: str, form_id: int, actor: str) -> Score:
        """Score a talk by the marks of all criteria, by id; or correct what the same person gave.

        Raises NotFound, Invalid, and Conflict (another form meanwhile, scored by somebody else, answered already).
        """
        form = self.forms.current()
        if form is None or form.id != form_id:
            raise Conflict("the form of criteria was changed meanwhile: score by the new one")
        given = _checked(form, marks)
        remark = _words(remark)
        now = self._clock()
        try:
            with self._unit_of_work() as session:
                talk = _one(session, ticket_id)
                row = session.scalar(select(CallScore).where(CallScore.ticket_id == ticket_id).with_for_update())
                before = ""
                if row is None:
                    user_id = session.scalar(select(Agent.user_id).where(Agent.extension == talk.extension))
                    row = CallScore(
                        ticket_id=ticket_id, call_id=talk.call_id, extension=talk.extension, user_id=user_id,
                        talked_at=talk.talked_at, answer="",
                    )  # fmt: skip
                    session.add(row)
                elif row.scored_by != actor[:60]:
                    raise Conflict("somebody else has scored this talk")
                elif row.answered_at is not None:
                    raise Conflict("the agent has answered this score: it stays as it is")
                else:
                    before = f", was {row.total:g}"
                    session.execute(delete(CallMark).where(CallMark.score_id == row.id))
                row.form_id, row.total, row.remark, row.scored_at, row.scored_by, row.seen_at = (
                    form.id, given, remark, now, actor[:60], None,
                )  # fmt: skip
                session.flush()
                session.add_all(
                    CallMark(score_id=row.id, criterion_id=each.id, mark=marks[each.id]) for each in form.criteria
                )
                detail = f"{talk.extension}: {given:g}{before}"
                session.add(_audited(now, actor, "quality.scored", talk.call_id, detail))
                session.flush()
                return _score(session, row)
        except IntegrityError:  # Two scored it at the same moment: a talk has one score.
            raise Conflict("somebody else has scored this talk") from None

    def seen(self, user_id: int) -> None:
        """Keep that a user saw their own scores."""
        with self._unit_of_work() as session:
            unseen = select(CallScore).where(CallScore.user_id == user_id, CallScore.seen_at.is_(None))
            for each in session.scalars(unseen.limit(_SHOWN)):
                each.seen_at = self._clock()

    def answer(self, score_id: int, words: str, user_id: int, actor: str) -> None:
        """Keep what an agent says to the own score, once. Raises NotFound (also for another's), Invalid, Conflict."""
        words, now = _words(words), self._clock()
        if not words:
            raise Invalid("say something, or leave the score as it is")
        with self._unit_of_work() as session:
            row = session.get(CallScore, score_id, with_for_update=True)
            if row is None or row.user_id != user_id:
                raise NotFound(f"you have no score {score_id}")
            if row.answered_at is not None:
                raise Conflict("you have answered this score already")
            row.answer, row.answered_at = words, now
            session.add(_audited(now, actor, "quality.answered", row.call_id))

    def _list(self, whose: ColumnElement[bool]) -> tuple[Score, ...]:
        query = select(CallScore).where(whose).order_by(CallScore.talked_at.desc(), CallScore.id.desc()).limit(_SHOWN)
        with self._reading() as session:
            return tuple(_score(session, row) for row in session.scalars(query))


_TALKS = (
    select(
        TicketRecord.id, TicketRecord.call_id, TicketRecord.agent_extension,
        TicketRecord.ended_at.label("talked_at"), CallRecord.ended_at,
    )
    .join(CallRecord, CallRecord.id == TicketRecord.call_id)
    .where(
        TicketRecord.end == TicketEnd.ANSWERED.value,
        TicketRecord.agent_extension.is_not(None), TicketRecord.ended_at.is_not(None),
    )
    .order_by(TicketRecord.ended_at, TicketRecord.id)
)  # fmt: skip


def _one(session: Session, ticket_id: str) -> Talk:
    row = session.execute(_TALKS.where(TicketRecord.id == ticket_id)).first()
    if row is None:
        raise NotFound(f"no agent had a talk {ticket_id}")
    return _talk(row)


def _talk(row: Row[*tuple[Any, ...]]) -> Talk:
    seconds = (row.ended_at - row.talked_at).total_seconds() if row.ended_at else 0.0
    return Talk(row.id, row.call_id, row.agent_extension, row.talked_at, max(0.0, seconds))


def _checked(form: Form, marks: Mapping[int, int | None]) -> float:
    if set(marks) != {each.id for each in form.criteria}:
        raise Invalid("every criterion needs a mark, or that it did not apply")
    if any(mark is not None and not 0 <= mark <= BEST for mark in marks.values()):
        raise Invalid(f"a mark is a whole number from 0 to {BEST}")
    given = total((each.weight, marks[each.id]) for each in form.criteria)
    if given is None:
        raise Invalid("at least one criterion must apply")
    return given


def _words(given: str) -> str:
    words = given.strip()
    if len(words) > LONGEST_REMARK:
        raise Invalid(f"write {LONGEST_REMARK} characters at most")
    return words


def _score(session: Session, row: CallScore) -> Score:
    form = form_of(session, row.form_id)
    found = select(CallMark.criterion_id, CallMark.mark).where(CallMark.score_id == row.id)
    marks = {criterion: mark for criterion, mark in session.execute(found)}  # noqa: C416  # dict() of rows is untyped.
    return Score(
        row.id, row.ticket_id, row.call_id, row.extension, row.user_id, row.talked_at, form.version,
        tuple((each, marks.get(each.id)) for each in form.criteria), row.total, row.remark, row.scored_at,
        row.scored_by, row.seen_at, row.answer, row.answered_at,
    )  # fmt: skip


def _audited(at: datetime, actor: str, action: str, call_id: str, detail: str = "") -> AuditEntry:
    return AuditEntry(at=at, actor=actor[:60], action=action, subject=f"call:{call_id}"[:60], detail=detail)
