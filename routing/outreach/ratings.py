"""Reading a reply: a score, an opt-out, a cry for help, a remark, or unclear. Pure, and never a guess.

A score is given only when everything in the text that could be one says the same. Whatever is left over goes to a
person, who loses a minute; a guessed score would cost a company its orders, or an elder her complaint.
docs/replies.md tells the rules in the order in which they are asked here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from routing.outreach.reply_alarms import cries_for_help
from routing.outreach.reply_letters import LONGEST, plain
from routing.outreach.reply_quotes import QUOTED, of_others, without_ours
from routing.outreach.reply_tokens import NUMBER, Kind, Token, tokens, value_of
from routing.outreach.reply_words import (
    ASKING,
    JUDGED,
    NOT_DONE,
    NOT_DONE_MAYBE,
    NOT_OPT_OUT,
    OPT_OUT_IN,
    OPT_OUT_WHOLE,
    POLITE,
)
from routing.outreach.scales import USUAL, Scale

EMPTY = "empty"
"""What is understood of a reply without anything to be seen."""
MOST_SCORED = 300
"""A text of more characters than this is a letter, and a score in it is for a person to find."""
_APART = 0.34
"""A number and a word may be so far from each other, of the whole scale: one step of five, not two."""
_LEAST_REMARK = 4
"""Chinese characters from which on a text that nothing is known of counts as a remark."""


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
    `understood` says in words what was found, for the person who must decide; `more` tells that beside a score there
    is something for a person to read, `corrects` that it takes back what was said before."""

    kind: ReplyKind
    score: int | None = None
    understood: str = ""
    done: bool | None = None
    more: bool = False
    corrects: bool = False


_FILLERS = re.compile("[\\s,.;:!~、。，；：！…~()\"'“”‘’《》<>【】\\[\\]—_*#@|/\\\\]+")
_X = f"(?:{NUMBER}|[1-5])(?:分|星)?"
_LAST = f"(?P<last>{NUMBER}|(?<=\\d)[1-5])(?:分|星)?"
_WRONG = "(?:(?:打|发|按|写|说|点|输|评|选|回|弄|搞|报)错|不对|错了|手误|更正|改成|改为|改评|改)"
_BETWEEN = "(?:我|刚才|刚刚|刚|上面|前面|是|而是|应该|应|给|为|成|要|打|的|了|个|数字|哦|啊)"
_CORRECTED = (
    re.compile(f"(?:不是|不要|不给|别给){_X}(?:而)?(?:是|要|应该是|应是|改成|改为|给){_LAST}(?:吧|的|啊)*"),
    re.compile(f"(?P<first>{_X})?{_BETWEEN}{{0,4}}{_WRONG}(?:{_BETWEEN}|{_WRONG}){{0,5}}{_LAST}(?:吧|的|啊|才对)*"),
)
_LONGEST_CORRECTION = 40
_COVERED = frozenset(
    {Kind.JUDGED, Kind.MARKED, Kind.BARE, Kind.NEUTRAL, Kind.ABOUT, Kind.PRAISE, Kind.GLAD, Kind.SAD, Kind.PICTURE,
     Kind.BLANK}
)  # fmt: skip
"""What may stand beside a number, in its part of the sentence."""
_NUMBERS = (Kind.MARKED, Kind.BARE)


def read(text: str, scale: str | Scale = USUAL) -> Reading:
    """Read a reply to a question whose answers are `scale`, worst first: 1-5 where 5 is best, 5-1 where 1 is.

    Total: any text is read. Raises ValueError for a scale that is none.
    """
    known = scale if isinstance(scale, Scale) else Scale.parse(scale)
    seen, quoted = without_ours(plain(text))
    seen = seen.strip()
    if not seen:
        return _unclear(QUOTED if quoted else EMPTY)
    # A break stands where politeness was, so that what is left and right of it does not grow together.
    bare = POLITE.sub(",", seen).strip(" ,\n")
    whose = of_others(seen)
    if cries_for_help(bare) and whose in ("", QUOTED):
        return Reading(ReplyKind.SOS, understood="a cry for help")
    if whose:
        return _unclear(whose)
    packed = _FILLERS.sub("", bare)
    opting = _read_opt_out(bare, packed)
    return opting or _read_score(bare, packed, known, whole=len(text) <= LONGEST)


