"""What page and API share when hours change: the audit of it (who, when, what; no names or numbers), and dates."""

from __future__ import annotations

from datetime import date

from agent_console import privacy
from agent_console.access import identity
from agent_console.services import console_services
from agent_console.texts import text
from routing.errors import Invalid


def write_down(action: str, detail: str) -> None:
    """Write down that whoever asks has made this change."""
    privacy.write_down(console_services(), identity(), action, "hours", detail)


def read_day(given: str) -> date:
    """Read a date as 2026-10-01. Raises Invalid."""
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Invalid(text("hours.day.bad")) from None
