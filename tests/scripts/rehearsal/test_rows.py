"""A town is brought back to what it was, whatever was written."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from db.demo import DEMO
from scripts.rehearsal.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def dump(town: Town) -> list[str]:
    """Everything that is in the file."""
    file = sqlite3.connect(town.settings.database_url.removeprefix("sqlite:///"))
    try:
        return list(file.iterdump())
    finally:
        file.close()


def test_an_order_with_all_that_follows_leaves_nothing(town: Town) -> None:
    fresh = town.snapshot()
    before = dump(town)
    for who in (DEMO.wang, DEMO.couple[0]):
        town.restore(fresh)
        town.served(who)
        assert dump(town) != before
        town.restore(fresh)
        assert dump(town) == before


def test_snapshots_do_not_mix(town: Town) -> None:
    fresh = town.snapshot()
    before = dump(town)
    town.order(DEMO.wang)
    ordered = town.snapshot()
    after = dump(town)
    for _ in range(2):
        town.restore(fresh)
        assert dump(town) == before
        town.restore(ordered)
        assert dump(town) == after
        town.accepted(DEMO.quiet)
        town.restore(ordered)
        assert dump(town) == after


@pytest.mark.parametrize(
    "statement",
    [
        "WITH some AS (SELECT id FROM elders LIMIT 3) UPDATE elders SET sex='' WHERE id IN (SELECT id FROM some)",
        "REPLACE INTO opt_outs SELECT 1, x'00', 'sms', '2026-03-04'",
        "DELETE FROM  order_events",
        "insert or ignore into audit (at, actor, action, subject, detail) values ('2026-03-04', 'a', 'b', 'c', '{}')",
        "CREATE TABLE new (id INTEGER)",
    ],
)
def test_whatever_way_it_was_written(town: Town, statement: str) -> None:
    town.order(DEMO.wang)
    fresh = town.snapshot()
    before = dump(town)
    town.restore(fresh)
    with town.stores.unit_of_work() as session:
        session.execute(text(statement))
    assert dump(town) != before
    town.restore(fresh)
    assert dump(town) == before
