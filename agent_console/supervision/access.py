"""Who may use the pages of supervisors: a part of the table in agent_console.access."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agent_console.roles import LEADS, OVERSEERS, STAFF, Roles

SUPERVISION_ACCESS: Final[Mapping[str, Roles]] = {
    "quality_page.index": OVERSEERS,
    "quality_page.talk": OVERSEERS,
    "quality_page.score": LEADS,
    "quality_page.agent": OVERSEERS,
    "score_form_page.show": OVERSEERS,
    "score_form_page.change": LEADS,
    "talks_page.show": OVERSEERS,
    "talks_page.now": OVERSEERS,
    "talks_page.take_part": LEADS,
    "talks_page.change": LEADS,
    "talks_page.end": LEADS,
    "bulletins_page.show": OVERSEERS,
    "bulletins_page.post": LEADS,
    "bulletins_page.end": LEADS,
    "bulletin_board.standing": STAFF,
    "bulletin_board.read": STAFF,
    "own_scores.show": STAFF,
    "own_scores.answer": STAFF,
    "recordings_page.show": OVERSEERS,
    # An auditor sees who listened, and hears nobody: what was said is text about a person.
    "recordings_page.listen": LEADS,
    "recordings_page.sound": LEADS,
}
