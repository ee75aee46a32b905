"""Walks every path through a flow: replays talks, each with one move that was not tried before.

Two points of talks are the same state when the same is asked (`State`), whatever led there. A state is tried with all
moves when it is met for the first time in a world, and again when a talk comes there a second, a third ... time, so
that a loop is unrolled until it ends by itself. Repeated attempts at one question are tried in one world only. The
rounds and the talks have a bound, and what a bound cut is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ivr.call import URGENT_KEYS
from ivr.flows.registry import script_name
from ivr.graph.moves import Asked, Move, State, moves_at
from ivr.graph.rehearsal import End, Step, Talk, World, rehearse

MOST_ROUNDS = 8
"""So often a talk may come back to one state and everything is tried there once more."""
MOST_TALKS = 4_000
"""Talks in one world."""


@dataclass
class Graph:
    """What callers can get to in one conversation: from each state, by each move, the states or ends that follow.

    A move leads to several where it depends on the world (an order or none), or on what was done before.
    """

    flow: str
    begins: set[State | End] = field(default_factory=set)
    edges: dict[State, dict[str, set[State | End]]] = field(default_factory=dict)
    moves: dict[tuple[State, str], Move] = field(default_factory=dict)
    reached: dict[State, tuple[World, tuple[Move, ...]]] = field(default_factory=dict)
    """For each state a world, and the moves that lead there."""
    cuts: list[str] = field(default_factory=list)
    talks: int = 0

    @property
    def ends(self) -> set[End]:
        following = {each for moves in self.edges.values() for group in moves.values() for each in group}
        return {each for each in following | self.begins if isinstance(each, End)}

    def add(self, world: World, talk: Talk) -> None:
        """Put one talk in."""
        self.talks += 1
        following: list[State | End] = [*(step.state for step in talk.steps), talk.end]
        self.begins.add(following[0])
        for at, step in enumerate(talk.steps):
            self.edges.setdefault(step.state, {}).setdefault(str(step.move), set()).add(following[at + 1])
            self.moves.setdefault((step.state, str(step.move)), step.move)
            self.reached.setdefault(step.state, (world, talk.moves[:at]))


@dataclass(frozen=True)
class Explored:
    """The graphs, by script name, and every talk that was tried, by world."""

    graphs: dict[str, Graph]
    talks: dict[str, tuple[tuple[Step, ...], ...]]


def explore(worlds: Iterable[World]) -> Explored:
    """Walk every path in every world. Raises what a flow raises outward, which none may."""
    return _Explorer().explore(worlds)


class _Explorer:
    def __init__(self) -> None:
        self._slips: set[tuple[State, int]] = set()  # Attempts that were tried, in whatever world.

    def explore(self, worlds: Iterable[World]) -> Explored:
        explored = Explored({}, {})
        for world in worlds:
            name = script_name(world.flow)
            graph = explored.graphs.setdefault(name, Graph(name))
            tried = []
            for talk in self._walk(world, graph.cuts):
                graph.add(world, talk)
                tried.append(talk.steps)
            explored.talks[world.name] = tuple(tried)
        return explored

    def _walk(self, world: World, cuts: list[str]) -> Iterator[Talk]:
        expanded: set[tuple[State, int]] = set()
        waiting: list[tuple[Move, ...]] = [()]
        talks = 0
        while waiting:
            if talks == MOST_TALKS:
                cuts.append(f"{world.name}: {len(waiting)} paths beyond {MOST_TALKS} talks")
                return
            prefix = waiting.pop()
            talk = rehearse(world, prefix)
            talks += 1
            yield talk
            if talk.end.kind == "cut":
                cuts.append(f"{world.name}: a talk does not end: {' '.join(map(str, prefix))}")
            met: dict[State, list[Move]] = {}
            for at, step in enumerate(talk.steps):
                before = met.setdefault(step.state, [])
                rounds = len(before)
                before.append(step.move)
                if at < len(prefix) or (step.state, rounds) in expanded or self._is_known_slip(step.state, rounds):
                    continue
                if rounds >= MOST_ROUNDS:
                    cuts.append(f"{world.name}: more than {MOST_ROUNDS} rounds at {step.state.words}")
                    continue
                expanded.add((step.state, rounds))
                waiting += [(*talk.moves[:at], move) for move in _others(world, step, before[:-1])]

    def _is_known_slip(self, state: State, rounds: int) -> bool:
        """Whether this attempt at this question, or this saying again of the same, was tried before: how often either
        may be is the dialogue engine's own doing, and the same in all worlds."""
        if not state.tried and not (rounds and state.asked is Asked.SAID):
            return False
        known = (state, rounds) in self._slips
        self._slips.add((state, rounds))
        return known


def _others(world: World, step: Step, before: Sequence[Move]) -> tuple[Move, ...]:
    """What is tried there besides what was done; `before` is what was done there earlier in the talk."""
    state, moves = step.state, moves_at(step.state, world.right)
    if state.asked is Asked.SAID and before:
        moves = tuple(move for move in moves if move in before or move.keys in URGENT_KEYS)
    elif state.tried:
        again = _slips_again(state, moves)
        moves = tuple(move for move in moves if move.keys in (*URGENT_KEYS, *state.keys[:1]) or str(move) in again)
    return tuple(move for move in moves if move != step.move)


def _slips_again(state: State, moves: Sequence[Move]) -> set[str]:
    """After one slip any other is tried, after several of a kind the same again, and after others none: a person, SOS
    and a choice are tried after all of them."""
    if len(state.tried) == 1:
        return {str(move) for move in moves if str(move) not in state.keys}
    return set(state.tried) if len(set(state.tried)) == 1 else set()
