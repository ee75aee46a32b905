"""The facts of a call, from headers as Asterisk writes them."""

import pytest

from ivr.call_facts import facts_from
from tests.ivr.scripted_asterisk import HEADER


def env(**changes: str) -> dict[str, str]:
    return {f"agi_{name}": value for name, value in {**HEADER, **changes}.items()}


def test_a_call_from_the_trunk() -> None:
    facts = facts_from(env(arg_3="ref-7"))
    assert facts.call_id == "a-1700000000.1"
    assert facts.uniqueid == "1700000000.1"
    assert facts.channel == "PJSIP/trunk-00000001"
    assert facts.arguments == {"ref": "ref-7"}


@pytest.mark.parametrize(
    ("caller", "presentation", "known"),
    [
        ("09318000001", "0", "09318000001"),
        ("+8613900000001", "3", "+8613900000001"),
        ("unknown", "0", ""),
        ("Anonymous", "0", ""),
        ("", "0", ""),
        ("09318000001", "32", ""),  # Withheld by the caller.
        ("09318000001", "67", ""),  # Not available.
        ("0931 800-0001", "odd", "0931 800-0001"),
        ("'; DROP TABLE elders", "0", "'; DROP TABLE elders"),
    ],
)
def test_who_calls(caller: str, presentation: str, known: str) -> None:
    assert facts_from(env(callerid=caller, callingpres=presentation)).caller_number == known


@pytest.mark.parametrize(
    ("extension", "dnid", "dialled"),
    [("12349", "unknown", "12349"), ("s", "12340", "12340"), ("s", "unknown", ""), ("+8612349", "", "+8612349")],
)
def test_what_was_dialled(extension: str, dnid: str, dialled: str) -> None:
    assert facts_from(env(extension=extension, dnid=dnid)).dialled == dialled


def test_the_query_and_named_arguments() -> None:
    facts = facts_from(env(network_script="offer?kind=first&kind=last&empty=", arg_3="", arg_4="tone=slow"))
    assert facts.flow == "offer"
    assert facts.arguments == {"kind": "last", "empty": "", "tone": "slow"}


def test_without_arguments_the_call_is_known_by_its_uniqueid() -> None:
    bare = {name: value for name, value in env().items() if "_arg_" not in name}
    assert facts_from(bare).call_id == "1700000000.1"
    assert facts_from(bare).node == ""


def test_a_language_as_asterisk_writes_it() -> None:
    assert facts_from(env(language="zh_CN")).language == "zh-CN"


def test_an_empty_header_has_empty_facts() -> None:
    facts = facts_from({})
    assert (facts.call_id, facts.flow, facts.caller_number, facts.dialled) == ("", "", "", "")
