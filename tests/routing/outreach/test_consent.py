"""Who may be contacted, for what, by what and when: the rules, as a table and as properties."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.outreach.consent import (
    CHOICES,
    NEEDS_YES,
    NOTHING,
    Channel,
    Known,
    Permission,
    Purpose,
    Why,
    may_contact,
    purpose_of,
)
from routing.outreach.policy import CallRules
from routing.outreach.sms.policy import SmsKind, SmsRules, goes_at

ZONE = ZoneInfo("Asia/Shanghai")
RULES = CallRules((time(8), time(21)), ZONE, 3, timedelta(hours=2))
NOON = datetime(2026, 3, 4, 10, tzinfo=ZONE)
NIGHT = datetime(2026, 3, 4, 23, tzinfo=ZONE)
CALL, SMS = Channel.CALL, Channel.SMS
P = Purpose


def ask(
    purpose: Purpose, channel: Channel, person: Known = NOTHING, number: Known = NOTHING, now: datetime = NOON
) -> Permission:
    return may_contact(purpose, channel, person, number, now, rules=RULES)


NEVER = Known(never_call=True)
OUT = Known(opted_out=frozenset({CALL, SMS}))
NO_SURVEY = Known(said={(CALL, P.SURVEY): False})
YES = Known(said={(CALL, P.REMINDER): True, (CALL, P.WELL_BEING): True})


@pytest.mark.parametrize(
    ("purpose", "channel", "person", "number", "why"),
    [
        (P.SURVEY, CALL, NOTHING, NOTHING, Why.ALLOWED),
        (P.SURVEY, CALL, NEVER, NOTHING, Why.NEVER_CALL),
        (P.SERVICE, CALL, NOTHING, NEVER, Why.NEVER_CALL),
        (P.BUSINESS, CALL, NOTHING, NEVER, Why.NEVER_CALL),
        (P.SERVICE, SMS, NOTHING, NEVER, Why.ALLOWED),
        (P.SURVEY, CALL, NOTHING, OUT, Why.OPTED_OUT),
        (P.SERVICE, CALL, NOTHING, OUT, Why.ALLOWED),
        (P.SERVICE, SMS, NOTHING, OUT, Why.OPTED_OUT),
        (P.BUSINESS, SMS, NOTHING, OUT, Why.OPTED_OUT),
        (P.BUSINESS, CALL, NOTHING, OUT, Why.ALLOWED),
        (P.SURVEY, CALL, NO_SURVEY, NOTHING, Why.WITHDRAWN),
        (P.SURVEY, CALL, NOTHING, NO_SURVEY, Why.WITHDRAWN),
        (P.SURVEY, SMS, NO_SURVEY, NOTHING, Why.ALLOWED),
        (P.ANNOUNCEMENT, CALL, NO_SURVEY, NOTHING, Why.ALLOWED),
        (P.REMINDER, CALL, NOTHING, NOTHING, Why.NO_CONSENT),
        (P.REMINDER, CALL, YES, NOTHING, Why.ALLOWED),
        (P.WELL_BEING, CALL, YES, NOTHING, Why.ALLOWED),
        (P.WELL_BEING, SMS, YES, NOTHING, Why.NO_CONSENT),
        (P.SURVEY, CALL, Known(state="deceased"), NOTHING, Why.GONE),
        (P.SERVICE, CALL, Known(state="deregistered"), NOTHING, Why.GONE),
        (P.SURVEY, SMS, Known(state="moved"), NOTHING, Why.GONE),
        (P.BUSINESS, CALL, Known(state="deceased"), NOTHING, Why.ALLOWED),
    ],
)
def test_the_rules(purpose: Purpose, channel: Channel, person: Known, number: Known, why: Why) -> None:
    found = ask(purpose, channel, person, number)
    assert (found.why, found.allowed) == (why, why is Why.ALLOWED)


@pytest.mark.parametrize("purpose", Purpose)
def test_no_call_but_to_firms_at_night_and_none_while_the_elder_rests(purpose: Purpose) -> None:
    rests = Known(rest=(time(12, 30), time(14)), said=YES.said)
    at_night, at_rest = ask(purpose, CALL, rests, now=NIGHT), ask(purpose, CALL, rests, now=NOON.replace(hour=13))
    if purpose is P.BUSINESS:
        assert at_night.allowed
        assert at_rest.allowed
        return
    assert (at_night.why, at_night.not_before) == (Why.QUIET, datetime(2026, 3, 5, 8, tzinfo=ZONE))
    assert (at_rest.why, at_rest.not_before) == (Why.QUIET, NOON.replace(hour=14))


@pytest.mark.parametrize("purpose", set(Purpose) - NEEDS_YES)
def test_the_hours_of_sms_are_the_outboxs_alone(purpose: Purpose) -> None:
    assert ask(purpose, SMS, now=NIGHT).allowed
    rules = SmsRules((time(8), time(21)), ZONE)
    assert goes_at(SmsKind.NOTICE, rules, NIGHT) == datetime(2026, 3, 5, 8, tzinfo=ZONE)
    assert {goes_at(kind, rules, NIGHT) for kind in set(SmsKind) - {SmsKind.NOTICE}} == {NIGHT}


def test_a_kind_of_call_that_nobody_has_sorted_is_taken_for_a_survey() -> None:
    assert purpose_of("something new") is P.SURVEY


SAID = st.dictionaries(st.tuples(st.sampled_from(Channel), st.sampled_from(CHOICES)), st.booleans())
KNOWN = st.builds(
    Known, state=st.sampled_from(["active", "moved", "deregistered", "deceased"]), never_call=st.booleans(),
    opted_out=st.frozensets(st.sampled_from(Channel)), said=SAID,
)  # fmt: skip
INSTANTS = st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # The strategy adds the zone.
ANY = st.tuples(st.sampled_from(Purpose), st.sampled_from(Channel), KNOWN, KNOWN, INSTANTS)


@given(ANY)
def test_whatever_anybody_forbade_is_not_done(asked: tuple[Purpose, Channel, Known, Known, datetime]) -> None:
    purpose, channel, person, number, now = asked
    found = ask(purpose, channel, person, number, now)
    assert found.allowed == (found.why is Why.ALLOWED)
    if not found.allowed:
        return
    if channel is CALL:
        assert not person.never_call
        assert not number.never_call
    if purpose is P.BUSINESS:
        return
    assert person.state == "active"
    assert False not in (person.said.get((channel, purpose)), number.said.get((channel, purpose)))
    if purpose is not P.SERVICE:
        assert channel not in person.opted_out | number.opted_out
    if channel is CALL:
        assert time(8) <= now.astimezone(ZONE).time().replace(second=0, microsecond=0) <= time(21)


@given(ANY, KNOWN)
def test_a_further_no_never_allows_more(asked: tuple[Purpose, Channel, Known, Known, datetime], more: Known) -> None:
    purpose, channel, person, number, now = asked
    stricter = Known(
        state=person.state, never_call=person.never_call or more.never_call,
        opted_out=person.opted_out | more.opted_out,
        said={**person.said, **{key: False for key, yes in more.said.items() if not yes}},
    )  # fmt: skip
    if ask(purpose, channel, stricter, number, now).allowed:
        assert ask(purpose, channel, person, number, now).allowed


@given(ANY)
def test_what_is_only_a_matter_of_time_is_allowed_when_it_has_come(
    asked: tuple[Purpose, Channel, Known, Known, datetime],
) -> None:
    purpose, channel, person, number, now = asked
    found = ask(purpose, channel, person, number, now)
    if found.not_before is not None:
        assert found.not_before > now
        assert ask(purpose, channel, person, number, found.not_before).allowed
