"""What an agent notes about a call."""

from __future__ import annotations

from agent_console.identity import Identity
from agent_console.privacy import audit
from agent_console.services import ConsoleServices
from db.models import CallRecord
from routing.errors import NotFound


def draft_note(services: ConsoleServices, who: Identity, call_id: str, note: str, known: str) -> str | None:
    """Keep a note as it is typed by somebody who knows of `known`. Something else that stands is given, and stays.

    The audit has the first text of a call and what is saved by the button, not each key. Raises NotFound.
    """
    with services.unit_of_work() as work:
        call = work.get(CallRecord, call_id, with_for_update=True)
        if call is None:
            raise NotFound(f"there is no call {call_id}")
        stands = call.agent_note
        if stands not in {known, note}:
            return stands
        call.agent_note = note
    if not stands and note:
        audit(services, who, "call.noted", f"call:{call_id}")
    return None


def note_call(services: ConsoleServices, who: Identity, call_id: str, note: str) -> None:
    """Put the note on the call's record; a later one takes the place of an earlier. Raises NotFound."""
    with services.unit_of_work() as work:
        call = work.get(CallRecord, call_id, with_for_update=True)
        if call is None:
            raise NotFound(f"there is no call {call_id}")
        call.agent_note = note
    audit(services, who, "call.noted", f"call:{call_id}")
