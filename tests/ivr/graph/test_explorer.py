"""The explorer and the proofs on conversations with known defects: what they are for, they find."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from structlog.testing import capture_logs

from ivr.call import CallFacts
from ivr.dialogue import Matched, value_or_person
from ivr.flows.base import Flow, Next
from ivr.graph import proofs
from ivr.graph.cycles import loops
from ivr.graph.drawing import as_json, dot, mermaid, picture
from ivr.graph.explorer import Graph, explore
from ivr.graph.moves import CALLED_AWAY, HANG_UP, press
from ivr.graph.probe import ProbeCall
from ivr.graph.rehearsal import End, rehearse
from tests.ivr.fake_call import FACTS


class PlainDesk:
    """The least that a flow needs."""

    def open_ticket(self, facts: CallFacts, next_step: Next) -> str:
        return "t"

    def note(self, facts: CallFacts, event: str) -> None:
        """Nobody reads it."""

    def meets(self, dialogue: Any) -> None:
        """Everybody is spoken to alike."""

    def parts(self, after: Next | None) -> None:
        """Nothing is learnt."""


@dataclass
class PlainWorld:
    """A flow and nothing else."""

    flow: type[Flow[Any]]
    name: str = "plain"
    right: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def begin(self) -> CallFacts:
        return FACTS

    def desk(self, call: ProbeCall) -> PlainDesk:
        return PlainDesk()

    def outcome(self) -> str:
        return "done"

    def latest_step(self) -> str:
        return ""


class Good(Flow[Any]):
    """Asks twice, and then it is over."""

    def run(self) -> Next:
        value_or_person(self.dialogue.menu("a", {"1": 1, "2": 2}))
        value_or_person(self.dialogue.menu("b", {"1": 1}))
        self.dialogue.conclude("c")
        return Next.BYE


class Endless(Flow[Any]):
    """Goes round and round on 1."""

    def run(self) -> Next:
        while isinstance(self.dialogue.menu("round", {"1": 1}), Matched):
            pass
        return Next.HOLD


class Counted(Flow[Any]):
    """Goes round three times on 1."""

    def run(self) -> Next:
        for _ in range(3):
            value_or_person(self.dialogue.menu("round", {"1": 1}))
        return Next.HOLD


class NoPerson(Flow[Any]):
    """0 and 9 say goodbye."""

    def run(self) -> Next:
        self.dialogue.menu("a", {"1": 1})
        return Next.BYE


class Deaf(Flow[Any]):
    """Speaks without hearing."""

    def run(self) -> Next:
        self.call.play("a")
        return Next.HOLD


class Deep(Flow[Any]):
    """Three menus in a row."""

    def run(self) -> Next:
        for prompt in "abc":
            value_or_person(self.dialogue.menu(prompt, {"1": 1}))
        return Next.BYE


class Broken(Flow[Any]):
    """Fails, which ends with a person."""

    def run(self) -> Next:
        raise RuntimeError


class NeverEnding(Flow[Any]):
    """Asks past the dialogue engine, which would end it."""

    def run(self) -> Next:
        while True:
            self.call.ask([("a", {})], seconds=1.0)


def graph_of(flow: type[Flow[Any]]) -> Graph:
    with capture_logs():
        (graph,) = explore([PlainWorld(flow)]).graphs.values()
    return graph


PROOFS: list[Callable[[Graph], list[str]]] = [
    proofs.without_a_person, proofs.without_sos, proofs.deaf, proofs.dead_ends, proofs.crowded, proofs.too_deep,
]  # fmt: skip


@pytest.mark.parametrize(
    ("flow", "fails"),
    [
        (Good, set()),
        (Counted, set()),
        (Broken, set()),
        (NoPerson, {"without_a_person", "without_sos"}),
        (Deaf, {"deaf"}),
        (Deep, {"too_deep"}),
    ],
)
def test_each_defect_fails_its_proof_and_no_other(flow: type[Flow[Any]], fails: set[str]) -> None:
    graph = graph_of(flow)
    assert {proof.__name__ for proof in PROOFS if proof(graph)} == fails
    assert graph.cuts == []


def test_a_loop_without_an_end_is_told_and_one_with_an_end_is_counted() -> None:
    endless = graph_of(Endless)
    assert any("rounds" in cut for cut in endless.cuts)
    assert [loop.ends for loop in loops(endless) if len(loop.moves) == 1] == [False]
    counted = graph_of(Counted)
    assert [(loop.ends, loop.rounds) for loop in loops(counted) if len(loop.moves) == 1] == [(True, 3)]


def test_a_talk_that_never_ends_is_cut() -> None:
    talk = rehearse(PlainWorld(NeverEnding), ())
    assert (talk.end, talk.next) == (End("cut"), None)


def test_hanging_up_ends_a_talk_at_the_question() -> None:
    for move, kind in ((HANG_UP, "hung up"), (CALLED_AWAY, "called away")):
        talk = rehearse(PlainWorld(Good), [press("1"), move])
        assert (talk.end.kind, talk.next, "IVR_NEXT" in talk.call.variables) == (kind, None, False)
        assert talk.call.heard == ["a", "b"]


def test_keys_beyond_the_first_are_kept_for_who_asks_next() -> None:
    talk = rehearse(PlainWorld(Good), [press("11")])
    assert (talk.end, talk.call.heard) == (End("bye", "done"), ["a", "c"])


def test_tones_that_are_no_keys_do_nothing() -> None:
    assert rehearse(PlainWorld(Good), [press("ABCD")]).call.heard == ["a", "error.hint"]


def test_every_attempt_at_a_question_is_a_state_and_is_drawn_once() -> None:
    graph = graph_of(Good)
    assert ("*", "*", "*") in {state.tried for state in graph.edges}
    drawn = picture(graph)
    assert [node for node in drawn.nodes if node == End("bye", "done")]
    assert len(drawn.nodes) == 5  # Two questions, what is said at the end, a person, and goodbye.
    assert mermaid(drawn).startswith("flowchart TD\n") and "&ast;" in mermaid(drawn)
    assert dot(drawn).count("{") == dot(drawn).count("}") == 1
    assert '"talks"' in as_json([graph])
