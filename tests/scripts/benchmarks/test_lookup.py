"""The bench of the look-up: it measures what it says, on both databases, and never touches real people."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from db.encryption import FieldCipher
from db.models import Elder
from db.session import make_engine, make_unit_of_work
from scripts.benchmarks.lookup import run
from scripts.benchmarks.register import NotEmpty, load_register


@pytest.mark.postgresql
def test_it_gives_figures_for_each_size_and_database(sqlite_url: str, postgresql_url: str) -> None:
    figures = run((300, 900), {"sqlite": sqlite_url, "postgresql": postgresql_url}, look_ups=100)
    assert set(figures) == {"sqlite", "postgresql"}
    for by_size in figures.values():
        assert set(by_size) == {"300", "900"}
        for each in by_size.values():
            assert 0 < each["p50_ms"] <= each["p99_ms"]
            assert 0 < each["unknown_p50_ms"] <= each["unknown_p99_ms"]


def test_a_database_with_real_people_is_refused(database_url: str, cipher: FieldCipher) -> None:
    now = datetime.now(UTC)
    engine = make_engine(database_url, cipher)
    with make_unit_of_work(engine)() as session:
        session.add(
            Elder(code="62-1", name="王桂兰", name_index=b"x" * 16, sex="female", created_at=now, updated_at=now)
        )
    with pytest.raises(NotEmpty):
        load_register(database_url, cipher, 10)
    with make_unit_of_work(engine)() as session:
        assert session.query(Elder).count() == 1
    engine.dispose()
