"""`./scripts/up --sms`: which parts run, on which ports, and what its arguments may be."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from routing.settings import Settings
from scripts.install.ports import wanted_ports
from scripts.install.steps import Trouble
from scripts.install.up import simulated
from scripts.kannel_config import kannel_config, write_kannel_config
from scripts.parts import parts

PARTS = {"": set(), "smpp": {"sms_carrier", "sms"}, "kannel": {"sms_carrier", "bearerbox", "smsbox"}}


def settings(tmp_path: Path, **more: object) -> Settings:
    return Settings(var_dir=tmp_path, index_key=SecretStr("k"), **more)  # type: ignore[arg-type]  # Of many types.


def names(known: Settings) -> set[str]:
    return {part.name for part in parts(known)}


@pytest.mark.parametrize("which", PARTS)
def test_the_parts_are_those_of_the_choice_and_without_it_none(tmp_path: Path, which: str) -> None:
    usual = names(settings(tmp_path))
    assert names(settings(tmp_path, sms_simulated=which)) - usual == PARTS[which]
    ports = {port.setting for port in wanted_ports(settings(tmp_path, sms_simulated=which))}
    assert ("sms_carrier_port" in ports, "kannel_port" in ports) == (bool(which), which == "kannel")


def test_a_real_smpp_carrier_has_the_link_and_no_simulation(tmp_path: Path) -> None:
    known = settings(tmp_path, sms_smpp="smsc.example.org:2775", sms_user="u", sms_password=SecretStr("p"))
    assert names(known) - names(settings(tmp_path)) == {"sms"}
    assert known.smpp_address == ("smsc.example.org", 2775)


@pytest.mark.parametrize(
    "bad",
    [
        {"sms_smpp": "a:1", "sms_url": "http://a/b", "sms_user": "u"},
        {"sms_simulated": "smpp", "sms_url": "http://a/b"},
        {"sms_smpp": "nonsense"},
        {"sms_smpp": "a:1"},
        {"sms_smpp": "a:1", "sms_user": "u", "sms_password": SecretStr("ninechars")},
        {"sms_simulated": "kannel", "kannel_port": 2775},
        {"sms_hours": "9-5"},
        {"sms_plain": "utf8"},
    ],
)
def test_settings_that_contradict_each_other_are_refused(tmp_path: Path, bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings(tmp_path, **bad)


@pytest.mark.parametrize(
    ("arguments", "which"),
    [([], ""), (["--sms"], "smpp"), (["--sms", "smpp"], "smpp"), (["--sms", "kannel"], "kannel")],
)
def test_the_arguments_of_up(arguments: list[str], which: str) -> None:
    assert simulated(arguments) == which


@pytest.mark.parametrize("arguments", [["--smss"], ["--sms", "pigeon"], ["--sms", "smpp", "kannel"]])
def test_arguments_that_make_no_sense_are_told(arguments: list[str]) -> None:
    with pytest.raises(Trouble, match="--sms smpp"):
        simulated(arguments)


def test_kannels_file_is_nobody_elses_and_its_password_is_ours_alone(tmp_path: Path) -> None:
    known = settings(tmp_path, sms_simulated="kannel", sms_inbound_secret=SecretStr("geheim"))
    write_kannel_config(known)
    file = kannel_config(known)
    assert file.stat().st_mode & 0o077 == 0
    text = file.read_text()
    assert 'get-headers = "X-Elderline-Key: geheim"' in text
    assert known.sms_account("k")[1] in text
    assert known.sms_account("k") != known.sms_account("another")
