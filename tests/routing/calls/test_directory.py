"""Who is calling: each kind of caller, on both databases, with one query for an elder."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, event, update

from db import demo
from db.demo import DEMO
from db.encryption import FieldCipher, new_key
from db.models import Company, Contact, Elder, ElderPhone, Worker
from db.session import UnitOfWork, make_engine
from routing.calls.directory import MAX_ON_ONE_NUMBER, Caller, CallerDirectory, CallerKind, DirectoryUnavailable
from routing.calls.messages import CallerClass
from routing.numbers import as_dialled

TODAY = date(2026, 3, 18)
NOW = datetime(2026, 3, 18, tzinfo=UTC)
NUMBER = "+869319000555"


@pytest.fixture
def directory(engine: Engine, cipher: FieldCipher, unit_of_work: UnitOfWork) -> CallerDirectory:
    demo.load(unit_of_work, cipher, TODAY, range(0), hash_password=lambda _: "not used")
    return CallerDirectory(engine, cipher, today=lambda: TODAY)


@pytest.fixture
def statements(engine: Engine) -> Iterator[list[str]]:
    """What is asked of the database."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().startswith("SELECT"):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def _add(unit_of_work: UnitOfWork, cipher: FieldCipher, code: str, number: str = NUMBER, **changed: object) -> int:
    values: dict[str, object] = {"name": "何大山", "sex": "male", "birth_date": date(1950, 5, 5), **changed}
    with unit_of_work() as session:
        elder = Elder(code=code, name_index=cipher.name_index(str(values["name"])), created_at=NOW, updated_at=NOW,
                      phones=[ElderPhone(number=number, number_index=cipher.number_index(number))],
                      **values)  # fmt: skip
        session.add(elder)
    return elder.id


def test_an_elder_is_known_by_name_age_and_need(directory: CallerDirectory, statements: list[str]) -> None:
    caller = directory.look_up(as_dialled(DEMO.wang.number))
    assert len(statements) == 1
    elder = caller.elder
    assert elder is not None
    assert (caller.kind, caller.number, caller.elder_id) == (CallerKind.ELDER, DEMO.wang.number, elder.id)
    assert (elder.name, elder.surname, elder.form_of_address) == ("王桂兰", "王", "奶奶")
    assert (elder.age, elder.sex, elder.lives_alone, elder.payer_class) == (82, "female", True, "assisted")
    assert (caller.caller_class, caller.straight_to_person, caller.language) == (CallerClass.FRAIL, False, "zh-CN")
    assert (elder.district, elder.phone_kind) == (DEMO.wang.district, "home")


def test_elders_who_share_a_number_are_a_household(directory: CallerDirectory, statements: list[str]) -> None:
    caller = directory.look_up(DEMO.couple[0].number)
    assert len(statements) == 1
    assert caller.kind is CallerKind.HOUSEHOLD
    assert [elder.name for elder in caller.elders] == [elder.name for elder in DEMO.couple]
    assert (caller.elder, caller.elder_id, caller.caller_class) == (None, None, CallerClass.ELDER)


def test_the_phone_that_calls_is_told(directory: CallerDirectory) -> None:
    kinds = {kind: directory.look_up(number).elders[0].phone_kind for number, kind in DEMO.one_key.phones}
    assert kinds == {"one_key": "one_key", "mobile": "mobile"}


def test_whoever_wants_a_person_at_once_has_it_on_the_record(directory: CallerDirectory) -> None:
    assert directory.look_up(DEMO.straight.number).straight_to_person
    assert not directory.look_up(DEMO.quiet.number).straight_to_person


def test_workers_companies_and_relatives_are_known(directory: CallerDirectory, statements: list[str]) -> None:
    worker = directory.look_up(DEMO.worker.number)
    assert len(statements) == 2
    company = directory.look_up(DEMO.company.number)
    relative = directory.look_up(DEMO.wang.contacts[0][2])
    assert (worker.kind, worker.worker_id, worker.company_id) == (CallerKind.WORKER, 1, None)
    assert (company.kind, company.company_id, company.worker_id) == (CallerKind.COMPANY, 1, None)
    assert (relative.kind, relative.contact_of) == (CallerKind.CONTACT, (1,))
    assert worker.caller_class is company.caller_class is relative.caller_class is CallerClass.OTHER


@pytest.mark.parametrize(
    ("raw", "kind"),
    [(DEMO.stranger, CallerKind.UNKNOWN), ("10086", CallerKind.UNKNOWN), ("", CallerKind.WITHHELD),
     ("anonymous", CallerKind.WITHHELD), (None, CallerKind.WITHHELD), ("+14155552671", CallerKind.FOREIGN),
     ("9" * 200, CallerKind.MALFORMED), ("' OR '1'='1", CallerKind.MALFORMED),
     ("${CALLERID(num)}", CallerKind.MALFORMED)],
)  # fmt: skip
def test_all_others_have_a_kind_and_nothing_else(directory: CallerDirectory, raw: str | None, kind: CallerKind) -> None:
    caller = directory.look_up(raw)
    assert caller == Caller(kind, caller.number, caller.number_index)
    assert caller.caller_class is CallerClass.OTHER
    assert (caller.number is None) == (caller.number_index is None) == (kind in {"withheld", "malformed"})


