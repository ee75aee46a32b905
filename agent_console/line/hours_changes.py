"""What page and API share when hours change: the audit of it (who, when, what; no names or numbers), and dates."""

from __future__ import annotations

from agent_console import privacy
from agent_console.access import identity
from agent_console.services import console_services


def write_down(action: str, detail: str) -> None:
    """Write down that whoever asks has made this change."""
    privacy.write_down(console_services(), identity(), action, "hours", detail)
