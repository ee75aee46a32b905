"""What each SMS text must hold: its fields with their longest real values, how many parts it may take, how to stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_ITEM: Final = "康复护理上门指导服务"
"""Ten characters: longer names are no names (docs/services.md)."""
_WHEN: Final = "12月31日12:30"
_NUMBER: Final = "123456789012"
"""Order numbers have six to twelve digits."""
_NUMBERS: Final = "、".join([_NUMBER] * 4)
ITEM_MOST: Final = 24
PLACE_MOST: Final = 16
"""Characters of a name in a message to a company: with these an offer takes as few parts as its rule says."""
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
    "pin_locked": TextRule({"worker": _PERSON}, 2),
    "certificate_over": TextRule({"worker": _PERSON, "kind": "高级养老护理员证", "day": "2026-12-31"}, 2),
    "taken_back": TextRule(_ORDER, 2),
    "offered_list": TextRule({"orders": "120", "until": "10:30"}, 2),
    "rate": TextRule(
        {"item": _ITEM, "number": _NUMBER, "low": "1", "high": "10", "best": "10"}, 2, tells_how_to_stop=True
    ),
    "group_message": TextRule({"text": "因暴雨红色预警请您不要出门" * 9 + "谢谢您"}, 3, tells_how_to_stop=True),
    "thanks": TextRule({"score": "5"}),
    "sorry": TextRule({}, 2),
    "tried_to_call": TextRule({}, 2),
    "opted_out": TextRule({}),
    "help_comes": TextRule({}, 2),
    "unclear": TextRule({}, 2),
    "which": TextRule({"numbers": _NUMBERS, "first": _NUMBER}, 3),
    "stranger": TextRule({}),
    "empty": TextRule({}),
    "dose_unconfirmed": TextRule({"time": "12:30"}, 2),
    "company_offered": TextRule({"item": "新" * ITEM_MOST, "number": _NUMBER, "place": "街" * PLACE_MOST}, 3),
    "company_accepted": TextRule({"number": _NUMBER, "when": _WHEN}, 2),
    "company_declined": TextRule({"number": _NUMBER}, 2),
    "company_taken": TextRule({"number": _NUMBER, "winner": "公" * ITEM_MOST}, 2),
    "company_over": TextRule({"number": _NUMBER}, 2),
    "company_yours": TextRule({"number": _NUMBER}, 2),
    "company_unqualified": TextRule({"number": _NUMBER}, 2),
    "company_unclear": TextRule({"first": _NUMBER}, 2),
    "company_unclear_of": TextRule({"first": _NUMBER, "numbers": _NUMBERS}, 4),
    "company_which": TextRule({"count": "20", "first": _NUMBER, "numbers": _NUMBERS}, 3),
    "company_offer_or_score": TextRule({"offered": _NUMBER, "rated": _NUMBER}, 3),
}
WORDS: Final[dict[str, frozenset[str]]] = {
    "today": frozenset({"time"}), "tomorrow": frozenset({"time"}), "day": frozenset({"month", "day", "time"}),
    "between": frozenset(), "nearby": frozenset(), "vetting": frozenset(),
}  # fmt: skip
"""Small words that texts are put together from, and their fields."""
STOP: Final = "TD"
"""The word that stops our messages; the reader of replies knows it in all its forms (routing.outreach.ratings)."""
