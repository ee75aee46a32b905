"""The bench of the import: all rows come in, by the way of the page, while a call writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.benchmarks import importing

ROWS = 120


@pytest.mark.slow
def test_all_come_in_while_a_call_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "_ALONE_SECONDS", 0.3)
    told: list[str] = []
    figures = importing.run({"sqlite": f"sqlite:///{tmp_path / 'import.db'}"}, told.append, ROWS)["sqlite"]
    assert len(told) == 4
    for step in ("check", "take", "again"):
        assert figures[f"{step}_seconds"] > 0 and figures[f"{step}_held_ms_most"] > 0
        assert 0 < figures[f"{step}_write_ms_p50"] <= figures[f"{step}_write_ms_most"]
    monkeypatch.setattr(importing, "MOST_BYTES", 1_000)
    with pytest.raises(RuntimeError, match="more than the page takes"):
        importing.run({}, told.append, ROWS)
