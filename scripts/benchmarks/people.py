"""Made-up elders for the bench's own hotline: each calls once, so that nobody is asked whether they order twice."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import insert

from db.models import Elder, ElderPhone
from routing.numbers import as_dialled
from scripts.wiring.stores import Stores

_FIRST_ID = 1_000_000
_SURNAMES = "王李张刘陈"
_BLOCK = 5_000


def number_of(at: int) -> str:
    """Give the invented fixed line of elder `at` (from 0), E.164: 0931-900 and four digits more, then 901 and so on."""
    return f"+86931{9_001_000 + at:07d}"


def add_elders(stores: Stores, count: int, *, straight: bool = False) -> list[str]:
    """Write `count` elders with a phone each, and give their numbers as the carrier gives them.

    `straight`: they are put through to a person without a menu.
    """
    now = datetime.now(UTC)
    cipher = stores.cipher
    for first in range(0, count, _BLOCK):
        block = range(first, min(count, first + _BLOCK))
        names = {at: f"{_SURNAMES[at % len(_SURNAMES)]}秀{at}" for at in block}
        with stores.unit_of_work() as session:
            session.execute(
                insert(Elder),
                [
                    {
                        "id": _FIRST_ID + at, "code": f"BENCH{at}", "name": names[at],
                        "name_index": cipher.name_index(names[at]), "sex": "female", "birth_date": date(1940, 1, 1),
                        "straight_to_person": straight,
                        "created_at": now, "updated_at": now,
                    }
                    for at in block
                ],
            )  # fmt: skip
            session.execute(
                insert(ElderPhone),
                [
                    {
                        "elder_id": _FIRST_ID + at, "number": number_of(at),
                        "number_index": cipher.number_index(number_of(at)),
                    }
                    for at in block
                ],
            )  # fmt: skip
    return [as_dialled(number_of(at)) for at in range(count)]
