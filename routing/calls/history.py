"""When callers called: the history that the forecast rests on, read from the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from db.models import CallRecord
from db.session import UnitOfWork

_AT_ONCE = 10_000


class CallHistory:
    """Reads beginnings of calls; `reading` is a unit of work that only reads."""

    def __init__(self, reading: UnitOfWork) -> None:
        self._reading = reading

    def inbound_since(self, since: datetime) -> Iterator[datetime]:
        """Give the beginning of each call that came in since then, aware, some thousands in memory at a time.

        Raises sqlalchemy.exc.SQLAlchemyError.
        """
        wanted = select(CallRecord.started_at).where(
            CallRecord.direction == "inbound", CallRecord.started_at >= since
        )  # fmt: skip
        with self._reading() as session:
            yield from session.scalars(wanted, execution_options={"yield_per": _AT_ONCE})
