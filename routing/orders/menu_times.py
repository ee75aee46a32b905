"""When the voice menus offer a kind of services: always, never, or on these days and hours. Pure.

Only kinds can be taken out of the menus: nobody can take away 0 (a person), 9 (SOS) or the state of the own orders, for
no kind stands for them. Keys of the other kinds do not move.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from routing.errors import Invalid
from routing.hours.policy import Calendar
from routing.hours.rota import covers, read_times, write_times

NEVER: Final = "off"
LONGEST: Final = 200


def read_menu_times(text: str) -> str:
    """Read what somebody wrote, and give it as it is kept: empty for always, ``off``, or days and hours as
    ``mon-fri 07:00-19:00; holiday 09:00-12:00``. Raises Invalid."""
    plain = " ".join(text.split())
    if plain.lower() == NEVER:
        return NEVER
    kept = write_times(read_times(plain))
    if len(kept) > LONGEST:
        raise Invalid(f"the times of a menu fit in {LONGEST} characters: give days with the same hours as mon-fri")
    return kept


def in_menu(kept: str, calendar: Calendar, at: datetime) -> bool:
    """Tell whether the menus offer it at an instant (aware). Times that cannot be read any more are always: a kind too
    many in a menu is found by the first caller, a menu without is found by nobody."""
    if kept == NEVER:
        return False
    try:
        return covers(read_times(kept), calendar, at)
    except Invalid:
        return True