def _unclear(why: str) -> Reading:
    return Reading(ReplyKind.UNCLEAR, understood=why)


def _read_opt_out(bare: str, packed: str) -> Reading | None:
    if NOT_OPT_OUT.search(packed):
        if re.search("(?:把|将).{0,12}退订", packed):
            return Reading(ReplyKind.REMARK, understood="cancels something that was ordered")
        return _unclear("speaks of opting out, and may mean the contrary")
    if OPT_OUT_WHOLE.fullmatch(packed) or OPT_OUT_IN.search(bare) or OPT_OUT_IN.search(packed):
        return Reading(ReplyKind.OPT_OUT, understood="opt-out")
    return None


def _read_score(bare: str, packed: str, scale: Scale, *, whole: bool) -> Reading:  # noqa: PLR0911  # One return a kind.
    found = tokens(bare, scale)
    judged = any(token.kind in (Kind.JUDGED, *_NUMBERS) for token in found)
    if NOT_DONE.search(packed) and not _only_in_judgement(packed):
        if NOT_DONE_MAYBE.search(packed) and not packed.startswith("怎么还没"):
            return _unclear("speaks of not having come, and may mean the contrary") if judged else _remark(found)
        if any(token.kind in (Kind.JUDGED, Kind.MARKED) for token in found) or _whole_number(found):
            return _unclear("says that it was not done, and gives a score")
        return Reading(ReplyKind.REMARK, understood="not done", done=False)
    corrected = _correction(packed)
    if corrected is not None:
        said = _on_scale({value_of(corrected["last"])}, scale, more=False)
        # "5 was wrong, 3" may be said within one reply; "that was wrong, 3" speaks of another.
        alone = said.kind is ReplyKind.SCORE and not corrected.groupdict().get("first", "不是")
        return replace(said, corrects=alone)
    if ASKING.search(bare):
        return Reading(ReplyKind.REMARK, understood="a question")
    if not whole or len(bare) > MOST_SCORED:
        return Reading(ReplyKind.REMARK, understood="a long text")
    parts = _parts(found)
    scored = [part for part in parts if _gives_number(part)]
    if scored:
        return _numbered(found, parts, scored, scale)
    if any(token.kind in _NUMBERS for token in found) and not _counts_only(found):
        return _unclear("a number, and words that may take it back")
    judged_words = {JUDGED[token.text] for token in found if token.kind is Kind.JUDGED}
    return _worded(found, judged_words, scale) if judged_words else _remark(found)


def _only_in_judgement(packed: str) -> bool:
    return "没做好" in packed


def _correction(packed: str) -> re.Match[str] | None:
    if len(packed) > _LONGEST_CORRECTION:
        return None
    return next((match for pattern in _CORRECTED if (match := pattern.fullmatch(packed))), None)


def _parts(found: Sequence[Token]) -> list[list[Token]]:
    """Cut into parts of a sentence: at commas, full stops and ends of lines, and before a but."""
    parts: list[list[Token]] = [[]]
    for token in found:
        if token.kind in (Kind.BREAK, Kind.TURNING):
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if any(token.kind is not Kind.BLANK for token in part)]


def _gives_number(part: Sequence[Token]) -> bool:
    """Tell whether a part gives a number as a score: nothing stands in it that could make it something else."""
    kinds = {token.kind for token in part}
    bare = [token for token in part if token.kind is Kind.BARE]
    if not kinds <= _COVERED or not kinds & set(_NUMBERS) or len(bare) > 1:
        return False
    # "老人三" is no three: a numeral that is a word stands alone, or beside the words for giving.
    return not (bare and not bare[0].text[0].isdigit() and Kind.ABOUT in kinds and Kind.MARKED not in kinds)


