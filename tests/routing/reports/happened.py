"""Calls as they stand in the database, written down briefly."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from db.models import CallRecord, JourneyEvent, TicketRecord
from db.session import UnitOfWork


def call(
    name: str,
    at: datetime,
    *,
    asked: float | None = 0.0,
    wait: float | None = None,
    talk: float | None = None,
    ends: float | None = None,
    outcome: str = "",
    intent: str = "order",
    recovered: bool = False,
    **more: Any,
) -> list[Any]:
    """A call that came in at `at`: asked for a person after `asked` seconds (None: no ticket), was connected `wait`
    seconds later and talked for `talk`; or ended `ends` seconds after its beginning."""
    since = at + timedelta(seconds=asked or 0)
    answered = since + timedelta(seconds=wait) if wait is not None else None
    ended = at + timedelta(seconds=ends) if ends is not None else None
    if answered is not None and talk is not None:
        ended = answered + timedelta(seconds=talk)
    facts: dict[str, Any] = {"node": "a", "direction": "inbound", "dialled": "12349", "agent_note": "", **more}
    rows: list[Any] = [
        CallRecord(id=name, started_at=at, answered_at=answered, ended_at=ended, outcome=outcome, **facts)
    ]
    if asked is not None:
        end = outcome or None
        over = answered or ended
        rows.append(
            TicketRecord(
                id=f"t-{name}", call_id=name, intent=intent, caller_class="elder", joined_at=since, end=end,
                ended_at=over, agent_extension="1001" if answered else None,
            )
        )  # fmt: skip
    if recovered:
        rows.append(JourneyEvent(call_id=name, at=ended or at, what="call.recovered", detail="cel"))
    return rows


def write(unit_of_work: UnitOfWork, *calls: list[Any]) -> None:
    """Write them."""
    with unit_of_work() as work:
        for rows in calls:
            work.add_all(rows)
