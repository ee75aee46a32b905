"""What can become of an SOS, and when nobody cares for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from routing.errors import Invalid
from routing.orders.sos import DID, RESULTS, UNTOLD, Attention, Raised, check_result, is_alarming, unattended_since

RAISED_AT = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return RAISED_AT + timedelta(minutes=minutes)


def test_how_it_was_raised_tells_no_whole_number_and_the_device_s_place_apart() -> None:
    raised = Raised(DID, "12340", "one_key", "+869315550104", "<geo:36.0611,103.8343;u=20>")
    assert raised.words == "did 12340 one_key ***0104"
    assert raised.steps() == [("located", "geo:36.061100,103.834300;u=20")]
    assert Raised(DID, "12340", place="<geo:99,0>").steps() == [("not_located", "out_of_bounds")]
    assert (UNTOLD.words, UNTOLD.steps()) == ("", [])
    assert "5550104" not in repr(raised)
    assert "36.06" not in repr(raised)


def test_an_sos_ends_with_a_result_of_the_list_and_no_other_case_has_one() -> None:
    assert [check_result("sos", each) for each in RESULTS] == list(RESULTS)
    assert check_result("complaint", "") is None
    for kind, result in (("sos", ""), ("sos", "gossip"), ("complaint", "visited")):
        with pytest.raises(Invalid):
            check_result(kind, result)


@pytest.mark.parametrize(
    ("touched", "talking", "at", "alarms"),
    [
        (None, False, 4.9, False), (None, False, 5.1, True), (None, True, 60, False),
        (3, False, 7.9, False), (3, False, 8.1, True), (-1, False, 5.1, True),
    ],
)  # fmt: skip
def test_an_sos_alarms_when_no_person_has_been_on_it_for_five_minutes(
    touched: float | None, talking: bool, at: float, alarms: bool
) -> None:
    attention = Attention(RAISED_AT, None if touched is None else after(touched), talking)
    assert is_alarming(attention, after(at), 5) is alarms
    assert (unattended_since(attention) is None) is talking
