"""The box, small, on real parts: whole calls are whole, and one that is killed on purpose is counted as lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.benchmarks import box, crowd
from scripts.benchmarks.box import BoxBench
from scripts.benchmarks.desks import Desks
from scripts.benchmarks.house import add_dialplan, bench_hotline
from scripts.benchmarks.people import add_elders
from scripts.benchmarks.ring import QUEUE
from tests.hotline import Hotline

pytestmark = [pytest.mark.asterisk, pytest.mark.slow]

AGENTS, CALLERS = 3, 8


@pytest.fixture(scope="module")
def hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    """A hotline with five agents' accounts, and the bench's way to app_queue."""
    folder = tmp_path_factory.mktemp("box")
    with bench_hotline(folder / "box", *box.PARTS, extension_count=5, rtp_ports=400) as running:
        running.node.folder.parent.chmod(0o755)
        add_dialplan(running, QUEUE)
        yield running


@pytest.fixture(scope="module")
def bench(hotline: Hotline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BoxBench]:
    """The stage with few elders, who hear no menu, and short talks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crowd, "TALK_SECONDS", (4.0, 6.0))
        patch.setattr(crowd, "LAST_TALK_SECONDS", (1.0, 1.5))
        patch.setattr(crowd, "_COME_SECONDS", 1.0)
        secrets = {account.extension: account.secret for account in hotline.accounts}
        desks = Desks(("127.0.0.1", hotline.settings.sip_port), secrets, (4.0, 6.0))
        desks.start()
        try:
            numbers = iter(add_elders(hotline.stores, 200, straight=True))
            folder = tmp_path_factory.mktemp("crowds")
            yield BoxBench(hotline, desks, numbers, folder, say=lambda _line: None, look_seconds=6.0)
        finally:
            desks.stop()


def test_calls_that_are_killed_are_lost_and_no_others(bench: BoxBench, hotline: Hotline) -> None:
    """Some are cut off in the talk, at the agent's end; one in hold, at the caller's."""
    kills: list[str] = []

    def kill(name: str, application: str) -> None:
        found = hotline.eventually(f"a channel in {application}", lambda: channels(hotline, name, application), 60)
        if "Requested Hangup" in hotline.node.cli(f"channel request hangup {found[0]}"):
            kills.append(found[0])

    def disturb() -> None:
        while not any(talk.cut for talk in bench.desks.talks):  # A talk may end before the order reaches it.
            kill("PJSIP/100", "AppDial")
        kill("PJSIP/carrier", "WaitExten")

    level = bench.level(AGENTS, CALLERS, during=disturb)
    cut = {talk.caller for talk in bench.desks.talks if talk.cut}
    assert level.why_lost.get("cut off in the talk", 0) == len(cut) > 0
    assert len(cut) <= level.lost <= len(kills)
    assert sum(level.why_lost.values()) == level.lost
    assert any("lost" in why for why in level.breaks)
    assert (level.agents, level.callers) == (AGENTS, CALLERS)
    assert level.calls >= CALLERS
    assert level.free_to_ring_ms_samples > 0
    assert 0 < (level.free_to_ring_ms_p50 or 0) <= (level.free_to_ring_ms_p95 or 0)
    assert 0 < (level.event_lag_ms_p50 or 0) <= (level.event_lag_ms_p99 or 0)
    assert {"asterisk", "router", "ivr", "redis", "callers", "phones"} <= level.processors.keys()


def test_app_queue_serves_the_same_crowd_and_the_router_comes_back(bench: BoxBench, hotline: Hotline) -> None:
    bench.app_queue(AGENTS, CALLERS, 9.0)  # Talks last 6 s at most, so some agent is free and rung again.
    assert bench.queue
    assert bench.queue == sorted(bench.queue)
    assert hotline.stores.redis.exists("elderline:heartbeat:router")


def channels(hotline: Hotline, name: str, application: str) -> list[str]:
    """Give the channels of this name that run this application."""
    lines = hotline.node.cli("core show channels concise").splitlines()
    rows = [line.split("!") for line in lines if line.startswith(name)]
    return [row[0] for row in rows if row[5] == application]
