"""Where walks begin: every state of every conversation, and every use of the database and of Redis."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from db.models import Callback, Case, Order
from ivr.call import CallFacts
from ivr.flows.registry import FlowClass
from ivr.graph.explorer import Explored
from ivr.graph.moves import Move, State
from ivr.graph.probe import ProbeCall
from ivr.graph.rehearsal import Step, Talk
from routing.orders.voice_notes import WRITE_SECONDS
from scripts.rehearsal.town import Town
from scripts.rehearsal.world import RehearsalWorld

ROOT = Path(__file__).parents[3]
OURS = tuple(str(ROOT / each) for each in ("ivr/flows", "routing"))


@dataclass(frozen=True)
class Point:
    """A state in a world, and what leads there."""

    world: RehearsalWorld
    state: State
    moves: tuple[Move, ...]

    def __str__(self) -> str:
        return f"{self.world.name}: {self.state.flow} {' '.join(self.state.words)} {self.state.tried}"


def points(worlds: Sequence[RehearsalWorld], explored: Explored) -> Iterator[Point]:
    """Each state of each world once; second and third attempts at a question in one world only."""
    slips: set[State] = set()
    for world in worlds:
        met: set[State] = set()
        for steps in explored.talks[world.name]:
            for at, step in enumerate(steps):
                if step.state in met or step.state in slips:
                    continue
                (slips if step.state.tried else met).add(step.state)
                yield Point(world, step.state, tuple(each.move for each in steps[:at]))


def straight_talks(world: RehearsalWorld, explored: Explored) -> Iterator[tuple[Step, ...]]:
    """Talks without a second attempt at anything."""
    return (steps for steps in explored.talks[world.name] if not any(step.state.tried for step in steps))


@dataclass
class Meddled:
    """A world in which something is meddled with once the call has begun."""

    world: RehearsalWorld
    meddle: Callable[[Town, ProbeCall], None]
    call: ProbeCall | None = field(default=None)

    @property
    def name(self) -> str:
        return self.world.name

    @property
    def flow(self) -> FlowClass:
        return self.world.flow

    @property
    def right(self) -> Mapping[str, Sequence[str]]:
        return self.world.right

    def begin(self) -> CallFacts:
        return self.world.begin()

    def desk(self, call: ProbeCall) -> Any:
        self.meddle(self.world.town, call)
        return self.world.desk(call)

    def outcome(self) -> str:
        return self.world.outcome()

    def latest_step(self) -> str:
        return self.world.latest_step()


def site() -> str:
    """Who uses the store just now: the flow's method, and the service's method that it called."""
    frame = sys._getframe(1)
    service = flow = ""
    while frame is not None and not flow:
        code, name = frame.f_code, frame.f_code.co_filename
        if name.startswith(OURS[1]):
            service = code.co_qualname
        elif name.startswith(OURS[0]):
            flow = code.co_qualname
        frame = frame.f_back  # type: ignore[assignment]  # The outermost frame has none.
    return f"{flow} > {service}"


class Waits:
    """Every transaction takes `seconds`, also where a caller waits for less (`OnOneClock`)."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.sites: list[str] = []

    def __call__(self, town: Town, call: ProbeCall) -> None:
        main = threading.current_thread()

        def wait() -> None:
            self.sites.append(site())
            if threading.current_thread() is main:
                call.waits_for(self.sites[-1], self._seconds)
            else:  # A note is written in a thread of its own.
                call.waits_for(self.sites[-1], min(self._seconds, WRITE_SECONDS))

        town.before_transaction = wait


class FailsAt:
    """The n-th use of a store fails, and all after it, or (`once`) that one alone. It names the uses."""

    def __init__(self, fail: Callable[[], None], at: int | None, *, once: bool = False) -> None:
        self._fail, self._at, self._once = fail, at, once
        self.sites: list[str] = []
        self.decisions: list[int] = []
        """How much the caller had done before each use."""

    def watch(self, call: ProbeCall) -> Callable[..., None]:
        """What is to be called before each use of the store in this call."""

        def use(*_: object) -> None:
            self.sites.append(site())
            self.decisions.append(call.decisions)
            now = len(self.sites) - 1
            if self._at is not None and (now == self._at if self._once else now >= self._at):
                self._fail()

        return use


def rows(town: Town) -> dict[str, int]:
    """How many orders, cases and owed calls there are."""
    with town.stores.reading() as session:
        return {
            kind.__tablename__: session.scalar(select(func.count()).select_from(kind)) or 0
            for kind in (Order, Case, Callback)
        }


def ends_well(talk: Talk) -> bool:
    """Whether the dialplan was told where the caller goes."""
    return talk.end.kind in ("person", "sos", "bye") and talk.call.variables.get("IVR_NEXT") in ("hold", "sos", "bye")
