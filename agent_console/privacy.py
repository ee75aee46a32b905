"""Personal data at the edge: masks for those who need not know, and the audit of every look by those who do."""

from __future__ import annotations

from collections.abc import Iterable

from agent_console.identity import Identity
from agent_console.roles import SEES, Personal
from agent_console.services import ConsoleServices
from db.models import AuditEntry
from routing.numbers import masked

HIDDEN = "***"


def mask_name(name: str) -> str:
    """Leave the first character of a name: 王**."""
    return name[:1] + "**" if name else ""


class Lens:
    """What one viewer may see of personal data."""

    def __init__(self, viewer: Identity) -> None:
        self._sees = SEES.get(viewer.role, frozenset())
        self.clear = self._sees == frozenset(Personal)
        """Whether nothing is masked."""

    def number(self, number: str | None) -> str | None:
        """A number, E.164 or masked."""
        return number if Personal.NUMBER in self._sees or number is None else masked(number)

    def name(self, name: str) -> str:
        """A person's name, whole or its first character."""
        return name if Personal.NAME in self._sees else mask_name(name)

    def text(self, text: str | None) -> str | None:
        """Free text about a person, or nothing of it."""
        return text if Personal.TEXT in self._sees or not text else HIDDEN


def audit(services: ConsoleServices, viewer: Identity, action: str, subject: str, detail: str = "") -> None:
    """Write down that `viewer` sees `subject` (as elder:12), before it is shown: no look without its trace.

    Viewers who see masks only have seen nobody: nothing is written for them.
    """
    if viewer.sees_personal_data:
        with services.unit_of_work() as work:
            entry = AuditEntry(at=services.clock(), actor=viewer.actor, action=action, subject=subject, detail=detail)
            work.add(entry)


def write_down(services: ConsoleServices, who: Identity, action: str, subject: str, detail: str) -> None:
    """Keep in the audit what somebody did, or asks to be done: whoever it is, and whatever they see."""
    with services.unit_of_work() as work:
        work.add(AuditEntry(at=services.clock(), actor=who.actor, action=action, subject=subject[:60], detail=detail))


def audit_list(services: ConsoleServices, viewer: Identity, action: str, subjects: Iterable[str]) -> None:
    """Write down a look at several at once: one row, which names them all; none if there were none."""
    named = ",".join(subjects)
    if named:
        audit(services, viewer, action, "list", named)
