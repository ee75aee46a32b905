"""The words one language has recorded pieces for. Piece names are relative to the language, as `number.35`."""

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.prompts.numerals import numeral_text


@dataclass(frozen=True)
class Vocabulary:
    """What values can be spoken with.

    `words` maps a text or a code to its piece, `surnames` a surname to its sound, `addresses` a form of address to the
    ending of its piece, `texts` each piece to what is spoken, `readings` a character to another that the voice reads
    right.
    """

    words: Mapping[str, str]
    surnames: Mapping[str, str]
    addresses: Mapping[str, str]
    texts: Mapping[str, str]
    readings: Mapping[str, str]
    language: str = "zh-CN"


def counted_pieces() -> dict[str, str]:
    """Pieces made from numerals: numbers to 99, hours, months and days of the month, weekdays."""
    pieces = {f"number.{n}": numeral_text(n) for n in range(100)}
    pieces |= {f"hour.{h}": ("两" if h == 2 else numeral_text(h)) + "点" for h in range(13)}
    pieces |= {f"month.{m}": numeral_text(m) + "月" for m in range(1, 13)}
    pieces |= {f"day.{d}": numeral_text(d) + "号" for d in range(1, 32)}
    pieces |= {f"weekday.{n}": "星期" + name for n, name in enumerate("一二三四五六日", start=1)}
    return pieces


def person_pieces(
    surnames: Mapping[str, str], addresses: Mapping[str, str], readings: Mapping[str, str]
) -> dict[str, str]:
    """Pieces for every surname with every form of address, and the forms of address alone."""
    pieces = {f"person.{ending}": address for address, ending in addresses.items()}
    for surname, sound in surnames.items():
        for address, ending in addresses.items():
            # The first surname of a sound is the most common one; it lends its writing to the others.
            pieces.setdefault(f"person.{sound}.{ending}", readings.get(surname, surname) + address)
    return pieces


def english_person_pieces(surnames: Mapping[str, str], titles: Mapping[str, str]) -> dict[str, str]:
    """The same in English: Grandma Wang. `titles` maps the ending of a piece to the words."""
    pieces = {f"person.{ending}": title for ending, title in titles.items()}
    for sound in surnames.values():
        pieces |= {f"person.{sound}.{ending}": f"{title} {sound.capitalize()}" for ending, title in titles.items()}
    return pieces
