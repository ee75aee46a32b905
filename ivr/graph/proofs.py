"""What must hold at every state of every conversation (design.md, 3; GB/T 33358; W3C COGA), each as a list of what does
not. An empty list is the proof, as far as the graph goes; `Graph.cuts` tells where it does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from ivr.graph.explorer import Graph
from ivr.graph.moves import Asked, State, default
from ivr.graph.rehearsal import End
from ivr.turns import MAX_CHOICES, PERSON, SOS

MENU_LEVELS = 2
SCALE_KEYS = 5

NOT_THE_HOTLINE: Mapping[str, str] = MappingProxyType(
    {
        "Duty": "the owner of a duty phone is the person; 0 and 9 take no call, and the next phone rings",
        "Overdue": "whoever is on duty is the person; 0 and 9 take nothing over, and the next phone is rung",
        "RecordingStudio": "a supervisor at work, on their own phone: there is nobody to be put through to",
    }
)
"""Conversations in which 0 and 9 mean nothing, and why that is right."""

NO_KEYS: Mapping[Asked, str] = MappingProxyType(
    {Asked.RECORDING: "the caller speaks; a key that is no end of the message is a sound in it"}
)
"""Points at which no key is obeyed. What follows them must obey again."""

NOBODY_THERE: Mapping[str, str] = MappingProxyType(
    {"Message": "a message is taken because nobody can answer: 0 is told so once, then the caller is called back"}
)
"""Conversations from which there is no person to go to."""

ASIDE: Mapping[str, str] = MappingProxyType(
    {
        "welcome.which_elder": "who is calling is no choice of what to do",
        "relative.which": "neither is for whom they call",
        "promise.menu": "a talk of its own about the call that is owed; afterwards they are a caller like any other",
        "offer.why": "the offer is answered by then; why is asked beside it",
        "company.identify": "who is calling, again; so is which company of several",
        "company.choice": "which of the companies with one telephone is calling",
        "company.capacity": "a number that was entered is read back and confirmed",
    }
)
"""Questions that are no level of a menu, by their prompt."""
RESULTS = ("order.", "cancel.sure", "visit.sure", "visit.task")
"""Questions that place an order, settle one, or ask what was done in a visit that is written are where menus lead to,
as a person or an answer."""
ANEW: Mapping[str, str] = MappingProxyType(
    {"company.menu": "said again when something was done: whoever calls for several things begins anew"}
)
"""Menus that are a first level whatever came before, by their prompt."""


def merged(graphs: Iterable[Graph]) -> Graph:
    """All conversations as one: a state is the same whichever of them led there."""
    whole = Graph("all")
    for graph in graphs:
        whole.begins |= graph.begins
        whole.cuts += graph.cuts
        whole.talks += graph.talks
        whole.moves |= graph.moves
        whole.reached = graph.reached | whole.reached
        for state, moves in graph.edges.items():
            for move, following in moves.items():
                whole.edges.setdefault(state, {}).setdefault(move, set()).update(following)
    return whole


def without_a_person(graph: Graph) -> list[str]:
    """States from which 0 does not lead to a person, with nothing else pressed."""
    states = (state for state in _hearing(graph) if state.flow not in NOBODY_THERE)
    return [_tell(state) for state in states if not _leads(graph, state, PERSON, "person")]


def without_sos(graph: Graph) -> list[str]:
    """States from which 9 is not an SOS."""
    return [_tell(state) for state in _hearing(graph) if not _leads(graph, state, SOS, "sos")]


def deaf(graph: Graph) -> list[str]:
    """States that obey no key although nothing allows it, or two such states in a row."""
    return [
        _tell(state)
        for state in graph.edges
        if (state.asked is Asked.DEAF and state.flow not in NOT_THE_HOTLINE)
        or (state.asked in NO_KEYS and any(_obeys_nothing(each) for each in _following(graph, state)))
    ]


def dead_ends(graph: Graph) -> list[str]:
    """Ends that are none, and states from which no end can be reached."""
    lost = [str(end) for end in graph.ends if end.kind not in ("person", "sos", "bye")]
    reaching: set[State | End] = set(graph.ends)
    grown = True
    while grown:
        more = {state for state in graph.edges if state not in reaching and _following(graph, state) & reaching}
        reaching |= more
        grown = bool(more)
    return lost + [_tell(state) for state in graph.edges if state not in reaching]


def crowded(graph: Graph) -> list[str]:
    """Menus with more choices than a caller can keep in mind; a score may have five."""
    most = {Asked.MENU: MAX_CHOICES, Asked.SCALE: SCALE_KEYS}
    return [_tell(state) for state in graph.edges if len(state.keys) > most.get(state.asked, 99)]


def too_deep(graph: Graph) -> list[str]:
    """Menus that lead to a menu that leads to a menu, without a person, a result or the order question between."""
    following = {state: set(_menus_after(graph, state)) for state in graph.edges if _is_level(state)}
    chains = [chain for state in following for chain in _chains((state,), following)]
    return [" > ".join(map(_tell, chain)) for chain in chains if len(chain) > MENU_LEVELS]


def _hearing(graph: Graph) -> Iterator[State]:
    """States that must obey 0 and 9."""
    return (
        state
        for state in graph.edges
        if state.flow not in NOT_THE_HOTLINE and state.asked not in NO_KEYS and state.asked is not Asked.DEAF
    )


def _leads(graph: Graph, state: State, key: str, kind: str) -> bool:
    """Whether the key alone leads to such an end, by whatever is said on the way. Vacuously false without the key."""
    following = graph.edges[state].get(key, set())
    return bool(following) and all(_ends_in(graph, each, kind) for each in following)


def _ends_in(graph: Graph, each: State | End, kind: str) -> bool:
    met: set[State] = set()
    waiting: list[State | End] = [each]
    while waiting:
        at = waiting.pop()
        if isinstance(at, End):
            if at.kind != kind:
                return False
        elif at not in met:
            if at.asked not in (Asked.SAID, Asked.DEAF):
                return False  # Another question is no person.
            met.add(at)
            waiting += graph.edges[at][str(default(at))]
    return True


def _obeys_nothing(each: State | End) -> bool:
    return isinstance(each, State) and (each.asked in NO_KEYS or each.asked is Asked.DEAF)


def _following(graph: Graph, state: State) -> set[State | End]:
    return {each for group in graph.edges[state].values() for each in group}


def _is_level(state: State) -> bool:
    return (
        state.asked is Asked.MENU
        and not state.tried
        and not any(word in ASIDE or word.startswith(RESULTS) for word in state.words)
    )


def _menus_after(graph: Graph, state: State) -> Iterator[State]:
    met: set[State | End] = set()
    waiting = [each for key in state.keys for each in graph.edges[state].get(key, ())]
    while waiting:
        each = waiting.pop()
        if isinstance(each, End) or each in met:
            continue
        met.add(each)
        if each.asked in (Asked.SAID, Asked.DEAF):  # What is told in between makes no menu shorter.
            waiting += graph.edges[each][str(default(each))]
        elif _is_level(each) and each != state and not any(word in ANEW for word in each.words):
            yield each


def _chains(chain: tuple[State, ...], following: Mapping[State, set[State]]) -> Iterator[tuple[State, ...]]:
    after = [each for each in following[chain[-1]] if each not in chain]
    if not after or len(chain) > MENU_LEVELS:
        yield chain
    else:
        for each in after:
            yield from _chains((*chain, each), following)


def _tell(state: State) -> str:
    tried = f" after {', '.join(state.tried)}" if state.tried else ""
    return f"{state.flow} {state.asked.value} {' '.join(state.words)}{tried}"
