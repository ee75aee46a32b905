"""An example of opening hours. The demo does not take them by itself: it stays open all day."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

EXAMPLE_WEEK: Final[Mapping[str, str]] = MappingProxyType({
    **dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:00-18:00"),
    "sat": "08:30-12:00, 14:00-17:00",
    "holiday": "09:00-12:00",
})  # fmt: skip
"""An office with a short Saturday, no Sunday, and a morning on public holidays; days that make up count as Mondays."""
