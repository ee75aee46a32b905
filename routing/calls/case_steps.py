"""What happens to the call of an SOS stands in the timeline of its case as well: taken over from the call's journey.

The journey is written once and through crashes (see `journey` and `unwritten`). Its steps are copied when they are
written, when the case is opened, and when somebody looks: whichever comes first, and never twice, for each copy has the
step's own id as its key.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from db.models.base import Base
from db.models.calls import JourneyEvent
from db.models.cases import Case, CaseEvent

_CASES, _CASE_EVENTS, _STEPS = (Base.metadata.tables[model.__tablename__] for model in (Case, CaseEvent, JourneyEvent))
_TOLD = ("ticket.", "talk.", "duty.", "message.", "call.recovered", "call.abandoned")
"""Steps that say who was asked, who came and what became of the talk; the rest is about menus."""


def is_told(what: str) -> bool:
    """Whether a step of a journey belongs into the timeline of the call's SOS."""
    return what.startswith(_TOLD)


def copy_steps(connection: Connection, call_ids: Collection[str]) -> None:
    """Take over what the timelines of these calls' SOS cases lack. Raises SQLAlchemyError."""
    if not call_ids:
        return
    wanted = select(_CASES.c.id, _CASES.c.call_id).where(_CASES.c.call_id.in_(set(call_ids)), _CASES.c.kind == "sos")
    cases = {call_id: case_id for case_id, call_id in connection.execute(wanted)}
    if not cases:
        return
    query = select(_CASE_EVENTS.c.case_id, _CASE_EVENTS.c.key).where(_CASE_EVENTS.c.case_id.in_(cases.values()))
    known = {(case_id, key) for case_id, key in connection.execute(query)}
    steps = connection.execute(select(_STEPS).where(_STEPS.c.call_id.in_(cases)).order_by(_STEPS.c.at, _STEPS.c.id))
    rows = [
        {"case_id": cases[step.call_id], "at": step.at, "actor": "hotline", "what": step.what, "detail": step.detail,
         "key": f"journey-{step.id}"}
        for step in steps if is_told(step.what)
    ]  # fmt: skip
    new = [row for row in rows if (row["case_id"], row["key"]) not in known]
    if new:
        same = ["case_id", "key"]
        if connection.dialect.name == "postgresql":
            connection.execute(postgresql.insert(_CASE_EVENTS).on_conflict_do_nothing(index_elements=same), new)
        else:
            connection.execute(sqlite.insert(_CASE_EVENTS).on_conflict_do_nothing(index_elements=same), new)
