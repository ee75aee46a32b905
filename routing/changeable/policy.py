"""Which settings may be changed while everything runs, and within which bounds. Pure.

Only what every process that uses it takes up by itself is here: services that are made anew from their settings. What
the router keeps in its live state, and what Asterisk is told, changes with a restart (docs/administration.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Value = int | float | bool


class Kind(StrEnum):
    """What a value is; the unit is part of the name."""

    WHOLE = "whole"
    NUMBER = "number"
    YES_NO = "yes_no"


@dataclass(frozen=True)
class Changeable:
    """A setting of `routing.settings`, by its name there, with the least and the greatest value."""

    name: str
    kind: Kind
    least: float = 0
    most: float = 1


CHANGEABLE: Final = (
    Changeable("offer_seconds", Kind.WHOLE, 60, 7200),
    Changeable("offer_rounds", Kind.WHOLE, 1, 10),
    Changeable("overdue_climb_minutes", Kind.NUMBER, 1, 240),
    Changeable("visit_late_minutes", Kind.NUMBER, 1, 240),
    Changeable("callback_delay_seconds", Kind.WHOLE, 0, 86_400),
    Changeable("callback_attempts", Kind.WHOLE, 1, 6),
    Changeable("callback_retry_seconds", Kind.WHOLE, 300, 86_400),
    Changeable("callback_leaves_message", Kind.YES_NO),
    Changeable("wellbeing_look_in_seconds", Kind.WHOLE, 300, 3600),
    Changeable("sos_alarm_minutes", Kind.NUMBER, 1, 60),
    Changeable("board_longest_warn_seconds", Kind.NUMBER, 1, 3600),
    Changeable("board_longest_alarm_seconds", Kind.NUMBER, 1, 3600),
    Changeable("board_waiting_warn", Kind.WHOLE, 1, 1000),
    Changeable("board_waiting_alarm", Kind.WHOLE, 1, 1000),
    Changeable("board_service_warn_percent", Kind.NUMBER, 0, 100),
    Changeable("board_service_alarm_percent", Kind.NUMBER, 0, 100),
)
BY_NAME: Final = {each.name: each for each in CHANGEABLE}


class OutOfBounds(ValueError):
    """The text is no value of this setting."""


def read_value(what: Changeable, text: str) -> Value:
    """Read a value as somebody entered or we wrote it. Raises OutOfBounds."""
    plain = text.strip().lower()
    if what.kind is Kind.YES_NO:
        if plain not in ("yes", "no"):
            raise OutOfBounds(text)
        return plain == "yes"
    try:
        found = int(plain) if what.kind is Kind.WHOLE else float(plain)
    except ValueError:
        raise OutOfBounds(text) from None
    if not what.least <= found <= what.most:  # Not true of what is no number, either.
        raise OutOfBounds(text)
    return found


def write_value(value: Value | None) -> str:
    """Write a value as `read_value` reads it; nothing for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if value == int(value) and abs(value) < 1e6 else repr(value)
