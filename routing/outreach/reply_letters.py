"""Bringing the writing of a reply together: widths, forms of digits, traditional characters, wrong ones. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 5000
"""Characters that are read; the carrier joins parts, but nobody rates a meal in a book."""
_PAIRS: Final = (
    "滿满沒没來来還还謝谢師师這这個个點点錢钱時时給给評评說说對对嗎吗過过們们務务歲岁氣气為为樣样話话買买貴贵飯饭訂订變变險险護护電电壞坏爛烂聽听請请兩两"
    "號号動动頭头暈晕燒烧著着貳贰參参叄叁陸陆萬万極极態态熱热髒脏辦办開开關关進进間间現现應应該该實实覺觉讓让幾几傷伤疼疼幫帮無无麼么裡里"
)
_SIMPLIFIED: Final = {ord(_PAIRS[at]): _PAIRS[at + 1] for at in range(0, len(_PAIRS), 2)}
_WRONG: Final = tuple(
    (re.compile(wrong), right)
    for wrong, right in (
        ("满[易益义已亿蛮]|[瞒漫曼慢][意易]|蛮意", "满意"),
        ("灰常|非长|飞常", "非常"),
        ("[狠恨](?=[好号满不差棒])", "很"),
        ("(?<=很)[号浩](?![码召])", "好"),
        ("不[挫措](?![施手败折])", "不错"),
        ("还[星形](?![期式状象])", "还行"),
        ("可已", "可以"),
        ("参分", "叁分"),
        ("退[定汀]", "退订"),
    )
)
"""Characters that pinyin, handwriting and voice put for others, where nothing else can be meant."""
_SHOWN_WITH: Final = frozenset({0x20E3, *range(0xFE00, 0xFE10)})
"""The frame of a key (5️⃣) and the choice between picture and letter: they change nothing. Other marks may, as one
that strikes out what it stands on, and are kept."""


def plain(text: str) -> str:
    """Bring widths, forms of digits, case and characters together, drop what cannot be seen, and keep ends of lines."""
    folded = "".join(_digit(letter) for letter in text[:LONGEST])
    folded = unicodedata.normalize("NFKC", folded).lower()
    kept = []
    for letter in folded:
        if letter in "\r\n\u2028\u2029\x85":
            kept.append("\n")
        elif letter.isspace():
            kept.append(" ")
        elif ord(letter) not in _SHOWN_WITH and unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn"):
            kept.append(letter)
    seen = re.sub("[.]{2,}", ",", "".join(kept).translate(_SIMPLIFIED))
    for wrong, right in _WRONG:
        seen = wrong.sub(right, seen)
    return re.sub(" *\n[ \n]*", "\n", re.sub(" {2,}", " ", seen)).strip(" \n")


def _digit(letter: str) -> str:
    """Write digits of any script, circled ones, Roman and other numerals as 0 to 9; half and the like as 半."""
    if letter.isascii():
        return letter
    if letter == "🔟":
        return "10"
    kind = unicodedata.category(letter)
    if kind not in ("Nd", "Nl", "No"):
        return letter
    value = unicodedata.numeric(letter, -1.0)
    return str(int(value)) if value >= 0 and value == int(value) else "半"
