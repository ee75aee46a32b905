"""Knowledge cards: what an agent says for a fall, heatstroke, gas, in short steps. Data, in both languages.

Read once and kept: nothing is asked of anybody while a caller waits. A deployment's folder may replace cards or
add some.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from agent_console.catalogue import CHINESE, ENGLISH

FOLDER: Final = Path(__file__).parent.parent / "cards"
FILES: Final[Mapping[str, str]] = {CHINESE: "zh.yaml", ENGLISH: "en.yaml"}
MOST_STEPS, MOST_NEVER, LONGEST = 6, 3, 140
"""Steps and warnings of a card, and characters of each: nobody reads more with a caller on the line."""
NUMBERS: Final = ("110", "119", "120")
_REQUIRED: Final = frozenset({"code", "title", "words", "cases", "orders", "number", "call_when", "say", "never"})
_MOST_ASKED = 80  # Characters of a search.


@dataclass(frozen=True)
class Card:
    """One card in one language."""

    code: str
    title: str
    words: tuple[str, ...]
    """By which it is found, beside its title."""
    cases: tuple[str, ...]
    """Kinds of cases that it is suggested for."""
    orders: tuple[str, ...]
    """Codes of service items that it is suggested for."""
    number: str
    """110, 119 or 120."""
    call_when: str
    say: tuple[str, ...]
    never: tuple[str, ...]
    source: str = ""
    """Whose advice it is; empty: to be checked by the operator's medical adviser, and the page says so."""

    @property
    def found_by(self) -> str:
        """What a search looks through."""
        return " ".join((self.title, *self.words)).casefold()


@cache
def cards_of(language: str, own: Path | None = None) -> tuple[Card, ...]:
    """Give the cards of a language; those of the folder `own` replace ours by code, or come after them.

    Raises ValueError, with the file and the card, for a card that is not whole or too long, and OSError.
    """
    found = {each.code: each for each in _read(FOLDER / FILES[language])}
    mine = own / FILES[language] if own is not None else None
    if mine is not None and mine.is_file():
        found |= {each.code: each for each in _read(mine)}
    return tuple(found.values())


def find(cards: Iterable[Card], wanted: str) -> tuple[Card, ...]:
    """Give the cards for what was typed, a word or a whole sentence; those that more of it speaks of first."""
    asked = wanted.strip().casefold()[:_MOST_ASKED]
    if not asked:
        return tuple(cards)
    scored = [(_score(each, asked), each) for each in cards]
    return tuple(each for score, each in sorted(scored, key=lambda pair: -pair[0]) if score)


def suggested(cards: Iterable[Card], case_kinds: Collection[str], item_codes: Collection[str]) -> tuple[Card, ...]:
    """Give the cards for these kinds of cases and items of orders."""
    return tuple(
        each for each in cards if not set(each.cases).isdisjoint(case_kinds) or set(each.orders) & set(item_codes)
    )


def _score(card: Card, asked: str) -> int:
    within = sum(3 for word in card.words if word.casefold() in asked)  # A sentence that has the card's words.
    typed = sum(2 for part in asked.split() if part in card.found_by)  # The beginning of a word, or some of it.
    return within + typed


def _read(path: Path) -> tuple[Card, ...]:
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: no YAML file of cards ({error})") from None
    if not isinstance(entries, list):
        raise ValueError(f"{path}: write a list of cards")  # noqa: TRY004  # A file's fault, not a caller's.
    found = tuple(_card(path, each) for each in entries)
    if len({each.code for each in found}) != len(found):
        raise ValueError(f"{path}: two cards have one code")
    return found


def _card(path: Path, entry: Any) -> Card:
    given = entry if isinstance(entry, dict) else {}
    name = f"{path}: card {given.get('code', '?')}"
    lacks = _REQUIRED - set(given)
    if lacks or set(given) - _REQUIRED - {"source"}:
        raise ValueError(f"{name} wants {', '.join(sorted(_REQUIRED))}, and may have a source")
    lists = {key: given[key] for key in ("words", "cases", "orders", "say", "never")}
    if not all(isinstance(each, list) and all(isinstance(one, str) for one in each) for each in lists.values()):
        raise ValueError(f"{name}: {', '.join(sorted(lists))} are lists of texts")
    lines = {key: tuple(each) for key, each in lists.items()}
    card = Card(
        str(given["code"]), str(given["title"]), lines["words"], lines["cases"], lines["orders"], str(given["number"]),
        str(given["call_when"]), lines["say"], lines["never"], str(given.get("source") or ""),
    )  # fmt: skip
    if card.number not in NUMBERS:
        raise ValueError(f"{name}: the number is one of {', '.join(NUMBERS)}")
    if not (0 < len(card.say) <= MOST_STEPS and 0 < len(card.never) <= MOST_NEVER):
        raise ValueError(f"{name}: 1 to {MOST_STEPS} steps, and 1 to {MOST_NEVER} things never to do")
    if any(not line.strip() or len(line) > LONGEST for line in (card.title, card.call_when, *card.say, *card.never)):
        raise ValueError(f"{name}: each line has 1 to {LONGEST} characters")
    return card
