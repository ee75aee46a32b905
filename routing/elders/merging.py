"""Two records of one person become one, and can be parted again: nothing is lost, whatever belongs to them.

What belongs to an elder is found in the models (belongings.py) and moves to the record that is kept. What that record
has already, and may have once, is treated by table: the same telephone and the same month of a quota are joined into
the kept record's row; all else of that kind stays with the record that is given up, which remains as history. Two
promised call-backs or two daily calls are a person's to decide.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.encryption import FieldCipher
from db.models import AuditEntry, Callback, Elder, ElderMerge, WellBeingEnrolment
from db.search_keys import refresh
from db.session import UnitOfWork
from routing.elders.belongings import Belonging, already_there, belongings, give, rows_of
from routing.elders.joining import active_daily, join_phones, join_quotas, part
from routing.errors import Conflict, Invalid, NotFound

MERGED: Final = "merged"
FIELDS: Final = (
    "name", "sex", "form_of_address", "birth_date", "identity_number", "address", "landmarks", "way_in", "district",
    "latitude", "longitude", "health_notes", "hearing", "dialect", "payer_class", "caller_class", "lives_alone",
    "straight_to_person", "rest", "language",
)  # fmt: skip
"""Of which a person may take either record's. What the kept one lacks is taken from the other."""
KEPT, GONE = "kept", "gone"


class BothPromised(Conflict):
    """Both are promised a call-back, and one person is promised one."""

    code = "both_promised"


class BothCalledDaily(Conflict):
    """Both have a daily call, and nobody said which stays."""

    code = "both_called_daily"


class NotMerged(Conflict):
    """The record is merged already, or is none to merge with."""

    code = "not_mergeable"


@dataclass(frozen=True)
class Merge:
    """What a person decided: which record is kept, whose value of which field, and whose daily call."""

    kept_id: int
    gone_id: int
    take: frozenset[str] = frozenset()
    """Fields of which the value of the record that is given up is right."""
    daily: str = ""
    """kept or gone; asked for only if both have a daily call."""


@dataclass(frozen=True)
class Preview:
    """What would happen, for whoever decides. Counts are by table."""

    kept: Elder = field(repr=False)
    gone: Elder = field(repr=False)
    differ: tuple[str, ...]
    """Fields that both have, with different values."""
    moves: dict[str, int]
    stays: dict[str, int]
    both_promised: bool
    both_daily: bool


