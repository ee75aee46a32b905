"""Walks with the database or Redis gone, or slow, at each use of it in every conversation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from structlog.testing import capture_logs

from ivr.flows.welcome import Welcome
from ivr.graph.explorer import Explored
from ivr.graph.moves import Move
from ivr.graph.probe import Gap
from ivr.graph.rehearsal import rehearse
from scripts.rehearsal.book import away
from scripts.rehearsal.town import database_away
from scripts.rehearsal.world import RehearsalWorld
from tests.ivr.graph.walking import FailsAt, Meddled, Waits, ends_well, straight_talks

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]

SLOW_SECONDS, MOST_SILENCE = 2.0, 5.0
VERY_SLOW_SECONDS = 30.0


def fails_in_database(fault: FailsAt, world: RehearsalWorld) -> Meddled:
    return Meddled(world, lambda town, call: setattr(town, "before_transaction", fault.watch(call)))


def fails_in_redis(fault: FailsAt, world: RehearsalWorld) -> Meddled:
    return Meddled(world, lambda town, call: setattr(town.book, "before_each", fault.watch(call)))


STORES = {
    "database": (fails_in_database, database_away),
    "redis": (fails_in_redis, lambda: away("")),
}


def uses(
    worlds: Sequence[RehearsalWorld], explored: Explored, store: str
) -> Iterator[tuple[RehearsalWorld, tuple[Move, ...], int, str]]:
    """Each use of a store in each world, once for all talks in which the uses before it are the same."""
    meddled, _ = STORES[store]
    for world in worlds:
        known: set[tuple[str, ...]] = set()
        for steps in straight_talks(world, explored):
            moves = tuple(step.move for step in steps)
            fault = FailsAt(lambda: None, None)
            with capture_logs():
                rehearse(meddled(fault, world), moves)
            for at, name in enumerate(fault.sites):
                before = tuple(fault.sites[: at + 1])
                if before not in known:
                    known.add(before)
                    yield world, moves[: fault.decisions[at]], at, name


@pytest.mark.parametrize("store", STORES)
def test_a_store_that_is_gone_at_any_use_costs_nobody_their_person(
    worlds: tuple[RehearsalWorld, ...], explored: Explored, store: str
) -> None:
    meddled, fail = STORES[store]
    tried: dict[str, set[str]] = {}
    for world, moves, at, name in list(uses(worlds, explored, store)):
        for once in (False, True):
            fault = FailsAt(fail, at, once=once)
            with capture_logs() as logs:
                talk = rehearse(meddled(fault, world), moves)
            about = f"{world.name}, {store} gone at {name} {'once' if once else 'for good'}: {talk.call.heard}"
            assert ends_well(talk), about
            assert fault.sites[at] == name, about
            said_so = (
                not [each for each in logs if each["event"] == "flow.failed"] or "error.technical" in talk.call.heard
            )
            assert said_so, about
            tried.setdefault(name, set()).add(f"{talk.end.kind} {talk.end.what}")
    for name, ends in sorted(tried.items()):
        print(f"{store} gone at {name}: {', '.join(sorted(ends))}")
    assert len(tried) >= {"database": 20, "redis": 4}[store]


def test_a_database_that_takes_two_seconds_each_time_makes_no_long_silence(
    worlds: tuple[RehearsalWorld, ...], explored: Explored
) -> None:
    """Five seconds before the first word at most, and after it no longer silence of more than one wait; the longest
    are printed."""
    gaps: dict[Gap, str] = {}
    for world in worlds:
        for steps in straight_talks(world, explored):
            with capture_logs():
                talk = rehearse(Meddled(world, Waits(SLOW_SECONDS)), [step.move for step in steps])
            assert ends_well(talk), world.name
            gaps |= dict.fromkeys((gap for gap in talk.call.gaps if gap.waits), world.name)
    for gap in sorted(gaps, key=lambda each: (-each.seconds, each.before))[:20]:
        print(f"{gap.seconds:.1f} s after {gap.after or 'the call came'} before {gap.before}: {'; '.join(gap.waits)}")
    assert {
        f"{name}: {gap.after} .. {gap.before}": gap.waits
        for gap, name in gaps.items()
        if gap.seconds > MOST_SILENCE and (len(gap.waits) > 1 or not gap.after)
    } == {}


def test_whoever_dials_the_hotline_hears_its_first_word_however_slow_the_database_is(
    worlds: tuple[RehearsalWorld, ...],
) -> None:
    """They are greeted without a name, and put through; nothing that is looked up holds that up."""
    for world in worlds:
        if world.flow is not Welcome:
            continue
        with capture_logs():
            talk = rehearse(Meddled(world, Waits(VERY_SLOW_SECONDS)), ())
        first = next(gap for gap in talk.call.gaps if not gap.after)
        assert (first.seconds <= MOST_SILENCE, talk.end.kind) == (True, "person"), (world.name, first)
