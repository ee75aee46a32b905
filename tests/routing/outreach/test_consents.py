"""Consents, opt-outs and the list of whom never to call."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import update

from db.demo import DEMO
from db.models import CallAttempt, Callback, CallRecord, Consent, Elder, NeverCall, OptOut, SmsMessage
from routing.calls import keys
from routing.calls.messages import COMMANDS, WithdrawCall, decode
from routing.calls.tickets import withdraw
from routing.errors import Conflict, Invalid, NotFound
from routing.outreach.consent import Channel, Purpose, Why
from tests.routing.town import Town

WANG = DEMO.wang.number


def row(town: Town) -> Callback:
    return next(each for each in town.rows(Callback) if each.kind == "after_service")


def due(town: Town) -> None:
    town.served()
    town.clock.forward(minutes=31)


def no_more(town: Town, channel: str = "call", purpose: str = "survey", **whose: Any) -> None:
    whose = whose or {"elder_id": town.elder_id(DEMO.wang)}
    town.consents.note(channel=channel, purpose=purpose, given=False, by="user:1", how="desk", **whose)


@pytest.mark.parametrize("whose", ["elder", "number", "all"])
def test_what_is_owed_is_let_go_of_at_once(any_town: Town, whose: str) -> None:
    due(any_town)
    if whose == "all":
        no_more(any_town, purpose="all", number=WANG)
        assert [each.channel for each in any_town.rows(OptOut)] == ["call"]
    else:
        no_more(any_town, **({"number": WANG} if whose == "number" else {}))
    assert (row(any_town).state, any_town.callbacks.dial_due()) == ("cancelled", 0)


def test_what_was_being_queued_at_that_moment_is_found_by_the_next_round(town: Town) -> None:
    """Its unit of work saw no opt-out yet, and the opt-out's no message."""
    town.sms.queue("q", WANG, "您好")
    town.clock.forward(minutes=1)
    with town.unit_of_work() as session:
        session.add(OptOut(number_index=town.cipher.number_index(WANG), channel="sms", at=town.clock()))
    assert (town.consents.drop_forbidden(), town.consents.drop_forbidden()) == (1, 0)


def test_what_is_claimed_or_rings_is_withdrawn_and_never_tried_again(town: Town) -> None:
    due(town)
    assert town.callbacks.dial_due() == 1
    no_more(town)
    assert town.withdrawn == [town.placed[-1].cause]
    town.callbacks.settle(town.placed[-1].cause, "withdrawn")
    assert (row(town).state, row(town).last_outcome) == ("cancelled", "withdrawn")
    assert not [each for each in town.rows(SmsMessage) if each.question]


def test_another_elders_calls_go_on(town: Town) -> None:
    due(town)
    no_more(town, elder_id=town.elder_id(DEMO.couple[0]))
    assert town.callbacks.dial_due() == 1


def test_a_withdrawn_call_is_claimed_so_that_no_router_dials_it(redis: Redis) -> None:
    withdraw(redis, "after-1.1")
    held = redis.get(keys.CLAIM + "after-1.1")
    assert isinstance(held, bytes)
    assert json.loads(held) == {"outcome": "withdrawn"}
    ((_, entry),) = redis.xrange(COMMANDS)  # type: ignore[misc]  # redis-py gives a union of futures.
    assert decode(entry[b"message"]) == WithdrawCall("after-1.1")
    redis.set(keys.CLAIM + "after-1.2", "placed-x")
    withdraw(redis, "after-1.2")
    assert redis.get(keys.CLAIM + "after-1.2") == b"placed-x", "whoever dials has it"


def test_a_question_that_is_queued_is_not_sent_after_its_number_opted_out(town: Town) -> None:
    town.sms.queue("q", WANG, "您好", elder_id=town.elder_id(DEMO.wang), question="rating-1-5")
    town.clock.forward(minutes=1)
    town.inbox.received("1", WANG, "12349", "TD", town.clock())
    town.clock.forward(minutes=1)
    assert [row.state for row in town.rows(SmsMessage) if row.key == "q"] == ["failed"]
    assert town.consents.drop_forbidden() == 0
    town.sms.send_due()
    assert [message.text for message in town.carrier.handed if message.text == "您好"] == []
    assert len(town.carrier.handed) == 1, "the word that it is stopped"


