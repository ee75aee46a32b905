"""What dispatch takes of companies beside their records: how they stand, who is suspended, who is closed today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import CompanyStanding
from routing.orders.providers.availability import AS_EVER, available_now
from routing.orders.providers.suspending import suspended_now


@dataclass(frozen=True)
class Known:
    """One company. `unavailable` says why it is not asked now; empty: nothing speaks against it.

    `capacity` is of orders due today, None: as on the record.
    """

    unavailable: str = ""
    capacity: int | None = None
    acceptance: float | None = None
    punctuality: float | None = None


NOTHING = Known()


def known_of(session: Session, local_now: datetime) -> Mapping[int, Known]:
    """Give what is known of companies, by id, in three short queries; `local_now` is in the hotline's zone."""
    zone = local_now.tzinfo
    suspended = suspended_now(session, local_now)
    said = available_now(session, local_now, zone) if isinstance(zone, ZoneInfo) else {}
    standings = {
        row.company_id: row
        for row in session.execute(
            select(CompanyStanding.company_id, CompanyStanding.acceptance, CompanyStanding.punctuality)
        )
    }
    found: dict[int, Known] = {}
    for company_id in {*suspended, *said, *standings}:
        stands, word = standings.get(company_id), said.get(company_id, AS_EVER)
        unavailable = ""
        if company_id in suspended:
            until = suspended[company_id].until_at
            unavailable = (
                f"is suspended {f'until {until.astimezone(zone):%Y-%m-%d %H:%M}' if until else 'until lifted'}"
            )
        elif word.closed_until is not None:
            unavailable = f"takes no orders until {word.closed_until:%Y-%m-%d %H:%M}, as it said"
        found[company_id] = Known(
            unavailable,
            word.capacity,
            stands.acceptance if stands else None,
            stands.punctuality if stands else None,
        )
    return found
