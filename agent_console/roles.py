"""The roles of users and tokens, and the groups of them that routes are open to."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
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
ADMINISTRATORS: Final[Roles] = frozenset({Role.ADMINISTRATOR})
AUDITORS: Final[Roles] = ADMINISTRATORS | {Role.AUDITOR}
COMPANIES: Final[Roles] = frozenset({Role.COMPANY})


class Personal(StrEnum):
    """What is known of people, by what it would do to them in the wrong hands."""

    NAME = "name"
    NUMBER = "number"
    """Telephone numbers."""
    TEXT = "text"
    """Addresses, health notes, what was said or written."""


_ALL: Final = frozenset(Personal)
SEES: Final[Mapping[str, frozenset[Personal]]] = MappingProxyType(
    {
        Role.AGENT: _ALL,
        Role.SUPERVISOR: _ALL,
        Role.ADMINISTRATOR: _ALL,
        Role.AUDITOR: frozenset(),
        # The company's own pages show a name and a home while somebody has to go there, and write each look down.
        Role.COMPANY: frozenset(),
    }
)
"""Who sees what as it is; everything else is masked. Pages, the API and exports all ask this table, by a `Lens`."""
