"""What marks add up to, and that a sample is fair, the same for everybody, and bounded."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from routing.quality.policy import LEAST_TALK_SECONDS, Talk, sample, total, week_of

MONDAY = date(2026, 3, 2)
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
_MARKS = st.lists(st.tuples(st.integers(1, 100), st.none() | st.integers(0, 5)), min_size=1, max_size=12)


def talks(number: int, extension: str = "1001", seconds: float = 60, name: str = "t") -> list[Talk]:
    return [
        Talk(f"{name}{each}", f"c{each}", extension, BEGIN + timedelta(minutes=each), seconds) for each in range(number)
    ]


def test_marks_by_weight() -> None:
    assert total([(10, 5), (30, 0)]) == 25
    assert total([(10, 5), (30, None)]) == 100, "what does not apply takes nothing away"
    assert total([(10, None)]) is None
    assert total([(1, 4), (1, 3), (1, 5)]) == 80


@given(_MARKS)
def test_a_total_is_a_share_of_the_best(marks: list[tuple[int, int | None]]) -> None:
    found = total(marks)
    given_marks = [mark for _, mark in marks if mark is not None]
    assert (found is None) == (not given_marks)
    if found is not None:
        assert 20 * min(given_marks) - 0.1 <= found <= 20 * max(given_marks) + 0.1


def test_a_sample_is_bounded_and_each_agents_own() -> None:
    had = talks(40) + talks(2, "1002", name="u") + talks(5, "1003", LEAST_TALK_SECONDS - 1, "v")
    found = sample(had, MONDAY, 3)
    assert {extension: len(chosen) for extension, chosen in found.items()} == {"1001": 3, "1002": 2}
    assert found == sample(reversed(had), MONDAY, 3), "in whatever order they are asked for"
    assert found != sample(had, MONDAY + timedelta(days=7), 3), "another week has another draw"


def test_every_talk_has_the_same_chance() -> None:
    """Over 3,000 weeks each of ten talks is among the three about 900 times: 5 deviations to either side."""
    count = Counter(
        each.call_id
        for week in range(3_000)
        for each in sample(talks(10, name=f"w{week}-"), MONDAY, 3)["1001"]
    )  # fmt: skip
    deviation = (3_000 * 0.3 * 0.7) ** 0.5
    assert all(abs(count[f"c{each}"] - 900) < 5 * deviation for each in range(10)), count


def test_weeks_begin_on_monday() -> None:
    assert {week_of(MONDAY + timedelta(days=each)) for each in range(7)} == {MONDAY}
