"""What callers hear when the hotline is closed: why, that there are people on duty, and that keys still help."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from routing.hours.policy import Standing, Why

if TYPE_CHECKING:
    from ivr.dialogue import PromptPart

_NIGHT_BEGINS, _NIGHT_ENDS = 18, 7
"""Local hours between which people call it night."""


def closed_words(stands: Standing, local: datetime) -> PromptPart:
    """Say in one sentence why nobody is at the desks."""
    if local.hour >= _NIGHT_BEGINS or local.hour < _NIGHT_ENDS:
        return "closed.night", {}
    return ("closed.holiday" if stands.why is Why.HOLIDAY else "closed.now"), {}
