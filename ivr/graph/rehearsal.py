"""One talk of the real flow with a probing caller, from the first word to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ivr.call import CallFacts
from ivr.flows.base import Next, NextKind
from ivr.flows.registry import FlowClass
from ivr.graph.moves import Asked, Move, MoveKind, State, default
from ivr.graph.probe import ObservedDialogue, ProbeCall

MOST_DECISIONS = 80
"""No talk is longer; one that is has a loop without an end, and is cut here."""


class World(Protocol):
    """A caller, and the state of all services when the call comes in. Set anew, it is always the same."""

    @property
    def name(self) -> str: ...

    @property
    def flow(self) -> FlowClass:
        """Which conversation the dialplan asks for."""

    @property
    def right(self) -> Mapping[str, Sequence[str]]:
        """Entries that are right here, by the prompt that asks for them."""

    def begin(self) -> CallFacts:
        """Set everything as it is when the call comes in; nothing of an earlier talk remains."""

    def desk(self, call: ProbeCall) -> Any:
        """The services of this call, as the composition root would give them."""

    def outcome(self) -> str:
        """How the call's record says that it ended, in this world, by now; "" when it says nothing."""

    def latest_step(self) -> str:
        """The latest step of the call's journey."""


class TooLong(BaseException):
    """The talk goes on and on. No flow may catch it."""


@dataclass(frozen=True, slots=True, order=True)
class End:
    """How a talk ends: a person, SOS, bye, hung up, called away, or cut. `what` is the intent, or what was done."""

    kind: str
    what: str = ""

    @property
    def is_bye(self) -> bool:
        return self.kind == NextKind.BYE.value


@dataclass(frozen=True)
class Step:
    """What was asked, and what the caller did."""

    state: State
    move: Move


@dataclass(frozen=True)
class Talk:
    """A talk that is over."""

    steps: tuple[Step, ...]
    end: End
    call: ProbeCall
    next: Next | None

    @property
    def moves(self) -> tuple[Move, ...]:
        return tuple(step.move for step in self.steps)


def rehearse(world: World, moves: Sequence[Move]) -> Talk:
    """Have the caller of `world` do this, one move after the other, and then nothing more.

    Raises what the flow raises, which is a defect: flows raise nothing outward.
    """
    steps: list[Step] = []

    def decide(state: State) -> Move:
        if len(steps) >= MOST_DECISIONS:
            raise TooLong
        move = moves[len(steps)] if len(steps) < len(moves) else default(state)
        if state.asked is Asked.DEAF and move.kind is MoveKind.KEYS:
            move = default(state)
        steps.append(Step(state, move))
        return move

    call = ProbeCall(world.begin(), decide)
    after = None
    try:
        after = world.flow(call, ObservedDialogue(call), world.desk(call))()
        if after is not None:
            call.goes_on(f"({after.kind.value})")  # Music, or the tone of the end.
    except TooLong:
        return Talk(tuple(steps), End("cut"), call, None)
    return Talk(tuple(steps), _end(world, call, after), call, after)


def _end(world: World, call: ProbeCall, after: Next | None) -> End:
    if after is None:
        return End(call.ended.value if call.ended else "lost")
    match after.kind:
        case NextKind.HOLD:
            return End("person", after.intent.value)
        case NextKind.SOS:
            return End("sos")
        case NextKind.BYE:
            return End("bye", world.outcome() or world.latest_step())
