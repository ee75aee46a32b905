"""How long it takes to find an elder by what somebody remembers: a district's register of made-up people.

Names, streets and numbers come as they do in a town: ten surnames are half of all, a street has hundreds of doors, and
a community has as many elders as any. Searches are of people who are there: part of the name, initials, Pinyin, the end
of a number, an address, and two of these together; and of what too many have (a surname alone, a street and a surname).
Each is the whole of it: words cut and hashed, found, and what the list shows decrypted.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import insert, select

from db import migrate
from db.encryption import FieldCipher, new_key
from db.models import Elder, ElderPhone
from db.search_keys import refresh
from db.session import UnitOfWork, make_engine, make_reading, make_unit_of_work
from routing.elders.searching import search

ELDERS = 139_700
"""Registered in one district (Lanzhou Chengguan)."""
_BATCH = 2_000
_SEARCHES = 200
_SHOWN = 20
_SEED = 20260318
_SURNAMES = (
    "王李张刘陈杨赵黄周吴" * 6
    + "徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
)
_GIVEN = "桂英秀兰玉珍淑华凤琴素芳国建德福永庆长贵文志明春生"
Figures = dict[str, dict[str, float]]
"""By database: load_seconds, and for each kind of search p50_ms and p99_ms."""


class Made:
    """A made-up elder: what is written of them."""

    def __init__(self, at: int, chance: random.Random) -> None:
        self.id = at + 1
        given = "".join(chance.choice(_GIVEN) for _ in range(2 if chance.random() < 0.85 else 1))
        self.name = chance.choice(_SURNAMES) + given
        self.district = f"第{at % 25 + 1}街道"
        self.street = f"幸福{chance.randrange(300)}路"
        self.yard, self.door = chance.randrange(1, 60), chance.randrange(101, 1900)
        self.number = f"+86931{2_000_000 + at * 37 % 5_900_000:07d}"

    @property
    def address(self) -> str:
        return f"{self.district}{self.street}{self.yard}号院{self.door}室"


def run(urls: Mapping[str, str], elders: int = ELDERS) -> Figures:
    """Measure on each database of `urls`, which are migrated and filled here."""
    return {name: _measure(url, elders) for name, url in urls.items()}


def _measure(url: str, elders: int) -> dict[str, float]:
    migrate.upgrade(url)
    cipher = FieldCipher(new_key(), new_key())
    engine = make_engine(url, cipher)
    chance = random.Random(_SEED)  # noqa: S311  # The same town in each run, no secret.
    people = [Made(at, chance) for at in range(elders)]
    try:
        began = time.perf_counter()
        keys = _fill(make_unit_of_work(engine), cipher, people)
        figures = {"load_seconds": round(time.perf_counter() - began, 1), "keys_seconds": round(keys, 1)}
        reading = make_reading(engine)
        for kind, wanted in _KINDS.items():
            some = [wanted(each) for each in chance.sample(people, min(_SEARCHES, len(people)))]
            times = sorted(_time(reading, cipher, each) for each in some)
            figures |= {f"{kind}_p50_ms": _quantile(times, 0.5), f"{kind}_p99_ms": _quantile(times, 0.99)}
        return figures
    finally:
        engine.dispose()


_KINDS: dict[str, Callable[[Made], str]] = {
    "name": lambda each: each.name,
    "given_name": lambda each: each.name[1:] if len(each.name) > 2 else each.name,
    "tail": lambda each: each.number[-4:],
    "address": lambda each: f"{each.street} {each.yard}号院 {each.door}",
    "name_and_street": lambda each: f"{each.name[0]} {each.street}",
    "surname_and_district": lambda each: f"{each.name[0]} {each.district}",
    "surname": lambda each: each.name[0],
    "nobody": lambda each: f"{each.name} 0{each.number[-3:]} {each.yard}号院 无此路",
}


def _fill(unit_of_work: UnitOfWork, cipher: FieldCipher, people: Sequence[Made]) -> float:
    """Write them as an import does, and give how many seconds of it went into the keys."""
    at, keys = datetime(2026, 1, 1, tzinfo=UTC), 0.0
    for begin in range(0, len(people), _BATCH):
        batch = people[begin : begin + _BATCH]
        with unit_of_work() as session:
            session.execute(insert(Elder), [
                {"id": each.id, "code": f"S{each.id}", "name": each.name, "name_index": cipher.name_index(each.name),
                 "sex": "female", "district": each.district, "address": each.address, "created_at": at,
                 "updated_at": at} for each in batch
            ])  # fmt: skip
            session.execute(insert(ElderPhone), [
                {"elder_id": each.id, "number": each.number, "number_index": cipher.number_index(each.number)}
                for each in batch
            ])  # fmt: skip
            began = time.perf_counter()
            refresh(session, [each.id for each in batch])
            keys += time.perf_counter() - began
    return keys


def _time(reading: UnitOfWork, cipher: FieldCipher, wanted: str) -> float:
    """Give milliseconds."""
    began = time.perf_counter()
    with reading() as session:
        found = search(session, cipher, wanted, _SHOWN)
        list(session.scalars(select(Elder).where(Elder.id.in_(found))))
    return (time.perf_counter() - began) * 1000


def _quantile(ordered: Sequence[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2)
