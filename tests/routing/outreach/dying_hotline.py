"""A hotline whose worker, scheduler and router are killed in the step that a test names, and whose clock can be put
ahead. The flows run in the test's own process, so that it can have the others killed in their steps."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import TextIOWrapper
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, cast

from ivr.server import AgiServer
from routing.calls import keys
from scripts.parts import ROOT
from scripts.wiring.ivr import flow_services, make_conversations
from scripts.wiring.services import HotlineServices
from tests.hotline import Hotline
from tests.routing.outreach import dying

PROCESSES = get_context("forkserver")
"""Clean processes, which load our packages once for all: two seconds of a processor for each that is killed."""
PROCESSES.set_forkserver_preload(["tests.routing.outreach.dying"])
OURS = ("worker", "scheduler", "router")


class Forked:
    """A process, with what tests ask of one that was started as a command."""

    def __init__(self, process: ForkServerProcess) -> None:
        process.start()
        assert process.pid is not None
        self._process, self.pid = process, process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        return self._process.exitcode


def run(name: str, folder: Path, log: Path, environment: dict[str, str]) -> None:
    """Be a part, as if this were a command of its own."""
    os.setsid()
    with log.open("ab") as output:
        for stream in (1, 2):
            os.dup2(output.fileno(), stream)
    cast("TextIOWrapper", sys.stdout).reconfigure(line_buffering=True)  # Who is killed writes nothing any more.
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    dying.main(name, str(folder))


class DyingHotline(Hotline):
    """A hotline whose worker, scheduler and router die when they are told to, and whose clock can be put ahead."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(
            folder, outbound_ring_seconds=4, callback_attempts=3, callback_retry_seconds=60, call_hours="00:00-23:59",
            sms_hours="00:00-23:59",
            **settings,
        )  # fmt: skip
        self.put_ahead(0)
        self.killed_in_talk: dict[str, tuple[str, ...]] = {}

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float((self.folder / "ahead").read_text()))

    def put_ahead(self, seconds: float) -> None:
        new = self.folder / "ahead.new"
        new.write_text(str(seconds))
        new.replace(self.folder / "ahead")

    def forward_to(self, moment: datetime) -> None:
        """Put the clock ahead to a moment, never back."""
        now = self.now()
        if moment > now:
            self.put_ahead(float((self.folder / "ahead").read_text()) + (moment - now).total_seconds())

    def run_parts(self) -> None:
        """As the supervisor: start what does not run."""
        for name in OURS:
            process = self._running.get(name)
            if process is None or process.poll() is not None:
                if name == "router":
                    self.stores.redis.delete(keys.ROUTER_LEASE, keys.HEARTBEAT)  # As if its seconds were over.
                if name == "scheduler":
                    self.stores.redis.delete("elderline:lock:scheduler")
                self._launch_dying(name)

    def slay(self, name: str) -> None:
        """Kill one of them from outside."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._running[name].pid, signal.SIGKILL)
        self._running[name].wait(10)

    def in_talk(self, step: str) -> None:
        for name in self.killed_in_talk.pop(step, ()):
            self.slay(name)

    def _launch_dying(self, name: str) -> None:
        log = self.folder / "log" / f"{name}.log"
        self._running[name] = Forked(PROCESSES.Process(target=run, args=(name, self.folder, log, self.environment())))


@contextlib.contextmanager
def flows(house: DyingHotline) -> Iterator[None]:
    """The real flows over the real services, in this process."""
    joined = HotlineServices(house.stores, house.now)
    step_before(joined.callbacks, "begin", house, after="flow began")
    step_before(joined.ratings, "score", house, after="flow scored")
    step_before(joined.callbacks, "finish", house, before="flow finishes", after="flow finished")
    step_before(joined.campaigns.telling, "told", house, after="flow told")
    step_before(joined.wellbeing.checks, "answered", house, after="flow told")
    step_before(joined.wellbeing.doses, "told", house, after="flow told")
    joined.journey.start()
    server = AgiServer(
        make_conversations(house.stores, flow_services(house.stores, joined)), port=house.settings.agi_port
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.stop()
        thread.join(10)
        joined.journey.stop()


def step_before(service: Any, name: str, house: DyingHotline, before: str = "", after: str = "") -> None:
    whole: Callable[..., Any] = getattr(service, name)

    def stepped(*given: Any, **named: Any) -> Any:
        house.in_talk(before)
        result = whole(*given, **named)
        house.in_talk(after)
        return result

    setattr(service, name, stepped)
