"""What many threads bring at the same moment, done by one of them for all: a commit costs as much as many messages."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

One = TypeVar("One")
Done = TypeVar("Done")


@dataclass
class _Waiting(Generic[One, Done]):
    one: One
    outcome: Done | Exception | None = None
    over: bool = False


class Bursts(Generic[One, Done]):
    """Whoever comes while a burst is being done waits, and then does all that came meanwhile, in the order in which it
    came; whoever comes alone waits for nobody."""

    def __init__(self, work: Callable[[Sequence[One]], Sequence[Done | Exception]], most: int) -> None:
        """`work` gives for each what became of it, or what went wrong with it; what it raises is raised to all of the
        burst. `most` is how many one burst has at the most: who waits behind it does the rest."""
        self._work = work
        self._most = most
        self._came: deque[_Waiting[One, Done]] = deque()
        self._turn = threading.Lock()

    def do(self, one: One) -> Done:
        """Have one done; when this returns it is. Raises what went wrong with it."""
        mine = _Waiting[One, Done](one)
        self._came.append(mine)
        while not mine.over:
            with self._turn:
                if not mine.over:
                    self._do_some()
        if isinstance(mine.outcome, Exception):
            raise mine.outcome
        if mine.outcome is None:
            raise RuntimeError("a burst must say of each what became of it")
        return mine.outcome

    def _do_some(self) -> None:
        burst = [self._came.popleft() for _ in range(min(self._most, len(self._came)))]
        outcomes: Sequence[Done | Exception]
        try:
            outcomes = self._work([each.one for each in burst])
        except Exception as error:  # noqa: BLE001  # It is raised to each of them.
            outcomes = [error] * len(burst)
        for each, outcome in zip(burst, outcomes, strict=True):
            each.outcome, each.over = outcome, True
