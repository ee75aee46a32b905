"""A Redis server of the tests' own."""

from __future__ import annotations

import subprocess
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.ports import free_port
from tests.waiting import until


class RedisServer:
    """A redis-server that a test may stop and start again; it keeps its append-only file in `folder`."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return when it answers. Raises AssertionError after half a minute."""
        words = f"redis-server --port {self.port} --bind 127.0.0.1 --appendonly yes --appendfsync everysec --save"
        command = [*words.split(), "", "--dir", str(self.folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with Redis.from_url(self.url) as client:
            until(lambda: _answers(client), 30)

    def stop(self) -> None:
        """Stop, and return when it is gone."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False