@pytest.mark.parametrize("how", ["elder", "number"])
def test_a_question_that_is_queued_is_not_sent_after_its_elder_wants_none(town: Town, how: str) -> None:
    elder_id = town.elder_id(DEMO.wang)
    town.sms.queue("q", WANG, "几分?", elder_id=elder_id, question="rating-1-5")
    town.sms.queue("news", WANG, "明天来", elder_id=elder_id)
    no_more(town, "sms", **({"number": WANG} if how == "number" else {"elder_id": elder_id}))
    town.sms.queue("q2", WANG, "几分呢?", elder_id=elder_id, question="rating-1-5")
    town.sms.send_due()
    assert [message.text for message in town.carrier.handed] == ["明天来"]


def test_yes_after_no_counts_and_both_stay_in_the_history(any_town: Town) -> None:
    elder_id = any_town.elder_id(DEMO.wang)
    no_more(any_town)
    any_town.clock.forward(days=1)
    any_town.consents.note(
        channel="call", purpose="survey", given=True, by="user:2", how="paper", elder_id=elder_id, note="在社区签了字"
    )
    history = any_town.consents.of_elder(elder_id)
    assert [(each.given, each.by, each.how) for each in history] == [
        (True, "user:2", "paper"),
        (False, "user:1", "desk"),
    ]
    assert history[0].note == "在社区签了字"
    asked = any_town.consents.permission(Purpose.SURVEY, Channel.CALL, number=WANG, elder_id=elder_id)
    assert asked.allowed


def test_a_no_counts_also_if_the_clock_was_set_back_since_the_yes(town: Town) -> None:
    elder_id = town.elder_id(DEMO.wang)
    town.enrolments.enrol(elder_id, "09:30", consent="elder", by="user:1")
    town.clock.forward(hours=-1)
    no_more(town, purpose="well_being")
    asked = town.consents.permission(Purpose.WELL_BEING, Channel.CALL, number=WANG, elder_id=elder_id)
    assert asked.why is Why.WITHDRAWN


def test_a_number_that_wants_everything_again(town: Town) -> None:
    no_more(town, "sms", "all", number=WANG)
    assert len(town.rows(OptOut)) == 1
    town.consents.note(channel="sms", purpose="all", given=True, by="user:1", how="desk", number=WANG)
    assert town.rows(OptOut) == []


@pytest.mark.parametrize(
    "change",
    [{"channel": "fax"}, {"purpose": "advertising"}, {"how": "telepathy"}, {"note": "x" * 501}, {"elder_id": None},
     {"purpose": "all"}],
)  # fmt: skip
def test_a_word_that_says_nothing_is_refused(town: Town, change: dict[str, Any]) -> None:
    given: dict[str, Any] = {
        "channel": "call", "purpose": "survey", "given": False, "by": "user:1", "how": "desk", "elder_id": 1,
    }  # fmt: skip
    with pytest.raises(Invalid):
        town.consents.note(**(given | change))
    assert town.rows(Consent) == []


def test_a_word_of_an_elder_who_is_not_there(town: Town) -> None:
    with pytest.raises(NotFound):
        no_more(town, elder_id=999_999)


def test_whoever_is_on_the_list_is_asked_by_sms_and_rung_again_after_its_end(any_town: Town) -> None:
    due(any_town)
    entry = any_town.never_call.add(
        reason="hospital", by="user:1", elder_id=any_town.elder_id(DEMO.wang),
        expires_at=any_town.clock() + timedelta(days=7),
    )  # fmt: skip
    assert any_town.callbacks.dial_due() == 0
    assert (row(any_town).state, row(any_town).last_outcome, row(any_town).attempts) == ("failed", "never_call", 0)
    may = any_town.consents.permission
    assert may(Purpose.SERVICE, Channel.CALL, elder_id=entry.elder_id).why is Why.NEVER_CALL
    any_town.clock.forward(days=8)
    assert may(Purpose.SERVICE, Channel.CALL, elder_id=entry.elder_id).allowed
    assert any_town.never_call.standing() == ()


