"""The audit, read: who did or saw what, narrowed by person, user, action and time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from db.models import AuditEntry, User
from routing.errors import Invalid

_SUBJECT: Final = re.compile(r"[a-z_]{1,20}:[A-Za-z0-9_.-]{1,38}")
_ACTION: Final = re.compile(r"[a-z_.]{1,60}")


@dataclass(frozen=True)
class Asked:
    """What is looked for. `subject` is as elder:12; `action` a word, or the first words of several, as elder."""

    subject: str = ""
    user_id: int | None = None
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None


def trail(asked: Asked) -> Select[AuditEntry]:
    """Give the query for what is looked for. Raises Invalid for a subject or an action that cannot be."""
    which: list[ColumnElement[bool]] = []
    if asked.subject:
        if not _SUBJECT.fullmatch(asked.subject):
            raise Invalid("a subject is a kind and a number, as elder:12")
        # Looks at a list are one row, which names all that were on it.
        listed = "," + AuditEntry.detail + ","
        within = listed.contains(f",{asked.subject},", autoescape=True)
        which.append(or_(AuditEntry.subject == asked.subject, (AuditEntry.subject == "list") & within))
    if asked.user_id is not None:
        which.append(AuditEntry.actor == f"user:{asked.user_id}")
    if asked.action:
        if not _ACTION.fullmatch(asked.action):
            raise Invalid("an action is a word as elder.record")
        whole = AuditEntry.action == asked.action
        which.append(or_(whole, AuditEntry.action.startswith(asked.action + ".", autoescape=True)))
    if asked.since is not None:
        which.append(AuditEntry.at >= asked.since)
    if asked.until is not None:
        which.append(AuditEntry.at < asked.until)
    return select(AuditEntry).where(*which)


def logins(work: Session) -> dict[str, str]:
    """Give the log-in of each actor that is a user."""
    return {f"user:{row.id}": row.login for row in work.execute(select(User.id, User.login))}
