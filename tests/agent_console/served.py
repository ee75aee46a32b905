"""The console as it runs in earnest: the composition root's application under gunicorn."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

from agent_console.services import ConsoleServices
from routing.settings import Settings


@dataclass(frozen=True)
class Served:
    """A console that runs: where, its log, and the services behind it for the test to act through."""

    port: int
    log: Path
    services: ConsoleServices

    @property
    def address(self) -> str:
        """Where browsers find it."""
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> HTTPConnection:
        """A plain connection."""
        return HTTPConnection("127.0.0.1", self.port, timeout=20)

    def get(self, target: str, headers: dict[str, str] | None = None) -> tuple[HTTPResponse, bytes]:
        """Ask once, and read the whole answer."""
        connection = self.connect()
        try:
            connection.request("GET", target, headers=headers or {})
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()


def start(settings: Settings, port: int, log: Path) -> subprocess.Popen[bytes]:
    """Start gunicorn, and return when it answers. Raises AssertionError with its log if it never does."""
    command = [sys.executable, "-m", "gunicorn", "-c", "python:agent_console.gunicorn_conf", "--bind"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, f"127.0.0.1:{port}", "scripts.wiring.console:app()"],
            env=_environment(settings), stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    give_up = time.monotonic() + 120
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/login")
            assert connection.getresponse().status == 200, log.read_text()
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < give_up, log.read_text()
            time.sleep(0.05)  # gunicorn tells nobody when it listens.
        else:
            return process
        finally:
            connection.close()


def _environment(settings: Settings) -> dict[str, str]:
    secrets = {name: getattr(settings, name).get_secret_value() for name in ("field_key", "index_key", "session_key")}
    known = {"database_url": settings.database_url, "redis_url": settings.redis_url, "var_dir": str(settings.var_dir)}
    return {**os.environ, **{f"ELDERLINE_{name.upper()}": value for name, value in {**secrets, **known}.items()}}
