"""Which order a worker means: properties over all that may wait at a home and elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from routing.orders.evv.matching import Agreed, Choice, Outcome, Waiting, choose

ME, COLLEAGUE = 1, 2
WORKERS = st.sampled_from((ME, COLLEAGUE, None))
HOMES = st.frozensets(st.integers(1, 4), max_size=2)
SAID = st.none() | st.integers(1, 6)
AGREED = st.frozensets(st.sampled_from(Agreed))


@st.composite
def orders(draw: st.DrawFn, homes: frozenset[int]) -> list[Waiting]:
    """As `may_begin` gives them: one's own wherever they are, others' and nobody's at this home alone."""
    drawn = draw(st.lists(st.tuples(st.integers(1, 4), WORKERS), max_size=5))
    return [
        Waiting(at, elder, worker)
        for at, (elder, worker) in enumerate(drawn, start=1)
        if worker == ME or elder in homes
    ]


@st.composite
def calls(draw: st.DrawFn) -> tuple[list[Waiting], frozenset[int], int | None, frozenset[Agreed]]:
    homes = draw(HOMES)
    return draw(orders(homes)), homes, draw(SAID), draw(AGREED)


@given(calls())
def test_nothing_is_begun_that_the_worker_was_not_sent_to_or_did_not_agree_to(
    call: tuple[list[Waiting], frozenset[int], int | None, frozenset[Agreed]],
) -> None:
    waiting, homes, said, agreed = call
    choice = choose(ME, waiting, homes, said, agreed)
    assert set(choice.orders) <= set(waiting)
    if choice.outcome is not Outcome.ONE:
        return
    (order,) = choice.orders
    assert said in (None, order.order_id)
    assert order.worker_id != COLLEAGUE or Agreed.INSTEAD in agreed
    assert not homes or order.elder_id in homes or Agreed.ELSEWHERE in agreed


@given(calls())
def test_whoever_answers_what_is_asked_is_checked_in_within_two_questions(
    call: tuple[list[Waiting], frozenset[int], int | None, frozenset[Agreed]],
) -> None:
    waiting, homes, _said, _agreed = call
    choice, agreed, asked = choose(ME, waiting, homes), frozenset[Agreed](), 0
    while choice.outcome not in (Outcome.ONE, Outcome.NONE):
        asked += 1
        assert asked <= 2
        agreed |= _yes(choice)
        choice = choose(ME, waiting, homes, choice.orders[0].order_id, agreed)
    assert (choice.outcome is Outcome.NONE) == (not waiting)


def _yes(choice: Choice) -> frozenset[Agreed]:
    said = {Outcome.INSTEAD: Agreed.INSTEAD, Outcome.ELSEWHERE: Agreed.ELSEWHERE}
    return frozenset({said[choice.outcome]}) if choice.outcome in said else frozenset()


@given(calls())
def test_the_place_comes_first(call: tuple[list[Waiting], frozenset[int], int | None, frozenset[Agreed]]) -> None:
    waiting, homes, _said, agreed = call
    mine_here = [order for order in waiting if order.worker_id == ME and order.elder_id in homes]
    choice = choose(ME, waiting, homes, None, agreed)
    if mine_here:
        assert _ids(choice.orders) == _ids(mine_here)
        assert choice.outcome is (Outcome.ONE if len(mine_here) == 1 else Outcome.WHICH)


def _ids(found: Sequence[Waiting]) -> list[int]:
    return [order.order_id for order in found]


def test_each_case() -> None:
    own, other, nobodys = Waiting(1, 10, ME), Waiting(2, 20, COLLEAGUE), Waiting(3, 20, None)
    assert choose(ME, [own], frozenset()) == Choice(Outcome.ONE, (own,))
    assert choose(ME, [own], frozenset({20})) == Choice(Outcome.ELSEWHERE, (own,))
    assert choose(ME, [own, other], frozenset({20})) == Choice(Outcome.INSTEAD, (other,))
    assert choose(ME, [own, other, nobodys], frozenset({20})) == Choice(Outcome.ONE, (nobodys,))
    assert choose(ME, [own], frozenset({20}), 99, set(Agreed)) == Choice(Outcome.NONE)
    assert choose(ME, [], frozenset({20})) == Choice(Outcome.NONE)
