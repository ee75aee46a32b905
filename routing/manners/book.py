"""What the desk reads and sets of elders' manners."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from db.models import Elder, ElderManner
from db.session import UnitOfWork
from routing.errors import Invalid, NotFound
from routing.manners.keeping import manner_in, read_by
from routing.manners.learning import manner_row
from routing.manners.manner import LONGEST_KEY_SECONDS, MOST_HINTS, SHORTEST_KEY_SECONDS, Manner
from routing.manners.wishes import HOUSE_LANGUAGE, SETTABLE

Value = bool | int | float | str | None
"""What a part is set to; None: as learnt."""
LANGUAGES = ("zh-CN", "en")
MOST_DIALECT = 20  # Characters.

COLUMNS = (
    Elder.language, Elder.dialect, Elder.hearing, Elder.straight_to_person, ElderManner.slow, ElderManner.loud,
    ElderManner.key_seconds, ElderManner.hints, ElderManner.favourite_offered, ElderManner.straight_set,
    ElderManner.set_by, ElderManner.learnt,
)  # fmt: skip
_ONE = select(*COLUMNS).outerjoin(ElderManner, ElderManner.elder_id == Elder.id)


@dataclass(frozen=True)
class MannerBook:
    """Reads and sets manners. Threads may share one."""

    unit_of_work: UnitOfWork
    reading: UnitOfWork
    clock: Callable[[], datetime]
    zone: ZoneInfo

    def of(self, elder_id: int) -> Manner:
        """How an elder is spoken with. Raises NotFound."""
        with self.reading() as session:
            row = session.execute(_ONE.where(Elder.id == elder_id)).one_or_none()
        if row is None:
            raise NotFound(f"there is no elder {elder_id}")
        return manner_in(row, self.clock().astimezone(self.zone).date())

    def change(self, elder_id: int, wishes: Mapping[str, Value], actor: str) -> Manner:
        """Set the parts that are named, in the name of `actor`; None gives a part back to what is learnt.

        Raises NotFound, and Invalid for a part that cannot be set or a value out of its bounds.
        """
        for part, value in wishes.items():
            _check(part, value)
        with self.unit_of_work() as session:
            row = manner_row(session, elder_id)
            if row is None:
                raise NotFound(f"there is no elder {elder_id}")
            elder = session.get_one(Elder, elder_id)
            by = read_by(row.set_by)
            for part, value in wishes.items():
                _set(elder, row, part, value)
                by.pop(part, None)
                if value is not None:
                    by[part] = actor
            row.set_by = json.dumps(by) if by else ""
            elder.updated_at = self.clock()
        return self.of(elder_id)

    def forget(self, *elder_ids: int) -> None:
        """Forget what the talks of these elders taught, of all if none are named. What people set stays."""
        whose = update(ElderManner).values(learnt="")
        with self.unit_of_work() as session:
            session.execute(whose.where(ElderManner.elder_id.in_(elder_ids)) if elder_ids else whose)


def _set(elder: Elder, row: ElderManner, part: str, value: Value) -> None:
    match part:
        case "language":
            elder.language = str(value or HOUSE_LANGUAGE)
        case "dialect":
            elder.dialect = str(value or "")
        case "straight_to_person":
            elder.straight_to_person, row.straight_set = value is True, value is not None
        case _:
            setattr(row, part, value)


def _check(part: str, value: Value) -> None:
    if part not in SETTABLE:
        raise Invalid(f"{part} is no part of a manner that can be set")
    if value is not None and not _fits(part, value):
        raise Invalid(f"{part} cannot be {value!r}")


def _fits(part: str, value: Value) -> bool:
    if part == "language":
        return value in LANGUAGES
    if part == "dialect":
        return isinstance(value, str) and len(value) <= MOST_DIALECT
    if part == "key_seconds":
        return _is_number(value, int | float, SHORTEST_KEY_SECONDS, LONGEST_KEY_SECONDS)
    if part == "hints":
        return _is_number(value, int, 0, MOST_HINTS)
    return isinstance(value, bool)


def _is_number(value: Any, kind: Any, least: float, most: float) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool) and least <= value <= most
