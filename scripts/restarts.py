"""How often a part has died young, and how long it waits for that before the next try.

The supervisor restarts what has lived for a second at once, for ever. A part that fails later than that (Python takes a
second to read its own code) would be started every two seconds, with all of a processor. So each start is written down.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

YOUNG_SECONDS = 30.0
"""Who dies within so many seconds of its start died young."""
AT_ONCE = 3
"""So many deaths in a row cost no wait: being killed, or an outage of what a part needs, is no reason to stay away."""
LONGEST_SECONDS = 30.0
"""The wait doubles from one second up to this, and what was in the way is noticed to be gone within it."""


@dataclass(frozen=True)
class Start:
    """The latest start of a part: when it really begins (epoch, seconds), and how many before it died young."""

    begins: float
    deaths: int


class Restarts:
    """The starts of all parts of one instance, in one small file each below `folder`."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock

    def begins(self, name: str) -> float:
        """Write down that `name` starts, and give the seconds for which it has to wait before that."""
        now, before = self._clock(), self._latest(name)
        deaths = before.deaths + 1 if before and abs(now - before.begins) < YOUNG_SECONDS else 0
        wait = min(LONGEST_SECONDS, 2.0 ** (deaths - AT_ONCE)) if deaths >= AT_ONCE else 0.0
        with suppress(OSError):  # A full disk is the last thing for which a part must not start.
            self._path(name).write_text(json.dumps(asdict(Start(now + wait, deaths))), encoding="utf-8")
        return wait

    def waiting(self, name: str) -> str | None:
        """Say how it stands with a part that waits for its next try; None for one that does not."""
        latest = self._latest(name)
        left = latest.begins - self._clock() if latest else 0.0
        if latest is None or not 0 < left <= LONGEST_SECONDS:
            return None
        return f"ended {latest.deaths} times in a row soon after its start; the next try is in {left:.0f} s"

    def deaths(self, name: str) -> int:
        """Say how often a part died young in a row, as its latest start has it."""
        latest = self._latest(name)
        return latest.deaths if latest else 0

    def forget(self) -> None:
        """Somebody has mended something, and nobody waits for what was before."""
        for path in self._folder.glob("*.start"):
            path.unlink(missing_ok=True)

    def _latest(self, name: str) -> Start | None:
        try:
            return Start(**json.loads(self._path(name).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None  # Never started, or cut short by a power failure.

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.start"
