"""The form by which talks are scored: a list of weighted criteria, in versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.models import AuditEntry, ScoreCriterion, ScoreForm
from db.session import UnitOfWork
from routing.errors import Conflict, Invalid
from routing.quality.policy import HEAVIEST, MOST_CRITERIA

_LONGEST_NAME = 120
_VERSIONS_SHOWN = 50


@dataclass(frozen=True)
class Criterion:
    """What is looked at, and how much it weighs."""

    id: int
    name: str
    weight: int


@dataclass(frozen=True)
class Form:
    """One version, with its criteria in their order."""

    id: int
    version: int
    made_at: datetime
    made_by: str
    criteria: tuple[Criterion, ...]


class ScoreForms:
    """Reads versions, and makes the next one."""

    def __init__(self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime]) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock

    def current(self) -> Form | None:
        """Give the latest version; None before anybody made one."""
        with self._reading() as session:
            row = session.scalar(select(ScoreForm).order_by(ScoreForm.version.desc()).limit(1))
            return None if row is None else form_of(session, row.id)

    def all(self) -> tuple[Form, ...]:
        """Give the latest versions, the newest first."""
        with self._reading() as session:
            ids = session.scalars(select(ScoreForm.id).order_by(ScoreForm.version.desc()).limit(_VERSIONS_SHOWN))
            return tuple(form_of(session, each) for each in ids)

    def change(self, criteria: Sequence[tuple[str, int]], seen: int, actor: str) -> Form:
        """Make the next version of pairs of name and weight. `seen` is the version that was changed, 0 for none.

        Raises Invalid, and Conflict if somebody made another meanwhile. Scores that were given keep their own version.
        """
        named = [(name.strip(), weight) for name, weight in criteria if name.strip()]
        if not 1 <= len(named) <= MOST_CRITERIA:
            raise Invalid(f"a form has 1 to {MOST_CRITERIA} criteria")
        if len({name for name, _ in named}) != len(named):
            raise Invalid("two criteria have the same name")
        if any(len(name) > _LONGEST_NAME for name, _ in named):
            raise Invalid(f"a criterion's name has {_LONGEST_NAME} characters at most")
        if any(not 1 <= weight <= HEAVIEST for _, weight in named):
            raise Invalid(f"a weight is a whole number from 1 to {HEAVIEST}")
        now = self._clock()
        try:
            with self._unit_of_work() as session:
                if (session.scalar(select(func.max(ScoreForm.version))) or 0) != seen:
                    raise Conflict("somebody changed the form meanwhile: look at it again")
                row = ScoreForm(version=seen + 1, made_at=now, made_by=actor[:60])
                session.add(row)
                session.flush()
                session.add_all(
                    ScoreCriterion(form_id=row.id, place=place, name=name, weight=weight)
                    for place, (name, weight) in enumerate(named)
                )
                session.add(AuditEntry(at=now, actor=actor[:60], action="quality.form", subject=f"form:{seen + 1}"))
                session.flush()
                return form_of(session, row.id)
        except IntegrityError:  # Two made it at the same moment: the version is unique.
            raise Conflict("somebody changed the form meanwhile: look at it again") from None


def form_of(session: Session, form_id: int) -> Form:
    """Give a version, by its id."""
    row = session.get_one(ScoreForm, form_id)
    lines = session.scalars(
        select(ScoreCriterion).where(ScoreCriterion.form_id == form_id).order_by(ScoreCriterion.place)
    )
    criteria = tuple(Criterion(each.id, each.name, each.weight) for each in lines)
    return Form(row.id, row.version, row.made_at, row.made_by, criteria)
