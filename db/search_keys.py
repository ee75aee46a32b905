"""Keeps the keys by which elders are found in step with their records, in the same transaction.

What is written through objects is noticed (`keep_search_keys`); who writes rows in bulk says so (`refresh`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import delete, event, insert, inspect, select
from sqlalchemy.orm import Session, sessionmaker

from db.encryption import FieldCipher
from db.models import Elder, ElderPhone, ElderSearchKey
from db.search_words import words_of_elder
from db.session_state import cipher_of

CHUNK: Final = 100
"""Elders whose keys are written at a time."""
_CHANGED: Final = "elderline_search_keys"
_COLUMNS: Final = ("name", "district", "address", "state")
_HIDDEN: Final = "merged"
"""A record that was merged into another is found under that one alone."""


def key_of(cipher: FieldCipher, word: str) -> bytes:
    """Give the key of a word: half of a blind index, which is enough among some hundred thousand words."""
    return cipher.index("search", word)[:8]


def keep_search_keys(factory: sessionmaker[Session]) -> None:
    """Have every session of `factory` bring the keys of those up to date whose records it changes."""
    event.listen(factory, "after_flush", _note)
    event.listen(factory, "before_commit", _write_noted)


def refresh(session: Session, elders: Iterable[int]) -> int:
    """Bring the keys of these elders up to date, and give how many rows that took."""
    cipher, written = cipher_of(session), 0
    wanted = sorted(set(elders))
    for begin in range(0, len(wanted), CHUNK):
        written += _refresh(session, cipher, wanted[begin : begin + CHUNK])
    return written


def missing(session: Session, after: int = 0) -> Sequence[int]:
    """Give the ids of some elders without keys, beyond `after`: those who were there before there were keys."""
    query = select(Elder.id).where(
        Elder.id > after, Elder.state != _HIDDEN, ~select(1).where(ElderSearchKey.elder_id == Elder.id).exists()
    )
    return session.scalars(query.order_by(Elder.id).limit(CHUNK)).all()


def _refresh(session: Session, cipher: FieldCipher, elders: Sequence[int]) -> int:
    session.flush()
    numbers: dict[int, list[str]] = {}
    phones = select(ElderPhone.elder_id, ElderPhone.number).where(ElderPhone.elder_id.in_(elders))
    for elder_id, number in session.execute(phones):
        numbers.setdefault(elder_id, []).append(number)
    records = select(Elder.id, Elder.name, Elder.district, Elder.address).where(
        Elder.id.in_(elders), Elder.state != _HIDDEN
    )
    right = {
        (key_of(cipher, word), elder_id)
        for elder_id, name, district, address in session.execute(records)
        for word in words_of_elder(name, district, address, numbers.get(elder_id, ()))
    }
    kept = select(ElderSearchKey.key, ElderSearchKey.elder_id).where(ElderSearchKey.elder_id.in_(elders))
    there = {(bytes(key), elder_id) for key, elder_id in session.execute(kept)}
    for key, elder_id in sorted(there - right):
        gone = (ElderSearchKey.key == key) & (ElderSearchKey.elder_id == elder_id)
        session.execute(delete(ElderSearchKey).where(gone), execution_options={"synchronize_session": False})
    new = [{"key": key, "elder_id": elder_id} for key, elder_id in sorted(right - there)]
    if new:
        session.connection().execute(insert(ElderSearchKey), new)  # Rows, not objects: a third of the time.
    return len(new) + len(there - right)


def _note(session: Session, _context: object) -> None:
    changed: set[int] = session.info.setdefault(_CHANGED, set())
    for each in (*session.new, *session.dirty):
        if isinstance(each, ElderPhone) or (isinstance(each, Elder) and (each in session.new or _matters(each))):
            changed.add(_elder_of(each))
    changed.update(each.elder_id for each in session.deleted if isinstance(each, ElderPhone))


def _matters(elder: Elder) -> bool:
    state: Any = inspect(elder)
    return any(state.attrs[name].history.has_changes() for name in _COLUMNS)


def _elder_of(row: Elder | ElderPhone) -> int:
    return row.id if isinstance(row, Elder) else row.elder_id


def _write_noted(session: Session) -> None:
    session.flush()
    changed: set[int] = session.info.pop(_CHANGED, set())
    if changed:
        refresh(session, changed)
