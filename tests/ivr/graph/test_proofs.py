"""What must hold at every state of every conversation, shown on the graph that the running code gives."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from ivr.flows.registry import FLOWS, FlowRegistry
from ivr.flows.welcome import Welcome
from ivr.graph import proofs
from ivr.graph.cycles import MOST_ROUNDS, loops
from ivr.graph.explorer import Explored, Graph
from ivr.graph.moves import Asked
from ivr.graph.rehearsal import rehearse
from scripts.rehearsal.world import RehearsalWorld
from scripts.rehearsal.worlds import flows_without_a_world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]


def test_every_registered_conversation_is_explored_and_nothing_is_cut(explored: Explored, whole: Graph) -> None:
    registered = FlowRegistry(FLOWS).flows
    assert flows_without_a_world(registered) == set()
    assert set(explored.graphs) == set(registered)
    assert whole.cuts == []
    print(f"{whole.talks} talks, {len(whole.edges)} states, {len(whole.ends)} ends")


def test_a_person_is_one_key_away_from_every_state(whole: Graph) -> None:
    assert proofs.without_a_person(whole) == []


def test_sos_is_one_key_away_from_every_state(whole: Graph) -> None:
    assert proofs.without_sos(whole) == []


def test_where_no_key_is_obeyed_there_is_a_reason_and_what_follows_obeys(whole: Graph) -> None:
    assert proofs.deaf(whole) == []
    assert any(state.asked is Asked.RECORDING for state in whole.edges)


def test_every_exception_is_still_needed(whole: Graph) -> None:
    """An exception that nothing uses would hide a defect of tomorrow."""
    flows = {state.flow for state in whole.edges}
    assert flows >= set(proofs.NOT_THE_HOTLINE) | set(proofs.NOBODY_THERE)
    assert {state.asked for state in whole.edges} >= set(proofs.NO_KEYS)
    words = {word for state in whole.edges for word in state.words}
    assert words >= set(proofs.ASIDE) | set(proofs.ANEW)


def test_there_is_no_dead_end(whole: Graph) -> None:
    assert proofs.dead_ends(whole) == []
    assert {end.kind for end in whole.ends} == {"person", "sos", "bye"}


def test_no_loop_is_without_a_bound(whole: Graph) -> None:
    with capture_logs():
        driven = loops(whole)
    assert len(driven) > 10
    assert [str(loop) for loop in driven if not loop.ends] == []
    print(f"{len(driven)} loops; at most {max(loop.rounds for loop in driven)} rounds of {MOST_ROUNDS}")


def test_no_menu_has_more_than_four_choices(whole: Graph) -> None:
    assert proofs.crowded(whole) == []
    assert any(len(state.keys) == 5 for state in whole.edges if state.asked is Asked.SCALE)


def test_menus_are_two_deep_at_the_most(whole: Graph) -> None:
    assert proofs.too_deep(whole) == []


def test_no_key_at_the_welcome_is_a_person_and_nothing_is_asked_twice(worlds: tuple[RehearsalWorld, ...]) -> None:
    asked = {}
    for world in worlds:
        if world.flow is Welcome and not world.name.startswith(("company", "worker")):
            with capture_logs():
                talk = rehearse(world, ())
            assert talk.end.kind == "person", world.name
            asked[world.name] = [step.state for step in talk.steps if step.state.asked is not Asked.SAID]
            assert len(asked[world.name]) <= 1, world.name
    assert [len(states) for name, states in asked.items() if name == "elder"] == [1]


def test_every_goodbye_says_what_was_done(whole: Graph) -> None:
    """Nobody is sent away with nothing: each end that is no person and no SOS names what was served or told."""
    done = {
        "self_served", "promised", "promise.made", "message.left", "message.silent", "duty.taken", "duty.not_taken",
        "offer.accepted", "offer.declined", "offer.gone", "offer.over", "overdue.taken",
        "overdue.not_taken", "overdue.gone", "after_service.nobody_listens", "wellbeing.no_key", "look_in.well",
        "look_in.needs_us", "look_in.going", "look_in.no_key", "look_in.gone",
        "medicine.taken", "medicine.later", "medicine.no_more", "medicine.no_key",
        "group_message.nobody_listens", "group_message.over",
    }  # fmt: skip
    told = {
        "call.began": "a company with nothing to answer is told so; an offer that nobody listened to comes by SMS",
        "": "who pressed 0 twice where messages are taken is called back without one",
    }
    assert {end.what for end in whole.ends if end.kind == "bye"} <= done | set(told)
