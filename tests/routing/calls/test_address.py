"""Surnames, as they are spoken in a greeting."""

from __future__ import annotations

import pytest

from routing.calls.address import form_of_address, surname


@pytest.mark.parametrize(
    ("name", "expected"),
    [("王桂兰", "王"), (" 王桂兰 ", "王"), ("欧阳淑华", "欧阳"), ("诸葛亮", "诸葛"), ("司马", "司"), ("李四", "李"),
     ("阿依古丽·买买提", ""), ("John Smith", ""), ("王", ""), ("", ""), ("王Mary", "")],
)  # fmt: skip
def test_surname(name: str, expected: str) -> None:
    assert surname(name) == expected


@pytest.mark.parametrize(("sex", "age", "expected"), [("female", 70, "奶奶"), ("female", 69, "女士"),
                                                      ("male", 95, "爷爷"),
                                                      ("male", None, "先生"), ("unknown", 80, "")])  # fmt: skip
def test_form_of_address(sex: str, age: int | None, expected: str) -> None:
    assert form_of_address(sex, age) == expected
