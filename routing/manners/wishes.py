"""What people set about an elder's manner, and how it, what was learnt and the usual are put together. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from routing.manners.manner import USUAL, Manner, Origin, Source
from routing.manners.policy import Learnt, Why

HOUSE_LANGUAGE = "zh-CN"
"""What the record of an elder has when nobody said anything else."""
SETTABLE = (
    "language", "dialect", "slow", "loud", "key_seconds", "hints", "straight_to_person", "favourite_offered",
)  # fmt: skip
"""The parts of a manner that people set."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What people set; None: nothing. Language, dialect and hearing are those of the elder's record."""

    language: str = HOUSE_LANGUAGE
    dialect: str = ""
    hearing: str = "normal"
    straight_to_person: bool | None = None
    slow: bool | None = None
    loud: bool | None = None
    key_seconds: float | None = None
    hints: int | None = None
    favourite_offered: bool | None = None
    by: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Who set a part, as user:2."""


def manner_of(wishes: Wishes, learnt: Learnt) -> Manner:
    """Each part as a person set it, else as it was learnt, else as usual."""
    parts: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for part in (*SETTABLE, "favourite_item_id"):
        parts[part], origins[part] = _part(part, wishes, learnt)
    if not parts["favourite_offered"]:
        parts["favourite_item_id"] = None
    learns_help = {origins["hints"].source, origins["straight_to_person"].source} & {Source.LEARNT}
    return Manner(
        **parts,
        eased=learnt.help if learns_help else 0,
        patience=0 if origins["key_seconds"].source is Source.SET else learnt.patience,
        origins=MappingProxyType(origins),
    )


def _part(part: str, wishes: Wishes, learnt: Learnt) -> tuple[Any, Origin]:
    usual, wished = getattr(USUAL, part), getattr(wishes, part, None)
    if part in ("language", "dialect"):
        unset = wished in ("", HOUSE_LANGUAGE) and part not in wishes.by
        return wished, Origin() if unset else Origin(Source.SET, wishes.by.get(part, ""))
    if wished is not None:
        return wished, Origin(Source.SET, wishes.by.get(part, ""))
    lesson = learnt.lessons.get(part)
    if lesson is not None:
        return lesson.value, Origin(Source.LEARNT, why=lesson.why.value, count=lesson.count, of=lesson.of)
    if part in ("slow", "loud") and wishes.hearing == "weak":
        return True, Origin(Source.DEFAULT, why=Why.HEARING.value)
    return usual, Origin()
