"""What two records both have and one person has once: joined into one row, and parted again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import ElderPhone, QuotaMonth, WellBeingEnrolment


def active_daily(work: Session, elders: Sequence[int]) -> Sequence[WellBeingEnrolment]:
    """Give the daily calls that go on for these elders."""
    return work.scalars(select(WellBeingEnrolment).where(WellBeingEnrolment.active_elder_id.in_(elders))).all()


def join_phones(work: Session, kept: int, gone: int) -> list[dict[str, Any]]:
    """Let the same telephone be there once; a device with one key stays one, and stands where it stood."""
    own = {each.number_index: each for each in work.scalars(select(ElderPhone).where(ElderPhone.elder_id == kept))}
    joined = []
    for each in work.scalars(select(ElderPhone).where(ElderPhone.elder_id == gone)):
        same = own.get(each.number_index)
        if same is None:
            continue
        joined.append({"id": each.id, "number": each.number, "kind": each.kind, "place": each.place,
                       "into": same.id, "kind_before": same.kind, "place_before": same.place})  # fmt: skip
        if each.kind == "one_key":
            same.kind = "one_key"
        same.place = same.place or each.place
        work.delete(each)
    work.flush()
    return joined


def join_quotas(work: Session, kept: int, gone: int) -> list[dict[str, Any]]:
    """Add up what both took of one month, as their ledgers are one now."""
    joined = []
    for each in work.scalars(select(QuotaMonth).where(QuotaMonth.elder_id == gone)):
        same = work.get(QuotaMonth, (kept, each.month, each.payer_class))
        if same is None:
            continue
        joined.append({"month": each.month, "payer_class": each.payer_class, "taken_fen": each.taken_fen})
        same.taken_fen += each.taken_fen
        work.delete(each)
    work.flush()
    return joined


def part(work: Session, undo: dict[str, Any], kept: int, gone: int) -> None:
    """Bring back what was joined or ended."""
    for each in undo["phones"]:
        same = work.get(ElderPhone, each["into"])
        if same is not None:
            same.kind, same.place = each["kind_before"], each["place_before"]
            index = same.number_index
            work.add(ElderPhone(id=each["id"], elder_id=gone, number=each["number"], number_index=index,
                                kind=each["kind"], place=each["place"]))  # fmt: skip
    for each in undo["quotas"]:
        same_month = work.get(QuotaMonth, (kept, each["month"], each["payer_class"]))
        if same_month is not None:
            same_month.taken_fen = max(0, same_month.taken_fen - each["taken_fen"])
        work.add(QuotaMonth(elder_id=gone, **each))
    for row in work.scalars(select(WellBeingEnrolment).where(WellBeingEnrolment.active_elder_id == kept)):
        row.active_elder_id = row.elder_id
    work.flush()
    ended = undo["ended"]
    if ended is not None and not active_daily(work, (ended["elder_id"],)):
        again = work.get_one(WellBeingEnrolment, ended["id"])
        again.active_elder_id, again.ended_at, again.ended_by = ended["elder_id"], None, None
