"""Companies from a table, with every kind of error."""

from __future__ import annotations

import pytest

from db.models import Company
from routing.errors import Invalid
from routing.orders.providers.importing import import_companies
from tests.routing.town import Town

HEAD = ["代码", "名称", "电话", "服务项目", "街道", "每日张数", "纬度", "经度", "备注"]
GOOD = ["D1", "顺心家政公司", "0931-9000381", "cleaning、repair", "望山街道", "30", "36.05", "103.8", "-"]


def test_good_rows_go_in_and_again_change_nothing(any_town: Town) -> None:
    rows = [[], HEAD, GOOD, ["D2", "顺意公司", "9000382", "meal"], ["", "", ""]]
    done = import_companies(rows, any_town.company_register)
    assert (done.added, done.known, done.faults) == (2, 0, ())
    again = import_companies(rows, any_town.company_register)
    assert (again.added, again.known, again.faults) == (0, 2, ())
    with any_town.reading() as session:
        first = session.query(Company).filter_by(code="D1").one()
        assert (first.daily_capacity, first.districts, first.latitude) == (30, "望山街道", 36.05)
        assert sorted(each.item.code for each in first.items) == ["cleaning", "repair"]


@pytest.mark.parametrize(
    ("at", "value", "says"),
    [
        (0, "", "1 to 40"), (0, "C01", "is taken by"), (1, " ", "a name"), (2, "", "needs a telephone"),
        (2, "保密", "needs a telephone"), (2, "120", "needs a telephone"), (3, "", "offers something"),
        (3, "cleaning,magic", "no item magic"), (5, "many", "whole number"), (5, "-3", "from 0"), (5, "1.5", "whole"),
        (6, "", "latitude and longitude"), (6, "north", "latitude is a number"), (6, "91", "-90 to 90"),
        (7, "inf", "-180 to 180"), (6, "nan", "-90 to 90"),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_with_what_to_do_and_the_others_go_in(town: Town, at: int, value: str, says: str) -> None:
    bad = [*GOOD[:at], value, *GOOD[at + 1 :]]
    other = ["D9", "别的公司", "0931-9000389", "meal"]
    done = import_companies([HEAD, bad, None, other], town.company_register)
    assert done.added == 1
    fault, unreadable = done.faults
    assert (fault.row, fault.code) == (2, bad[0])
    assert says in fault.reason
    assert (unreadable.row, "cannot be read" in unreadable.reason) == (3, True)


@pytest.mark.parametrize("rows", [[], [[]], [["code", "name"]], [GOOD]])
def test_a_table_without_its_columns_is_refused(town: Town, rows: list[list[str]]) -> None:
    with pytest.raises(Invalid):
        import_companies(rows, town.company_register)
