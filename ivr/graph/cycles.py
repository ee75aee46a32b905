"""Loops: for each way in which a talk comes back to the same state, the real code is driven round it until it leaves.

That two states look the same does not say that a loop has no end: what counts the rounds is inside the flow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.graph.explorer import Graph
from ivr.graph.moves import Move, State
from ivr.graph.rehearsal import rehearse

MOST_ROUNDS = 6
"""Nobody is asked the same more often than this, whatever they press: a stated bound, which the loops must keep."""


@dataclass(frozen=True)
class Loop:
    """A loop, and how often it could be gone round before the flow left it by itself."""

    states: tuple[State, ...]
    moves: tuple[Move, ...]
    rounds: int

    @property
    def ends(self) -> bool:
        return self.rounds <= MOST_ROUNDS

    def __str__(self) -> str:
        way = " > ".join(
            f"{' '.join(state.words)} [{move}]" for state, move in zip(self.states, self.moves, strict=True)
        )
        return f"{way}: {self.rounds} rounds"


def loops(graph: Graph) -> tuple[Loop, ...]:
    """Every loop of the graph, one for each move that is part of any, driven in the world where it was found."""
    return tuple(_driven(graph, states, moves) for states, moves in _found(graph))


def _found(graph: Graph) -> Iterator[tuple[tuple[State, ...], tuple[Move, ...]]]:
    seen: set[frozenset[tuple[State, Move]]] = set()
    for state, moves in graph.edges.items():
        for move, following in moves.items():
            for each in following:
                back = _shortest(graph, each, state) if isinstance(each, State) else None
                if back is None:
                    continue
                states = (state, *(one for one, _ in back))
                taken = (graph.moves[state, move], *(one for _, one in back))
                steps = frozenset(zip(states, taken, strict=True))
                if steps not in seen:
                    seen.add(steps)
                    yield states, taken


def _shortest(graph: Graph, begin: State, end: State) -> tuple[tuple[State, Move], ...] | None:
    """The steps from `begin` to `end`; none at all if they are the same, None if there is no way."""
    came: dict[State, tuple[State, Move] | None] = {begin: None}
    waiting = [begin]
    while waiting:
        state = waiting.pop(0)
        if state == end:
            steps = []
            before = came[state]
            while before is not None:
                steps.append(before)
                before = came[before[0]]
            return tuple(reversed(steps))
        for move, following in graph.edges.get(state, {}).items():
            for each in following:
                if isinstance(each, State) and each not in came:
                    came[each] = (state, graph.moves[state, move])
                    waiting.append(each)
    return None


def _driven(graph: Graph, states: tuple[State, ...], moves: tuple[Move, ...]) -> Loop:
    """Begin at each state of the loop in turn: what was done on the way there may have used some of its rounds up."""
    turned = [(states[at:] + states[:at], moves[at:] + moves[:at]) for at in range(len(states))]
    return Loop(states, moves, max(_rounds(graph, *each) for each in turned))


def _rounds(graph: Graph, states: tuple[State, ...], moves: tuple[Move, ...]) -> int:
    world, lead = graph.reached[states[0]]
    talk = rehearse(world, (*lead, *moves * (MOST_ROUNDS + 1)))
    steps = talk.steps[len(lead) :]
    rounds = 0
    while rounds <= MOST_ROUNDS:
        at = rounds * len(moves)
        if tuple(step.state for step in steps[at : at + len(moves)]) != states:
            break
        rounds += 1
    return rounds
