"""`elderline hours`: how the hotline stands and what the coming days look like."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db.encryption import new_key
from db.migrate import upgrade
from routing.settings import Settings
from scripts.cli import elderline

KEYS = {"ELDERLINE_FIELD_KEY": new_key(), "ELDERLINE_INDEX_KEY": new_key()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    upgrade(Settings(var_dir=tmp_path).database)
    return tmp_path


def run(folder: Path, *arguments: str, **variables: str) -> Result:
    there = {"ELDERLINE_VAR_DIR": str(folder), "ELDERLINE_DATABASE_URL": "", **KEYS, **variables}
    return CliRunner().invoke(elderline, ("hours", *arguments), env=there)


def test_at_first_it_is_open_all_day_with_the_duty_phones_of_the_settings(folder: Path) -> None:
    done = run(folder, ELDERLINE_DUTY_NUMBERS="13900000001")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0] == "open (always)"
    assert len([line for line in lines if "00:00-24:00" in line]) == 7
    assert "duty phone 1: ***0001 on duty now; always" in lines
    assert "13900000001" not in done.output


def test_the_example_week(folder: Path) -> None:
    told = json.loads(run(folder, "--example", "--json", "--days", "14").output)
    assert len(told["days"]) == 14
    plain = [each for each in told["days"] if each["why"] == "weekday"]
    assert {each["hours"] for each in plain} <= {"08:00-18:00", "08:30-12:00, 14:00-17:00", ""}
    assert told["until"] is not None
    assert "no duty phones" in run(folder).output


def test_the_example_is_not_for_production(folder: Path) -> None:
    refused = run(folder, "--example", ELDERLINE_PROFILE="production")
    assert refused.exit_code == 1
    assert "development" in refused.output


def test_a_database_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.exit_code == 1
    assert done.output.startswith("Error: the database does not answer")
