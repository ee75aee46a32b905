"""When a message may go."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.demo import DEMO
from db.models import SmsMessage
from routing.outreach.sms import texts
from routing.outreach.sms.outbox import Sms, kind_of
from routing.outreach.sms.policy import SentToday, SmsKind, SmsRules, may_go
from tests.routing.town import MORNING, ZONE, Town

RULES = SmsRules((time(8), time(21)), ZONE, a_number=2, a_day=5)
MOMENTS = st.integers(0, 365 * 24 * 60).map(lambda minutes: MORNING + timedelta(minutes=minutes))
NUMBER = DEMO.wang.number


def at(hour: int, minute: int = 0) -> datetime:
    return MORNING.replace(hour=hour, minute=minute)


@pytest.mark.parametrize(
    ("kind", "sent", "now", "goes", "reason"),
    [
        (SmsKind.NOTICE, (0, 0), at(8), at(8), ""),
        (SmsKind.NOTICE, (1, 4), at(20, 59), at(20, 59), ""),
        (SmsKind.NOTICE, (0, 0), at(7, 59), at(8), "quiet"),
        (SmsKind.NOTICE, (0, 0), at(21), at(8) + timedelta(days=1), "quiet"),
        (SmsKind.ANSWER, (0, 0), at(3), at(3), ""),
        (SmsKind.WORK, (0, 0), at(3), at(3), ""),
        (SmsKind.ANSWER, (2, 2), at(9), at(8) + timedelta(days=1), "to one number"),
        (SmsKind.WORK, (2, 2), at(9), at(9), ""),
        (SmsKind.WORK, (0, 5), at(9), at(8) + timedelta(days=1), "a day"),
        (SmsKind.NOTICE, (0, 5), at(2), at(8) + timedelta(days=1), "a day"),
        (SmsKind.URGENT, (99, 99), at(3), at(3), ""),
    ],
)  # fmt: skip
def test_hours_and_limits(kind: SmsKind, sent: tuple[int, int], now: datetime, goes: datetime, reason: str) -> None:
    allowed = may_go(kind, SentToday(*sent), None, RULES, now)
    assert allowed.at == goes
    assert reason in allowed.reason


def test_what_would_be_too_late_then_does_not_go_and_says_why() -> None:
    allowed = may_go(SmsKind.NOTICE, SentToday(0, 0), at(22), RULES, at(21, 30))
    assert allowed.at is None
    assert "quiet hours" in allowed.reason


@given(MOMENTS, st.sampled_from(SmsKind), st.integers(0, 9), st.integers(0, 9), st.integers(-600, 6000))
def test_whatever_waits_may_go_at_the_moment_that_is_named(
    now: datetime, kind: SmsKind, number: int, everyone: int, minutes: int
) -> None:
    """And never in a quiet hour, never after its deadline, and what is urgent never waits."""
    deadline = now + timedelta(minutes=minutes)
    allowed = may_go(kind, SentToday(number, everyone), deadline, RULES, now)
    if kind is SmsKind.URGENT:
        assert allowed.at == now
    elif allowed.at is not None and allowed.at > now:
        assert allowed.reason
        assert allowed.at < deadline
        assert may_go(kind, SentToday(0, 0), deadline, RULES, allowed.at).at == allowed.at
    elif allowed.at is None:
        assert allowed.reason


@pytest.mark.parametrize("hours", [(time(), time()), (time(22), time(6))])
def test_hours_may_be_all_day_or_pass_midnight(hours: tuple[time, time]) -> None:
    assert may_go(SmsKind.NOTICE, SentToday(0, 0), None, SmsRules(hours, ZONE), at(23)).at == at(23)


def limited(town: Town) -> Sms:
    return Sms(town.unit_of_work, town.reading, town.clock, town.carrier, town.cipher.number_index, rules=RULES)


def states(town: Town) -> list[tuple[str, str]]:
    return [(row.state, row.understood) for row in town.rows(SmsMessage)]


def test_over_the_limit_of_a_number_it_waits_for_the_next_morning(any_town: Town) -> None:
    sms = limited(any_town)
    any_town.clock.now = at(20)
    for each in range(4):
        sms.queue(f"key-{each}", NUMBER, "text", deadline=any_town.clock() + timedelta(hours=20 if each < 3 else 2))
    sms.queue("key-other", "+8613900000099", "text")
    assert sms.send_due().accepted == 3
    found = states(any_town)
    assert [state for state, _why in found] == ["sent", "sent", "queued", "failed", "sent"]
    assert "2 messages a day to one number" in found[2][1]
    assert "over before it may go" in found[3][1]
    assert sms.send_due().accepted == 0
    any_town.clock.now = at(8, 1) + timedelta(days=1)
    assert sms.send_due().accepted == 1


def test_over_the_limit_of_the_day_only_what_is_urgent_goes(town: Town) -> None:
    sms = limited(town)
    for each in range(6):
        sms.queue(f"key-{each}", f"+861390000008{each}", "text")
    sms.queue("answer-1", "+8613900000089", texts.help_comes())
    assert sms.send_due().accepted == 6
    assert [row.kind for row in town.rows(SmsMessage) if row.state == "sent"] == ["notice"] * 5 + ["urgent"]


def test_at_night_answers_go_and_notices_wait(town: Town) -> None:
    sms = limited(town)
    town.clock.now = at(23)
    sms.queue("notice", NUMBER, "text")
    sms.queue("answer-1", "+8613900000099", "text")
    assert sms.send_due().accepted == 1
    assert [row.state for row in town.rows(SmsMessage)] == ["queued", "sent"]


@pytest.mark.parametrize(
    ("key", "kind"), [("answer-3", "answer"), ("sms-cancelled-1-2", "work"), ("sms-rate-1", "notice"), ("", "notice")]
)
def test_the_cause_tells_the_kind(key: str, kind: str) -> None:
    assert kind_of(key, "text").value == kind


def test_the_clock_is_set_back_in_the_middle_of_a_claim(town: Town) -> None:
    """A claim of the future belongs to nobody; what its sender says later, if it lives, is still believed."""
    message = town.sms.queue("key", NUMBER, "text")
    claimed = town.sms._claims.claim(message)
    assert claimed is not None
    town.clock.forward(hours=-1)
    assert town.sms.send_due().failed == 1
    town.sms._claims.settle(message, town.carrier.hand_over(claimed))
    assert states(town) == [("sent", "")]
    assert town.sms.send_due().accepted == 0
