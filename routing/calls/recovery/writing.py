"""Fates of calls into the database: what it lacks is filled in, what it has stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, Row, select

from db.models.base import Base
from db.models.calls import CallRecord
from db.session import UnitOfWork
from routing.calls import entries
from routing.calls.batches import write_batch
from routing.calls.caller import Caller
from routing.calls.recovery.stories import CallFate

log = structlog.get_logger(__name__)

RECOVERED = "call.recovered"
_BATCH = 100
_CALLS = Base.metadata.tables[CallRecord.__tablename__]
_KNOWN = select(
    _CALLS.c.id, _CALLS.c.dialled, _CALLS.c.answered_at, _CALLS.c.ended_at, _CALLS.c.outcome, _CALLS.c.agent_extension
)

WriteFates = Callable[[Sequence[CallFate]], int]
"""Writes fates and gives how many calls lacked their end; may block, and may raise while the database is away."""


class RecoveredCalls:
    """Writes how calls went of which nobody of ours heard."""

    def __init__(self, unit_of_work: UnitOfWork, reading: UnitOfWork, look_up: Callable[[str], Caller]) -> None:
        """`look_up` tells whose number it is (CallerDirectory)."""
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._look_up = look_up

    def write(self, fates: Sequence[CallFate]) -> int:
        """Write, each once, however often it is asked; give how many calls lacked their record or its end.

        Raises SQLAlchemyError or DirectoryUnavailable; then some are written, and writing all of them again is right.
        """
        recovered = 0
        for first in range(0, len(fates), _BATCH):
            batch = fates[first : first + _BATCH]
            with self._reading() as session:  # Mostly there is nothing to write, and no lock to be taken for it.
                known = _known(session.connection(), batch)
            if lacking := [each for each in batch if _lacks(known.get(each.call_id), each)]:
                with self._unit_of_work() as session:
                    recovered += self._write(session.connection(), lacking)
        return recovered

    def _write(self, connection: Connection, fates: Sequence[CallFate]) -> int:
        known = _known(connection, fates)
        lines: list[str] = []
        recovered = 0
        for fate in fates:
            row = known.get(fate.call_id)
            if row is None or _unbegun(row, fate):
                lines.append(entries.began(self._facts(fate)))
            if row is None or row.ended_at is None:
                recovered += 1
                lines.append(entries.note(fate.call_id, fate.ended_at, RECOVERED, _words(fate)))
                log.info("recovery.call", call_id=fate.call_id, outcome=fate.outcome, record=row is not None)
            lines.append(_end(row, fate))
        write_batch(connection, lines)
        return recovered

    def _facts(self, fate: CallFate) -> dict[str, Any]:
        caller = self._look_up(fate.number) if fate.number else None
        return {
            "id": fate.call_id,
            "node": fate.node,
            "direction": fate.direction,
            "dialled": fate.dialled,
            "number": caller and caller.number,
            "elder_id": caller and caller.elder_id,
            "started_at": fate.started_at,
        }


def _known(connection: Connection, fates: Sequence[CallFate]) -> dict[str, Row[*tuple[Any, ...]]]:
    found = connection.execute(_KNOWN.where(_CALLS.c.id.in_([each.call_id for each in fates])))
    return {row.id: row for row in found}


def _unbegun(row: Row[*tuple[Any, ...]], fate: CallFate) -> bool:
    """Whether the record was made for the end of the call, by whom knew no more."""
    return fate.direction == "inbound" and not row.dialled


def _lacks(row: Row[*tuple[Any, ...]] | None, fate: CallFate) -> bool:
    answered = fate.connected_at is not None
    return (
        row is None
        or row.ended_at is None
        or _unbegun(row, fate)
        or (not row.outcome and bool(fate.outcome))
        or (answered and row.answered_at is None)
        or (fate.agent is not None and row.agent_extension is None)
    )


def _end(row: Row[*tuple[Any, ...]] | None, fate: CallFate) -> str:
    """What is there already is left out, for the later word of an `ended` entry would count."""
    return entries.ended(
        fate.call_id,
        fate.ended_at,
        outcome="" if row is not None and row.outcome else fate.outcome,
        agent=None if row is not None and row.agent_extension else fate.agent,
        answered_at=fate.connected_at,
        node=fate.node,
    )


def _words(fate: CallFate) -> str:
    """For the journey; no personal data."""
    parts = [fate.outcome, "in Asterisk's own queue" if fate.fell_back else ""]
    if fate.connected_at is not None:
        parts.append(f"with {fate.agent or 'outside'} for {fate.talk_seconds:.0f} s")
    return f"cel: {', '.join(each for each in (*parts, fate.how) if each)}"
