"""Who may do what needs a certificate. Pure: values and a day in, an answer with its reason out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

VETTING = "vetting"
"""The word by which an item asks for a background check that was passed."""
CLEARED, REFUSED = "cleared", "refused"
VETTINGS = ("", CLEARED, REFUSED)
THRESHOLDS = (30, 7, 0)
"""Days before its end on which a certificate is warned of; 0 is the last day, or later if nobody looked before."""


@dataclass(frozen=True)
class Held:
    """A certificate that a worker has. `expires` is its last day; None: it does not end."""

    kind: str
    expires: date | None
    revoked: bool = False

    def valid_on(self, day: date) -> bool:
        return not self.revoked and (self.expires is None or day <= self.expires)


@dataclass(frozen=True)
class Vetting:
    """What the background check of a worker said: empty (none was made), cleared or refused; until when."""

    state: str = ""
    until: date | None = None

    def cleared_on(self, day: date) -> bool:
        return self.state == CLEARED and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Qualified:
    """Whether somebody may, and what is missing if not."""

    may: bool
    reason: str


def needs_of(required: str) -> tuple[str, ...]:
    """Read what an item asks for: kinds with commas between, each once, in order."""
    return tuple(dict.fromkeys(part.strip() for part in required.split(",") if part.strip()))


def qualified(needs: Iterable[str], held: Iterable[Held], vetting: Vetting, day: date) -> Qualified:
    """Tell whether somebody may do it on `day`, the day of the visit: all that is asked for is valid then, and no
    background check said no."""
    if vetting.state == REFUSED:
        return Qualified(False, "the background check was not passed")
    owned = tuple(held)
    for need in needs:
        if need == VETTING:
            if not vetting.cleared_on(day):
                return Qualified(False, f"no {VETTING} (background check) that holds on {day}")
        elif not any(each.kind == need and each.valid_on(day) for each in owned):
            return Qualified(False, f"no certificate {need} that is valid on {day}")
    return Qualified(True, "")


def threshold(expires: date, today: date) -> int | None:
    """Give the warning that is due: the smallest of THRESHOLDS that is reached; None while the end is far away.

    Whoever is told for the first time within the last week is told once, not twice.
    """
    left = (expires - today).days
    return next((days for days in sorted(THRESHOLDS) if left <= days), None)
