"""Who may use the pages of cases, work lists and knowledge cards: a part of the table in agent_console.access."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agent_console.roles import STAFF, Roles

DESK_CASES: Final[Mapping[str, Roles]] = {
    "sos_page.standing": STAFF,
    "sos_page.show": STAFF,
    "sos_page.now": STAFF,
    "sos_page.note": STAFF,
    "sos_page.close": STAFF,
    "cards_page.show": STAFF,
    "cards_page.pane": STAFF,
    "tasks_page.show": STAFF,
    "tasks_page.claim": STAFF,
    "tasks_page.release": STAFF,
    "tasks_page.defer": STAFF,
    "tasks_page.done": STAFF,
}