def test_a_relative_may_call_from_abroad(
    directory: CallerDirectory, unit_of_work: UnitOfWork, cipher: FieldCipher
) -> None:
    with unit_of_work() as session:
        session.add(Contact(elder_id=2, name="李明", relation="儿子", number="+14155552671",
                            number_index=cipher.number_index("+14155552671")))  # fmt: skip
    caller = directory.look_up("0014155552671")
    assert (caller.kind, caller.contact_of) == (CallerKind.CONTACT, (2,))


@pytest.mark.parametrize("state", ["deceased", "deregistered", "moved"])
def test_nobody_is_greeted_as_one_who_is_gone(
    directory: CallerDirectory, unit_of_work: UnitOfWork, cipher: FieldCipher, state: str
) -> None:
    _add(unit_of_work, cipher, "GONE", state=state)
    caller = directory.look_up(NUMBER)
    assert (caller.kind, caller.elders, caller.elder_id) == (CallerKind.FORMER, (), None)
    widow = _add(unit_of_work, cipher, "WIDOW", name="何王氏", sex="female")
    assert (directory.look_up(NUMBER).kind, directory.look_up(NUMBER).elder_id) == (CallerKind.ELDER, widow)


def test_a_worker_who_calls_from_an_elders_phone_is_the_elder(
    directory: CallerDirectory, unit_of_work: UnitOfWork, cipher: FieldCipher
) -> None:
    _add(unit_of_work, cipher, "SAME", number=DEMO.worker.number)
    assert directory.look_up(DEMO.worker.number).kind is CallerKind.ELDER


def test_workers_who_share_a_phone_are_told_apart_by_pin_only(
    directory: CallerDirectory, unit_of_work: UnitOfWork, cipher: FieldCipher
) -> None:
    with unit_of_work() as session:
        session.execute(update(Worker).values(phone_index=cipher.number_index(NUMBER)))
    caller = directory.look_up(NUMBER)
    assert (caller.kind, caller.worker_id) == (CallerKind.WORKER, None)


def test_those_who_left_are_strangers(directory: CallerDirectory, unit_of_work: UnitOfWork) -> None:
    with unit_of_work() as session:
        session.execute(update(Worker).values(active=False))
        session.execute(update(Company).values(active=False))
    assert directory.look_up(DEMO.worker.number).kind is CallerKind.UNKNOWN
    assert directory.look_up(DEMO.company.number).kind is CallerKind.UNKNOWN


def test_a_care_home_on_one_number_is_bounded(
    directory: CallerDirectory, unit_of_work: UnitOfWork, cipher: FieldCipher, statements: list[str]
) -> None:
    for at in range(MAX_ON_ONE_NUMBER + 5):
        _add(unit_of_work, cipher, f"H{at}")
    del statements[:]
    caller = directory.look_up(NUMBER)
    assert (caller.kind, len(caller.elders), len(statements)) == (CallerKind.HOUSEHOLD, MAX_ON_ONE_NUMBER, 1)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"sex": "female", "birth_date": date(1944, 3, 18)}, (82, "奶奶")),
        ({"sex": "female", "birth_date": date(1944, 3, 19)}, (81, "奶奶")),
        ({"sex": "male", "birth_date": date(1964, 1, 1)}, (62, "先生")),
        ({"sex": "female", "birth_date": None}, (None, "女士")),
        ({"sex": "unknown"}, (75, "")),
        ({"sex": "male", "form_of_address": "老师"}, (75, "老师")),
        ({"birth_date": date(2030, 1, 1)}, (None, "先生")),
    ],
)
def test_the_form_of_address_follows_sex_and_age(
    directory: CallerDirectory,
    unit_of_work: UnitOfWork,
    cipher: FieldCipher,
    changed: dict[str, object],
    expected: tuple[int | None, str],
) -> None:
    _add(unit_of_work, cipher, "ADDRESS", **changed)
    elder = directory.look_up(NUMBER).elder
    assert elder is not None
    assert (elder.age, elder.form_of_address) == expected


def test_names_and_numbers_stay_out_of_logs(directory: CallerDirectory) -> None:
    shown = repr(directory.look_up(DEMO.wang.number))
    assert "王" not in shown
    assert "9000101" not in shown


def test_a_name_that_cannot_be_opened_costs_only_the_name(
    directory: CallerDirectory, engine: Engine, cipher: FieldCipher, caplog: pytest.LogCaptureFixture
) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE elders SET name = address WHERE code = 'E0001'")
    with caplog.at_level(logging.ERROR):
        elder = directory.look_up(DEMO.wang.number).elder
    assert elder is not None
    assert (elder.name, elder.surname, elder.form_of_address) == ("", "", "奶奶")
    assert "ELDERLINE_FIELD_KEY" in caplog.text


def test_a_database_that_is_away_is_said_so() -> None:
    cipher = FieldCipher(new_key(), new_key())
    directory = CallerDirectory(make_engine("postgresql://x@127.0.0.1:1/x", cipher), cipher)
    with pytest.raises(DirectoryUnavailable):
        directory.look_up(DEMO.wang.number)
    assert directory.look_up("anonymous").kind is CallerKind.WITHHELD
