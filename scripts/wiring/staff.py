"""Users and their sessions, joined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from routing.staff.log_in import LogIn, RedisTries
from routing.staff.passwords import Passwords
from routing.staff.sessions import Lasting, Sessions
from routing.staff.users import UserRegister
from scripts.wiring.stores import Stores


@dataclass(frozen=True)
class StaffServices:
    """Made when first asked for."""

    stores: Stores
    clock: Callable[[], datetime]
    passwords: Passwords

    @cached_property
    def sessions(self) -> Sessions:
        known = self.stores.settings
        lasting = Lasting(timedelta(minutes=known.session_minutes), timedelta(hours=known.session_hours))
        return Sessions(self.stores.unit_of_work, self.stores.reading, self.clock, lasting)

    @cached_property
    def users(self) -> UserRegister:
        return UserRegister(self.stores.unit_of_work, self.stores.reading, self.clock, self.passwords)

    @cached_property
    def log_in(self) -> LogIn:
        return LogIn(
            self.stores.unit_of_work, self.stores.reading, self.clock, self.passwords, self.sessions,
            RedisTries(self.stores.redis), self.stores.cipher.index,
        )  # fmt: skip
