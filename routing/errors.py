"""Domain errors. They know no HTTP and no AGI; one table at each edge turns them into a status or a prompt."""

from __future__ import annotations


class DomainError(Exception):
    """Something that a caller, an agent or a company asked for cannot be done; the text tells them why."""

    code = "error"


class NotFound(DomainError):
    """What was asked for is not there."""

    code = "not_found"


class Conflict(DomainError):
    """Somebody else was faster, or the state does not allow it any more."""

    code = "conflict"


class Invalid(DomainError):
    """What was given cannot be used; the text says what would be right."""

    code = "invalid"
