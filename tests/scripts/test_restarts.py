"""Parts that die young: tried again at once, then later and later, never later than half a minute."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing.settings import Settings
from scripts.health import check
from scripts.restarts import AT_ONCE, LONGEST_SECONDS, YOUNG_SECONDS, Restarts


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def restarts(tmp_path: Path, clock: Clock) -> Restarts:
    return Restarts(tmp_path, clock)


def die_young(restarts: Restarts, clock: Clock, times: int, after: float = 2.0) -> list[float]:
    """Start and die so many times; give the waits before the starts."""
    waits = []
    for _ in range(times):
        waits.append(restarts.begins("ivr"))
        clock.now += waits[-1] + after
    return waits


def test_the_wait_doubles_up_to_its_bound(restarts: Restarts, clock: Clock) -> None:
    waits = die_young(restarts, clock, 12)
    assert waits[: AT_ONCE + 4] == [0.0] * AT_ONCE + [1.0, 2.0, 4.0, 8.0]
    assert waits[-3:] == [LONGEST_SECONDS] * 3


def test_who_dies_late_is_started_at_once(restarts: Restarts, clock: Clock) -> None:
    die_young(restarts, clock, 8)
    clock.now += YOUNG_SECONDS
    assert die_young(restarts, clock, 5, after=YOUNG_SECONDS + 1) == [0.0] * 5


def test_it_says_when_the_next_try_is_and_then_no_more(restarts: Restarts, clock: Clock) -> None:
    die_young(restarts, clock, 5)
    assert restarts.waiting("ivr") is None
    wait = restarts.begins("ivr")
    assert wait == 4.0
    assert restarts.waiting("ivr") == "ended 5 times in a row soon after its start; the next try is in 4 s"
    assert restarts.waiting("router") is None
    clock.now += wait
    assert restarts.waiting("ivr") is None


def test_what_somebody_mended_is_forgotten(restarts: Restarts, clock: Clock) -> None:
    die_young(restarts, clock, 8)
    restarts.forget()
    assert restarts.begins("ivr") == 0.0


def test_a_clock_that_was_put_back_holds_nobody_up(restarts: Restarts, clock: Clock) -> None:
    die_young(restarts, clock, 8)
    restarts.begins("ivr")
    clock.now -= 86_400
    assert restarts.waiting("ivr") is None
    assert restarts.begins("ivr") == 0.0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"begins": "x"}'])
def test_a_file_that_a_power_failure_cut_short_is_none(text: str, restarts: Restarts, tmp_path: Path) -> None:
    (tmp_path / "ivr.start").write_text(text)
    assert restarts.waiting("ivr") is None
    assert restarts.begins("ivr") == 0.0


def test_the_health_page_tells_of_it(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    restarts = Restarts(tmp_path / "run")
    for _ in range(10):
        restarts.begins("scheduler")
    detail = check(Settings(var_dir=tmp_path))["scheduler"]
    assert not detail["ok"]
    assert detail["detail"].startswith("ended 9 times in a row soon after its start")
