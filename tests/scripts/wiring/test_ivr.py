"""The ivr process as a whole: what it tells about itself, how it ends, and how the next one takes its place."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from redis import Redis

from ivr.handover import process_at
from routing.figures import left
from routing.settings import Settings
from scripts.parts import ivr_place
from tests.ports import free_port
from tests.redis_server import RedisServer
from tests.waiting import until

_PROGRAM = """
from routing.settings import load_settings
from scripts.wiring.ivr import run
from scripts.wiring.logs import configure_logs
configure_logs(load_settings())
run(load_settings())
"""


@dataclass
class House:
    """One instance: its Redis, and the ivr processes that were started, each in a session of its own."""

    folder: Path
    redis: RedisServer
    port: int = field(default_factory=free_port)
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self) -> subprocess.Popen[str]:
        """Start one, and wait until it answers in the place of whoever was there before."""
        key = base64.b64encode(bytes(32)).decode()
        environment = {
            "ELDERLINE_VAR_DIR": str(self.folder), "ELDERLINE_REDIS_URL": self.redis.url,
            "ELDERLINE_AGI_PORT": str(self.port), "ELDERLINE_FIELD_KEY": key, "ELDERLINE_INDEX_KEY": key,
        }  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM], env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
        self.started.append(process)
        until(lambda: self.parent_of_who_answers() == process.pid)
        return process

    def who_answers(self) -> int:
        return process_at(ivr_place(Settings(var_dir=self.folder))) or 0

    def parent_of_who_answers(self) -> int:
        try:
            return psutil.Process(self.who_answers()).ppid() if self.who_answers() else 0
        except psutil.NoSuchProcess:
            return 0


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    redis = RedisServer(tmp_path)
    redis.start()
    house = House(tmp_path, redis)
    yield house
    for process in house.started:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        process.wait(10)
    redis.stop()


def test_it_leaves_its_figures_and_ends_when_it_is_asked_to(house: House) -> None:
    process = house.start()
    with Redis.from_url(house.redis.url) as client:
        until(lambda: bool(left(client)["ivr"]))  # A hash tells nobody when it is written.
        counted = left(client)["ivr"]
    assert counted == {**dict.fromkeys(counted, 0), "calls_unheard": counted["calls_unheard"]} and len(counted) == 6
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    said = [json.loads(line)["event"] for line in output.splitlines()]
    # Nobody made the tables of this house: its thread for settings says so, once, if it had the time to look.
    assert [each for each in said if each != "settings.not_read"] == ["agi.listening", "agi.stopped"]
    assert said.count("settings.not_read") <= 1


def test_told_to_leave_it_lets_the_supervisor_start_the_next_one_and_hands_over(house: House) -> None:
    first = house.start()
    answering = psutil.Process(house.who_answers())
    first.terminate()
    assert first.wait(60) == 0, "what the supervisor watches ends at once"
    assert answering.is_running(), "and what answers calls goes on"
    assert house.who_answers() == answering.pid
    house.start()
    psutil.wait_procs([answering], timeout=60)
    assert not answering.is_running(), "without calls, it ends as soon as it is followed"


def test_what_answers_calls_survives_the_death_of_what_is_watched(house: House) -> None:
    first = house.start()
    answering = house.who_answers()
    first.kill()
    first.wait(60)
    assert house.who_answers() == answering
    house.start()
    until(lambda: not psutil.pid_exists(answering) or house.who_answers() != answering)


def test_the_death_of_what_answers_calls_is_the_end_of_what_is_watched(house: House) -> None:
    first = house.start()
    os.kill(house.who_answers(), signal.SIGKILL)
    assert first.wait(60) != 0
