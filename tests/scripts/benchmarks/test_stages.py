"""The stages on real parts, small: what they count is what happened."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from scripts.benchmarks import calls, ring

pytestmark = [pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.long
def test_calls_of_both_sides_are_whole_and_every_order_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"FIRST_LEVEL": 8, "LEAST_AT_ONCE": 8, "MOST_AT_ONCE": 8, "_CALLS_A_LEVEL": 1.0}.items():
        monkeypatch.setattr(calls, name, value)
    monkeypatch.setattr(calls, "ELDERS", 100)
    figures = calls.run(tmp_path, time.monotonic() + 240, lambda _line: None)
    done = sum(level["done"] for level in figures["levels"] if level["side"] == "self_service")
    assert done > 0
    assert figures["self_service_orders_written"] == figures["self_service_calls_recorded"] == done
    assert [level["side"] for level in figures["levels"]] == ["self_service", "pure_dialplan"]


def test_rings_are_measured_of_the_router_and_of_asterisks_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ring, "SAMPLES", 9)
    figures = ring.run(tmp_path, time.monotonic() + 240, lambda _line: None)
    assert figures["free_to_ring_ms_samples"] == 9
    assert 0 < figures["free_to_ring_ms_p50"] <= figures["free_to_ring_ms_p95"]
