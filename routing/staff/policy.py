"""What holds for users: which passwords are taken, and that an administrator is always left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

ADMINISTRATOR: Final = "administrator"
COMPANY: Final = "company"
ROLES: Final = ("agent", "supervisor", ADMINISTRATOR, "auditor", COMPANY)

SHORTEST: Final = 10
LONGEST: Final = 200
"""Characters of a password. NIST SP 800-63B asks for 8 at least, and for no rules about kinds of characters."""
_COMMON: Final = ("password", "passw0rd", "qwerty", "admin", "12345678", "elderline", "yinling", "银龄", "热线")
_LEFT_TO_GUESS: Final = 4
"""Characters that a password must have beyond a word that everybody tries, or its owner's log-in."""


@dataclass(frozen=True)
class Verdict:
    """Whether something may be done, and the code of the reason why not."""

    allowed: bool
    reason: str = ""


YES: Final = Verdict(True)


def password_verdict(password: str, login: str) -> Verdict:
    """Judge a password that somebody chose. Reasons: short, long, easy (one character or a row), guessable."""
    if len(password) < SHORTEST:
        return Verdict(False, "short")
    if len(password) > LONGEST:
        return Verdict(False, "long")
    steps = {ord(after) - ord(before) for before, after in pairwise(password)}
    if len(set(password)) < 4 or steps <= {0, 1} or steps <= {0, -1}:
        return Verdict(False, "easy")
    plain = password.lower()
    for word in (*_COMMON, login.lower()):
        if word and word in plain and len(plain.replace(word, "")) < _LEFT_TO_GUESS:
            return Verdict(False, "guessable")
    return YES


@dataclass(frozen=True)
class Standing:
    """A user as far as these rules go."""

    id: int
    role: str
    active: bool


def keeps_an_administrator(users: Iterable[Standing], changed: Standing) -> Verdict:
    """Judge a change of one user: of all, one active administrator must be left. Reason: last_administrator."""
    after = {each.id: each for each in users} | {changed.id: changed}
    if any(each.active and each.role == ADMINISTRATOR for each in after.values()):
        return YES
    return Verdict(False, "last_administrator")


def belongs(role: str, company_id: int | None, extension: str | None) -> Verdict:
    """Judge what goes with a role: a company's user has a company and no extension, all others have none.

    Reasons: role (there is none such), company_missing, company_given, extension_given.
    """
    if role not in ROLES:
        return Verdict(False, "role")
    if role == COMPANY and company_id is None:
        return Verdict(False, "company_missing")
    if role != COMPANY and company_id is not None:
        return Verdict(False, "company_given")
    if role in (COMPANY, "auditor") and extension:
        return Verdict(False, "extension_given")
    return YES
