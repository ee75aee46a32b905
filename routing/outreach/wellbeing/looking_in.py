"""Asking relatives and neighbours to look in, one after the other, within a unit of work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from db.models import CaseEvent, Contact, Elder, LookIn, WellBeingCheck
from routing.outreach.owing import owe
from routing.outreach.wellbeing.policy import CONTACTS, Looked, WellBeingRules, after_look_in
from routing.writing import insert_once

KIND = "look_in"
FLOW = "look_in"


def ask_next(session: Session, check: WellBeingCheck, now: datetime, rules: WellBeingRules) -> None:
    """Owe the next call, or write that nobody is asked any more. The check is locked, and no call of it stands open."""
    contacts = _contacts(session, check.elder_id)
    before = session.scalars(select(LookIn).where(LookIn.check_id == check.id).order_by(LookIn.number_at)).all()
    following = after_look_in(
        [(each.position, Looked(each.answer)) for each in before], len(contacts), now, rules
    )  # fmt: skip
    if following.over:
        check.looking_in = following.over
        note(session, check, now, "look_in.over", following.over)
        return
    # Who was taken off the register between two calls is passed over: the one who moved up is asked.
    contact = contacts[min(following.position, len(contacts) - 1)]
    number_at = len(before) + 1
    row = LookIn(
        check_id=check.id, contact_id=contact.id, number_at=number_at, position=following.position,
        cause=f"{check.key}-look-in-{number_at}", at=now,
    )  # fmt: skip
    kept, new = insert_once(session, row, LookIn.cause == row.cause)
    check.looking_in = "asking"
    if not new:
        return
    owe(
        session, now, cause=kept.cause, kind=KIND, flow=FLOW, reference=str(kept.id), number=contact.number,
        due_at=following.due_at,
    )  # fmt: skip
    note(session, check, now, "look_in.asked", f"contact:{contact.id}")


def note(session: Session, check: WellBeingCheck, now: datetime, what: str, detail: str) -> None:
    """Add a line to the case's timeline."""
    if check.case_id is not None:
        session.add(CaseEvent(case_id=check.case_id, at=now, actor="system", what=what, detail=detail))


def _contacts(session: Session, elder_id: int) -> list[Contact]:
    """The people to be asked, in their order: not those who only have the elder's own telephone."""
    query = select(Elder).where(Elder.id == elder_id)
    elder = session.scalar(query.options(selectinload(Elder.phones), selectinload(Elder.contacts)))
    if elder is None:
        return []
    own = {phone.number_index for phone in elder.phones}
    found: dict[bytes, Contact] = {}
    for each in sorted(elder.contacts, key=lambda contact: (contact.priority, contact.id)):
        if each.number_index not in own:
            found.setdefault(each.number_index, each)
    return list(found.values())[:CONTACTS]
