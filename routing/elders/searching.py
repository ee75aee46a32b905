"""Find elders by what is remembered of them: part of the name, its Pinyin or initials, the end of a number, a place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, SQLColumnExpression, func, select
from sqlalchemy.orm import Session, aliased

from db.encryption import FieldCipher
from db.models import ElderPhone, ElderSearchKey
from db.search_keys import key_of
from db.search_words import tails_of_search, words_of_search

COUNTED: Final = 2_000
"""So many bearers of a word are counted, to begin with the rarest; above it all are called common."""
_SCANNED: Final = 200
"""Records whose numbers are compared with a long end of one: no more share its last four digits in a town."""


def search(session: Session, cipher: FieldCipher, wanted: str, most: int) -> Sequence[int]:
    """Give the ids of at most `most` elders whom every word of `wanted` fits, in the order of their registration.

    The rarest word is looked up and the others are checked: a street that a tenth of the town lives in costs nothing
    beside a name. Nothing is found by nothing.
    """
    words = [[key_of(cipher, way) for way in sorted(ways)] for ways in words_of_search(wanted)]
    if not words:
        return []
    words.sort(key=lambda keys: _bearers(session, keys))
    first = aliased(ElderSearchKey)
    query = select(first.elder_id).where(first.key.in_(words[0]), *(_has(first.elder_id, keys) for keys in words[1:]))
    tails = tails_of_search(wanted)
    found = session.scalars(query.distinct().order_by(first.elder_id).limit(_SCANNED if tails else most)).all()
    return _whose_numbers_end(session, found, tails)[:most] if tails else found


def _bearers(session: Session, keys: Sequence[bytes]) -> int:
    some = select(ElderSearchKey.elder_id).where(ElderSearchKey.key.in_(keys)).limit(COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _has(elder_id: SQLColumnExpression[int], keys: Sequence[bytes]) -> ColumnElement[bool]:
    other = aliased(ElderSearchKey)
    return select(1).where(other.key.in_(keys), other.elder_id == elder_id).exists()


def _whose_numbers_end(session: Session, elders: Sequence[int], tails: Sequence[str]) -> list[int]:
    """Of each long number typed the last four digits have been found; here the rest is compared."""
    numbers: dict[int, list[str]] = {}
    query = select(ElderPhone.elder_id, ElderPhone.number).where(ElderPhone.elder_id.in_(elders))
    for elder_id, number in session.execute(query):
        numbers.setdefault(elder_id, []).append(number)
    return [
        each for each in elders
        if all(any(number.endswith(tail) for number in numbers.get(each, ())) for tail in tails)
    ]  # fmt: skip
