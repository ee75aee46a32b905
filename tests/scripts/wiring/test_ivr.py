"""The ivr process as a whole: what it tells about itself, and how it ends."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from redis import Redis

from routing.figures import left
from tests.ports import free_port
from tests.redis_server import RedisServer

_PROGRAM = """
from routing.settings import load_settings
from scripts.wiring.ivr import run
from scripts.wiring.logs import configure_logs
configure_logs(load_settings())
run(load_settings())
"""


def test_it_leaves_its_figures_and_drains_when_it_is_asked_to_stop(tmp_path: Path) -> None:
    redis = RedisServer(tmp_path)
    redis.start()
    key = base64.b64encode(bytes(32)).decode()
    environment = {
        "ELDERLINE_VAR_DIR": str(tmp_path), "ELDERLINE_REDIS_URL": redis.url, "ELDERLINE_AGI_PORT": str(free_port()),
        "ELDERLINE_FIELD_KEY": key, "ELDERLINE_INDEX_KEY": key,
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM], env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    )
    try:
        with Redis.from_url(redis.url) as client:
            give_up = time.monotonic() + 60
            while not (counted := left(client)["ivr"]):
                assert process.poll() is None and time.monotonic() < give_up
                time.sleep(0.05)  # A hash tells nobody when it is written.
        assert counted == dict.fromkeys(counted, 0) and len(counted) == 6
        process.terminate()
        output, _ = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait(10)
        redis.stop()
    assert process.returncode == 0
    assert [json.loads(line)["event"] for line in output.splitlines()] == ["agi.listening", "agi.stopped"]
