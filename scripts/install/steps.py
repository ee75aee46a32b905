"""Progress, as whoever waits for `./scripts/up` sees it, and the one sentence in which it ends when it cannot go on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_STILL_AT_IT_SECONDS = 10.0


class Trouble(Exception):
    """What stops the installation, as one sentence that says what is wrong and what to do about it."""


class Steps:
    """Prints each step with the time since the start, in seconds."""

    def __init__(self) -> None:
        # The shell half of the script has begun before us: it says when, by the wall clock.
        before = time.time() - float(os.environ.get("STEPS_BEGAN", time.time()))
        self._began = time.monotonic() - before

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began

    def say(self, text: str) -> None:
        """Print one line with the time."""
        print(f"{self.seconds:7.1f} s  {text}", flush=True)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Print `name`, and when it is done how long it took, if that was long enough to wonder."""
        self.say(name)
        began = time.monotonic()
        yield
        if (took := time.monotonic() - began) >= 1:
            self.say(f"  done in {took:.1f} s")

    def run(
        self, command: Sequence[str], log: Path, seconds: float, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `command` with its output appended to `log`, and say every ten seconds that it is still at work.

        Raises Trouble when it is not over after `seconds`; the caller judges the exit status and the output, which is
        returned as `stdout`.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + seconds
        with log.open("ab") as output:
            begin = output.tell()
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=env
            )
            while True:
                try:
                    status = process.wait(timeout=_STILL_AT_IT_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    if time.monotonic() > deadline:
                        process.kill()
                        process.wait()
                        raise Trouble(f"{command[0]} was not done after {seconds:.0f} s; see {log}") from None
                    self.say("  still at it ...")
                except BaseException:
                    process.terminate()
                    process.wait()
                    raise
        with log.open("rb") as written:
            written.seek(begin)
            text = written.read().decode(errors="replace")
        return subprocess.CompletedProcess(list(command), status, text, "")


def exit_with(trouble: str, program: str) -> int:
    """Print the one sentence on standard error and give the exit status."""
    print(f"{program}: {trouble}", file=sys.stderr, flush=True)
    return 1
