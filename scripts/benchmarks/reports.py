"""How long reports take on a year of calls: `python -m scripts.benchmarks.reports --calls 1000000 [--postgresql]`.

It fills a database of its own, asks for a month and for the whole year, and says what each took.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from db import migrate
from db.encryption import FieldCipher, new_key
from db.models import CallRecord, Case, JourneyEvent, SmsMessage, TicketRecord
from db.session import UnitOfWork, make_engine, make_reading, make_unit_of_work
from routing.reports.book import NAMES, Reports
from routing.reports.call_facts import Lines
from scripts.postgresql_server import PostgresqlServer

_ZONE = ZoneInfo("Asia/Shanghai")
_FIRST, _LAST = date(2025, 1, 1), date(2025, 12, 31)
_AT_ONCE = 10_000
_A_MESSAGE = 5
"""Calls to a message."""
_PORT = 54_391


def fill(unit_of_work: UnitOfWork, calls: int) -> None:
    """Spread calls over the year, nine in ten of them with a ticket, one in twenty of these abandoned; each has a step
    of its journey, and one in five a message after it, which we answer, or of which a person closes the case."""
    chance = random.Random(1)  # noqa: S311  # Reproducible, and nobody guards anything with it.
    begin = datetime(2025, 1, 1, tzinfo=_ZONE).astimezone(UTC)
    for first in range(0, calls, _AT_ONCE):
        rows = list(_calls(chance, begin, first, min(first + _AT_ONCE, calls), calls))
        with unit_of_work() as work:
            work.execute(insert(CallRecord), [call for call, _ in rows])
            work.execute(insert(TicketRecord), [ticket for _, ticket in rows if ticket])
            work.execute(
                insert(JourneyEvent),
                [{"call_id": call["id"], "at": call["started_at"], "what": "welcome.greeted"} for call, _ in rows],
            )
            _write_messages(work, first, [call["started_at"] for call, _ in rows][::_A_MESSAGE])
    with unit_of_work() as work:
        work.execute(text("ANALYZE"))


def _write_messages(work: Session, first: int, times: Sequence[datetime]) -> None:
    """Write messages from telephones; four in five are answered, one becomes a case."""
    same = {"number": "+8613900000001", "number_index": b"1" * 16, "text": "好"}
    messages: list[dict[str, Any]] = []
    cases: list[dict[str, Any]] = []
    for number, at in enumerate(times, 2 * first + 1):
        answered = number % 5 > 0
        messages.append(
            {"id": number, "key": f"carrier-{number}", "direction": "in", "created_at": at, "sent_at": None,
             "state": "understood" if answered else "unclear", **same}
        )  # fmt: skip
        if answered:
            messages.append(
                {"id": number + _AT_ONCE, "key": f"answer-{number}", "direction": "out", "state": "sent",
                 "created_at": at, "sent_at": at + timedelta(seconds=3), **same}
            )  # fmt: skip
        else:
            cases.append(
                {"key": f"sms-{number}", "kind": "message", "state": "closed", "sms_id": number, "opened_at": at,
                 "closed_at": at + timedelta(minutes=2)}
            )  # fmt: skip
    work.execute(insert(SmsMessage), messages)
    work.execute(insert(Case), cases)


def _calls(
    chance: random.Random, begin: datetime, first: int, last: int, calls: int
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for number in range(first, last):
        at = begin + timedelta(seconds=number * 365 * 86_400 / calls)
        joined = at + timedelta(seconds=20)
        taken = joined + timedelta(seconds=chance.expovariate(1 / 8))
        wants, stays = chance.random() < 0.9, chance.random() < 0.95
        lost = number % 500 == 0  # While we were down: no ticket, and its journey tells nothing else.
        outcome = "abandoned" if lost else ("answered" if stays else "abandoned") if wants else "self_served"
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
        yield call, ticket if wants and not lost else {}


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
                since, worked = time.perf_counter(), time.process_time()
                reports.make(name, first, _LAST, by)
                clock, ours = time.perf_counter() - since, time.process_time() - worked
                print(
                    f"{engine.dialect.name} {first} {name} by {by}: {clock:.2f} s, {ours:.2f} of this process",
                    flush=True,
                )
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
