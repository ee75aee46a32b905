"""The supervisor, run for real with small parts: it restarts what dies, and only what changed; and it all ends."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from routing.settings import Settings
from scripts.install.ready import wait_until_healthy
from scripts.install.steps import Steps, Trouble
from scripts.launch import write_environment
from scripts.parts import Part
from scripts.restarts import Restarts
from scripts.stop import stop
from scripts.supervise import Supervisor
from tests.waiting import until

SLEEPER = (sys.executable, "-c", "import time; time.sleep(600)")
STUBBORN = (sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)")


def sleeper(name: str, command: tuple[str, ...] = SLEEPER) -> Part:
    return Part(name, command, 100, 1)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in [name for name in os.environ if name.startswith("ELDERLINE_")]:
        monkeypatch.delenv(name)
    return Settings(var_dir=tmp_path)


@pytest.fixture
def supervisor(settings: Settings) -> Iterator[Supervisor]:
    supervisor = Supervisor(settings)
    yield supervisor
    stop(settings, Steps())


def begin(supervisor: Supervisor, *parts: Part, **revisions: str) -> None:
    supervisor.write(parts, {part.name: revisions.get(part.name, "1") for part in parts})
    write_environment(supervisor.environment)


def pids(supervisor: Supervisor) -> dict[str, int]:
    return {info["name"]: info["pid"] for info in supervisor._call("supervisor.getAllProcessInfo")}


def running(supervisor: Supervisor) -> bool:
    return set(supervisor.states().values()) == {"RUNNING"}


def test_what_dies_is_started_again(supervisor: Supervisor) -> None:
    begin(supervisor, sleeper("one"), sleeper("two"))
    supervisor.start()
    until(lambda: running(supervisor))
    before = pids(supervisor)
    os.kill(before["one"], signal.SIGKILL)
    until(lambda: running(supervisor) and pids(supervisor)["one"] != before["one"])
    assert pids(supervisor)["two"] == before["two"]


def test_only_what_changed_restarts(supervisor: Supervisor) -> None:
    begin(supervisor, sleeper("one"), sleeper("two"), sleeper("three"))
    supervisor.start()
    until(lambda: running(supervisor))
    before = pids(supervisor)
    begin(supervisor, sleeper("one"), sleeper("two"), sleeper("four"), two="2")
    changes = supervisor.apply()
    until(lambda: running(supervisor))
    after = pids(supervisor)
    assert (changes.started, changes.restarted, changes.stopped) == (("four",), ("two",), ("three",))
    assert changes.kept == ("one",)
    assert after["one"] == before["one"]
    assert after["two"] != before["two"]
    assert not psutil.pid_exists(before["three"])


def test_a_part_that_was_stopped_by_hand_is_started_again(supervisor: Supervisor) -> None:
    begin(supervisor, sleeper("one"))
    supervisor.start()
    until(lambda: running(supervisor))
    supervisor._call("supervisor.stopProcess", "one")
    assert supervisor.apply().started == ("one",)
    until(lambda: running(supervisor))


def test_a_part_sees_the_settings_of_the_last_run(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = (
        "import os, time; seen = sorted(f'{n}={v}' for n, v in os.environ.items() if 'ELDERLINE' in n); "
        f"open({str(tmp_path / 'seen')!r}, 'w').write(repr(seen)); time.sleep(600)"
    )
    part = sleeper("one", (sys.executable, "-c", write))
    monkeypatch.setenv("ELDERLINE_NODE", "50% \"off\" 'now', b=c")
    monkeypatch.setenv("ELDERLINE_AREA_CODE", "010")
    begin(supervisor, part)
    supervisor.start()
    until(lambda: (tmp_path / "seen").is_file() and "ELDERLINE_AREA_CODE" in (tmp_path / "seen").read_text())
    assert "50% " in (tmp_path / "seen").read_text()
    monkeypatch.setenv("ELDERLINE_NODE", "b")
    monkeypatch.delenv("ELDERLINE_AREA_CODE")
    begin(supervisor, part, one="2")
    supervisor.apply()
    until(lambda: "ELDERLINE_NODE=b'" in (tmp_path / "seen").read_text())
    assert "ELDERLINE_AREA_CODE" not in (tmp_path / "seen").read_text()


def test_down_ends_everything_even_what_does_not_listen_and_may_be_run_again(
    supervisor: Supervisor, settings: Settings
) -> None:
    begin(supervisor, sleeper("one"), sleeper("deaf", STUBBORN))
    supervisor.start()
    until(lambda: running(supervisor))
    everyone = [*pids(supervisor).values(), int(supervisor.pid_file.read_text())]
    assert stop(settings, Steps())
    assert not [pid for pid in everyone if psutil.pid_exists(pid)]
    assert not stop(settings, Steps())


def test_down_ends_what_a_killed_supervisor_left_behind(supervisor: Supervisor, settings: Settings) -> None:
    begin(supervisor, sleeper("one"))
    supervisor.start()
    until(lambda: running(supervisor))
    orphan = pids(supervisor)["one"]
    head = supervisor.process()
    assert head is not None
    head.kill()
    head.wait(10)
    assert supervisor.process() is None
    assert [process.pid for process in supervisor.children()] == [orphan]
    assert stop(settings, Steps())
    assert not psutil.pid_exists(orphan)


def test_a_pid_file_of_another_process_is_not_believed(supervisor: Supervisor, settings: Settings) -> None:
    supervisor.pid_file.parent.mkdir(parents=True)
    supervisor.pid_file.write_text(str(os.getpid()))
    assert supervisor.process() is None
    assert not stop(settings, Steps())


def test_a_path_too_long_for_a_socket_names_the_setting(tmp_path: Path) -> None:
    supervisor = Supervisor(Settings(var_dir=tmp_path / ("x" * 100)))
    with pytest.raises(Trouble, match="ELDERLINE_VAR_DIR"):
        supervisor.write((), {})


def test_a_part_that_cannot_run_is_tried_later_and_later_and_its_log_says_so(
    supervisor: Supervisor, settings: Settings
) -> None:
    begin(supervisor, sleeper("weak", (sys.executable, "-c", "raise SystemExit('no such luck')")))
    supervisor.start()
    restarts = Restarts(settings.var_dir / "run")
    until(lambda: restarts.waiting("weak") is not None)
    log = settings.var_dir / "log/weak.log"
    until(lambda: "weak keeps ending soon after its start; the next try is in 1 s" in log.read_text())
    assert log.read_text().count("no such luck") >= 3
    assert stop(settings, Steps()), "one that waits is ended like the others"


def test_whoever_waits_for_a_part_that_cannot_run_is_told_soon_and_in_its_own_words(
    supervisor: Supervisor, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(supervisor, sleeper("well"), sleeper("weak", (sys.executable, "-c", "raise SystemExit('no such luck')")))
    supervisor.start()
    with pytest.raises(Trouble, match=r"weak ended 5 times in a row soon after the start"):
        wait_until_healthy(settings, supervisor, Steps(), 600)
    said = capsys.readouterr().out
    assert "no such luck" in said
    assert "--- well" not in said
