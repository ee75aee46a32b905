"""A whole hotline for tests: the real processes, on ports and in a folder of its own, with the demo people in it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, TypeVar

from db.encryption import new_key
from routing.settings import Settings
from scripts.asterisk_config import AgentAccount, render
from scripts.install.data import prepare_database
from scripts.parts import ROOT, Part, parts, redis_config, render_redis_config
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import Stores, open_stores
from tests.asterisk_node import AsteriskNode, make_node

T = TypeVar("T")
_STOP_SECONDS = 10
_TOGETHER_SECONDS = 90
"""Parts that start at the same time take each other's turns on the processors."""


class Hotline:
    """Start the parts that a test needs, kill them, and start them again. `stores` look into its database and Redis."""

    def __init__(self, folder: Path, **overrides: Any) -> None:
        keys = {"field_key": new_key(), "index_key": new_key(), "session_key": "session", "wrap_up_seconds": 0}
        self.node: AsteriskNode = make_node(folder, **(keys | overrides))
        self.settings: Settings = self.node.settings
        self.folder = folder
        self._running: dict[str, Any] = {}  # subprocess.Popen, or what has its `pid`, `poll` and `wait`.
        self._leaving: list[int] = []
        (folder / "log").mkdir(exist_ok=True)
        redis = redis_config(self.settings)
        redis.parent.mkdir(parents=True, exist_ok=True)
        redis.write_text(render_redis_config(self.settings), encoding="utf-8")
        prepare_database(self.settings)
        self.stores: Stores = open_stores(self.settings)
        self.services = HotlineServices(self.stores)
        self.accounts = self._accounts()

    def start(self, *names: str) -> None:
        """Start parts, in the given order, and wait until each does its work."""
        for name in names:
            if name == "asterisk":
                render(self.settings, self.node.folder, self.accounts)
                self.node.accounts = self.accounts
                self.node.start()
                continue
            self._launch(name)
            self.wait_until_working(name)

    def start_together(self, *names: str) -> None:
        """Start parts of ours as the supervisor does, none waiting for another, and wait until each does its work."""
        for name in names:
            self._launch(name)
        for name in names:
            self.wait_until_working(name, _TOGETHER_SECONDS)

    def _launch(self, name: str) -> None:
        part = self._part(name)
        with (self.folder / "log" / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                part.command, cwd=ROOT, env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def restart(self, name: str) -> None:
        """Have a part leave and the next one come, as the supervisor does, and wait until the next one works.

        What stays behind with its last calls is ended in the end with all else.
        """
        process = self._running[name]
        process.terminate()
        process.wait(_STOP_SECONDS)
        self._leaving.append(process.pid)
        self._launch(name)
        self.wait_until_working(name)

    def kill(self, name: str) -> None:
        """End a part as a crash would (its children too)."""
        if name == "asterisk":
            self.node.kill()
            return
        process = self._running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(_STOP_SECONDS)

    def stop(self) -> None:
        """End everything, politely at first."""
        self.stop_parts()
        self.node.stop()
        self.stores.redis.close()
        self.stores.engine.dispose()

    def stop_parts(self, but: Collection[str] = ()) -> None:
        """End our own parts, politely at first; calls go on in Asterisk."""
        for name in reversed([each for each in self._running if each not in but]):
            process = self._running.pop(name)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(_STOP_SECONDS)
            self._leaving.append(process.pid)
        while self._leaving:
            _end_group(self._leaving.pop())

    def log(self, name: str) -> str:
        """Give what a part has written."""
        path = self.folder / "log" / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""

    def eventually(self, what: str, look: Callable[[], T], seconds: float = 60) -> T:
        """Look until something true is seen. Raises AssertionError with `what`. For stores, which announce nothing."""
        deadline = time.monotonic() + seconds
        while not (seen := look()):
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {seconds:g} s: {what}; last seen {seen!r}")
            time.sleep(0.05)
        return seen

    @property
    def dial_to(self) -> str:
        """Where phones dial: host and port."""
        return f"127.0.0.1:{self.settings.sip_port}"

    @property
    def carrier_port(self) -> int:
        """The port at which the phones of the carrier listen."""
        return int(self.settings.carrier_address.rsplit(":", 1)[1])

    def _accounts(self) -> list[AgentAccount]:
        from sqlalchemy import select

        from db.models import Agent

        with self.stores.reading() as session:
            return [AgentAccount(agent.extension, agent.sip_secret) for agent in session.scalars(select(Agent))]

    def _part(self, name: str) -> Part:
        return next(part for part in parts(self.settings) if part.name == name)

    def environment(self) -> dict[str, str]:
        """Give the environment in which the parts run, with the settings of this hotline."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("ELDERLINE_")}
        for name, value in self.settings.model_dump().items():
            if value is None:
                continue
            plain = value.get_secret_value() if hasattr(value, "get_secret_value") else value
            own[f"ELDERLINE_{name.upper()}"] = ",".join(plain) if isinstance(plain, tuple) else str(plain)
        return own | {"PYTHONUNBUFFERED": "1"}

    def wait_until_working(self, name: str, seconds: float = 90) -> None:
        """Wait until a part does its work, whoever started it. Raises AssertionError when one of ours has ended."""
        looks: dict[str, Callable[[], object]] = {
            "redis": self._redis_answers,
            "ivr": lambda: _listens(self.settings.agi_port),
            "console": lambda: _listens(self.settings.web_port),
            "router": lambda: self.stores.redis.exists("elderline:heartbeat:router"),
            "scheduler": lambda: self.stores.redis.exists("elderline:heartbeat:scheduler"),
            "worker": lambda: self.stores.redis.scard("rq:workers"),
        }

        def well() -> object:
            status = self._running[name].poll() if name in self._running else None
            assert status is None, f"{name} ended with {status}:\n{self.log(name)[-3000:]}"
            return looks[name]()

        self.eventually(f"{name} is up", well, seconds)

    def _redis_answers(self) -> bool:
        with contextlib.suppress(Exception):
            return bool(self.stores.redis.ping())
        return False


def _end_group(group: int) -> None:
    """End what a part has left behind of its process group: an ivr with calls, or that waits for the next one."""
    for how in (signal.SIGINT, signal.SIGKILL):
        deadline = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < deadline:
            try:
                os.killpg(group, how)
            except ProcessLookupError:
                return
            time.sleep(0.05)  # Somebody else's children; nobody tells us of their end.


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def running_hotline(folder: Path, *names: str, **overrides: Any) -> Iterator[Hotline]:
    """Run a hotline with the named parts while the block lasts."""
    hotline = Hotline(folder, **overrides)
    try:
        hotline.start(*names)
        yield hotline
    finally:
        hotline.stop()


def live_events(hotline: Hotline) -> Iterator[dict[str, Any]]:
    """Give live events as they are published, as plain dictionaries."""
    subscription = hotline.stores.redis.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
    subscription.subscribe("elderline:live")
    while True:
        message = subscription.get_message(timeout=2.0)
        if message:
            yield json.loads(message["data"])
