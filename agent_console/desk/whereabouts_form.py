"""Changing what helps to find an elder: landmarks, the way in, where each phone is, who has a key."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from agent_console.identity import Identity
from agent_console.privacy import write_down
from agent_console.services import ConsoleServices
from db.models import CaseEvent, Elder
from routing.errors import NotFound


def change(
    services: ConsoleServices, who: Identity, elder_id: int, form: Mapping[str, str], case_id: int | None = None
) -> None:
    """Write what the form says: landmarks, way_in, place-<phone>, key-<contact>. Raises NotFound.

    The audit, and the timeline of a case in hand, name the fields that changed and not their values.
    """
    now, changed = services.clock(), []
    with services.unit_of_work() as work:
        wanted = select(Elder).where(Elder.id == elder_id).options(
            selectinload(Elder.phones), selectinload(Elder.contacts)
        )  # fmt: skip
        elder = work.scalar(wanted)
        if elder is None:
            raise NotFound(f"there is no elder {elder_id}")
        for name in ("landmarks", "way_in"):
            if name in form and (getattr(elder, name) or "") != form[name]:
                setattr(elder, name, form[name] or None)
                changed.append(name)
        for phone in elder.phones:
            told = form.get(f"place-{phone.id}")
            if told is not None and (phone.place or "") != told:
                phone.place = told or None
                changed.append(f"phone:{phone.id}")
        for contact in elder.contacts:
            if "keys" in form and contact.has_key != (f"key-{contact.id}" in form):
                contact.has_key = not contact.has_key
                changed.append(f"contact:{contact.id}")
        if not changed:
            return
        elder.updated_at = now
        if case_id is not None:
            work.add(CaseEvent(case_id=case_id, at=now, actor=who.actor, what="record_changed", detail=""))
    write_down(services, who, "elder.place", f"elder:{elder_id}", " ".join(changed))
