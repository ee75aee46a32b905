"""What page and API share when recordings of prompts change: do it, and write down who did it."""

from __future__ import annotations

from flask import request

from agent_console.identity import Identity, session_identity
from agent_console.privacy import write_down
from agent_console.services import ConsoleServices, console_services
from routing.calls.supervise_messages import RecordPrompt
from routing.calls.tickets import send
from routing.elders.imports import MOST_BYTES as ELDERS_BYTES
from routing.elders.portrait import MOST_BYTES as PHOTO_BYTES
from routing.errors import Conflict
from routing.voice.studio import MOST_BYTES, Line, Wish

UPLOADS = {
    "prompts_page.upload": round(MOST_BYTES * 1.1), "api_prompts.upload": round(MOST_BYTES * 1.5),
    "imports_page.upload": round(ELDERS_BYTES * 1.1), "photos_page.put": round(PHOTO_BYTES * 1.1),
}  # fmt: skip
"""Routes that take a file, and how large a request may be: forms have borders, JSON has base64."""


def let_recordings_in() -> None:
    """Before anything reads the request: these routes may take more than others, from those who are logged in."""
    room = UPLOADS.get(request.endpoint or "")
    if room and (request.headers.get("Authorization") or session_identity(console_services())):
        request.max_content_length = room


def keep(services: ConsoleServices, who: Identity, tag: str, name: str, content: bytes) -> Line:
    """Take a recording. Raises NotFound, Invalid and Unfit."""
    line = services.studio.keep(tag, name, content, who.actor)
    write_down(services, who, "prompt.recorded", "prompt", f"{tag}/{name}")
    return line


def drop(services: ConsoleServices, who: Identity, tag: str, name: str) -> Line:
    """Take a recording back. Raises NotFound."""
    line = services.studio.drop(tag, name)
    write_down(services, who, "prompt.taken_back", "prompt", f"{tag}/{name}")
    return line


def ring(services: ConsoleServices, who: Identity, line: Line, at: str) -> None:
    """Have the phone of an extension rung, into which the words are read. Raises Conflict if it is not free."""
    phone = services.board.get(at)
    if phone is None or not phone.contacts:
        raise Conflict(f"extension {at} has no phone registered")
    if phone.legs:
        raise Conflict(f"extension {at} is in use")
    write_down(services, who, "prompt.by_phone", "prompt", f"{line.tag}/{line.name} at {at}")
    wish = services.wishes.put(Wish(line.tag, line.name, who.actor))
    send(services.redis, RecordPrompt(wish, at, who.actor))
