"""Why a price is what it is: coded reasons with their values, as they are stored with an order. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """Reasons, each with the values that it has (money in fen, time in minutes)."""

    PIECE = "tariff.piece"
    """each, quantity, total"""
    HOUR = "tariff.hour"
    """each, minutes, smallest, total"""
    FREE = "payer.free"
    """class"""
    SHARE = "payer.share"
    """class, percent, share"""
    FULL = "payer.full"
    """class"""
    UNRULED = "payer.unruled"
    """class: nobody has written a rule for it"""
    WITHIN = "quota.within"
    """monthly, covered, left (after this order)"""
    PARTLY = "quota.partly"
    """monthly, covered, missing"""
    USED_UP = "quota.used_up"
    """monthly"""


Value = int | str


@dataclass(frozen=True)
class Reason:
    """One step of how a price came about."""

    code: Code
    values: tuple[tuple[str, Value], ...] = ()

    def __getitem__(self, name: str) -> Value:
        """Give a value. Raises KeyError."""
        return dict(self.values)[name]

    def fen(self, name: str) -> int:
        """Give a value that is a number. Raises KeyError, and TypeError for a word."""
        found = self[name]
        if isinstance(found, str):
            raise TypeError(f"{name} of {self.code} is a word")
        return found


def because(code: Code, **values: Value) -> Reason:
    """Make a reason."""
    return Reason(code, tuple(values.items()))


def write(reasons: Iterable[Reason]) -> str:
    """Write reasons as JSON, to be stored."""
    return json.dumps([{"code": each.code.value, **dict(each.values)} for each in reasons], ensure_ascii=False)


def read(stored: str) -> tuple[Reason, ...]:
    """Read what `write` wrote. A reason of a code that this version does not know is left out: it explains nothing."""
    known = {code.value for code in Code}
    rows = json.loads(stored)
    return tuple(
        Reason(Code(row["code"]), tuple((name, value) for name, value in row.items() if name != "code"))
        for row in rows
        if row["code"] in known
    )


def find(reasons: Iterable[Reason], *codes: Code) -> Reason | None:
    """Give the first reason of one of these codes."""
    return next((each for each in reasons if each.code in codes), None)
