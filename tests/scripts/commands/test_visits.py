"""`elderline visits export`."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from db.demo import DEMO, load
from db.encryption import FieldCipher, new_key
from db.migrate import upgrade
from db.models import AuditEntry
from db.session import make_engine, make_unit_of_work
from routing.settings import Settings
from scripts.cli import elderline
from tests.routing.town import Town

KEYS = {"ELDERLINE_FIELD_KEY": new_key(), "ELDERLINE_INDEX_KEY": new_key()}


def run(folder: Path, *arguments: str) -> Result:
    there = {"ELDERLINE_VAR_DIR": str(folder), "ELDERLINE_DATABASE_URL": "", **KEYS}
    return CliRunner().invoke(elderline, ("visits", "export", *arguments), env=there)


def test_it_writes_the_facts_masked_unless_a_supervisor_asks(tmp_path: Path) -> None:
    url = Settings(var_dir=tmp_path).database
    upgrade(url)
    cipher = FieldCipher(*KEYS.values())
    engine = make_engine(url, cipher)
    load(make_unit_of_work(engine), cipher, extensions=range(0), hash_password=str)
    town = Town(engine, cipher)
    order = town.served()
    days = ("--from", "2026-03-01", "--to", "2026-03-31")
    masked = run(tmp_path, *days)
    assert masked.exit_code == 0, masked.output
    assert masked.stdout_bytes.startswith(b"\xef\xbb\xbf")
    written = masked.stdout_bytes.decode("utf-8-sig")
    assert order.number in written and DEMO.wang.name not in written
    file = tmp_path / "visits.csv"
    assert run(tmp_path, *days, "--role", "supervisor", "--output", str(file)).exit_code == 0
    assert DEMO.wang.name in file.read_text(encoding="utf-8-sig")
    found = [each.detail for each in town.rows(AuditEntry) if each.action == "visit.exported"]
    assert [detail.rpartition(", ")[2] for detail in found] == ["masked", "whole"]
    engine.dispose()


def test_days_the_wrong_way_round_are_refused(tmp_path: Path) -> None:
    upgrade(Settings(var_dir=tmp_path).database)
    done = run(tmp_path, "--from", "2026-03-02", "--to", "2026-03-01")
    assert done.exit_code == 2
    assert "last day is before the first" in done.output
