"""Reading a reply: a score, an opt-out, a cry for help, a remark, or unclear. Pure, and never a guess.

A score is given only when everything in the text that could be one says the same. Whatever is left over goes to a
person, who loses a minute; a guessed score would cost a company its orders, or an elder her complaint.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from routing.outreach.reply_words import (
    ACKNOWLEDGED,
    ASKING,
    BESIDE,
    DOUBTFUL,
    GREETING,
    NEGATED_NUMBER,
    NEGATOR_BEFORE,
    NOT_DONE,
    NOT_OPT_OUT,
    NOT_SOS_WHOLE,
    OPT_OUT_IN,
    OPT_OUT_WHOLE,
    PHRASE,
    PHRASES,
    SOS,
    TURNING,
)

EMPTY = "empty"
"""What is understood of a reply without anything to be seen."""
LONGEST_NUMBER = 20
LONGEST = 5000
"""Characters that are read; the carrier joins parts, but nobody rates a meal in a book."""


class ReplyKind(StrEnum):
    """What a reply is."""

    SCORE = "score"
    OPT_OUT = "opt_out"
    SOS = "sos"
    REMARK = "remark"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Reading:
    """How a reply was read. `score` comes with SCORE only; `done` is False where the elder says nobody came;
    `understood` says in words what was found, for the person who must decide."""

    kind: ReplyKind
    score: int | None = None
    understood: str = ""
    done: bool | None = None


_NUMERAL = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
            "十": 10,
            "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9, "拾": 10}  # fmt: skip
_LETTERS = "零〇一二两三四五六七八九十壹贰叁肆伍陆柒捌玖拾百"
# From its first digit and of bounded length: a long row of digits is looked at once, not from each of its digits.
_NUMBER = f"(?<![\\d.{_LETTERS}])(?:\\d{{1,20}}(?:[.]\\d{{1,20}})?|[{_LETTERS}]{{1,20}})"
_MARKED = re.compile(f"(?P<number>{_NUMBER})(?:个)?(?:分|颗星|星)(?!钟|之|钱|货|半|析)")
_BARE = re.compile(
    f"(?:我?(?:给|打|评|选|回复?|是|就|得)?(?:他|她|你们?|师傅)?(?:打|评)?)?(?P<number>{_NUMBER})(?:个)?(?:吧|啊|呢|哦|喔|呀|了|的|嘛|哈|噢|谢谢|多谢)*"
)
_CORRECTED = re.compile(
    f"(?:不是|不对是|不要)(?:{_NUMBER})分?[,，、]?(?:是|而是|要|应该是|应是|改成|改为)(?P<number>{_NUMBER})分?"
)
_FILLERS = re.compile("[\\s,.;:!~、。，；：！…~()\"'“”‘’《》<>【】\\[\\]\\-—_*#@|/\\\\]+")
_STARS = re.compile("[⭐★🌟✩☆✪✭]+")


def read(text: str, scale: str = "1-5") -> Reading:
    """Read a reply to a question whose answers are `scale`: worst to best, as 1-5, or best to worst as 5-1 and so on.

    Raises ValueError for a scale that is none.
    """
    worst, best = _scale(scale)
    plain = _plain(text)
    if not plain:
        return Reading(ReplyKind.UNCLEAR, understood=EMPTY)
    if SOS.search(NOT_SOS_WHOLE.sub("", plain)):
        return Reading(ReplyKind.SOS, understood="a cry for help")
    packed = _FILLERS.sub("", plain)
    if packed in OPT_OUT_WHOLE:
        return Reading(ReplyKind.OPT_OUT, understood="opt-out")
    if OPT_OUT_IN.search(packed):
        if NOT_OPT_OUT.search(packed):
            return Reading(ReplyKind.UNCLEAR, understood="speaks of opting out, and may mean the contrary")
        return Reading(ReplyKind.OPT_OUT, understood="opt-out")
    return _read_score(plain, packed, worst, best)


def _read_score(plain: str, packed: str, worst: int, best: int) -> Reading:  # noqa: PLR0911  # One return a kind.
    if NOT_DONE.search(packed):
        if _marked_numbers(plain) or PHRASE.search(NOT_DONE.sub("", packed)):
            return Reading(ReplyKind.UNCLEAR, understood="says that it was not done, and gives a score")
        return Reading(ReplyKind.REMARK, understood="not done", done=False)
    corrected = _CORRECTED.fullmatch(packed)
    if corrected:
        return _numbered([_value(corrected["number"])], set(), worst, best)
    if ASKING.search(plain):
        return Reading(ReplyKind.REMARK, understood="a question")
    if packed in ACKNOWLEDGED:
        return Reading(ReplyKind.UNCLEAR, understood="an acknowledgement")
    plain, packed = NOT_SOS_WHOLE.sub("", plain), GREETING.sub("", NOT_SOS_WHOLE.sub("", packed))
    numbers = _marked_numbers(plain) or _bare_number(plain)
    words, doubt = _worded(packed, worst, best)
    if numbers and NEGATED_NUMBER.search(PHRASE.sub("", packed)):
        return Reading(ReplyKind.UNCLEAR, understood="a number, and words that may take it back")
    if numbers:
        return _numbered(numbers, words, worst, best)
    if doubt:
        return Reading(ReplyKind.UNCLEAR, understood=doubt)
    if len(words) == 1:
        score = words.pop()
        return Reading(ReplyKind.SCORE, score, f"words that mean {score}")
    if words:
        listed = " or ".join(str(each) for each in sorted(words))
        return Reading(ReplyKind.UNCLEAR, understood=f"words that mean {listed}")
    if sum("\u4e00" <= letter <= "\u9fff" for letter in packed) >= 4:
        return Reading(ReplyKind.REMARK, understood="a remark")
    return Reading(ReplyKind.UNCLEAR, understood="nothing that is known")


def _numbered(numbers: list[float | None], words: set[int], worst: int, best: int) -> Reading:
    """Judge the numbers that were found, and the words beside them."""
    values = set(numbers)
    if len(values) != 1:
        return Reading(ReplyKind.UNCLEAR, understood="more than one number")
    (value,) = values
    low, high = min(worst, best), max(worst, best)
    if value is None or value != int(value) or not low <= value <= high:
        return Reading(ReplyKind.UNCLEAR, understood=f"a number that is not on the scale of {low} to {high}")
    score = int(value)
    if any(_side(word, worst, best) != _side(score, worst, best) for word in words):
        return Reading(ReplyKind.UNCLEAR, understood=f"the number {score}, and words that say otherwise")
    return Reading(ReplyKind.SCORE, score, f"the number {score}")


def _side(score: int, worst: int, best: int) -> int:
    """Tell whether a score is bad (-1), in the middle (0) or good (1)."""
    twice = (2 * score - worst - best) * (1 if best > worst else -1)
    return (twice > 0) - (twice < 0)


def _marked_numbers(plain: str) -> list[float | None]:
    """Find the numbers that are called points or stars."""
    squeezed = re.sub("\\s+", "", plain)
    return [_value(match["number"]) for match in _MARKED.finditer(PHRASE.sub("|", squeezed))]


def _bare_number(plain: str) -> list[float | None]:
    """Find the one number that is the whole message, or the stars that are."""
    tight = plain.strip(" ,.;:!~、。，；：！…()\"'“”‘’#*+-")
    stars = tight.replace(" ", "")
    if _STARS.fullmatch(stars):
        return [float(len(stars))] if not set(stars) & {"☆", "✩"} else [None]
    if re.search("\\d\\s+\\d|\\d\\s*[-~—/,，、:.]\\s*\\d", tight) and not re.fullmatch("\\d+[.]\\d+", tight):
        return [None]
    match = _BARE.fullmatch(_FILLERS.sub("", tight) if not re.search("\\d[.]\\d", tight) else tight)
    return [_value(match["number"])] if match else []


def _worded(packed: str, worst: int, best: int) -> tuple[set[int], str]:
    """Find what the words say, on a scale of five, and why they may not mean it."""
    matches = list(PHRASE.finditer(packed))
    if not matches:
        return set(), ""
    if abs(best - worst) != 4:
        return set(), "words, and a scale that is not of five"
    low = min(worst, best)
    found = {low - 1 + (PHRASES[each[0]] if best > worst else 6 - PHRASES[each[0]]) for each in matches}
    listed = " or ".join(str(each) for each in sorted(found))
    if any(NEGATOR_BEFORE.search(packed[max(0, each.start() - 4) : each.start()]) for each in matches):
        return found, f"words that mean {listed}, after a negation"
    if DOUBTFUL.search(packed) or TURNING.search(packed):
        return found, f"words that mean {listed}, and a but or an if"
    beside = BESIDE.sub("", PHRASE.sub("|", packed)).replace("|", "")
    if re.search("[^\\W\\d_]", beside):
        return found, f"words that mean {listed}, among others"
    return found, ""


def _value(number: str) -> float | None:
    """Give the value of a numeral in digits or in Chinese up to ten; None for what is neither or is longer."""
    if number[0].isdigit():
        return float(number) if len(number) <= LONGEST_NUMBER else None
    return float(_NUMERAL[number]) if number in _NUMERAL else None


def _plain(text: str) -> str:
    """Bring widths, forms and case together, and drop what cannot be seen."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST]).lower()
    seen = (" " if letter.isspace() else letter for letter in folded)
    kept = "".join(
        letter for letter in seen if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Mn", "Me")
    )
    return " ".join(kept.split())


def _scale(scale: str) -> tuple[int, int]:
    match = re.fullmatch("(\\d)-(\\d)", scale)
    if match is None or match[1] == match[2]:
        raise ValueError("a scale is two different digits, worst first: 1-5")
    return int(match[1]), int(match[2])
