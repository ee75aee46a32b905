"""Counts by bucket, and what they tell."""

from __future__ import annotations

from math import inf

import pytest

from routing.figures import spread_figures, spread_of
from routing.histogram import LAG_SECONDS, Histogram, Spread


def spread(*seconds: float) -> Spread:
    """A histogram's snapshot after these."""
    histogram = Histogram()
    for each in seconds:
        histogram.observe(each)
    return histogram.snapshot()


def test_a_quantile_lies_in_the_bucket_of_the_value() -> None:
    found = spread(*[0.004] * 98, 0.19, 0.19)
    assert found.count == 100
    assert found.total == pytest.approx(98 * 0.004 + 0.38)
    assert 0.003 < (found.quantile(0.5) or 0) <= 0.005
    assert 0.15 < (found.quantile(0.99) or 0) <= 0.2


def test_the_bound_belongs_to_its_bucket() -> None:
    assert spread(0.2).cumulative()[0.2] == 1
    assert spread(0.2).quantile(1.0) == pytest.approx(0.2)
    assert spread(0.2001).cumulative()[0.2] == 0


def test_what_no_bucket_holds_is_at_least_as_long_as_the_last() -> None:
    assert spread(3600.0).quantile(0.99) == LAG_SECONDS[-1]


def test_two_clocks_that_differ_give_nothing_negative() -> None:
    found = spread(-5.0)
    assert (found.count, found.total) == (1, 0.0)


def test_nothing_has_no_quantile() -> None:
    assert spread().quantile(0.99) is None
    assert Spread({}, 0.0).quantile(0.5) is None


def test_what_came_since_and_what_two_nodes_have_together() -> None:
    histogram = Histogram()
    histogram.observe(9.0)
    before = histogram.snapshot()
    histogram.observe(0.002)
    since = histogram.snapshot() - before
    assert since.count == 1
    assert (since.quantile(0.99) or 0) <= 0.002
    assert (since + before).count == 2
    assert sum((since, before), Spread({}, 0.0)).cumulative()[inf] == 2


def test_a_spread_survives_its_way_through_redis() -> None:
    found = spread(0.0001, 0.004, 0.004, 7.0, 3600.0)
    read = spread_of(spread_figures("lag", found) | {"other": 3, "lags:1": 9}, "lag")
    assert read is not None
    assert read.counts == found.counts
    assert read.total == pytest.approx(found.total, abs=1e-6)
    assert spread_of({"other": 3}, "lag") is None
