"""Which levels the calls are measured at: ever more callers, and then between the whole and the failed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from scripts.benchmarks.calls import CallsBench, Level, Side

FOR_EVER = time.monotonic() + 1e9


class Rehearsal(CallsBench):
    """Calls nobody: a side fails above so many callers at once, and no run takes any time."""

    bounds: Mapping[Side, int]

    def run(self, side: Side, at_once: int) -> Level:
        failed = int(at_once > self.bounds[side])
        self.levels.append(Level(side, at_once, at_once, at_once - failed, failed, at_once / 27))
        return self.levels[-1]


def rehearse(ours: int, plain: int, until: float = FOR_EVER) -> Rehearsal:
    bench = Rehearsal(cast(Any, None), Path(), print, iter(()), (), 27.0)
    bench.bounds = {Side.OURS: ours, Side.PLAIN: plain}
    bench.sweep(until)
    return bench


@pytest.mark.parametrize(
    ("bound", "levels"),
    [
        (10_000, [720, 1080, 1620]),
        (1_000, [720, 1080, 900]),
        (800, [720, 1080, 900]),
        (600, [720, 480, 600]),
        (100, [720, 480, 320, 213, 142, 94, 118]),
        (1, [720, 480, 320, 213, 142, 94, 62, 41, 27, 18]),
    ],
)
def test_the_bound_is_looked_for_from_both_sides(bound: int, levels: list[int]) -> None:
    bench = rehearse(bound, bound)
    for side in Side:
        assert [level.at_once for level in bench.of(side)] == levels


def test_a_side_that_fails_first_is_looked_at_alone() -> None:
    bench = rehearse(1_000, 1_200)
    assert [level.at_once for level in bench.of(Side.OURS)] == [720, 1080, 900]
    assert [level.at_once for level in bench.of(Side.PLAIN)] == [720, 1080]
    best = {side: bench.best(side) for side in Side}
    assert {side: level and level.at_once for side, level in best.items()} == {Side.OURS: 900, Side.PLAIN: 1080}


@pytest.mark.parametrize(("runs", "levels"), [(1.5, 0), (2.5, 2), (3.5, 6)])
def test_no_level_is_begun_without_time_to_look_below_it(runs: float, levels: int) -> None:
    seconds = rehearse(0, 0, 0.0).run_seconds
    assert len(rehearse(10_000, 10_000, time.monotonic() + runs * seconds).levels) == levels
