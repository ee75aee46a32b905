"""Reading what a company writes about an offer: yes, no with or without a reason, or unclear. Pure, and never a guess.

A text is an answer only if every word of it is one of those below, and all of them say the same.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from routing.orders.scorecards.policy import DeclineReason


class Said(StrEnum):
    """What a text says of an offer."""

    ACCEPT = "accept"
    DECLINE = "decline"
    UNCLEAR = "unclear"
    """It speaks of offers, and cannot be read with certainty."""
    OTHER = "other"
    """It speaks of something else."""


@dataclass(frozen=True)
class CompanyWord:
    """A text as it was read. `number`: the order that it names. `reason` comes with DECLINE. `bare`: a digit alone says
    so, which could be a score as well."""

    said: Said
    number: str = ""
    reason: DeclineReason | None = None
    bare: bool = False


LONGEST = 200
"""Characters that are read; an answer has a handful, and what is longer speaks of something else."""
_NUMBER = re.compile(r"(?<!\d)\d{6,12}(?!\d)", re.ASCII)
_YES, _NO, _BESIDE = "yes", "no", "beside"
_SAYS: dict[str, str] = {}
"""Words, and what they say; a reason says no by itself."""
for _what, _words_of_it in {
    _YES: "1 一 接 接单 接了 接受 我接 我们接 接这单 可以接 能接 可以 能做 好 好的 行 行的 没问题 同意 收到接单 "
    "ok okay yes y",
    _NO: "2 二 不接 不接单 不接了 不接受 不能接 不能 不可以 不行 不做 不去 做不了 接不了 去不了 没法接 没法做 无法接 "
    "无法接单 拒绝 拒单 拒接 no",
    _BESIDE: "单号 订单 工单 新单 回复 你好 您好 谢谢 我们 我 这单 这个 单 号 因为 了 的 啊 吧 呢 哦 噢 嗯 哈 啦 "
    "sorry 抱歉 不好意思 对不起",
    DeclineReason.NO_STAFF: "没人 没有人 没人手 没有人手 人手不够 人手不足 人不够 缺人 没人去 没师傅 没有师傅",
    DeclineReason.TOO_FAR: "太远 远 太远了 路远 路太远 距离太远 离得远 离得太远",
    DeclineReason.BAD_TIME: "没空 没有空 没时间 没有时间 忙 太忙 忙不过来 排满 排满了 时间不行 时间不合适 时间不对 "
    "来不及 赶不上",
    DeclineReason.OTHER: "其他原因 别的原因",
}.items():
    _SAYS |= dict.fromkeys(_words_of_it.split(), str(_what))
_WORD = re.compile("|".join(re.escape(each) for each in sorted(_SAYS, key=len, reverse=True)))
_BETWEEN = re.compile(r"[\s,.;:!~、。，；：！…\-_/()【】\[\]\"'“”#*+&]+")
_BREAKS = re.compile(r"(?<=[0-9a-z])(?=[0-9a-z])")
_SPEAKS_OF_OFFERS = re.compile("接|派单|单号|拒单|没空|没人|太远|(?<![0-9a-z])[12](?![0-9a-z])|(?<![a-z])ok(?![a-z])")


def read_answer(text: str) -> CompanyWord:
    """Read a text, with digits and letters of any width."""
    plain = "".join(each for each in unicodedata.normalize("NFKC", text) if _is_seen(each)).lower().strip()
    numbers = sorted(set(_NUMBER.findall(plain)))
    number = numbers[0] if len(numbers) == 1 else ""
    rest = _NUMBER.sub(" ", plain)
    if len(plain) > LONGEST:
        return CompanyWord(Said.OTHER, number)
    words = None if len(numbers) > 1 else _words(rest)
    if words is None:
        about = len(numbers) > 1 or bool(_SPEAKS_OF_OFFERS.search(rest)) or _only_digits(rest)
        return CompanyWord(Said.UNCLEAR if about else Said.OTHER, number)
    says = {_SAYS[word] for word in words} - {_BESIDE}
    reasons = says - {_YES, _NO}
    bare = len(words) == 1 and words[0] in ("1", "2")
    if says == {_YES}:
        return CompanyWord(Said.ACCEPT, number, bare=bare)
    if says and _YES not in says and len(reasons) <= 1:
        return CompanyWord(Said.DECLINE, number, DeclineReason(*reasons) if reasons else None, bare)
    return CompanyWord(Said.UNCLEAR if says or number else Said.OTHER, number)


def _words(rest: str) -> list[str] | None:
    """Cut a text into words that are known, the longest first; None if anything is left over."""
    words: list[str] = []
    for piece in _BETWEEN.split(rest):
        at = 0
        while at < len(piece):
            found = _WORD.match(piece, at)
            if found is None or _breaks_a_word(piece, found.end()):
                return None
            words.append(found[0])
            at = found.end()
    return words


def _breaks_a_word(piece: str, at: int) -> bool:
    """Tell whether digits or letters that belong together would be torn apart here: 12 is not 1 and 2."""
    return bool(_BREAKS.match(piece, at)) if at < len(piece) else False


def _is_seen(character: str) -> bool:
    """Tell whether a character is one to be read: no mark of direction, no control character but a line's end."""
    return character in "\n\r\t" or unicodedata.category(character) not in ("Cf", "Cc", "Mn")


def _only_digits(rest: str) -> bool:
    return bool(rest.strip()) and rest.strip().isdecimal()
