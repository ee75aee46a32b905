"""What keeps orders from a company beside its record: it is suspended, or has said that it is closed or full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, literal, or_, select, union_all
from sqlalchemy.orm import Session

from db.models import CompanyAvailability, CompanySuspension
from routing.orders.providers.availability import CAPACITY, CLOSED


@dataclass(frozen=True)
class Known:
    """One company. `paused`: it has said that it takes no orders now. `capacity` is of orders due today; None: as on
    the record."""

    suspended: bool = False
    paused: bool = False
    capacity: int | None = None


NOTHING = Known()
_SUSPENSION = "suspended"

# Made once: making such a statement takes longer than a database needs to answer it.
_NOW = bindparam("now", type_=CompanyAvailability.at.type)
_SAID = select(
    CompanyAvailability.company_id, CompanyAvailability.kind, CompanyAvailability.capacity,
    CompanyAvailability.id.label("at"),
).where(
    CompanyAvailability.until_at > _NOW, CompanyAvailability.from_at <= _NOW, CompanyAvailability.ended_at.is_(None),
    or_(CompanyAvailability.kind == CLOSED, CompanyAvailability.kind == CAPACITY),
)  # fmt: skip
_SUSPENDED = select(
    CompanySuspension.company_id, literal(_SUSPENSION), literal(None, CompanyAvailability.capacity.type), literal(0)
).where(
    CompanySuspension.from_at <= _NOW, CompanySuspension.lifted_at.is_(None),
    or_(CompanySuspension.until_at.is_(None), CompanySuspension.until_at > _NOW),
)  # fmt: skip
_BOTH = union_all(_SAID, _SUSPENDED).order_by("at")


def known_of(session: Session, local_now: datetime) -> Mapping[int, Known]:
    """Give what is known of companies by id, of those alone of which there is something: a later word holds."""
    found: dict[int, Known] = {}
    for company_id, kind, capacity, _at in session.connection().execute(_BOTH, {"now": local_now}).all():
        says: dict[str, Any] = {"suspended": True} if kind == _SUSPENSION else {"paused": True}
        if kind == CAPACITY:
            says = {"capacity": capacity}
        found[company_id] = replace(found.get(company_id, NOTHING), **says)
    return found
