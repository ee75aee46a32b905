"""Elders are found by what is remembered of them, and whatever changes a record changes how it is found."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from db import search_keys
from db.demo import DEMO, load
from db.elders_import.run import import_elders
from db.encryption import FieldCipher
from db.models import Elder, ElderPhone, ElderSearchKey
from db.session import UnitOfWork
from routing.elders.merging import ElderMerges, Merge
from routing.elders.searching import search
from routing.numbers import normalise
from scripts.install.data import fill_search_keys

NOW = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)


class Register:
    """The demo's register, and what a search in it finds, by code."""

    def __init__(self, unit_of_work: UnitOfWork, reading: UnitOfWork, cipher: FieldCipher) -> None:
        self.unit_of_work, self.reading, self.cipher = unit_of_work, reading, cipher
        load(unit_of_work, cipher, NOW.date(), hash_password=lambda _password: "-")

    def finds(self, wanted: str, most: int = 20) -> list[str]:
        with self.reading() as session:
            ids = search(session, self.cipher, wanted, most)
            return list(session.scalars(select(Elder.code).where(Elder.id.in_(ids)).order_by(Elder.id)))

    def id_of(self, code: str) -> int:
        with self.reading() as session:
            return session.scalars(select(Elder.id).where(Elder.code == code)).one()


@pytest.fixture
def register(unit_of_work: UnitOfWork, reading: UnitOfWork, cipher: FieldCipher) -> Register:
    return Register(unit_of_work, reading, cipher)


@pytest.mark.parametrize("wanted", ["桂兰", "wgl", "wangguilan", "清水湾 王", "一号院 301", "000101", "王 0101"])
def test_a_word_or_two_find_her(register: Register, wanted: str) -> None:
    assert register.finds(wanted) == [DEMO.wang.code]


def test_nothing_is_found_by_nothing_nor_by_what_does_not_fit_together(register: Register) -> None:
    assert register.finds("") == register.finds("  ，") == register.finds("桂兰 柳荫") == register.finds("990101") == []
    assert len(register.finds("清水湾", most=2)) == 2


def test_a_change_of_name_address_or_telephone_is_found_at_once(register: Register) -> None:
    with register.unit_of_work() as session:
        elder = session.get_one(Elder, register.id_of(DEMO.wang.code))
        elder.name, elder.address = "王素贞", "望江路八号院三单元502室"
        number = "+869319000877"
        elder.phones = [ElderPhone(number=number, number_index=register.cipher.number_index(number), kind="home")]
    for wanted in ("素贞", "wsz", "望江 502", "0877"):
        assert register.finds(wanted) == [DEMO.wang.code], wanted
    for wanted in ("桂兰", "一号院 301", "0101"):
        assert register.finds(wanted) == [], wanted


def test_what_is_rolled_back_was_never_found(register: Register) -> None:
    with pytest.raises(ZeroDivisionError), register.unit_of_work() as session:
        session.get_one(Elder, register.id_of(DEMO.wang.code)).name = "王素贞"
        session.flush()
        raise ZeroDivisionError
    assert register.finds("素贞") == []
    assert register.finds("桂兰") == [DEMO.wang.code]


def test_merged_records_are_found_as_one_and_parted_ones_as_two(register: Register) -> None:
    kept, gone = register.id_of(DEMO.wang.code), register.id_of(DEMO.quiet.code)
    merges = ElderMerges(register.unit_of_work, register.reading, lambda: NOW, register.cipher)
    before = all_keys(register)
    merge = merges.merge(Merge(kept, gone), "user:1")
    assert register.finds("守义") == [], "under the kept name alone"
    assert register.finds("0102") == [DEMO.wang.code], "the telephone went over"
    merges.undo(merge, "user:1")
    assert all_keys(register) == before


def test_an_import_is_found_whether_it_adds_or_changes(register: Register, tmp_path: Path) -> None:
    file = tmp_path / "elders.csv"
    file.write_text("登记号,姓名,电话,地址\nN1,苏小梅,09319000901,金桥路七号院\n", "utf-8")
    import_elders(file, register.unit_of_work, register.cipher, lambda raw: normalise(raw).number)
    assert register.finds("sxm") == register.finds("金桥 0901") == ["N1"]
    file.write_text("登记号,姓名,电话,地址\nN1,苏小妹,09319000902,金桥路七号院\n", "utf-8")
    import_elders(file, register.unit_of_work, register.cipher, lambda raw: normalise(raw).number)
    assert register.finds("小妹") == register.finds("0902") == ["N1"]
    assert register.finds("小梅") == register.finds("0901") == []


def test_who_was_there_before_there_were_keys_gets_them(register: Register) -> None:
    before = all_keys(register)
    with register.unit_of_work() as session:
        session.execute(delete(ElderSearchKey))
    fill_search_keys(register.unit_of_work)
    assert all_keys(register) == before
    with register.unit_of_work() as session:
        assert search_keys.refresh(session, session.scalars(select(Elder.id))) == 0, "again: nothing to do"


def all_keys(register: Register) -> set[tuple[bytes, int]]:
    with register.reading() as session:
        return {
            (bytes(key), elder) for key, elder in session.execute(select(ElderSearchKey.key, ElderSearchKey.elder_id))
        }
