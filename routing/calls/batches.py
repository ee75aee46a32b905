"""Entries into tables, many at a time: each exactly once, however often it comes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, case, func, insert, select, tuple_, update

from db.encryption import FieldCipher
from db.models.base import Base
from db.models.calls import CallRecord, JourneyEvent, TicketRecord
from db.models.reports import AgentSpell
from routing.calls.case_steps import copy_steps, is_told

_Values = dict[str, Any]

_CALLS, _EVENTS, _TICKETS, _SPELLS = (
    Base.metadata.tables[model.__tablename__] for model in (CallRecord, JourneyEvent, TicketRecord, AgentSpell)
)
_KINDS = ("began", "ended", "note", "ticket", "spell")


def write_batch(connection: Connection, lines: Sequence[str | bytes], *, fresh: bool = False) -> None:
    """Write entries that the database has not got yet; what it has stays as it is.

    `fresh`: the steps among them are surely new, so that they need not be looked for. Raises KeyError, ValueError or
    TypeError for what is no entry, and SQLAlchemyError; then nothing of the batch is to be committed.
    """
    entries: dict[str, list[_Values]] = {kind: [] for kind in _KINDS}
    for line in lines:
        values = json.loads(line)
        entries[values.pop("kind")].append(values)
    _began(connection, entries["began"])
    _ended(connection, entries["ended"])
    _notes(connection, entries["note"], fresh)
    _tickets(connection, entries["ticket"])
    _spells(connection, entries["spell"])


def _moment(epoch: float | None) -> datetime | None:
    return None if epoch is None else datetime.fromtimestamp(epoch, UTC)


def _known(connection: Connection, table: Table, ids: Sequence[str]) -> set[str]:
    return set(connection.scalars(select(table.c.id).where(table.c.id.in_(set(ids)))))


def _began(connection: Connection, entries: Sequence[_Values]) -> None:
    rows = {each["id"]: _call_row(connection, each) for each in reversed(entries)}
    known = _known(connection, _CALLS, list(rows)) if rows else set()
    if new := [row for call_id, row in rows.items() if call_id not in known]:
        connection.execute(insert(_CALLS), new)
    for row in (row for call_id, row in rows.items() if call_id in known):
        # The router was faster: it dialled this call, or saw it end. What it did not know is added.
        learned: dict[str, ColumnElement[Any]] = {
            name: func.coalesce(_CALLS.c[name], bindparam(f"new_{name}", type_=_CALLS.c[name].type))
            for name in _LEARNED
        }
        # A record that was made for the end of its call was given the time of that end.
        guessed = (_CALLS.c.dialled == "") & (_CALLS.c.direction == "inbound")
        learned["started_at"] = case(
            (guessed, bindparam("new_started", type_=_CALLS.c.started_at.type)), else_=_CALLS.c.started_at
        )
        learned["dialled"] = func.coalesce(func.nullif(_CALLS.c.dialled, ""), bindparam("new_dialled"))
        values = {f"new_{name}": row[name] for name in (*_LEARNED, "dialled")} | {"new_started": row["started_at"]}
        connection.execute(update(_CALLS).where(_CALLS.c.id == row["id"]).values(learned), values)


_LEARNED = ("number", "number_index", "elder_id")


def _call_row(connection: Connection, values: Mapping[str, Any]) -> _Values:
    number = values.get("number")
    cipher = getattr(connection.dialect, "field_cipher", None)
    return {
        "id": values["id"],
        "node": values["node"],
        "direction": values["direction"],
        "dialled": values.get("dialled", ""),
        "number": number,
        "number_index": cipher.number_index(number) if number and isinstance(cipher, FieldCipher) else None,
        "elder_id": values.get("elder_id"),
        "started_at": _moment(values["started_at"]),
        "outcome": "",
        "agent_note": "",
    }


def _ended(connection: Connection, entries: Sequence[_Values]) -> None:
    if not entries:
        return
    known = _known(connection, _CALLS, [each["call_id"] for each in entries])
    for each in entries:
        if each["call_id"] not in known:
            known.add(each["call_id"])
            started = _moment(each["at"] or each["answered_at"]) or datetime.now(UTC)
            facts = {"id": each["call_id"], "node": each["node"], "direction": "inbound", "started_at": started}
            connection.execute(insert(_CALLS), [facts | {"dialled": "", "outcome": "", "agent_note": ""}])
    changes = [
        {
            "call": each["call_id"],
            "new_ended": _moment(each["at"]),
            "new_answered": _moment(each["answered_at"]),
            "new_outcome": each["outcome"],
            "new_agent": each["agent"],
            "new_recording": each["recording"],
        }
        for each in entries
    ]
    connection.execute(_END, changes)


_END = (
    update(_CALLS)
    .where(_CALLS.c.id == bindparam("call"))
    .values(
        ended_at=func.coalesce(_CALLS.c.ended_at, bindparam("new_ended", type_=_CALLS.c.ended_at.type)),
        answered_at=func.coalesce(_CALLS.c.answered_at, bindparam("new_answered", type_=_CALLS.c.answered_at.type)),
        outcome=func.coalesce(func.nullif(bindparam("new_outcome"), ""), _CALLS.c.outcome),
        agent_extension=func.coalesce(bindparam("new_agent"), _CALLS.c.agent_extension),
        recording=func.coalesce(bindparam("new_recording"), _CALLS.c.recording),
    )
)


def _notes(connection: Connection, entries: Sequence[_Values], fresh: bool) -> None:
    """A step is known by its call, its moment and its word."""
    rows = {(each["call_id"], _moment(each["at"]), each["what"]): each["detail"] for each in entries}
    if rows and not fresh:
        same = tuple_(_EVENTS.c.call_id, _EVENTS.c.at)
        written = select(_EVENTS.c.call_id, _EVENTS.c.at, _EVENTS.c.what).where(
            _EVENTS.c.call_id.in_({call_id for call_id, _, _ in rows}), same.in_([key[:2] for key in rows])
        )
        for known in connection.execute(written):
            rows.pop((known.call_id, known.at, known.what), None)
    if rows:
        connection.execute(
            insert(_EVENTS),
            [
                {"call_id": call_id, "at": at, "what": what, "detail": text}
                for (call_id, at, what), text in rows.items()
            ],
        )
        copy_steps(connection, {call_id for call_id, _, what in rows if is_told(what)})


def _tickets(connection: Connection, entries: Sequence[_Values]) -> None:
    rows = {each["id"]: each for each in reversed(entries)}  # Of two ends of one ticket the first counts.
    known = _known(connection, _TICKETS, list(rows)) if rows else set()
    times = ("joined_at", "ended_at")
    if new := [row for ticket_id, row in rows.items() if ticket_id not in known]:
        connection.execute(insert(_TICKETS), [row | {name: _moment(row[name]) for name in times} for row in new])


def _spells(connection: Connection, entries: Sequence[_Values]) -> None:
    rows = {(each["extension"], _moment(each["began_at"]), each["state"]): each for each in entries}
    if rows:
        same = tuple_(_SPELLS.c.extension, _SPELLS.c.began_at)
        known = select(_SPELLS.c.extension, _SPELLS.c.began_at, _SPELLS.c.state).where(
            same.in_([key[:2] for key in rows])
        )
        for each in connection.execute(known):
            rows.pop((each.extension, each.began_at, each.state), None)
    if rows:
        connection.execute(
            insert(_SPELLS),
            [
                {"extension": extension, "began_at": at, "state": state, "missed": each["missed"],
                 "ended_at": _moment(each["ended_at"])}
                for (extension, at, state), each in rows.items()
            ],
        )  # fmt: skip
