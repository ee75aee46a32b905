"""The graph for people to look at: Mermaid, Graphviz, or JSON for programs.

People see each question once: its second and third attempts are drawn as an arrow back to it. The four keys that work
everywhere are left out where they do what they do everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

from ivr.call import URGENT_KEYS
from ivr.graph.explorer import Graph
from ivr.graph.moves import Asked, State
from ivr.graph.rehearsal import End

_ALWAYS = dict(zip(URGENT_KEYS, ("person", "sos"), strict=True))
_ORDER = "123456789*#0"


@dataclass(frozen=True)
class Picture:
    """States (without the history of attempts) and ends in the order in which a caller meets them."""

    flow: str
    nodes: tuple[State | End, ...]
    arrows: tuple[tuple[State, State | End, tuple[str, ...]], ...]
    begins: tuple[State | End, ...]


def picture(graph: Graph) -> Picture:
    """Merge attempts at one question, and leave out the keys that work everywhere."""
    arrows: dict[tuple[State, State | End], set[str]] = {}
    for state, moves in graph.edges.items():
        for move, following in moves.items():
            for each in following:
                plain = _plain(each)
                if (isinstance(each, End) and each.kind == _ALWAYS.get(move)) or (
                    move in "*#" and plain == state.plain
                ):
                    continue
                arrows.setdefault((state.plain, plain), set()).add(move)
    arrows = {key: moves for key, moves in arrows.items() if moves}
    begins = tuple(sorted({_plain(each) for each in graph.begins}, key=_text))
    nodes = _met(begins, arrows)
    at = {node: number for number, node in enumerate(nodes)}
    drawn = [(one, other, tuple(sorted(moves, key=_key))) for (one, other), moves in arrows.items() if one in at]
    return Picture(
        graph.flow, nodes, tuple(sorted(drawn, key=lambda arrow: (at[arrow[0]], at[arrow[1]], arrow[2]))), begins
    )


def mermaid(drawn: Picture) -> str:
    """A flowchart as Mermaid reads it, ending in a new line."""
    ids = _ids(drawn)
    lines = ["flowchart TD", f'  call(("{drawn.flow}"))']
    lines += [f"  {ids[node]}{_shape(node)}" for node in drawn.nodes]
    lines += [f"  call --> {ids[node]}" for node in drawn.begins]
    lines += [
        f"  {ids[one]} -->|{', '.join(map(_mermaid_word, moves))}| {ids[other]}" for one, other, moves in drawn.arrows
    ]
    return "\n".join(lines) + "\n"


def dot(drawn: Picture) -> str:
    """A graph as Graphviz reads it, ending in a new line."""
    ids = _ids(drawn)
    lines = [f'digraph "{drawn.flow}" {{', "  node [shape=box];", f'  call [label="{drawn.flow}", shape=circle];']
    for node in drawn.nodes:
        shape = ', shape="oval"' if isinstance(node, End) else ""
        label = _label(node, "\\n")
        lines.append(f'  {ids[node]} [label="{label}"{shape}];')
    lines += [f"  call -> {ids[node]};" for node in drawn.begins]
    lines += [f'  {ids[one]} -> {ids[other]} [label="{", ".join(moves)}"];' for one, other, moves in drawn.arrows]
    return "\n".join([*lines, "}"]) + "\n"


def as_json(graphs: Iterable[Graph]) -> str:
    """Everything, with each attempt at a question: one object a flow."""
    return json.dumps({graph.flow: _whole(graph) for graph in graphs}, ensure_ascii=False, indent=1)


def _whole(graph: Graph) -> dict[str, object]:
    states = sorted(graph.edges, key=_text)
    at = {state: number for number, state in enumerate(states)}

    def target(each: State | End) -> object:
        return at[each] if isinstance(each, State) else asdict(each)

    def targets(group: Iterable[State | End]) -> list[object]:
        return [target(each) for each in sorted(group, key=_text)]

    return {
        "talks": graph.talks,
        "cuts": graph.cuts,
        "begins": targets(graph.begins),
        "states": [
            asdict(state) | {"moves": {move: targets(group) for move, group in sorted(graph.edges[state].items())}}
            for state in states
        ],
    }


def _plain(each: State | End) -> State | End:
    return each.plain if isinstance(each, State) else each


def _met(begins: Iterable[State | End], arrows: dict[tuple[State, State | End], set[str]]) -> tuple[State | End, ...]:
    """The nodes, breadth first; what follows a node in the order of the keys that lead there."""
    following: dict[State | End, list[State | End]] = {}
    by_key = sorted(arrows.items(), key=lambda arrow: (min(map(_key, arrow[1])), _text(arrow[0][1])))
    for (one, other), _moves in by_key:
        following.setdefault(one, []).append(other)
    met = dict.fromkeys(begins)
    waiting = list(begins)
    while waiting:
        for each in following.get(waiting.pop(0), ()):
            if each not in met:
                met[each] = None
                waiting.append(each)
    return tuple(met)


def _ids(drawn: Picture) -> dict[State | End, str]:
    return {node: f"n{number}" for number, node in enumerate(drawn.nodes, start=1)}


def _label(node: State | End, line: str) -> str:
    if isinstance(node, End):
        return f"{node.kind}: {node.what}" if node.what else node.kind
    words = line.join(node.words) or "(silence)"
    kind = "" if node.asked in (Asked.SAID, Asked.MENU) else f" ({node.asked.value})"
    return f"{words}{kind}"


def _shape(node: State | End) -> str:
    label = _label(node, "<br>")
    if isinstance(node, End):
        return f'(["{label}"])'
    return f'["{label}"]' if node.asked in (Asked.SAID, Asked.DEAF) else f'{{{{"{label}"}}}}'


def _mermaid_word(move: str) -> str:
    return "&ast;" if move == "*" else "&num;" if move == "#" else move


def _key(move: str) -> tuple[int, str]:
    return (_ORDER.find(move) if len(move) == 1 else len(_ORDER), move)


def _text(each: State | End) -> str:
    return repr(each)


Form = Callable[[Picture], str]
FORMS: dict[str, Form] = {"mermaid": mermaid, "dot": dot}
