"""`elderline import elders FILE`, as whoever types it sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db.encryption import new_key
from scripts.commands.imports import import_group


@pytest.fixture(autouse=True)
def instance(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELDERLINE_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ELDERLINE_FIELD_KEY", new_key())
    monkeypatch.setenv("ELDERLINE_INDEX_KEY", new_key())


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(import_group, ["elders", *map(str, arguments)])


def test_good_rows_go_in_bad_rows_are_named_and_progress_is_on_stderr(tmp_path: Path) -> None:
    file = tmp_path / "名单.csv"
    file.write_text("编号,姓名,电话,备注\nL1,王桂兰,9000101,x\nL2,李守义,12ab,x\n", encoding="gbk")
    result = _run(file, "--report", tmp_path / "report.csv")
    assert result.exit_code == 0, result.output
    assert "共 2 行：新增 1" in result.stdout
    assert "2 rows: 1 added" in result.stdout
    assert "行 row 3 L2 电话: 不是电话号码 / is not a phone number" in result.stdout
    assert "备注" in result.stdout
    assert "2/3" in result.stderr or "2/2" in result.stderr
    assert "L2" in (tmp_path / "report.csv").read_text(encoding="utf-8-sig")
    assert "新增 0，更新 0，无变化 1" in _run(file).stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [("姓名,年龄\n王桂兰,82\n".encode(), "编号"), (b"", "empty"), (b"\xff\xff\xff,\xff", "GB18030")],
)
def test_a_file_that_cannot_be_taken_ends_in_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "elders.csv"
    file.write_bytes(content)
    result = _run(file)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_a_database_that_is_away_ends_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELDERLINE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    file = tmp_path / "elders.csv"
    file.write_text("编号,姓名,电话\nL1,王桂兰,9000101\n", encoding="utf-8")
    result = _run(file)
    assert result.exit_code == 1
    assert "the database failed" in result.stderr
