"""How long reports take on a year of calls: `python -m scripts.benchmarks.reports --calls 1000000 [--postgresql]`.

It fills a database of its own, asks for a month and for the whole year, and says what each took.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, text

from db import migrate
from db.encryption import FieldCipher, new_key
from db.models import CallRecord, TicketRecord
from db.session import UnitOfWork, make_engine, make_reading, make_unit_of_work
from routing.reports.book import NAMES, Reports
from routing.reports.call_facts import Lines
from scripts.postgresql_server import PostgresqlServer

_ZONE = ZoneInfo("Asia/Shanghai")
_FIRST, _LAST = date(2025, 1, 1), date(2025, 12, 31)
_AT_ONCE = 10_000
_PORT = 54_391


def fill(unit_of_work: UnitOfWork, calls: int) -> None:
    """Spread calls over the year, nine in ten of them with a ticket, one in twenty of these abandoned."""
    chance = random.Random(1)  # noqa: S311  # Reproducible, and nobody guards anything with it.
    begin = datetime(2025, 1, 1, tzinfo=_ZONE).astimezone(UTC)
    for first in range(0, calls, _AT_ONCE):
        rows = list(_calls(chance, begin, first, min(first + _AT_ONCE, calls), calls))
        with unit_of_work() as work:
            work.execute(insert(CallRecord), [call for call, _ in rows])
            work.execute(insert(TicketRecord), [ticket for _, ticket in rows if ticket])
    with unit_of_work() as work:
        work.execute(text("ANALYZE"))


def _calls(
    chance: random.Random, begin: datetime, first: int, last: int, calls: int
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for number in range(first, last):
        at = begin + timedelta(seconds=number * 365 * 86_400 / calls)
        joined = at + timedelta(seconds=20)
        taken = joined + timedelta(seconds=chance.expovariate(1 / 8))
        wants, stays = chance.random() < 0.9, chance.random() < 0.95
        outcome = ("answered" if stays else "abandoned") if wants else "self_served"
        call = {
            "id": f"c{number}", "node": "a", "direction": "inbound", "dialled": "12349", "started_at": at,
            "answered_at": taken if outcome == "answered" else None, "ended_at": taken + timedelta(seconds=180),
            "outcome": outcome, "agent_note": "",
        }  # fmt: skip
        ticket = {
            "id": f"t{number}", "call_id": f"c{number}", "intent": "order", "caller_class": "elder",
            "joined_at": joined, "ended_at": taken, "end": outcome, "attempts": 1, "reason": "",
            "agent_extension": f"10{chance.randrange(10, 40)}",
        }  # fmt: skip
        yield call, ticket if wants else {}


def measure(url: str, calls: int) -> None:
    """Fill the database, and print what each report took."""
    migrate.upgrade(url)
    engine = make_engine(url, FieldCipher(new_key(), new_key()))
    fill(make_unit_of_work(engine), calls)
    reports = Reports(make_reading(engine), lambda: datetime(2026, 1, 1, tzinfo=UTC), _ZONE, Lines("12340"))
    for first in (date(2025, 12, 1), _FIRST):
        for name in NAMES:
            for by in reports.kinds(name):
                if by == "half_hour" and first == _FIRST:
                    continue
                begin = max(first, _LAST - timedelta(days=99)) if name == "standard" else first
                since = time.perf_counter()
                reports.make(name, begin, _LAST, by)
                print(f"{engine.dialect.name} {begin} {name} by {by}: {time.perf_counter() - since:.2f} s", flush=True)
    engine.dispose()


def main() -> None:
    """Measure on one kind of database."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--calls", type=int, default=1_000_000)
    asked.add_argument("--postgresql", action="store_true")
    wanted = asked.parse_args()
    if wanted.postgresql:
        server = PostgresqlServer(_PORT)
        server.start()
        try:
            measure(server.create("reports"), wanted.calls)
        finally:
            server.stop()
    else:
        with tempfile.TemporaryDirectory() as folder:
            measure(f"sqlite:///{folder}/reports.db", wanted.calls)


if __name__ == "__main__":
    main()