class ElderMerges:
    """Merges and parts records. Each in one unit of work, with both records locked, and in the audit."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], cipher: FieldCipher
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._cipher = cipher

    def preview(self, kept_id: int, gone_id: int) -> Preview:
        """Tell what would happen. Raises NotFound and NotMerged."""
        with self._reading() as work:
            kept, gone = _pair(work, kept_id, gone_id)
            moves: dict[str, int] = {}
            stays: dict[str, int] = {}
            for what in belongings():
                there = already_there(work, what, gone_id, kept_id)
                number = len(rows_of(work, what, gone_id)) - len(there)
                moves[what.table.name] = moves.get(what.table.name, 0) + number
                stays[what.table.name] = stays.get(what.table.name, 0) + len(there)
            return Preview(
                kept, gone, tuple(name for name in FIELDS if _differ(kept, gone, name)),
                {name: number for name, number in moves.items() if number},
                {name: number for name, number in stays.items() if number},
                len(_promised(work, (kept_id, gone_id))) > 1, len(active_daily(work, (kept_id, gone_id))) > 1,
            )  # fmt: skip

    def merge(self, wanted: Merge, by: str) -> int:
        """Merge, and give the number of the merge, by which it is undone.

        Raises NotFound, NotMerged, BothPromised, BothCalledDaily, and Invalid for a field that is none.
        """
        if not wanted.take <= set(FIELDS):
            raise Invalid(f"these are no fields of an elder: {', '.join(sorted(wanted.take - set(FIELDS)))[:100]}")
        now = self._clock()
        with self._unit_of_work() as work:
            kept, gone = _pair(work, wanted.kept_id, wanted.gone_id, lock=True)
            if len(_promised(work, (kept.id, gone.id))) > 1:
                raise BothPromised("both records are promised a call-back: cancel one of the two first")
            undo: dict[str, Any] = {"ended": self._one_daily(work, wanted, now, by)}
            undo["fields"] = self._take_fields(kept, gone, wanted.take)
            undo["phones"] = join_phones(work, kept.id, gone.id)
            undo["quotas"] = join_quotas(work, kept.id, gone.id)
            undo["moved"] = {what.name: _move(work, what, gone.id, kept.id) for what in belongings()}
            for row in work.scalars(select(WellBeingEnrolment).where(WellBeingEnrolment.active_elder_id == gone.id)):
                row.active_elder_id = kept.id
            undo["state"] = gone.state
            gone.state, gone.updated_at, kept.updated_at = MERGED, now, now
            # Nobody finds it by name or identity number any more; by its registration number it leads to the other.
            gone.name_index, gone.identity_index = self._cipher.index(MERGED, str(gone.id)), None
            merge = ElderMerge(
                kept_id=kept.id, gone_id=gone.id, merged_at=now, merged_by=by[:60], undo=json.dumps(undo, default=str)
            )
            work.add(merge)
            work.flush()
            refresh(work, (kept.id, gone.id))
            for its_id, other in ((kept.id, gone.id), (gone.id, kept.id)):
                detail = f"merge:{merge.id} elder:{other} kept:{kept.id}"
                work.add(AuditEntry(at=now, actor=by, action="elder.merged", subject=f"elder:{its_id}", detail=detail))
            return merge.id

    def undo(self, merge_id: int, by: str) -> None:
        """Part the two again: what was moved goes back, what came since stays. Raises NotFound and NotMerged."""
        now = self._clock()
        with self._unit_of_work() as work:
            row = work.get(ElderMerge, merge_id, with_for_update=True)
            if row is None:
                raise NotFound(f"there is no merge {merge_id}")
            if row.undone_at is not None:
                raise NotMerged("this merge was undone already")
            later = select(ElderMerge.id).where(ElderMerge.undone_at.is_(None), ElderMerge.id > merge_id)
            if work.scalar(later.where(ElderMerge.gone_id == row.kept_id)) is not None:
                raise NotMerged("the kept record was merged into another since: undo that first")
            kept, gone = work.get_one(Elder, row.kept_id), work.get_one(Elder, row.gone_id)
            undo = json.loads(row.undo)
            for what in belongings():
                give(work, what, [tuple(each) for each in undo["moved"].get(what.name, [])], kept.id, gone.id)
            work.expire_all()
            part(work, undo, kept.id, gone.id)
            for name, before in undo["fields"].items():
                setattr(kept, name, _field(name, before))
            gone.state = undo["state"]
            for each in (kept, gone):
                each.name_index, each.updated_at = self._cipher.name_index(each.name), now
                number = each.identity_number
                each.identity_index = self._cipher.identity_index(number) if number else None
            row.undone_at, row.undone_by = now, by[:60]
            refresh(work, (kept.id, gone.id))
            for its_id in (kept.id, gone.id):
                work.add(
                    AuditEntry(at=now, actor=by, action="elder.parted", subject=f"elder:{its_id}",
                               detail=f"merge:{row.id}")
                )  # fmt: skip

    def of_elder(self, elder_id: int) -> Sequence[ElderMerge]:
        """Give the merges of a record, the latest first."""
        mine = (ElderMerge.kept_id == elder_id) | (ElderMerge.gone_id == elder_id)
        with self._reading() as work:
            return work.scalars(select(ElderMerge).where(mine).order_by(ElderMerge.id.desc())).all()

    def _one_daily(self, work: Session, wanted: Merge, now: datetime, by: str) -> dict[str, int] | None:
        """Let one daily call go on. Gives what ended, and whose it was."""
        daily = active_daily(work, (wanted.kept_id, wanted.gone_id))
        if len(daily) < 2:
            return None
        if wanted.daily not in {KEPT, GONE}:
            raise BothCalledDaily("both records have a daily call: say which of the two goes on")
        ends = wanted.gone_id if wanted.daily == KEPT else wanted.kept_id
        row = next(each for each in daily if each.elder_id == ends)
        row.active_elder_id, row.ended_at, row.ended_by = None, now, by[:60]
        work.flush()
        return {"id": row.id, "elder_id": ends}

    def _take_fields(self, kept: Elder, gone: Elder, take: frozenset[str]) -> dict[str, Any]:
        """Take what is right or missing from the other record, and give what was there before."""
        before: dict[str, Any] = {}
        for name in FIELDS:
            theirs = getattr(gone, name)
            if theirs == getattr(kept, name) or not (name in take or _is_empty(kept, name)):
                continue
            before[name] = getattr(kept, name)
            setattr(kept, name, theirs)
        kept.name_index = self._cipher.name_index(kept.name)
        number = kept.identity_number
        kept.identity_index = self._cipher.identity_index(number) if number else None
        return before


def _pair(work: Session, kept_id: int, gone_id: int, *, lock: bool = False) -> tuple[Elder, Elder]:
    if kept_id == gone_id:
        raise NotMerged("these are one record: choose another one")
    query = select(Elder).where(Elder.id.in_((kept_id, gone_id))).order_by(Elder.id)
    found = {each.id: each for each in work.scalars(query.with_for_update() if lock else query)}
    for its_id in (kept_id, gone_id):
        if its_id not in found:
            raise NotFound(f"there is no elder {its_id}")
        if found[its_id].state == MERGED:
            raise NotMerged(f"the record {its_id} was merged already: choose the one that was kept")
    return found[kept_id], found[gone_id]


def _move(work: Session, what: Belonging, gone: int, kept: int) -> list[list[Any]]:
    there = already_there(work, what, gone, kept)
    moved = [key for key in rows_of(work, what, gone) if key not in there]
    give(work, what, moved, gone, kept)
    return [list(key) for key in moved]


def _promised(work: Session, elders: Sequence[int]) -> Sequence[int]:
    open_ones = (Callback.kind == "promise", Callback.state == "due", Callback.elder_id.in_(elders))
    return work.scalars(select(Callback.id).where(*open_ones)).all()


def _is_empty(elder: Elder, name: str) -> bool:
    return getattr(elder, name) in (None, "") or (name == "sex" and elder.sex == "unknown")


def _differ(kept: Elder, gone: Elder, name: str) -> bool:
    return not _is_empty(kept, name) and not _is_empty(gone, name) and getattr(kept, name) != getattr(gone, name)


def _field(name: str, before: Any) -> Any:
    return date.fromisoformat(before) if name == "birth_date" and before else before
