"""`elderline settings`, and bad settings in one sentence."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from routing.settings import Settings
from scripts.cli import elderline


def run(*arguments: str, **variables: str) -> tuple[int, str]:
    done = CliRunner().invoke(elderline, arguments, env=variables)
    return done.exit_code, done.output


def test_every_setting_is_listed_with_default_value_and_meaning() -> None:
    status, output = run("settings", "--json", ELDERLINE_WEB_PORT="8123", ELDERLINE_DUTY_NUMBERS="1, 2")
    rows = {row["name"]: row for row in json.loads(output)}
    assert status == 0
    assert set(rows) == {f"ELDERLINE_{name.upper()}" for name in Settings.model_fields}
    assert rows["ELDERLINE_WEB_PORT"]["default"] == "8000"
    assert rows["ELDERLINE_WEB_PORT"]["value"] == "8123"
    assert rows["ELDERLINE_DUTY_NUMBERS"]["value"] == "1,2"
    assert all(row["description"] for row in rows.values())


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_secrets_are_masked(form: tuple[str, ...]) -> None:
    status, output = run("settings", *form, ELDERLINE_AMI_SECRET="open-sesame", ELDERLINE_SMS_PASSWORD="hush")
    assert status == 0
    assert "ELDERLINE_AMI_SECRET" in output
    assert "open-sesame" not in output
    assert "hush" not in output


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ELDERLINE_WEB_PORT", "99999"),
        ("ELDERLINE_PROFILE", "holiday"),
        ("ELDERLINE_CALL_HOURS", "21:00-08:00"),
        ("ELDERLINE_TIMEZONE", "Mars/Olympus"),
        ("ELDERLINE_TIMEZONE", "Asia"),
        ("ELDERLINE_RING_SECONDS", "-1"),
        ("ELDERLINE_CALL_HOURS", "8-21"),
        ("ELDERLINE_BIND_ADDRESS", "nonsense"),
        ("ELDERLINE_CARRIER_ADDRESS", "nonsense"),
        ("ELDERLINE_CARRIER_ADDRESS", "127.0.0.1:"),
        ("ELDERLINE_CARRIER_ADDRESS", "127.0.0.1:70000"),
    ],
)
def test_a_bad_setting_ends_in_one_sentence_that_names_it(name: str, value: str) -> None:
    status, output = run("settings", **{name: value})
    assert status == 1
    assert output.startswith("Error: bad setting: ")
    assert name in output
    assert "isoformat" not in output
    assert len(output.splitlines()) == 1


def test_two_settings_that_contradict_each_other_are_both_named() -> None:
    status, output = run("settings", ELDERLINE_WEB_PORT="8088", ELDERLINE_HTTP_PORT="8088")
    assert status == 1
    assert "web_port" in output
    assert "http_port" in output