def test_a_number_on_the_list_is_written_in_any_form_ended_once_and_kept(town: Town) -> None:
    entry = town.never_call.add(reason="fax", by="user:1", number=WANG)
    again = town.never_call.add(reason="wrong_number", by="user:2", number=WANG.replace("+86", "0086"), note="是传真")
    assert (again.id, again.reason, len(town.rows(NeverCall))) == (entry.id, "wrong_number", 1)
    assert town.consents.permission(Purpose.SURVEY, Channel.CALL, number=WANG).why is Why.NEVER_CALL
    town.never_call.end(entry.id, by="user:1")
    assert town.consents.permission(Purpose.SURVEY, Channel.CALL, number=WANG).allowed
    with pytest.raises(Conflict):
        town.never_call.end(entry.id, by="user:1")
    with pytest.raises(NotFound):
        town.never_call.end(999, by="user:1")


@pytest.mark.parametrize(
    "entry",
    [{"number": "abc"}, {"number": ""}, {}, {"number": WANG, "elder_id": 1}, {"number": WANG, "reason": "because"},
     {"number": WANG, "note": "x" * 501}, {"number": WANG, "expires_at": "past"}],
)  # fmt: skip
def test_an_entry_that_cannot_be_is_refused(town: Town, entry: dict[str, Any]) -> None:
    if entry.get("expires_at"):
        entry = entry | {"expires_at": town.clock() - timedelta(minutes=1)}
    with pytest.raises(Invalid):
        town.never_call.add(**({"reason": "fax", "by": "user:1"} | entry))


@pytest.mark.parametrize("state", ["deceased", "deregistered", "moved"])
def test_the_telephone_of_who_is_gone_does_not_ring(any_town: Town, state: str) -> None:
    due(any_town)
    with any_town.unit_of_work() as session:
        session.execute(update(Elder).where(Elder.id == any_town.elder_id(DEMO.wang)).values(state=state))
    assert any_town.callbacks.dial_due() == 0
    assert (row(any_town).state, row(any_town).last_outcome) == ("cancelled", "gone")


def call_of(town: Town, **about: Any) -> None:
    given: dict[str, Any] = {
        "id": "c-1", "node": "a", "direction": "inbound", "dialled": "12349", "number": WANG,
        "number_index": town.cipher.number_index(WANG), "elder_id": town.elder_id(DEMO.wang),
        "started_at": town.clock(), "outcome": "",
    }  # fmt: skip
    with town.unit_of_work() as session:
        session.add(CallRecord(**(given | about)))


def test_whoever_is_on_the_line_with_us_is_rung_later(any_town: Town) -> None:
    due(any_town)
    call_of(any_town, id="c-0", started_at=any_town.clock() - timedelta(hours=1))
    assert any_town.callbacks.dial_due() == 0
    assert row(any_town).due_at == any_town.clock() + timedelta(minutes=10)
    assert any_town.rows(CallAttempt) == []


def test_whoever_called_in_since_is_not_rung_but_asked_by_sms(any_town: Town) -> None:
    due(any_town)
    call_of(any_town, ended_at=any_town.clock(), outcome="self_served")
    assert any_town.callbacks.dial_due() == 0
    assert (row(any_town).state, row(any_town).last_outcome) == ("failed", "called_in")


@pytest.mark.parametrize("about", [{"dialled": "12348"}, {"outcome": "abandoned"}, {"direction": "outbound"}])
def test_a_workers_call_from_her_telephone_or_one_that_reached_nobody_does_not_count(
    town: Town, about: dict[str, Any]
) -> None:
    due(town)
    call_of(town, ended_at=town.clock(), **({"outcome": "self_served"} | about))
    assert town.callbacks.dial_due() == 1


def test_she_rests_and_is_rung_when_she_is_up(town: Town) -> None:
    with town.unit_of_work() as session:
        session.execute(update(Elder).values(rest="09:00-12:00"))
    due(town)
    assert town.callbacks.dial_due() == 0
    assert row(town).due_at.astimezone(town.clock.now.tzinfo).hour == 12
    town.clock.now = row(town).due_at
    assert town.callbacks.dial_due() == 1
