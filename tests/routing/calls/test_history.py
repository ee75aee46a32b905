"""The history of calls as both databases give it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from db.models import CallRecord
from db.session import make_reading, make_unit_of_work
from routing.calls.history import CallHistory


def test_inbound_calls_since_then_with_their_zone(engine: Engine) -> None:
    since = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
    moments = [since - timedelta(seconds=1), since, since + timedelta(hours=5)]
    with make_unit_of_work(engine)() as session:
        for n, started in enumerate(moments):
            for direction in ("inbound", "outbound"):
                session.add(CallRecord(id=f"{direction}{n}", node="a", direction=direction, started_at=started))
    assert sorted(CallHistory(make_reading(engine)).inbound_since(since)) == moments[1:]
