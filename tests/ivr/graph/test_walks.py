"""Walks through every state of every conversation with callers who hang up there, or press whatever they find."""

from __future__ import annotations

from collections import Counter

import pytest
from structlog.testing import capture_logs

from ivr.flows.base import Flow
from ivr.flows.promised import Promised
from ivr.graph.explorer import Explored
from ivr.graph.moves import CALLED_AWAY, HANG_UP, Asked, Move, press
from ivr.graph.rehearsal import rehearse
from scripts.rehearsal.world import RehearsalWorld
from tests.ivr.graph.walking import ends_well, points, rows

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]

WRITES = {
    "orders": ("order.placed",),
    "cases": (
        "sos.raised",
        "after_service.scored",
        "after_service.not_done",
        "offer.declined",
        "complaint.left",
        "registration.left",
        "order.rated",
        "visits.locked",  # The desk is told of it.
        "wellbeing.call_me",  # Somebody who asks for a person is not asked whether she is sure.
        "visits.check_in",  # From another elder's telephone: somebody looks into it.
    ),
    "callbacks": ("promise.made", "visits.check_out", "medicine.later", "look_in.going"),
}  # fmt: skip
"""Rows that a talk may leave, and the steps of the journey that say so (declined by all: a supervisor decides)."""
BURSTS = ("1" * 50, "5" * 50, "0" * 50, "9" * 50, "*#" * 25, "12345678" * 6, "ABCD")


@pytest.mark.parametrize("gone", [HANG_UP, CALLED_AWAY])
def test_who_leaves_in_any_state_leaves_nothing_behind_that_was_not_confirmed(
    worlds: tuple[RehearsalWorld, ...], explored: Explored, gone: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleaned: list[str] = []
    clean_up = Flow._clean_up_safely

    def counted(self: Flow[object]) -> None:
        cleaned.append(type(self).__name__)
        clean_up(self)  # type: ignore[arg-type]  # The same flow.

    monkeypatch.setattr(Flow, "_clean_up_safely", counted)
    walked = 0
    for point in points(worlds, explored):
        if point.state.tried and gone is CALLED_AWAY:
            continue  # To a flow both are the same exception; the kind is told apart at the end.
        world, town = point.world, point.world.town
        world.begin()
        town.before_transaction = lambda: None
        before = rows(town)
        cleaned.clear()
        with capture_logs() as logs:
            talk = rehearse(world, (*point.moves, gone))
        assert (talk.next, talk.end.kind) == (None, str(gone).replace("hangs up", "hung up")), point
        assert "IVR_NEXT" not in talk.call.variables, point
        assert talk.steps[-1].state == point.state, point
        assert type(world.flow(None, None, None)).__name__ in cleaned, point  # type: ignore[arg-type]  # Not called.
        assert [each for each in logs if each["event"].startswith("flow.") and "failed" in each["event"]] == [], point
        steps = Counter(town.book.steps)
        assert not [step for step in steps if step.endswith("failed")], point
        assert town.book.opened == [], point
        if gone is CALLED_AWAY:
            assert "abandoned" not in town.book.outcomes, point
        town.before_transaction = lambda: None
        for table, count in rows(town).items():
            assert count - before[table] <= sum(steps[step] for step in WRITES[table]), (str(point), table)
        walked += 1
    print(f"{walked} states")
    assert walked > (500 if gone is HANG_UP else 200)


def test_an_order_is_placed_only_after_its_question_was_answered(
    worlds: tuple[RehearsalWorld, ...], explored: Explored
) -> None:
    """What a caller hears before it is said is not an order yet: the order's own question was asked, and answered."""
    placed = 0
    for talks in explored.talks.values():
        for steps in talks:
            at = [n for n, step in enumerate(steps) if any(word == "order.placed" for word in step.state.words)]
            if not at:
                continue
            asked = [step for step in steps[: at[0]] if step.state.asked is Asked.MENU]
            assert asked and asked[-1].state.question[0].startswith("order."), steps
            assert asked[-1].move.keys in asked[-1].state.keys, steps
            placed += 1
    assert placed


@pytest.mark.parametrize("burst", BURSTS, ids=lambda keys: f"{len(keys)} of {keys[:8]}")
def test_a_burst_of_keys_in_any_state_ends_in_a_service_or_a_person(
    worlds: tuple[RehearsalWorld, ...], explored: Explored, burst: str
) -> None:
    seen = set()
    for point in points(worlds, explored):
        if point.state in seen or point.state.tried:
            continue
        seen.add(point.state)
        town = point.world.town
        with capture_logs() as logs:
            talk = rehearse(point.world, (*point.moves, press(burst)))
        assert ends_well(talk), point
        assert not [each for each in logs if each["event"] == "flow.failed"], point
        assert Counter(town.book.steps)["order.placed"] <= 1, point
        if point.state.asked in (Asked.SAID, Asked.MENU, Asked.SCALE) and point.world.flow is not Promised:
            expected = {"0": "person", "9": "sos"}.get(burst[0])
            if expected and point.state.flow not in ("Duty", "Overdue", "Sos", "Message", "RecordingStudio"):
                assert talk.end.kind == expected, point
    assert len(seen) > 60
