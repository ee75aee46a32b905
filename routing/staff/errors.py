"""What is refused about users, each with a code of its own, by which a page says it in its own words."""

from __future__ import annotations

from typing import Final

from routing.errors import Conflict, Invalid
from routing.staff.policy import ROLES

_SENTENCES: Final = {
    "login": "a log-in has 2 to 40 small letters, digits, dots or hyphens, a letter or digit first",
    "name": "a user has a name of 1 to 60 characters",
    "role": f"a role is one of {', '.join(ROLES)}",
    "company_missing": "a company's user belongs to a company: choose it",
    "company_given": "only a company's user belongs to a company: leave it empty",
    "company_unknown": "there is no such company: choose one from the list",
    "extension_given": "this role answers no calls: leave the extension empty",
    "extension": "an extension is 2 to 10 digits",
    "skills": "a skill or dialect has small letters, digits and hyphens, as minnan; 400 characters in all",
}


class BadUser(Invalid):
    """Something about a user cannot be; `reason` says what."""

    def __init__(self, reason: str) -> None:
        super().__init__(_SENTENCES[reason])
        self.code = f"user_{reason}"


class BadPassword(Invalid):
    """A password that is not taken; `reason` is the policy's, or present, same."""

    code = "bad_password"

    def __init__(self, reason: str) -> None:
        super().__init__(f"this password is not taken: {reason}")
        self.reason = reason


class LoginTaken(Conflict):
    """Somebody has this log-in."""

    code = "login_taken"


class ExtensionTaken(Conflict):
    """Somebody has this extension."""

    code = "extension_taken"


class LastAdministrator(Conflict):
    """Nobody would be left who can administer."""

    code = "last_administrator"

    def __init__(self) -> None:
        super().__init__("this is the last active administrator: make another one first")
