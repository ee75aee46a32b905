"""On each day one thing holds, whatever is changed in whatever order."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.orders.pricing.validity import Span, make_room

FIRST = date(2026, 1, 1)
COPY = 1000
_copies = count(1)
DAYS = st.integers(0, 60)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def applied(spans: list[Span], new: Span) -> list[Span]:
    """What is there after a change; a copy has an id of its own, as in the database."""
    room = make_room(spans, new.first, new.last)
    ended = dict(room.ended)
    kept = [Span(each.id, each.first, ended.get(each.id, each.last)) for each in spans if each.id not in room.withdrawn]
    copies = [Span(of % COPY + COPY * next(_copies), first, last) for of, first, last in room.resumed]
    return [*kept, Span(new.id, new.first, room.last), *copies]


def holding(spans: list[Span], on: date) -> list[int]:
    return [each.id % COPY for each in spans if each.holds(on)]


@given(st.lists(st.tuples(DAYS, st.none() | st.integers(0, 30)), max_size=8))
def test_each_day_has_one_and_only_the_days_of_the_change_change(changes: list[tuple[int, int | None]]) -> None:
    spans = [Span(0, FIRST)]
    for number, (first, length) in enumerate(changes, start=1):
        before = {day(at): holding(spans, day(at)) for at in range(120)}
        last = None if length is None else day(first + length)
        until = make_room(spans, day(first), last).last
        spans = applied(spans, Span(number, day(first), last))
        for on, held in before.items():
            new = day(first) <= on and (until is None or on <= until)
            assert holding(spans, on) == ([number] if new else held)
            assert len(holding(spans, on)) == 1


def test_a_price_for_a_festival_ends_by_itself() -> None:
    after = applied([Span(1, FIRST)], Span(2, day(10), day(12)))
    assert after[:2] == [Span(1, FIRST, day(9)), Span(2, day(10), day(12))]
    assert (after[2].id % COPY, after[2].first, after[2].last) == (1, day(13), None)


def test_without_an_end_it_holds_until_what_is_planned() -> None:
    after = applied([Span(1, FIRST, day(29)), Span(2, day(30))], Span(3, day(10)))
    assert after == [Span(1, FIRST, day(9)), Span(2, day(30)), Span(3, day(10), day(29))]


def test_what_begins_on_the_same_day_takes_its_place() -> None:
    room = make_room([Span(1, FIRST)], FIRST, None)
    assert (room.withdrawn, room.ended, room.last) == ((1,), (), None)


def test_days_the_wrong_way_round() -> None:
    with pytest.raises(ValueError, match="before the first"):
        make_room([], day(2), day(1))
