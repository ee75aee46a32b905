"""Start one program with the settings that `./scripts/up` was run with: ``python -m scripts.launch FILE COMMAND...``.

The supervisor outlives many runs of `./scripts/up`, and its own environment is that of the first. So each program reads
the environment of the last run from FILE, when it starts, and becomes COMMAND.

A program that dies again and again waits here before it is started once more, up to half a minute: one that cannot run
must not take the processor from the calls of those that can (scripts.restarts).
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from scripts.restarts import Restarts

PREFIX = "ELDERLINE_"


def write_environment(path: Path) -> None:
    """Keep this process's ``ELDERLINE_*`` variables in `path`, for its owner's eyes only: some may be secrets."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(ours(), file)


def ours() -> dict[str, str]:
    """Give the ``ELDERLINE_*`` variables of this process."""
    return {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}


def main(arguments: list[str]) -> None:
    """Become the command, with the kept variables and none left over from an earlier run."""
    environment = Path(arguments[0])
    name = os.environ.get("SUPERVISOR_PROCESS_NAME", "")
    if name and (seconds := Restarts(environment.parent).begins(name)):
        print(f"{name} keeps ending soon after its start; the next try is in {seconds:.0f} s", flush=True)
        time.sleep(seconds)
    kept: dict[str, str] = json.loads(environment.read_text())
    base = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    os.execvpe(arguments[1], arguments[1:], {**base, **kept, "PYTHONUNBUFFERED": "1"})  # noqa: S606  # no shell wanted


if __name__ == "__main__":
    main(sys.argv[1:])
