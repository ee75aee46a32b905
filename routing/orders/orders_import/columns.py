"""Which column of a file of orders holds what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from db.elders_import import MissingColumns

_NAMES: dict[str, tuple[str, ...]] = {
    "reference": ("外部单号", "单号", "reference", "external reference", "ref"),
    "elder": ("老人编号", "登记号", "编号", "elder code", "elder"),
    "item": ("服务项目", "项目", "项目代码", "item", "item code"),
    "due": ("上门时间", "时间", "due", "due at"),
    "note": ("备注", "note"),
    "repeat": ("再要一份", "确认重复", "repeat", "confirm repeat"),
    "anyway": ("仍然下单", "place anyway"),
}
_REQUIRED = ("reference", "elder", "item")


def find_columns(header: Sequence[str]) -> Mapping[str, int]:
    """Give the place of each column that is known. Raises MissingColumns."""
    found: dict[str, int] = {}
    for at, text in enumerate(header):
        field = _FIELDS.get(_plain(text))
        if field is not None:
            found.setdefault(field, at)
    missing = [f"{_NAMES[name][0]} ({_NAMES[name][2]})" for name in _REQUIRED if name not in found]
    if missing:
        raise MissingColumns(f"缺少列：{'、'.join(missing)} / columns are missing, see the list before this")
    return found


def _plain(text: str) -> str:
    return re.sub(r"[\s_\-*:：]", "", unicodedata.normalize("NFKC", text).lower())


_FIELDS = {_plain(name): field for field, names in _NAMES.items() for name in names}
