"""`./scripts/up` and `./scripts/down` for real: every part starts, is well, is restarted when it dies, and ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from ivr.handover import process_at
from tests.scripts.checkout import Checkout, copy_checkout
from tests.scripts.conftest import instance_variables
from tests.waiting import until

pytestmark = [pytest.mark.asterisk, pytest.mark.slow, pytest.mark.timeout(400)]

PARTS = {"redis", "asterisk", "ivr", "router", "worker", "scheduler", "console", "voice"}
UP_SECONDS = 180  # For every part to be there again, on a machine that is busy with other tests.
SECOND_RUN_SECONDS = 60  # A second run takes some four seconds on a quiet machine.


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """One instance that runs for all tests of this module."""
    folder = copy_checkout(tmp_path_factory.mktemp("up") / "elderline")
    checkout = Checkout(folder, instance_variables())
    checkout.lend_python()
    done = checkout.run("./scripts/up")
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        yield checkout
    finally:
        checkout.run("./scripts/down")
        shutil.rmtree(folder)


def elderline(checkout: Checkout, *arguments: str) -> str:
    done = checkout.run("var/venv/bin/python", "-m", "scripts.cli", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pids(checkout: Checkout) -> dict[str, int]:
    """Give the supervised processes by part, as supervisorctl tells them."""
    config = str(checkout.folder / "var/supervisor/supervisord.conf")
    said = checkout.run("var/venv/bin/python", "-m", "supervisor.supervisorctl", "-c", config, "status").stdout
    rows = [line.split() for line in said.splitlines()]
    return {row[0]: int(row[3].rstrip(",")) for row in rows if row[1] == "RUNNING"}


def answers(checkout: Checkout) -> int:
    """Give the process that answers calls, which is a child of the one that is supervised."""
    return process_at(checkout.folder / "var/run/ivr.sock") or 0


def is_well(checkout: Checkout) -> bool:
    """Ask /healthz."""
    try:
        with urlopen(f"http://127.0.0.1:{checkout.variables['ELDERLINE_WEB_PORT']}/healthz", timeout=20) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_every_part_runs_and_is_well(instance: Checkout) -> None:
    assert set(pids(instance)) == PARTS
    health = json.loads(elderline(instance, "health", "--json"))
    assert all(part["ok"] for part in health.values()), health
    assert {"asterisk", "redis", "database", "ivr", "router", "worker", "scheduler", "voice"} <= set(health)


def test_a_second_run_is_quick_and_restarts_nothing(instance: Checkout) -> None:
    before = pids(instance)
    began = time.monotonic()
    done = instance.run("./scripts/up")
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - began < SECOND_RUN_SECONDS
    assert set(before) == PARTS
    assert pids(instance) == before
    assert "Left alone, with their calls: asterisk, console, ivr" in done.stdout


def test_it_says_where_to_dial_and_browse_and_how_to_log_in(instance: Checkout) -> None:
    said = instance.run("./scripts/up").stdout
    assert f"sip:12349@127.0.0.1:{instance.variables['ELDERLINE_SIP_PORT']}" in said
    assert f"http://127.0.0.1:{instance.variables['ELDERLINE_WEB_PORT']}" in said
    assert "supervisor password" in said


def test_changed_code_restarts_only_the_parts_that_use_it(instance: Checkout) -> None:
    before = pids(instance)
    with (instance.folder / "ivr/__init__.py").open("a") as file:
        file.write("# A change.\n")
    answering = answers(instance)
    assert "Restarted: ivr\n" in instance.run("./scripts/up").stdout
    after = pids(instance)
    assert {part for part in PARTS if before[part] != after[part]} == {"ivr"}
    assert answers(instance) != answering, "up says that all is well only when the new one answers calls"
    until(lambda: not psutil.pid_exists(answering), UP_SECONDS)
    told = (instance.folder / "var/log/ivr.log").read_text().splitlines()
    assert any('"handed_over": true' in line for line in told), "its last words are in the log, too"


def test_changed_dialplan_is_taken_up_without_a_restart(instance: Checkout) -> None:
    before = pids(instance)
    with (instance.folder / "dialplans/extensions.conf.j2").open("a") as file:
        file.write("\n; A change.\n")
    assert "Asterisk reads again: extensions.conf" in instance.run("./scripts/up").stdout
    assert pids(instance) == before


def test_all_parts_that_are_killed_at_once_come_back_in_whatever_order(instance: Checkout) -> None:
    before = pids(instance)
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    until(lambda: set(pids(instance)) == PARTS and not set(pids(instance).values()) & set(before.values()), UP_SECONDS)
    until(lambda: is_well(instance), UP_SECONDS)


def test_an_agent_that_is_added_can_register(instance: Checkout) -> None:
    elderline(instance, "agent", "add", "1098", "--skills", "方言")
    account = json.loads(elderline(instance, "agent", "credentials", "1098", "--json"))
    assert account["user"] == "1098"
    assert account["port"] == int(instance.variables["ELDERLINE_SIP_PORT"])
    assert account["password"] in (instance.folder / "var/asterisk/etc/pjsip.conf").read_text()


def test_two_instances_run_side_by_side_and_end_apart(instance: Checkout, tmp_path: Path) -> None:
    before = pids(instance)
    other = Checkout(instance.folder, {**instance_variables(), "ELDERLINE_VAR_DIR": str(tmp_path / "b")})
    try:
        done = other.run("./scripts/up")
        assert done.returncode == 0, done.stdout + done.stderr
        assert pids(instance) == before
    finally:
        ended = other.run("./scripts/down")
    assert ended.returncode == 0, ended.stderr
    assert pids(instance) == before


def test_down_ends_it_all_and_may_be_run_again(instance: Checkout) -> None:
    everyone = [*pids(instance).values(), answers(instance)]
    assert instance.run("./scripts/down").returncode == 0
    assert not [pid for pid in everyone if psutil.pid_exists(pid)]
    again = instance.run("./scripts/down")
    assert again.returncode == 0
    assert "nothing to stop" in again.stdout
