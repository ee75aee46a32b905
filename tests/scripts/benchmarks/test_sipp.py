"""SIPp's counts, as they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.benchmarks.calls import _per_second
from scripts.benchmarks.ring import quantile
from scripts.benchmarks.sipp import Second, Sipp, SippFailed, press

COUNTS = """StartTime;ElapsedTime(C);TotalCallCreated;SuccessfulCall(C);FailedCall(C);CurrentCall;
x;00:00:01:000000;5;0;0;5;
x;00:01:02:500000;10;8;1;1;
"""


def test_counts_are_read_second_by_second(tmp_path: Path) -> None:
    sipp = Sipp(tmp_path, "self_service", sip_port=1, media_port=2, presses=press("1", 1500), patience=60000)
    assert sipp.seconds() == []
    (tmp_path / "counts.csv").write_text(COUNTS)
    assert sipp.seconds() == [Second(1.0, 5, 0, 0, 5), Second(62.5, 10, 8, 1, 1)]


def test_keys_stand_in_the_scenario(tmp_path: Path) -> None:
    Sipp(tmp_path, "self_service", sip_port=1, media_port=2, presses=press("1", 1500), patience=60000)
    scenario = (tmp_path / "scenario.xml").read_text()
    assert '<pause milliseconds="1500"/>' in scenario
    assert 'play_dtmf="1"' in scenario
    assert "$" not in scenario


def test_nothing_can_be_waited_for_before_the_start(tmp_path: Path) -> None:
    with pytest.raises(SippFailed):
        Sipp(tmp_path, "waiting", sip_port=1, media_port=2, patience=1000).wait(1)


def test_the_rate_is_taken_in_the_middle_of_a_run() -> None:
    ends = [(float(at), max(0, min(100, 5 * (at - 20)))) for at in range(60)]
    assert _per_second(ends) == pytest.approx(5.0)
    assert _per_second([(1.0, 0)]) == 0.0


def test_quantiles() -> None:
    assert quantile([float(each) for each in range(100)], 0.95) == 95.0
    assert quantile([], 0.5) is None
