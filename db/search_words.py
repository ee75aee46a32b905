"""By what words an elder is looked for: parts of the name, Pinyin, initials, ends of numbers, parts of the address.

Pure: texts in, marked words out ("name:桂兰", "pinyin:guilan", "initials:wgl", "tail:0101", "place:301室").
The same cutting serves the register and whoever searches, so that what one writes the other finds.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, product
from typing import Final

MOST_READINGS: Final = 8
"""Ways to read one name that are kept: 单 has three readings, and a name of three such letters would have 27."""
MOST_WORDS: Final = 6
"""Words of one search that count; nobody types more while an elder waits."""
SHORTEST_TAIL, LONGEST_TAIL = 4, 15
"""Digits by which a telephone is looked for: 4 are kept, more are compared with the number itself."""
_HAN: Final = re.compile(r"[㐀-鿿𠀀-𮯠]")
_ENDS: Final = (
    "社区|小区|街道|大街|胡同|号楼|号院|单元|家属院|"
    "省|市|区|县|旗|镇|乡|路|街|巷|弄|里|院|村|组|苑|园|号|楼|栋|幢|座|层|室|户"
)
_PIECE: Final = re.compile(rf"(.+?)({_ENDS})")
_NUMERAL: Final = re.compile(r"[〇零一二三四五六七八九十百]+(?=号|楼|栋|幢|座|层|室|户|单元|院|组|弄|巷|区|村)")
_DIGITS: Final = {letter: value for value, letter in enumerate("零一二三四五六七八九")} | {"〇": 0}
_SPACES: Final = re.compile(r"[\s,，、;；·。.\-/()（）#]+")


def words_of_elder(name: str, district: str, address: str | None, numbers: Iterable[str]) -> frozenset[str]:
    """Give all words by which an elder is found. `numbers` are E.164 or short numbers."""
    found = {f"name:{part}" for part in _parts_of_name(name)}
    found.update(_read_aloud(name))
    found.update(f"tail:{number[-SHORTEST_TAIL:]}" for number in numbers if len(number) >= SHORTEST_TAIL)
    for text in (district, address or ""):
        for piece, stem in pieces_of_place(text):
            found.update((f"place:{piece}", f"place:{stem}") if stem else (f"place:{piece}",))
    return frozenset(found)


def words_of_search(wanted: str) -> list[frozenset[str]]:
    """Cut what somebody typed into words, for each of which it says by what it may be found; at most `MOST_WORDS`."""
    return list(islice((_ways(word) for word in _cut(wanted)), MOST_WORDS))


def tails_of_search(wanted: str) -> tuple[str, ...]:
    """Give the words that may be the end of a number and are longer than what is kept of numbers."""
    return tuple(word for word in _cut(wanted) if word.isdigit() and SHORTEST_TAIL < len(word) <= LONGEST_TAIL)


def pieces_of_place(text: str) -> Iterator[tuple[str, str]]:
    """Cut an address into pieces, each with what it is without its ending: ("清水湾街道", "清水湾"), ("301室", "301").

    Numbers in Chinese letters become digits, so that 一号院 and 1号院 are one. One letter has no second form.
    """
    for part in _SPACES.split(_NUMERAL.sub(_as_digits, _plain(text))):
        at = 0
        for match in _PIECE.finditer(part):
            stem = match.group(1)
            yield match.group(), stem if len(stem) > 1 or stem.isdigit() else ""
            at = match.end()
        for rest in re.findall(r"\d+|\D+", part[at:]):
            yield rest, ""


def _cut(wanted: str) -> Iterator[str]:
    for part in _SPACES.split(_NUMERAL.sub(_as_digits, _plain(wanted))):
        if not part:
            continue
        pieces = [piece for piece, _ in pieces_of_place(part)]
        yield from pieces if len(pieces) > 1 else [part]


def _ways(word: str) -> frozenset[str]:
    ways = {f"name:{word}", f"place:{word}"}
    if word.isascii() and word.isalpha():
        ways |= {f"pinyin:{word}", f"initials:{word}"}
    if word.isdigit() and SHORTEST_TAIL <= len(word) <= LONGEST_TAIL:
        ways.add(f"tail:{word[-SHORTEST_TAIL:]}")
    return frozenset(ways)


def _parts_of_name(name: str) -> set[str]:
    """王桂兰: 王桂兰, 王桂, 桂兰, 王. Names in Latin letters: each word, and all as one."""
    plain = _plain(name)
    words = [word for word in _SPACES.split(plain) if word]
    joined = "".join(words)
    parts = {joined, *words}
    if _HAN.search(joined) and len(joined) <= 8:
        parts |= {joined[begin:end] for begin in range(len(joined)) for end in range(begin + 2, len(joined) + 1)}
        parts.add(joined[0])
    return parts - {""}


def _read_aloud(name: str) -> Iterator[str]:
    """Give the Pinyin of a Chinese name, of its given name, and its initials, in every reading."""
    letters = _HAN.findall(name)[:6]
    for reading in islice(product(*map(_readings, letters)), MOST_READINGS if letters else 0):
        yield f"pinyin:{''.join(reading)}"
        yield f"pinyin:{reading[0]}"
        if len(reading) > 2:
            yield f"pinyin:{''.join(reading[1:])}"
            yield f"pinyin:{''.join(reading[2:])}"
        yield f"initials:{''.join(syllable[0] for syllable in reading)}"


@lru_cache(maxsize=8192)
def _readings(letter: str) -> tuple[str, ...]:
    # Whole phrases would take 45 MB and a quarter of a second; one letter has none.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import Style, pinyin  # noqa: PLC0415  # Only who writes names wants it.

    return tuple(each for each in pinyin(letter, style=Style.NORMAL, heteronym=True)[0] if each.isalpha()) or (letter,)


def _plain(text: str) -> str:
    """Full-width letters as usual ones, capitals as small ones."""
    return unicodedata.normalize("NFKC", text).lower()


def _as_digits(match: re.Match[str]) -> str:
    text, value = match.group(), 0
    if not set(text) & set("十百"):
        return "".join(str(_DIGITS[letter]) for letter in text)
    digit = 0
    for letter in text:
        if letter in "十百":
            value += (digit or 1) * (10 if letter == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[letter]
    return str(value + digit)
