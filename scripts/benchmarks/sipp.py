"""Callers played by SIPp: many calls at once, each with a number of its own, counted second by second."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from scripts.benchmarks.sound import speech

SCENARIOS = Path(__file__).resolve().parent / "scenarios"
_STOP_SECONDS = 10
_SPEECH = "speech.alaw"
_FIRST = ("nice", "-n", "-10")
"""Before the hotline's own processes; where that is not allowed, it says so and goes on."""


class SippFailed(RuntimeError):
    """SIPp itself did not run as it should; a call that fails is no reason for this."""


@dataclass(frozen=True)
class Second:
    """The counts since the start, `at` seconds after it."""

    at: float
    begun: int
    done: int
    failed: int
    under_way: int


@dataclass(frozen=True)
class Load:
    """So many `calls` in all, never more than `at_once`, started at most `rate` a second."""

    calls: int
    at_once: int
    rate: int


class Sipp:
    """One run of callers: start it, wait for it (or stop it), then read its `seconds`."""

    def __init__(
        self, folder: Path, scenario: str, *, sip_port: int, media_port: int, speaks: bool = False, **values: object
    ) -> None:
        """`scenario` is a name in scenarios/; `values` fill its places. Files lie in `folder`, which is there.

        `speaks`: callers say back whatever they hear, so that sound goes both ways; else they are silent.
        """
        self._speaks = speaks
        self._folder = folder
        self._scenario = folder / "scenario.xml"
        text = (SCENARIOS / f"{scenario}.xml").read_text(encoding="utf-8")
        self._scenario.write_text(Template(text).substitute({name: str(each) for name, each in values.items()}))
        self._ports = ("-p", str(sip_port), "-mp", str(media_port))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, to: str, service: str, numbers: Sequence[str], load: Load) -> None:
        """Call `service` at `to` (host:port); the callers' numbers are taken in order, from the first again at the end.

        Raises FileNotFoundError when SIPp is not installed.
        """
        callers = self._folder / "callers.csv"
        callers.write_text("SEQUENTIAL\n" + "\n".join(numbers) + "\n", encoding="utf-8")
        command = [
            "sipp", to, "-sf", str(self._scenario), "-inf", str(callers), "-s", service, "-i", "127.0.0.1",
            "-mi", "127.0.0.1", *self._ports, "-m", str(load.calls), "-l", str(load.at_once), "-r", str(load.rate),
            "-trace_stat", "-stf", str(self._counts), "-fd", "1", "-trace_err", "-error_file",
            str(self._folder / "errors.log"), "-nostdin", "-deadcall_wait", "0", "-max_socket", "65000",
            "-trace_logs", "-log_file", str(self._ends),
        ]  # fmt: skip
        if self._speaks:
            # Its socket holds 15 ms of the sound of 350 callers: a SIPp that waits for a processor would lose some.
            command = [*_FIRST, *command, "-rtp_echo"]
        with (self._folder / "screen.log").open("wb") as screen:
            self._process = subprocess.Popen(
                command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen
            )

    def wait(self, seconds: float) -> list[Second]:
        """Wait for the last call to end, at most so long, and give the counts. Raises SippFailed, also when it is
        not over in time."""
        if self._process is None:
            raise SippFailed("SIPp was not started")
        try:
            status = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.stop()
            raise SippFailed(f"SIPp was not done within {seconds:.0f} s: {self._said()}") from None
        if status not in (0, 1):  # 1 means that a call failed, which the counts tell.
            raise SippFailed(f"SIPp ended with {status}: {self._said()}")
        return self.seconds()

    def finish(self) -> None:
        """Begin no more calls; those under way go on to their end."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGUSR1)

    def ended_well(self) -> set[str]:
        """Give the numbers whose calls ended as they should, once it is over; for scenarios that log them."""
        if not self._ends.is_file():
            return set()
        return set(self._ends.read_text(encoding="utf-8", errors="replace").split())

    def stop(self) -> None:
        """End it at once if it still runs."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(_STOP_SECONDS)

    def seconds(self) -> list[Second]:
        """Give the counts so far, one row a second."""
        if not self._counts.is_file():
            return []
        rows = csv.DictReader(self._counts.read_text(encoding="utf-8", errors="replace").splitlines(), delimiter=";")
        return [
            Second(
                _seconds(row["ElapsedTime(C)"]), int(row["TotalCallCreated"]), int(row["SuccessfulCall(C)"]),
                int(row["FailedCall(C)"]), int(row["CurrentCall"]),
            )
            for row in rows
            if row.get("FailedCall(C)")
        ]  # fmt: skip

    def errors(self, most: int = 3) -> str:
        """Give what SIPp wrote about the first failed calls."""
        path = self._folder / "errors.log"
        return path.read_text(encoding="utf-8", errors="replace")[: most * 400] if path.is_file() else ""

    @property
    def pid(self) -> int | None:
        """Its process, while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def _ends(self) -> Path:
        return self._folder / "ends.log"

    @property
    def _counts(self) -> Path:
        return self._folder / "counts.csv"

    def _said(self) -> str:
        return (self._folder / "screen.log").read_text(encoding="utf-8", errors="replace")[-500:] + self.errors()


def press(key: str, after_ms: int) -> str:
    """Give the step of a scenario that waits and then presses a key (RFC 4733)."""
    return f'  <pause milliseconds="{after_ms}"/>\n  <nop><action><exec play_dtmf="{key}"/></action></nop>\n'


def speak(folder: Path, seconds: float = 2.0) -> str:
    """Give the step of a scenario that says something for so long, and write what it says into `folder`.

    A telephone sends sound from the moment on at which it is answered; Asterisk waits half a second for one that does
    not. It is over before the first key: two streams from one socket are no telephone's either.
    """
    (folder / _SPEECH).write_bytes(speech(seconds))
    return f'  <nop><action><exec rtp_stream="{_SPEECH},1,8,PCMA/8000"/></action></nop>\n'


def _seconds(clock: str) -> float:
    """Read SIPp's 00:01:02:345000 (or 00:01:02.345)."""
    parts = clock.replace(".", ":").split(":")
    hours, minutes, seconds = (int(each) for each in parts[:3])
    return hours * 3600 + minutes * 60 + seconds + (float(f"0.{parts[3]}") if len(parts) > 3 else 0.0)
