"""What an agent notes about a call."""

from __future__ import annotations

from agent_console.identity import Identity
from agent_console.privacy import audit
from agent_console.services import ConsoleServices
from db.models import CallRecord
from routing.errors import NotFound


def note_call(services: ConsoleServices, who: Identity, call_id: str, note: str) -> None:
    """Put the note on the call's record; a later one takes the place of an earlier. Raises NotFound."""
    with services.unit_of_work() as work:
        call = work.get(CallRecord, call_id, with_for_update=True)
        if call is None:
            raise NotFound(f"there is no call {call_id}")
        call.agent_note = note
    audit(services, who, "call.noted", f"call:{call_id}")
