"""The roles of users and tokens, and the groups of them that routes are open to."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """Roles of users and of API tokens."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    COMPANY = "company"


Roles = frozenset[Role]

ANYONE: Final[Roles] = frozenset()
"""No log-in asked: health, metrics, the carrier's webhook, the log-in page itself."""
LOGGED_IN: Final[Roles] = frozenset(Role)
LEADS: Final[Roles] = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
STAFF: Final[Roles] = LEADS | {Role.AGENT}
READERS: Final[Roles] = STAFF | {Role.AUDITOR}
OVERSEERS: Final[Roles] = LEADS | {Role.AUDITOR}
