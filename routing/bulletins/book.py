"""Notes to all agents, or to those with one skill: made, shown until they end by themselves, and read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Agent, AuditEntry, Bulletin, BulletinRead, User
from db.session import UnitOfWork
from routing.calls.bulletin_messages import BulletinChanged
from routing.errors import Conflict, Invalid, NotFound
from routing.writing import insert_once, one_at_a_time

LONGEST: Final = 500
"""Characters: it is read between two calls."""
MOST_STANDING: Final = 20
"""At the same time; with more of them nobody reads any."""
LONGEST_STANDING: Final = timedelta(days=7)
_LISTED = 50
_ONE_AT_A_TIME = 0x62756C6C

Told = Callable[[BulletinChanged], None]
"""Tells pages that something changed. It may be lost: pages look every half minute, too."""


@dataclass(frozen=True)
class Note:
    """One as an agent sees it."""

    id: int
    words: str = field(repr=False)
    important: bool
    made_at: datetime
    made_by: str
    until: datetime
    read_at: datetime | None


@dataclass(frozen=True)
class Reader:
    """One of those whom a note is for: when it was on their desk, and when they said that they have read it."""

    name: str
    extension: str
    shown_at: datetime | None
    read_at: datetime | None


@dataclass(frozen=True)
class Posted:
    """One as a supervisor sees it, with everybody whom it is for."""

    id: int
    words: str = field(repr=False)
    important: bool
    skill: str
    made_at: datetime
    made_by: str
    until: datetime
    ended_by: str
    standing: bool
    readers: tuple[Reader, ...]

    @property
    def read(self) -> int:
        """How many have read it."""
        return sum(each.read_at is not None for each in self.readers)


class Bulletins:
    """The database is the truth; `told` only makes pages look sooner."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], told: Told
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._told = told

    def post(self, words: str, until: datetime, actor: str, *, important: bool = False, skill: str = "") -> int:
        """Put a note on the desks. Raises Invalid, and Conflict if too many stand already."""
        words, now = words.strip(), self._clock()
        if not 1 <= len(words) <= LONGEST:
            raise Invalid(f"a note to agents has 1 to {LONGEST} characters")
        if not now < until <= now + LONGEST_STANDING:
            raise Invalid(f"a note to agents ends within {LONGEST_STANDING.days} days from now")
        with self._unit_of_work() as session:
            one_at_a_time(session, _ONE_AT_A_TIME)
            if skill and not any(skill in _skills(each) for each in session.scalars(select(Agent.skills))):
                raise Invalid(f"no agent has the skill {skill}")
            standing = session.scalar(select(func.count()).select_from(Bulletin).where(Bulletin.until > now)) or 0
            if standing >= MOST_STANDING:
                raise Conflict(f"{MOST_STANDING} notes stand already: end one first")
            row = Bulletin(words=words, important=important, skill=skill, made_at=now, made_by=actor[:60], until=until)
            session.add(row)
            session.flush()
            session.add(_audited(now, actor, "bulletin.posted", row.id, skill or "all"))
            made = row.id
        self._told(BulletinChanged(now.timestamp()))
        return made

    def end(self, bulletin_id: int, actor: str) -> None:
        """Take one off the desks before its time. Raises NotFound, and Conflict if it is over."""
        now = self._clock()
        with self._unit_of_work() as session:
            row = _get(session, bulletin_id)
            if row.until <= now:
                raise Conflict("this note has ended already")
            row.until, row.ended_by = now, actor[:60]
            session.add(_audited(now, actor, "bulletin.ended", row.id, ""))
        self._told(BulletinChanged(now.timestamp()))

    def on_desk(self, user_id: int) -> tuple[Note, ...]:
        """Give what stands on a user's desk and is not read, important ones first. That it stood there is kept."""
        now = self._clock()
        with self._reading() as session:
            found = self._standing(session, user_id, now)
        new = [row.id for row, read in found if read is None]
        if new:
            with self._unit_of_work() as session:
                for each in new:
                    same = (BulletinRead.bulletin_id == each) & (BulletinRead.user_id == user_id)
                    insert_once(session, BulletinRead(bulletin_id=each, user_id=user_id, shown_at=now), same)
        return tuple(
            Note(row.id, row.words, row.important, row.made_at, row.made_by, row.until, None)
            for row, read in found
            if read is None or read.read_at is None
        )

    def read(self, bulletin_id: int, user_id: int) -> None:
        """Keep that a user has read one; once is enough. Raises NotFound, also for one that was not on their desk."""
        with self._unit_of_work() as session:
            same = (BulletinRead.bulletin_id == bulletin_id) & (BulletinRead.user_id == user_id)
            row = session.scalar(select(BulletinRead).where(same))
            if row is None:
                raise NotFound(f"there is no note {bulletin_id} on your desk")
            row.read_at = row.read_at or self._clock()

    def posted(self) -> tuple[Posted, ...]:
        """Give the latest, with who has read them; a note that stands counts all who are agents now."""
        now = self._clock()
        with self._reading() as session:
            agents = [
                (user.id, user.name, agent.extension, _skills(agent.skills)) for agent, user in session.execute(_AGENTS)
            ]
            rows = session.scalars(select(Bulletin).order_by(Bulletin.id.desc()).limit(_LISTED)).all()
            reads = select(BulletinRead).where(BulletinRead.bulletin_id.in_([each.id for each in rows]))
            known = {(each.bulletin_id, each.user_id): each for each in session.scalars(reads)}
            return tuple(
                Posted(
                    row.id, row.words, row.important, row.skill, row.made_at, row.made_by, row.until, row.ended_by,
                    row.until > now,
                    tuple(
                        Reader(name, extension, read.shown_at if read else None, read.read_at if read else None)
                        for user_id, name, extension, skills in agents
                        if (read := known.get((row.id, user_id))) is not None
                        or (row.until > now and (not row.skill or row.skill in skills))
                    ),
                )
                for row in rows
            )  # fmt: skip

    def skills(self) -> tuple[str, ...]:
        """Give the skills that any agent has."""
        with self._reading() as session:
            return tuple(sorted(set().union(*(_skills(agent.skills) for agent, _ in session.execute(_AGENTS)))))

    @staticmethod
    def _standing(session: Session, user_id: int, now: datetime) -> list[tuple[Bulletin, BulletinRead | None]]:
        agent = session.scalar(select(Agent).where(Agent.user_id == user_id))
        mine = ["", *_skills(agent.skills)] if agent else [""]
        own = (BulletinRead.bulletin_id == Bulletin.id) & (BulletinRead.user_id == user_id)
        query = (
            select(Bulletin, BulletinRead)
            .outerjoin(BulletinRead, own)
            .where(Bulletin.until > now, Bulletin.skill.in_(mine))
            .order_by(Bulletin.important.desc(), Bulletin.id.desc())
            .limit(MOST_STANDING)
        )
        return [(row, read) for row, read in session.execute(query)]  # Rows are no tuples.


_AGENTS = (
    select(Agent, User)
    .join(User, User.id == Agent.user_id)
    .where(Agent.active.is_(True), User.active.is_(True))
    .order_by(Agent.extension)
)


def _skills(listed: str) -> set[str]:
    return {each for each in listed.split(",") if each}


def _get(session: Session, bulletin_id: int) -> Bulletin:
    row = session.get(Bulletin, bulletin_id, with_for_update=True)
    if row is None:
        raise NotFound(f"there is no note {bulletin_id}")
    return row


def _audited(at: datetime, actor: str, action: str, bulletin_id: int, detail: str) -> AuditEntry:
    return AuditEntry(at=at, actor=actor[:60], action=action, subject=f"bulletin:{bulletin_id}", detail=detail)
