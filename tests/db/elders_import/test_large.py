"""A large file does not fill memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from db.encryption import new_key

KEYS = new_key(), new_key()

_RUN = """
import resource, sys
from datetime import date
from pathlib import Path
from db.elders_import import import_elders
from db.encryption import FieldCipher
from db.session import make_engine, make_unit_of_work
cipher = FieldCipher(sys.argv[3], sys.argv[4])
work = make_unit_of_work(make_engine(sys.argv[2], cipher))
report = import_elders(Path(sys.argv[1]), work, cipher, lambda raw: "+86931" + raw[4:])
print(report.added, report.refused, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def _write(path: Path, rows: int) -> None:
    with path.open("w", encoding="gbk") as file:
        file.write("编号,姓名,性别,出生日期,电话,地址,健康状况\n")
        for at in range(rows):
            born = "1944-01-05" if at % 10 else "某年"  # One row in ten is bad.
            file.write(f"L{at:07d},王桂兰,女,{born},0931{2_000_000 + at},清水湾街道{at}号院二单元301室,高血压\n")


def _import(path: Path, url: str) -> tuple[int, int, int]:
    out = subprocess.run(
        [sys.executable, "-c", _RUN, path, url, *KEYS], check=True, capture_output=True, text=True
    ).stdout
    added, refused, kilobytes = map(int, out.split())
    return added, refused, kilobytes


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_memory_does_not_grow_with_the_file(tmp_path: Path, sqlite_url: str) -> None:
    """100,000 rows with 10,000 bad ones take hardly more memory than 2,000 rows. (Held: 1,000 faults, one batch.)"""
    _write(tmp_path / "small.csv", 2_000)
    _write(tmp_path / "large.csv", 100_000)
    assert _import(tmp_path / "small.csv", sqlite_url)[:2] == (1_800, 200)
    small = _import(tmp_path / "small.csv", sqlite_url)[2]  # Again, so that both find elders to compare.
    added, refused, large = _import(tmp_path / "large.csv", sqlite_url)
    assert (added, refused) == (100_000 - 10_000 - 1_800, 10_000)
    assert large - small < 30_000  # Kilobytes; the rows alone, held as objects, would be some 100,000.
