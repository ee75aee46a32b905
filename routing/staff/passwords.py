"""Passwords: Argon2id, and one answer in one time to whatever does not fit."""

from __future__ import annotations

import secrets
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from routing.staff.policy import LONGEST

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are read for another on paper: i, l, o, 0, 1."""
_GROUPS, _GROUP = 3, 4
"""As k7wm-x2fa-p9dh: 59 bits."""


class Passwords:
    """Hashes and checks. Threads share one."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """Without `hasher`: RFC 9106's second recommendation (64 MiB, 3 passes, 4 lanes), the library's default."""
        self._hasher = hasher or PasswordHasher()

    def hash(self, password: str) -> str:
        """Give the hash with its salt and parameters."""
        return self._hasher.hash(password)

    def fits(self, hashed: str | None, password: str) -> bool:
        """Tell whether the password is that of the hash. Without one, as of nobody, it takes as long and is no."""
        try:
            # What is longer than any password is cut: Argon2 would chew on a megabyte for as long as somebody sends it.
            return self._hasher.verify(hashed or self._nobody, password[: LONGEST + 1]) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, hashed: str) -> bool:
        """Tell whether it was made with other parameters than today's: then it is made anew at the next log-in."""
        return self._hasher.check_needs_rehash(hashed)

    @staticmethod
    def one_time() -> str:
        """Make a password that is told to somebody, and good for choosing another."""
        return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))

    @cached_property
    def _nobody(self) -> str:
        """A hash with today's parameters that nothing fits."""
        return self._hasher.hash(secrets.token_urlsafe(32))
