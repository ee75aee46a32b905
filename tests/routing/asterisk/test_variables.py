"""The names in Python and the names in the dialplan are the same names."""

import re
from pathlib import Path

import pytest

from routing.asterisk import variables

DIALPLANS = Path(__file__).parents[3] / "dialplans"
NAMES = [name for name in vars(variables) if name.isupper()]
EXTENSIONS = "".join(
    (DIALPLANS / f"{name}.conf.j2").read_text(encoding="utf-8") for name in ("extensions", "talks", "duty", "studio")
)
CONTRACT = (DIALPLANS / "README.md").read_text(encoding="utf-8")


def value(name: str) -> str:
    return str(getattr(variables, name))


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(("CONTEXT_", "QUEUE_"))])
def test_each_variable_is_in_the_contract(name: str) -> None:
    assert f"`{value(name)}`" in CONTRACT


# AGENT is for whoever reads the channel from outside; the dialplan itself takes the extension from the Redirect.
@pytest.mark.parametrize(
    "name", [name for name in NAMES if not name.startswith(("CONTEXT_", "QUEUE_")) and name != "AGENT"]
)
def test_each_variable_is_used_by_the_dialplan(name: str) -> None:
    assert re.search(rf"\b(__)?{value(name)}\b", EXTENSIONS)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("CONTEXT_")])
def test_each_context_is_in_the_dialplan(name: str) -> None:
    assert f"\n[{value(name)}]\n" in EXTENSIONS


def test_the_queue_is_in_the_configuration() -> None:
    assert f"[{variables.QUEUE_FALLBACK}]" in (DIALPLANS / "queues.conf.j2").read_text(encoding="utf-8")


def test_every_variable_that_the_contract_says_the_router_sets_has_a_name() -> None:
    rows = re.findall(r"^\| (`[^|]+) \| ([^|]+) \|", CONTRACT, flags=re.MULTILINE)
    set_by_router = {name for names, by in rows if "router" in by for name in re.findall(r"`(\w+)`", names)}
    contexts = set(re.findall(r"^\[([\w-]+)\]", EXTENSIONS, flags=re.MULTILINE))
    assert set_by_router - contexts <= {value(name) for name in NAMES}


def test_an_inherited_variable_is_written_with_two_underscores() -> None:
    assert variables.inherited(variables.CALL_ID) == "__CALL_ID"
