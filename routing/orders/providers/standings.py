"""What dispatch takes of companies beside their records: how they stand, who is suspended, who is closed today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from db.models import CompanyAvailability, CompanyStanding, CompanySuspension
from routing.orders.providers.availability import CAPACITY, CLOSED


@dataclass(frozen=True)
class Known:
    """One company. `paused`: it has said that it takes no orders now. `capacity` is of orders due today; None: as on
    the record."""

    suspended: bool = False
    paused: bool = False
    capacity: int | None = None
    acceptance: float | None = None
    punctuality: float | None = None


NOTHING = Known()

# Statements are made once: making one takes longer than SQLite needs to answer it.
_NOW = bindparam("now", type_=CompanyStanding.at.type)
_STANDINGS = select(CompanyStanding.company_id, CompanyStanding.acceptance, CompanyStanding.punctuality)
_SUSPENDED = (
    select(CompanySuspension.company_id, CompanySuspension.until_at)
    .where(CompanySuspension.from_at <= _NOW, CompanySuspension.lifted_at.is_(None))
    .where(or_(CompanySuspension.until_at.is_(None), CompanySuspension.until_at > _NOW))
    .order_by(CompanySuspension.decided_at)
)
_SAID = (
    select(CompanyAvailability.company_id, CompanyAvailability.kind, CompanyAvailability.until_at,
           CompanyAvailability.capacity)
    .where(CompanyAvailability.until_at > _NOW, CompanyAvailability.from_at <= _NOW)
    .where(CompanyAvailability.ended_at.is_(None), CompanyAvailability.kind.in_((CLOSED, CAPACITY)))
    .order_by(CompanyAvailability.id)
)  # fmt: skip


def known_of(session: Session, local_now: datetime) -> Mapping[int, Known]:
    """Give what is known of companies, by id, in three short queries."""
    connection, at = session.connection(), {"now": local_now}
    found = {
        company_id: Known(acceptance=acceptance, punctuality=punctuality)
        for company_id, acceptance, punctuality in connection.execute(_STANDINGS)
    }
    for company_id, kind, _until, capacity in connection.execute(_SAID, at):
        said: dict[str, Any] = {"capacity": capacity} if kind == CAPACITY else {"paused": True}
        found[company_id] = replace(found.get(company_id, NOTHING), **said)
    for company_id, _end in connection.execute(_SUSPENDED, at):
        found[company_id] = replace(found.get(company_id, NOTHING), suspended=True)
    return found
