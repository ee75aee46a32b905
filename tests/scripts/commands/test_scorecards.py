"""`elderline scorecards`: the figures of all companies or one, a picture, and what it says of bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db import demo, migrate
from db.encryption import FieldCipher, new_key
from db.session import make_engine, make_unit_of_work
from scripts.cli import elderline


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """A database with the demo's companies."""
    url, keys = f"sqlite:///{tmp_path / 'db.sqlite'}", (new_key(), new_key())
    migrate.upgrade(url)
    cipher = FieldCipher(*keys)
    engine = make_engine(url, cipher)
    demo.load(make_unit_of_work(engine), cipher, None, range(0), hash_password=str)
    engine.dispose()
    return {
        "ELDERLINE_VAR_DIR": str(tmp_path), "ELDERLINE_DATABASE_URL": url, "ELDERLINE_FIELD_KEY": keys[0],
        "ELDERLINE_INDEX_KEY": keys[1], "ELDERLINE_REDIS_URL": "redis://127.0.0.1:1/0",
    }  # fmt: skip


def run(variables: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(elderline, ("scorecards", *arguments), env=variables)


def test_all_companies_and_a_picture(variables: dict[str, str], tmp_path: Path) -> None:
    done = run(variables)
    assert done.exit_code == 0, done.output
    assert [line.split()[0] for line in done.output.splitlines()[1:4]] == ["C01", "C02", "C03"]
    assert (tmp_path / "scorecards" / "comparison.svg").read_text().count("accepted %") == 1


def test_one_company_by_month_as_json(variables: dict[str, str], tmp_path: Path) -> None:
    picture = tmp_path / "one.svg"
    done = run(variables, "--company", "C01", "--months", "3", "--json", "--plot", str(picture), "--refresh")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["code"], len(told["months"]), told["score"]) == ("C01", 3, 4.0)
    assert "orders done" in picture.read_text()


def test_a_company_that_is_not_there_is_named_with_those_that_are(variables: dict[str, str]) -> None:
    done = run(variables, "--company", "C99", "--no-plot")
    assert done.exit_code == 1
    assert "there is no company C99; there are C01, C02, C03" in done.output


def test_a_picture_that_cannot_be_written_says_why(variables: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("-")
    done = run(variables, "--plot", str(tmp_path / "file" / "x.png"))
    assert done.exit_code == 1
    assert "cannot be written" in done.output


def test_companies_are_imported_and_bad_rows_named(variables: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "companies.csv"
    file.write_text("code,name,phone,items\nD1,顺心公司,0931-9000381,meal\nD2,没有电话,,meal\n", encoding="utf-8")
    done = CliRunner().invoke(elderline, ("import", "companies", str(file)), env=variables)
    assert done.exit_code == 0, done.output
    assert "added 1, known 0, wrong 1" in done.output
    assert "row 3 D2: a company needs a telephone" in done.output
    assert "D1" in run(variables, "--no-plot").output
    file.write_text("name\n")
    assert (
        "are not among them" in CliRunner().invoke(elderline, ("import", "companies", str(file)), env=variables).output
    )
