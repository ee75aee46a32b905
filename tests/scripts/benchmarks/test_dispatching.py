"""The bench of dispatch: it measures real decisions, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.benchmarks.dispatching import run
from scripts.postgresql_server import PostgresqlServer


@pytest.mark.postgresql
def test_it_gives_figures_for_each_database(tmp_path: Path, postgresql_server: PostgresqlServer) -> None:
    urls = {"sqlite": f"sqlite:///{tmp_path / 'bench.db'}", "postgresql": postgresql_server.create("dispatch_bench")}
    figures = run(urls, decisions=5, orders=60, companies=12)
    assert set(figures) == {"sqlite", "postgresql"}
    for each in figures.values():
        assert 0 < each["p50_ms"] <= each["p99_ms"] <= each["p99_ms_most_disturbed"]
        assert 0 < each["round_p50_ms"] <= each["round_p99_ms"]
        assert each["times_plain"] > 0
