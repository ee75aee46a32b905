"""Rounds in which nothing is due: they come every second or two, and must not stand in the way of whoever writes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.routing.town import Town

ROUNDS: dict[str, Callable[[Town], object]] = {
    "dial": lambda town: len(town.callbacks.claim_due()),
    "sweep of calls": lambda town: town.callbacks.sweep(),
    "sweep of offers": lambda town: town.dispatch.sweep(),
    "close": lambda town: town.ratings.close_rated(timedelta(days=1)),
    "close unscored": lambda town: town.ratings.close_unscored(timedelta(days=7)),
    "climb": lambda town: town.escalations.sweep(),
    "read SMS": lambda town: town.inbox.read_waiting(),
    "send SMS": lambda town: town.sms.send_due().accepted,
}


@pytest.mark.parametrize("name", ROUNDS)
def test_a_round_without_work_waits_for_no_writer(town: Town, name: str) -> None:
    """An order is being served, its elder will be called, and its SMS are sent; nothing of that is due now."""
    town.served()
    town.sms.send_due()
    with town.unit_of_work() as session:
        session.connection()  # Holds SQLite's one write lock: who wants it, too, fails after five seconds.
        assert ROUNDS[name](town) == 0
