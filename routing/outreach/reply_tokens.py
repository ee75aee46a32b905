"""Cutting a reply into words that mean something for a score, and the rest. Pure, and linear in the length.

From left to right, at each place the first pattern that fits, so that the order of `_KINDS` decides between two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from routing.outreach.reply_words import (
    ABOUT,
    BLAME,
    ENGLISH_NUMBERS,
    GLAD,
    HEDGED,
    IDIOM,
    JUDGEMENT,
    NAMED,
    NEUTRAL,
    NEUTRAL_ENGLISH,
    NOT_JUDGED,
    ODD,
    PRAISE,
    SAD,
    TURNING,
)
from routing.outreach.scales import Scale


class Kind(StrEnum):
    """What a token is for."""

    JUDGED = "judged"
    MARKED = "marked"
    """A number that is called points: a score, whatever it is."""
    BARE = "bare"
    """A number by itself."""
    HEDGED = "hedged"
    TURNING = "turning"
    NEUTRAL = "neutral"
    ABOUT = "about"
    PRAISE = "praise"
    BLAME = "blame"
    GLAD = "glad"
    SAD = "sad"
    ODD = "odd"
    BREAK = "break"
    BLANK = "blank"
    COUNT = "count"
    """Digits that cannot be a score."""
    OTHER = "other"
    PICTURE = "picture"


@dataclass(frozen=True)
class Token:
    """A piece of a reply; `value` is that of a number, None for one that no scale has."""

    kind: Kind
    text: str
    value: float | None = None


_NUMERAL: Final = dict(zip("零一二三四五六七八九十", range(11), strict=True)) | {"两": 2}
_NUMERAL.update(zip("壹贰叁肆伍陆柒捌玖拾", range(1, 11), strict=True))
LETTERS: Final = "".join(_NUMERAL) + "百千万"
_FULL, _HOLLOW = "★⭐🌟✪✭⚝", "☆✩✰"
# From its first digit and of bounded length, not after a sign, nor within a time, a date or a fraction.
NUMBER: Final = (
    f"(?<![-−–+<>≤≥±¥$￥#.\\d{LETTERS}])(?<!\\d[:/：])(?:\\d{{1,20}}(?:\\.\\d{{1,20}})?(?![.:/：]?\\d)"
    f"|[{LETTERS}]{{1,20}})"
    "(?! ?[%+°℃/⁄]| ?[-−–](?! ?[\\u4e00-\\u9fff]))"
)
_UNIT: Final = (
    " ?个?(?P<unit>分|颗?[⭐★🌟](?! ?[⭐★🌟☆])|颗星|星|points?\\b|stars?\\b"
    "|fen\\b)(?![钟之钱货半析多来硬裤熟饱以左上下制期级])"
)
_SIGNS: Final = "=<>+-−–→*/|%&@#^$¥￥\N{REPLACEMENT CHARACTER}"
_KINDS: Final = re.compile(
    "|".join(
        f"(?P<{name}>{pattern})"
        for name, pattern in (
            ("named", NAMED),
            ("english", f"(?<![a-z])(?:{JUDGEMENT})(?![a-z])(?<=[a-z])"),
            ("never", NOT_JUDGED),
            ("idiom", f"(?!(?:{JUDGEMENT}))(?:{IDIOM})"),
            ("judged", f"(?:{JUDGEMENT})(?<![a-z])"),
            ("full", "满分"),
            ("marked", f"(?P<amount>{NUMBER}|(?<![a-z])(?:{'|'.join(ENGLISH_NUMBERS)})(?=[ ])){_UNIT}"),
            ("hedged", f"(?:{HEDGED})(?![a-z])"),
            ("turning", TURNING),
            ("sad", SAD),
            ("odd", ODD),
            ("glad", GLAD),
            ("praise", PRAISE),
            ("blame", BLAME),
            ("about", ABOUT),
            ("neutral", f"(?:{NEUTRAL})|(?<![a-z0-9])(?:{NEUTRAL_ENGLISH})(?![a-z0-9])"),
            ("stars", f"[{_FULL}{_HOLLOW}](?: ?[{_FULL}{_HOLLOW}])*"),
            ("bare", f"{NUMBER}|(?<![a-z])(?:{'|'.join(ENGLISH_NUMBERS)})(?![a-z])"),
            ("word", "[a-z]+"),
            ("count", "[\\d.]*\\d"),
            ("break", "[,，。!！;；\\n]"),
            ("blank", "[ .、~～…:：()（）\"'“”‘’「」『』《》【】\\[\\]—_·]"),
            ("any", "(?s:.)"),
        )
    )
)
_SAME: Final = {
    "english": Kind.JUDGED, "judged": Kind.JUDGED, "never": Kind.OTHER, "idiom": Kind.OTHER, "named": Kind.ABOUT,
    "hedged": Kind.HEDGED, "turning": Kind.TURNING, "sad": Kind.SAD, "odd": Kind.ODD, "glad": Kind.GLAD,
    "praise": Kind.PRAISE, "blame": Kind.BLAME, "about": Kind.ABOUT, "neutral": Kind.NEUTRAL, "word": Kind.OTHER,
    "count": Kind.COUNT, "break": Kind.BREAK, "blank": Kind.BLANK,
}  # fmt: skip


def tokens(text: str, scale: Scale) -> list[Token]:
    """Cut a text that `reply_letters.plain` made. What stars and full marks are worth depends on the scale."""
    return [_token(match, scale) for match in _KINDS.finditer(text)]


def value_of(number: str) -> float | None:
    """Give the value of a numeral in digits, English up to five, or Chinese up to ten; None for anything longer."""
    if number[0].isdigit():
        return float(number)
    known = _NUMERAL.get(number, ENGLISH_NUMBERS.get(number))
    return None if known is None else float(known)


def _token(match: re.Match[str], scale: Scale) -> Token:
    # `unit` and `amount` close before the group around them, so that the last group is the outer one.
    name, text = str(match.lastgroup), match[0]
    if name == "marked":
        starry = match["unit"].startswith(("星", "颗", "star", "⭐", "★", "🌟"))
        value = value_of(match["amount"].strip()) if not starry or _has_stars(scale) else None
        return Token(Kind.MARKED, text, value)
    if name == "full":
        return Token(Kind.MARKED, text, float(scale.best) if scale.rises else None)
    if name == "stars":
        return Token(Kind.MARKED, text, _stars(text.replace(" ", ""), scale))
    if name == "bare":
        return Token(Kind.BARE, text, value_of(text))
    if name == "any":
        return Token(_kind_of(text), text)
    return Token(_SAME[name], text)


def _kind_of(letter: str) -> Kind:
    """A picture or a mark says nothing; letters, signs of arithmetic and what was lost on the way may say anything, and
    so may a mark that stands on what is before it: it may strike it out."""
    on_another = 0x0300 <= ord(letter) < 0x0370 or 0x20D0 <= ord(letter) < 0x2100
    known = not on_another and not letter.isalnum() and letter.isprintable() and letter not in _SIGNS
    return Kind.PICTURE if known else Kind.OTHER


def _has_stars(scale: Scale) -> bool:
    """Stars are for what is good: where more is worse they may mean either."""
    return scale.worst == 1 and scale.best in (3, 5)


def _stars(text: str, scale: Scale) -> float | None:
    """Count stars; beside empty ones only if both together are as many as the scale has."""
    filled = len(text.rstrip(_HOLLOW))
    if not _has_stars(scale) or not filled or set(text[:filled]) & set(_HOLLOW):
        return None
    return float(filled) if len(text) in (filled, scale.best) else None
