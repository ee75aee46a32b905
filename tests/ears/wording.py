"""How far what was understood is from what was said: in characters and syllables of Chinese, in words of English.

A recogniser writes 12 where twelve or one two was said; it is given the reading that is nearer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pypinyin import lazy_pinyin

from ivr.prompts import numerals, numerals_en

_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Misheard:
    """How many of `said` units were wrong, missing or too many."""

    wrong: int
    said: int

    @property
    def share(self) -> float:
        """The error rate; over 1 if more was heard than was said."""
        return self.wrong / self.said


def characters(said: str, understood: str) -> Misheard:
    """Chinese, character by character."""
    return _nearest(_chinese(said), _readings(understood, _chinese_number, "零一二三四五六七八九", _chinese))


def syllables(said: str, understood: str) -> Misheard:
    """Chinese, by syllables of pinyin without tones: what sounds the same was understood."""
    heard = _readings(understood, _chinese_number, "零一二三四五六七八九", _chinese)
    return _nearest(lazy_pinyin(_chinese(said)), [lazy_pinyin(each) for each in heard])


def words(said: str, understood: str) -> Misheard:
    """English, word by word. What is said is written with digits, too: "press 1"."""
    digits = [f" {numerals_en.numeral_text(n)} " for n in range(10)]
    meant, *_ = _readings(said, _english_number, digits, _english)
    heard = _readings(understood, _english_number, digits, _english)
    return _nearest(meant.split(), [each.split() for each in heard])


def together(errors: Sequence[Misheard]) -> Misheard:
    """Of all of them."""
    return Misheard(sum(each.wrong for each in errors), sum(each.said for each in errors))


def _readings(text: str, number: Callable[[int], str], digits: Sequence[str], plain: Callable[[str], str]) -> list[str]:
    """The text with its numbers read as numbers, and digit by digit."""
    as_number = _DIGITS.sub(lambda found: number(int(found[0])), text)
    one_by_one = _DIGITS.sub(lambda found: "".join(digits[int(digit)] for digit in found[0]), text)
    return [plain(as_number), plain(one_by_one)]


def _chinese(text: str) -> str:
    # 幺 is how one reads 1 in telephone numbers, and no recogniser writes it.
    return "".join(re.findall(r"[\u4e00-\u9fff]", text)).replace("幺", "一")


def _english(text: str) -> str:
    # The recogniser has never met our name, and writes it as two words.
    text = text.lower().replace("elder line", "elderline").replace("grand ma", "grandma")
    return " ".join(re.findall(r"[a-z']+", text.replace("-", " ").replace("p.i.n.", "pin")))


def _chinese_number(n: int) -> str:
    names = {"liang": "两", "bai": "百", "qian": "千", "wan": "万"}
    parts = [piece.removeprefix("number.") for piece in numerals.cardinal(n % numerals.LARGEST)]
    return "".join(names.get(part) or numerals.numeral_text(int(part)) for part in parts)


def _english_number(n: int) -> str:
    parts = [piece.removeprefix("number.") for piece in numerals_en.cardinal(n % numerals.LARGEST)]
    return f" {' '.join(numerals_en.numeral_text(int(part)) if part.isdigit() else part for part in parts)} "


def _nearest(said: Sequence[str], readings: Sequence[Sequence[str]]) -> Misheard:
    return Misheard(min(_distance(said, heard) for heard in readings), len(said))


def _distance(said: Sequence[str], heard: Sequence[str]) -> int:
    """Levenshtein's: how many units to change, to leave out or to add."""
    row = list(range(len(heard) + 1))
    for at, unit in enumerate(said, start=1):
        before, row[0] = row[0], at
        for place, other in enumerate(heard, start=1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (unit != other))
    return row[-1]
