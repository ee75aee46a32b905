"""When companies take orders: the word holds for its time, the latest counts, and all stay as history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import Invalid, NotFound
from routing.orders.policy import OrderState
from routing.orders.providers.availability import AS_EVER, Available, midnight_after
from tests.routing.town import MORNING, ZONE, Town

BY = {"actor": "user:2", "channel": "desk"}


def test_the_latest_word_counts_and_all_are_kept(any_town: Town) -> None:
    town, company = any_town, any_town.company_id()
    said = town.availability
    assert said.now(company) == AS_EVER
    said.close(company, **BY)
    said.set_capacity(company, 7, **BY)
    closed = said.close(company, days=1, **BY)
    assert closed.closed_until is not None and closed.capacity == 7
    assert closed.closed_until.astimezone(ZONE) == MORNING.replace(hour=0, minute=0) + timedelta(days=2)
    said.set_capacity(company, 3, **BY)
    assert said.reopen(company, **BY) == Available(None, 3)
    words = said.history(company)
    assert [word.kind for word in words] == ["opened", "capacity", "closed", "capacity", "closed"]
    assert [word.ended_at is None for word in words] == [True, True, False, False, False]
    town.clock.forward(days=1)
    assert said.now(company) == AS_EVER


def test_dispatch_says_why_it_asks_somebody_else(town: Town) -> None:
    town.availability.close(town.company_id(), **BY)
    order = town.place()
    assert town.orders.get(order.id).state is OrderState.UNASSIGNED
    reason = town.orders.history(order.id)[-1].reason
    assert "takes no orders for a time, as it said" in reason


def test_what_makes_no_sense_is_refused(town: Town) -> None:
    company, now = town.company_id(), town.clock()
    for until in (now, now - timedelta(hours=1), now + timedelta(days=400)):
        with pytest.raises(Invalid):
            town.availability.close(company, until=until, **BY)
    for capacity in (-1, 1000):
        with pytest.raises(Invalid):
            town.availability.set_capacity(company, capacity, **BY)
    with pytest.raises(NotFound):
        town.availability.reopen(999, **BY)


@given(st.integers(0, 60 * 24 * 366), st.integers(0, 30))
def test_a_day_ends_at_its_own_midnight(minutes: int, days: int) -> None:
    at = MORNING + timedelta(minutes=minutes)
    end = midnight_after(at, days)
    assert (end.hour, end.minute, end.date() - at.date()) == (0, 0, timedelta(days=1 + days))
    assert end > at
