"""The printed timeline: each step as it happens, with its time."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class StoryFailed(Exception):
    """A step did not happen; the story ends here."""


class Timeline:
    """Prints steps. `failed` tells whether one of them did not happen."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.steps = 0

    def act(self, title: str) -> None:
        """Begin a part of the story."""
        self._print(f"\n{title}")

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Print `what` when the block is through. Raises StoryFailed, with what was wrong printed, when it is not."""
        began = time.monotonic()
        try:
            yield
        except Exception as error:
            self._print(f"  {self._now()}  FAILED  {what}\n           {type(error).__name__}: {error}")
            raise StoryFailed(what) from error
        self.steps += 1
        self._print(f"  {self._now()}  ok  {what}  ({time.monotonic() - began:.1f} s)")

    def end(self) -> None:
        """Say that all of it happened."""
        self._print(f"\nThe story holds: {self.steps} steps in {time.monotonic() - self._began:.0f} s.")

    def _now(self) -> str:
        return f"{time.monotonic() - self._began:6.1f} s"

    def _print(self, line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
