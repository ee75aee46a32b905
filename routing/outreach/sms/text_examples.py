"""What fields of SMS texts hold in a preview: an invented elder, her order and a company, none of them anybody's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from routing.outreach.sms.text_rules import RULES

_EITHER: Final = {
    "number": "260318", "numbers": "260318、260319", "first": "260318", "visits_did": "12348", "orders": "12",
    "until": "10:30", "low": "1", "high": "5", "best": "5", "score": "5", "time": "12:30", "count": "2",
    "offered": "260318", "rated": "260301", "day": "2026-12-31",
}  # fmt: skip
_EXAMPLES: Final[Mapping[str, Mapping[str, str]]] = {
    "zh-CN": {
        **_EITHER, "item": "上门助浴", "worker": "李师傅", "when": "明天9:00", "elder": "王奶奶",
        "place": "幸福里小区3号楼201", "kind": "养老护理员证", "text": "明天降温，请多穿衣服，少出门。",
        "winner": "安康家政",
    },
    "en": {
        **_EITHER, "numbers": "260318, 260319", "item": "bathing", "worker": "Ms Li", "when": "tomorrow 9:00",
        "elder": "Ms Wang", "place": "Building 3, flat 201", "kind": "senior care",
        "text": "Cold weather tomorrow: dress warmly and stay in.", "winner": "Ankang Home Care",
    },
}  # fmt: skip


def example(key: str, language: str) -> dict[str, str]:
    """Give the fields of a text with values of the example."""
    known = _EXAMPLES.get(language, _EXAMPLES["zh-CN"])
    return {name: known[name] for name in RULES[key].fields}
