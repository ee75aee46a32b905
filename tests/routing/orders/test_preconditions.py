"""Commands: whatever is tried, the path that is allowed lies on the table, and each precondition has its refusal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.orders.commands import (
    Accept,
    Act,
    Assign,
    Cancel,
    CheckIn,
    CheckOut,
    Close,
    Command,
    Decline,
    Dispute,
    Expire,
    GiveUp,
    LeaveToSupervisor,
    Offer,
    Rate,
    Reassign,
    Resolve,
    SendBack,
)
from routing.orders.policy import MOVES, OrderState
from routing.orders.preconditions import Allowed, Refusal, Refused, Situation, decide, possible

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
LATER, EARLIER = NOON + timedelta(minutes=5), NOON - timedelta(minutes=5)
DESK = Act("user:1", "desk", NOON, "because")
S = OrderState
IDS = st.integers(1, 3)
COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(Offer, st.lists(IDS, max_size=3).map(tuple)),
    *(st.builds(kind, IDS) for kind in (Accept, Decline, Expire, Assign, Reassign, GiveUp, CheckIn, CheckOut, Rate)),
    *(st.just(kind()) for kind in (LeaveToSupervisor, SendBack, Cancel, Dispute, Close)),
    st.builds(Resolve, st.sampled_from(OrderState)),
)
SITUATIONS = st.builds(
    Situation, st.just("100001"), st.sampled_from(OrderState), st.just(LATER), st.none() | IDS, st.none() | IDS,
    st.dictionaries(IDS, st.sampled_from([EARLIER, LATER])),
)  # fmt: skip
ACTS = st.builds(
    Act, st.just("user:1"), st.sampled_from(["desk", "phone_key", "job"]), st.just(NOON), st.sampled_from(["", "-"])
)


@given(SITUATIONS, COMMANDS, ACTS)
def test_no_command_leaves_the_table(order: Situation, command: Command, act: Act) -> None:
    decision = decide(order, command, act)
    if isinstance(decision, Refused):
        assert decision.reason
        return
    at = order.state
    for to in decision.path:
        assert to in MOVES[at]
        at = to
    assert decision.path or (isinstance(command, (Decline, Expire)) and at is S.OFFERED)


@given(SITUATIONS)
def test_what_the_desk_is_offered_is_what_it_may_do(order: Situation) -> None:
    for name in possible(order, NOON):
        companies = [*(order.offers or {}), 99]
        kinds = {each.name: each for each in (Assign, Reassign, Accept, Decline)}
        plain = {each.name: each for each in (SendBack, Cancel, Dispute, Close)}
        commands: list[Command] = [kinds[name](each) for each in companies] if name in kinds else []
        commands += [plain[name]()] if name in plain else []
        commands += [Resolve(S.CLOSED)] if name == "resolve" else []
        assert any(isinstance(decide(order, each, DESK), Allowed) for each in commands), name


OFFERED = Situation("100001", S.OFFERED, LATER, offers={1: LATER, 2: EARLIER})
ACCEPTED = Situation("100001", S.ACCEPTED, NOON + timedelta(hours=5), company_id=1, worker_id=7)


@pytest.mark.parametrize(
    ("order", "command", "act", "why"),
    [
        (OFFERED, Accept(3), DESK, Refusal.NO_OFFER),
        (OFFERED, Decline(3), DESK, Refusal.NO_OFFER),
        (OFFERED, Accept(2), DESK, Refusal.EXPIRED),
        (OFFERED, Expire(1), DESK, Refusal.NOT_DUE),
        (replace(OFFERED, state=S.REQUESTED), Offer(()), DESK, Refusal.NOBODY),
        (ACCEPTED, Accept(1), DESK, Refusal.TABLE),
        (ACCEPTED, Assign(2), DESK, Refusal.TABLE),
        (ACCEPTED, Reassign(1), DESK, Refusal.THEIRS_ALREADY),
        (ACCEPTED, Reassign(2), replace(DESK, reason=" "), Refusal.REASON),
        (OFFERED, Reassign(1), DESK, Refusal.NOT_THEIRS),
        (ACCEPTED, GiveUp(2), DESK, Refusal.NOT_THEIRS),
        (ACCEPTED, CheckIn(8), DESK, Refusal.NOT_THEIRS),
        (replace(ACCEPTED, state=S.VISITING), CheckOut(8), DESK, Refusal.NOT_THEIRS),
        (replace(ACCEPTED, due_at=LATER), Cancel(), replace(DESK, channel="phone_key"), Refusal.PERSON),
        (replace(ACCEPTED, state=S.DISPUTED), Cancel(), DESK, Refusal.DISPUTED),
        (replace(ACCEPTED, state=S.DISPUTED), Close(), DESK, Refusal.DISPUTED),
        (replace(ACCEPTED, state=S.DISPUTED), Resolve(S.CLOSED), replace(DESK, reason=""), Refusal.REASON),
        (replace(ACCEPTED, state=S.DISPUTED), Resolve(S.RATED), DESK, Refusal.TABLE),
        (replace(ACCEPTED, state=S.DONE), Resolve(S.CLOSED), DESK, Refusal.TABLE),
        (replace(ACCEPTED, state=S.DONE), Dispute(), replace(DESK, reason=""), Refusal.REASON),
        (replace(ACCEPTED, state=S.CANCELLED), SendBack(), DESK, Refusal.TABLE),
    ],
)
def test_what_stands_against_a_command(order: Situation, command: Command, act: Act, why: Refusal) -> None:
    decision = decide(order, command, act)
    assert isinstance(decision, Refused)
    assert decision.why is why


def test_a_refusal_by_one_of_several_moves_nothing_and_by_the_last_it_does() -> None:
    assert decide(OFFERED, Decline(1), DESK) == Allowed(())
    assert decide(replace(OFFERED, offers={1: LATER}), Decline(1), DESK) == Allowed((S.REQUESTED,))
    assert decide(OFFERED, Accept(1), DESK) == Allowed((S.ACCEPTED,))


def test_a_command_is_told_with_its_object() -> None:
    assert Offer((3, 7)).told() == "offer 3,7"
    assert Assign(3).told() == "assign 3"
    assert Resolve(S.CLOSED).told() == "resolve closed"
    assert Cancel().told() == "cancel"
