"""The days that a page is asked for, and those of its forms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from agent_console.texts import text
from routing.errors import Invalid

YEARS: Final = range(2000, 2201)
"""Years that a day of ours can be of: outside them a slip of the hand is meant, and calendars come to their ends."""


def read_day(given: str) -> date | None:
    """Read a day as 2026-10-01; None if nothing is given. Raises Invalid."""
    if not given.strip():
        return None
    try:
        day = date.fromisoformat(given.strip())
    except ValueError:
        raise Invalid(text("hours.day.bad")) from None
    if day.year not in YEARS:
        raise Invalid(text("hours.day.bad"))
    return day


def needed_day(given: str) -> date:
    """Read a day that must be given. Raises Invalid."""
    day = read_day(given)
    if day is None:
        raise Invalid(text("hours.day.bad"))
    return day


def day_of(fields: Mapping[str, str], name: str) -> date | None:
    """Read the day of this field of a form or an address; None if it is left out. Raises Invalid."""
    return read_day(fields.get(name, ""))
