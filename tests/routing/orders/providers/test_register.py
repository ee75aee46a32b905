"""The register of companies: what is wrong is refused with what to do, and a PIN is nobody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from db.demo import DEMO
from db.models import Company, CompanyPin
from routing.calls.directory import CallerDirectory
from routing.errors import Conflict, Invalid, NotFound
from routing.orders.errors import PinLocked, WrongPin
from routing.orders.policy import OrderState
from routing.orders.providers.line import line_code
from routing.orders.providers.register import NewCompany, Unreachable
from tests.routing.town import Town

NEW = NewCompany("C90", "新来的公司", "0931-9000390", ("meal",), ("城关区",))
PIN = "580243"


def test_a_new_company_is_in_the_register_as_it_was_entered(any_town: Town) -> None:
    company = any_town.company_register.add(NEW)
    with any_town.reading() as session:
        row = session.get_one(Company, company)
        assert (row.code, row.phone, row.districts) == ("C90", "+869319000390", "城关区")
        assert [each.item.code for each in row.items] == ["meal"]
    caller = CallerDirectory(any_town.engine, any_town.cipher).look_up("09319000390")
    assert caller.company_ids == (company,)


@pytest.mark.parametrize("phone", ["", "anonymous", "110", "abc", "12", "+1"])
def test_a_company_without_a_phone_is_refused_with_what_to_do(town: Town, phone: str) -> None:
    with pytest.raises(Unreachable, match="give its number"):
        town.company_register.add(replace(NEW, phone=phone))


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": ""}, {"code": "a b"}, {"name": " "}, {"name": "长" * 201}, {"items": ()}, {"items": ("nothing",)},
        {"daily_capacity": -1}, {"daily_capacity": 1000}, {"latitude": 36.0}, {"latitude": 91.0, "longitude": 0.0},
        {"latitude": 0.0, "longitude": -181.0},
    ],
)  # fmt: skip
def test_what_else_cannot_be_is_refused(town: Town, wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        town.company_register.add(replace(NEW, **wrong))  # type: ignore[arg-type]
    assert len(town.rows(Company)) == 3


def test_a_code_that_is_taken_names_who_has_it(town: Town) -> None:
    with pytest.raises(Conflict, match=DEMO.company.name):
        town.company_register.add(replace(NEW, code=DEMO.company.code))


def test_a_company_on_record_without_a_phone_is_left_out_and_said_so(town: Town) -> None:
    with town.unit_of_work() as session:
        session.get_one(Company, town.company_id()).phone = ""
    order = town.place()
    assert town.orders.get(order.id).state is OrderState.UNASSIGNED
    assert "has no telephone number" in town.orders.history(order.id)[-1].reason


def test_telephones_come_and_go(town: Town) -> None:
    register, company = town.company_register, town.company_id()
    phone = register.add_phone(company, "13900000077", "夜班")
    assert register.add_phone(company, "+8613900000077") == phone
    assert [(each.number, each.label) for each in register.phones(company)] == [("+8613900000077", "夜班")]
    with pytest.raises(Conflict):
        register.add_phone(company, DEMO.company.number)
    with pytest.raises(Unreachable):
        register.add_phone(company, "120")
    with pytest.raises(NotFound):
        register.drop_phone(town.company_id("C02"), phone)
    register.drop_phone(company, phone)
    assert register.phones(company) == ()
    for at in range(10):
        register.add_phone(company, f"1390000010{at}")
    with pytest.raises(Conflict, match="drop one"):
        register.add_phone(company, "13900000200")


@pytest.mark.parametrize(
    "pin", ["123", "123456789", "12a4", "1111", "012345678", "1234567", "1234", "98765", "7890", "１２３４"]
)
def test_pins_that_are_none_or_easy_are_refused(town: Town, pin: str) -> None:
    with pytest.raises(Invalid):
        town.company_register.set_pin(town.company_id(), pin, actor="user:1")


def test_a_pin_opens_one_company_and_can_be_taken_away(any_town: Town) -> None:
    town = any_town
    one, other = town.company_id(), town.company_id("C02")
    for company in (one, other):
        town.company_register.set_pin(company, PIN, actor="user:1")
    hashes = {each.pin_index for each in town.rows(CompanyPin)}
    assert len(hashes) == 2, "equal PINs do not look equal"
    assert town.company_line.identify(DEMO.stranger, line_code(one), PIN) == one
    town.company_register.set_pin(one, "", actor="user:1")
    assert not town.company_register.has_pin(one)
    with pytest.raises(WrongPin):
        town.company_line.identify(DEMO.stranger, line_code(one), PIN)


def test_many_telephones_cannot_try_one_companys_pins(town: Town) -> None:
    company = town.company_id()
    town.company_register.set_pin(company, PIN, actor="user:1")
    for at in range(10):
        with pytest.raises(WrongPin):
            town.company_line.identify(f"+8613900001{at:03}", line_code(company), "5555")
    with pytest.raises(PinLocked):
        town.company_line.identify("+8613900002000", line_code(company), PIN)
    town.clock.forward(minutes=16)
    assert town.company_line.identify("+8613900002000", line_code(company), PIN) == company


@pytest.mark.parametrize("code", ["", "0", "abcd", "9999", "１００１", "-999"])
def test_codes_that_are_nobodys(town: Town, code: str) -> None:
    with pytest.raises(WrongPin):
        town.company_line.identify(None, code, PIN)