def _whole_number(found: Sequence[Token]) -> bool:
    return any(_gives_number(part) for part in _parts(found))


def _counts_only(found: Sequence[Token]) -> bool:
    """Tell whether numbers are counts: each has other words right after it, or is longer than any score, and the text
    says more."""
    if any(token.kind is Kind.MARKED for token in found) or _han(found) < _LEAST_REMARK - 1:
        return False
    after = [*found[1:], None]
    return all(
        len(token.text) > 2 or (follows is not None and follows.kind is Kind.OTHER)
        for token, follows in zip(found, after, strict=True)
        if token.kind is Kind.BARE
    )


def _numbered(
    found: Sequence[Token], parts: Sequence[Sequence[Token]], scored: Sequence[Sequence[Token]], scale: Scale
) -> Reading:
    """Judge the numbers that are given as scores, and everything beside them."""
    kinds = {token.kind for token in found}
    if Kind.HEDGED in kinds or Kind.ODD in kinds:
        return _unclear("a number, and words that may take it back")
    values = {token.value for token in found if token.kind is Kind.MARKED}
    given = [token for part in scored for token in part if token.kind is Kind.BARE]
    bare = [token for token in found if token.kind is Kind.BARE]
    if given and (len(given) > 1 or len(bare) > len(given) or Kind.COUNT in kinds):
        return _unclear("more than one number")
    values |= {token.value for token in given}
    reading = _on_scale(values, scale, more=len(parts) > len(scored))
    if reading.score is None:
        return reading
    place = scale.place(reading.score)
    words = [(JUDGED[token.text] - 1) / 4 for token in found if token.kind is Kind.JUDGED]
    glad, sad = Kind.GLAD in kinds and place < 0.5, Kind.SAD in kinds and place > 0.5
    if glad or sad or any(abs(word - place) > _APART for word in words):
        return _unclear(f"the number {reading.score}, and words that say otherwise")
    return reading


def _on_scale(values: set[float | None], scale: Scale, *, more: bool) -> Reading:
    if len(values) != 1:
        return _unclear("more than one number")
    (value,) = values
    if value is None or value != int(value) or not scale.low <= value <= scale.high:
        return _unclear(f"a number that is not on the scale of {scale.low} to {scale.high}")
    return Reading(ReplyKind.SCORE, int(value), f"the number {int(value)}", more=more)


def _worded(found: Sequence[Token], judged: set[int], scale: Scale) -> Reading:
    """Judge words. Anything beside them that is not known may change them, and so they are a score only without it."""
    if (scale.low, scale.high) != (1, 5):
        return _unclear("words, and a scale that is not of five")
    listed = " or ".join(str(each if scale.rises else 6 - each) for each in sorted(judged))
    if len(judged) > 1:
        return _unclear(f"words that mean {listed}")
    (score,) = judged
    allowed = {Kind.JUDGED, Kind.NEUTRAL, Kind.ABOUT, Kind.PICTURE, Kind.BLANK, Kind.BREAK}
    allowed |= {Kind.PRAISE, Kind.GLAD} if score > 3 else {Kind.BLAME, Kind.SAD} if score < 3 else set()
    if any(token.kind not in allowed for token in found):
        return _unclear(f"words that mean {listed}, among others")
    return Reading(ReplyKind.SCORE, score if scale.rises else 6 - score, f"words that mean {listed}")


def _remark(found: Sequence[Token]) -> Reading:
    if _han(found) >= _LEAST_REMARK:
        return Reading(ReplyKind.REMARK, understood="a remark")
    return _unclear("nothing that is known")


def _han(found: Sequence[Token]) -> int:
    """Count Chinese characters, and numbers as one all together."""
    letters = sum("\u4e00" <= letter <= "\u9fff" for token in found for letter in token.text)
    return letters + any(token.text[0].isdigit() for token in found)
