"""The dialplans and ivr/variables.py name the same variables."""

import re
from pathlib import Path

from ivr import variables

DIALPLANS = Path(__file__).parents[2] / "dialplans"
OURS = {name: value for name, value in vars(variables).items() if name.isupper()}


def text() -> str:
    return "\n".join(path.read_text() for path in sorted(DIALPLANS.rglob("*")) if path.is_file())


def test_a_constant_is_named_as_its_variable() -> None:
    assert OURS
    assert all(name == value for name, value in OURS.items())


def test_every_variable_of_ours_is_in_the_contract() -> None:
    contract = (DIALPLANS / "README.md").read_text()
    assert [name for name in OURS if f"`{name}`" not in contract] == []


def test_the_dialplans_use_no_ivr_variable_that_we_do_not_know() -> None:
    used = set(re.findall(r"\bIVR_[A-Z_]+\b", text()))
    assert used
    assert used <= set(OURS)
