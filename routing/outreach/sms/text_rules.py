"""What each SMS text must hold: its fields with their longest real values, how many parts it may take, how to stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_ITEM: Final = "康复护理上门指导服务"
"""Ten characters: longer names are no names (docs/services.md)."""
_WHEN: Final = "12月31日12:30"
_NUMBER: Final = "123456789012"
"""Order numbers have six to twelve digits."""
_PERSON: Final = "欧阳师傅"
_PLACE: Final = "清水湾街道滨河东路一百二十八号阳光家园三号楼二单元一千二百零三室"


@dataclass(frozen=True)
class TextRule:
    """One text. `fields` are all that it holds, each once at least, with the longest value that they really take."""

    fields: dict[str, str]
    parts: int = 1
    tells_how_to_stop: bool = False
    """Who asked for nothing is told how to get no more of it."""


_ORDER: Final = {"item": _ITEM, "when": _WHEN, "number": _NUMBER}
RULES: Final[dict[str, TextRule]] = {
    "accepted": TextRule({**_ORDER, "worker": _PERSON}, 2),
    "assigned": TextRule({**_ORDER, "elder": "欧阳奶奶", "place": _PLACE, "visits_did": "12348"}, 3),
    "cancelled": TextRule(_ORDER, 2),
    "late": TextRule({"item": _ITEM, "number": _NUMBER}, 2),
    "certificate_ends": TextRule({"worker": _PERSON, "kind": "高级养老护理员证", "day": "2026-12-31"}, 2),
    "certificate_over": TextRule({"worker": _PERSON, "kind": "高级养老护理员证", "day": "2026-12-31"}, 2),
    "taken_back": TextRule(_ORDER, 2),
    "offered_list": TextRule({"orders": "120", "until": "10:30"}, 2),
    "rate": TextRule(
        {"item": _ITEM, "number": _NUMBER, "low": "1", "high": "10", "best": "10"}, 2, tells_how_to_stop=True
    ),
    "thanks": TextRule({"score": "5"}),
    "sorry": TextRule({}, 2),
    "tried_to_call": TextRule({}, 2),
    "opted_out": TextRule({}),
    "help_comes": TextRule({}, 2),
    "unclear": TextRule({}, 2),
    "which": TextRule({"numbers": "、".join([_NUMBER] * 4), "first": _NUMBER}, 3),
    "stranger": TextRule({}),
    "empty": TextRule({}),
}
WORDS: Final[dict[str, frozenset[str]]] = {
    "today": frozenset({"time"}), "tomorrow": frozenset({"time"}), "day": frozenset({"month", "day", "time"}),
    "between": frozenset(),
}  # fmt: skip
"""Small words that texts are put together from, and their fields."""
STOP: Final = "TD"
"""The word that stops our messages; the reader of replies knows it in all its forms (routing.outreach.ratings)."""
