"""`elderline never-call import FILE`, as whoever types it sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from db.encryption import new_key
from db.models import NeverCall
from scripts.cli import elderline
from scripts.commands.settings import current_settings
from scripts.wiring.stores import open_stores


@pytest.fixture(autouse=True)
def instance(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELDERLINE_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("ELDERLINE_FIELD_KEY", new_key())
    monkeypatch.setenv("ELDERLINE_INDEX_KEY", new_key())


def _run(file: Path) -> Result:
    return CliRunner().invoke(elderline, ["never-call", "import", str(file)])


def test_good_rows_go_in_once_and_bad_ones_are_named(tmp_path: Path) -> None:
    file = tmp_path / "名单.csv"
    rows = ["号码,原因,到期,备注", "0931-9000101,传真,,", "13900000001,asked,2099-01-01,女儿说的", "12ab,fax,,",
            "13900000002,because,,", "13900000003,fax,soon,", ",,,"]  # fmt: skip
    file.write_text("\n".join(rows), encoding="gbk")
    for _ in range(2):
        result = _run(file)
        assert result.exit_code == 1
        assert "listed 2, wrong 3" in result.stdout
        assert "行 row 4: this is no telephone number" in result.stdout
        assert "Traceback" not in result.output
    with open_stores(current_settings()).reading() as session:
        found = session.scalars(select(NeverCall).order_by(NeverCall.id)).all()
        assert [(each.number, each.reason, each.created_by) for each in found] == [
            ("+869319000101", "fax", "import"), ("+8613900000001", "asked", "import"),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "empty"), (b"a,b\n1,2\n", "number"), (b"\xff\xff,\xff", "GB18030")]
)
def test_a_file_that_cannot_be_taken_ends_in_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    result = _run(file)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "Traceback" not in result.output
