"""Two at once at one record, on both databases: one is told, and nothing is written over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from db.encryption import FieldCipher
from db.models import AuditEntry, Elder, ElderPhone, PayerClass, PayerRule
from db.session import UnitOfWork
from routing.elders.entry import elders_number
from routing.elders.register import ChangedMeanwhile, CodeTaken, ElderRegister

NOW = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)


@pytest.fixture
def register(unit_of_work: UnitOfWork, reading: UnitOfWork, cipher: FieldCipher) -> ElderRegister:
    with unit_of_work() as work:
        if work.scalar(select(PayerClass.code).where(PayerClass.code == "self_paid")) is None:
            work.add(PayerClass(code="self_paid", name="自费", name_en="self-paid"))
            work.flush()
        if work.scalar(select(PayerRule.id).where(PayerRule.payer_class == "self_paid")) is None:
            work.add(
                PayerRule(payer_class="self_paid", elder_percent=100, valid_from=NOW.date(), made_at=NOW, made_by="x")
            )
    return ElderRegister(
        unit_of_work, reading, lambda: NOW, cipher, normalise=elders_number("CN", "0931"),
        zone=ZoneInfo("Asia/Shanghai"),
    )  # fmt: skip


FORM = {"name": "赵一", "payer_class": "self_paid", "phones": [{"number": "13931000001", "kind": "mobile"}]}


def test_of_two_who_save_at_once_one_is_told(register: ElderRegister, reading: UnitOfWork) -> None:
    number = register.create("", register.read(FORM), "user:1")
    _, _, seen = register.find(number)
    barrier = Barrier(2)

    def save(name: str) -> bool:
        entry = register.read({**FORM, "address": f"{name} 的住址", "landmarks": name})
        barrier.wait(10)
        try:
            register.change(number, entry, seen, name)
        except ChangedMeanwhile as told:
            assert set(told.fields) == {"address", "landmarks"}
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        saved = list(pool.map(save, ("user:1", "user:2")))
    assert sorted(saved) == [False, True]
    winner = "user:1" if saved[0] else "user:2"
    elder, _, _ = register.find(number)
    assert (elder.address, elder.landmarks) == (f"{winner} 的住址", winner)
    with reading() as work:
        changes = select(AuditEntry.actor).where(AuditEntry.action == "elder.changed")
        assert list(work.scalars(changes)) == [winner]


def test_fields_of_others_that_are_the_same_anyway_keep_nobody_waiting(register: ElderRegister) -> None:
    number = register.create("K-1", register.read(FORM), "user:1")
    _, _, seen = register.find(number)
    register.change(number, register.read({**FORM, "address": "路 1"}), seen, "user:1")
    assert register.change(number, register.read({**FORM, "address": "路 1", "dialect": "minnan"}), seen, "user:2") == (
        "dialect",
    )
    assert register.change(number, register.read({**FORM, "address": "路 1", "dialect": "minnan"}), {}, "user:2") == ()


def test_a_code_is_given_once(register: ElderRegister, reading: UnitOfWork) -> None:
    entry = register.read(FORM)
    first = register.create("", entry, "user:1")
    register.create(f"N{first + 2:06}", entry, "user:1")
    register.create("", entry, "user:1")
    with pytest.raises(CodeTaken):
        register.create(f"N{first:06}", entry, "user:1")
    with reading() as work:
        codes = list(work.scalars(select(Elder.code).order_by(Elder.id)))
        assert len(codes) == len(set(codes)) and f"N{first + 2:06}a" in codes
        assert work.scalar(select(func.count()).select_from(ElderPhone)) >= 3
    assert {each[1] for each in register.household(first)} == set(codes) - {f"N{first:06}"}
