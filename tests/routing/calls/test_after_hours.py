"""Closed, or nobody logged in: duty phones in turn, then a message; on a played node and a real Redis."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.calls.hours_now import HoursNow
from routing.calls.messages import AgentState, CallerClass, Intent, TicketEnd, TicketEnded, TicketOffered, encode
from routing.calls.policy import Agent, Rules, Target, Waiting, message_at, widen
from routing.calls.records import TicketStage, to_json
from routing.hours.policy import Calendar, DayKind, ExceptionDay, read_spans
from routing.hours.register import HoursPlan
from routing.hours.rota import DutyPhone, read_times
from routing.numbers import as_dialled
from tests.routing.calls.house import House, ends
from tests.routing.calls.played_node import Caller

FIRST, SECOND = "+8613900000001", "+8613900000002"
ZONE = ZoneInfo("Asia/Shanghai")
NOW = 1_000_000.0


def closed_plan(*numbers: str) -> HoursPlan:
    """Closed yesterday, today and tomorrow, whenever the test runs."""
    today = datetime.now(ZONE).date()
    days = {today + timedelta(days=n): ExceptionDay((), "the test's day off") for n in range(-1, 2)}
    calendar = Calendar(ZONE, dict.fromkeys(DayKind, read_spans("08:00-18:00")), days)
    return HoursPlan(calendar, tuple(DutyPhone(n, f"{n}", number) for n, number in enumerate(numbers, start=1)))


async def sent_to(house: House, count: int) -> tuple[str, str]:
    """Context and extension of the `count`-th redirect."""
    moved = (await house.ami.received("Redirect", count))[count - 1]
    return moved.text("Context"), moved.text("Exten")


async def leaves_message(house: House, caller: Caller) -> None:
    """The caller hangs up after the tone."""
    await house.ami.push("UserEvent", UserEvent="MessageLeft", **caller.ids, **caller.said)
    await house.ami.push("UserEvent", UserEvent="CallGone", **caller.ids, **caller.said, Answered=0)
    await house.hang_up(caller)


def test_closed_rings_each_duty_phone_once_and_then_takes_a_message(tell) -> None:
    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        for count, number in ((1, "13900000001"), (2, "13900000002")):
            assert await sent_to(house, count) == ("connect-duty", number)
            offered = await house.told(TicketOffered, count, ticket_id=caller.ticket_id)
            assert offered.reason.endswith(f"duty phone {count}")
            leg = await house.rings(caller, number, outside=True)
            await house.fails(caller, number, "BUSY", leg)
        assert await sent_to(house, 3) == ("message", "s")
        await leaves_message(house, caller)
        await house.told(TicketEnded, ticket_id=caller.ticket_id, end=TicketEnd.PROMISED)
        await house.until(lambda: house.cases == [(f"message-{caller.uniqueid}", "message", caller.uniqueid)])
        await house.until(lambda: ends(house) == [(caller.ticket_id, "promised", None)])

    tell(story, hours=closed_plan(FIRST, SECOND))


def test_whoever_hangs_up_before_a_word_has_given_up(tell) -> None:
    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        assert await sent_to(house, 1) == ("message", "s")
        await house.hang_up(caller)
        await house.told(TicketEnded, ticket_id=caller.ticket_id, end=TicketEnd.ABANDONED)
        assert house.cases == []

    tell(story, hours=closed_plan())


def test_nobody_is_taken_away_from_a_message_by_an_agent_who_logs_in(tell) -> None:
    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        assert await sent_to(house, 1) == ("message", "s")
        await house.ready("1001")
        await house.settle_down()
        assert len(house.redirects()) == 1
        await leaves_message(house, caller)
        await house.told(TicketEnded, ticket_id=caller.ticket_id, end=TicketEnd.PROMISED)

    tell(story, hours=closed_plan())


def test_nobody_is_taken_away_from_a_message_by_late_news_of_the_hold(tell) -> None:
    """The caller was back in hold from an announcement just before they were sent to the message."""

    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        assert await sent_to(house, 1) == ("message", "s")
        house.channels[caller.channel]["Context"] = "message"
        asked = len(house.ami.sent("CoreShowChannels"))
        await house.ami.push("UserEvent", UserEvent="Holding", **caller.ids, **caller.said, Class="elder")
        await house.ready("1001")
        await house.ami.received("CoreShowChannels", asked + 1)
        await house.settle_down()
        assert len(house.redirects()) == 1
        await leaves_message(house, caller)
        await house.told(TicketEnded, ticket_id=caller.ticket_id, end=TicketEnd.PROMISED)

    tell(story, hours=closed_plan())


def test_a_router_that_takes_over_leaves_a_caller_at_their_message(tell) -> None:
    """The one before was killed before it could write that it had sent them there."""

    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        assert await sent_to(house, 1) == ("message", "s")
        await house.settle_down()
        await house.kill_router()
        stored = replace(house.tickets.get(caller.ticket_id), stage=TicketStage.HELD, offered_at=0.0)
        house.redis.hset("elderline:tickets", caller.ticket_id, to_json(stored))
        house.channels[caller.channel]["Context"] = "message"
        house.hours = None
        house.contacts.add("1001")
        await house.start_router()
        await house.ready("1001")
        await house.settle_down()
        assert len(house.redirects()) == 1
        assert house.tickets.get(caller.ticket_id).stage is TicketStage.MESSAGE
        await leaves_message(house, caller)
        await house.told(TicketEnded, ticket_id=caller.ticket_id, end=TicketEnd.PROMISED)

    tell(story, hours=closed_plan())


def test_whoever_presses_9_over_a_message_is_an_sos_in_hold(tell) -> None:
    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        assert await sent_to(house, 1) == ("message", "s")
        house.channels[caller.channel]["Context"] = "message"
        about = {"caller_class": CallerClass.SOS, "intent": Intent.SOS}
        house.redis.xadd("elderline:commands", {"message": encode(house.need(caller, **about))})
        await house.hold(caller, "sos")
        await house.ready("1001")
        await house.told(TicketOffered, ticket_id=caller.ticket_id, extension="1001")

    tell(story, hours=closed_plan())


def test_an_agent_who_is_there_after_hours_goes_before_the_duty_phones(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        caller = await house.wait_in_hold()
        await house.told(TicketOffered, ticket_id=caller.ticket_id, extension="1001")
        assert await sent_to(house, 1) == ("connect", "1001")

    tell(story, hours=closed_plan(FIRST))


def test_an_sos_by_night_rings_the_duty_phones_and_is_never_asked_for_a_message(tell) -> None:
    async def story(house: House) -> None:
        sos = await house.wait_in_hold(caller_class=CallerClass.SOS, intent=Intent.SOS)
        assert await sent_to(house, 1) == ("connect-duty", "13900000001")
        leg = await house.rings(sos, "13900000001", outside=True)
        await house.fails(sos, "13900000001", "NOANSWER", leg)
        await house.settle_down()
        assert [each.text("Context") for each in house.redirects()] == ["connect-duty"]

    tell(story, hours=closed_plan(FIRST))


def test_by_day_a_message_is_taken_when_nobody_has_been_there_for_long_enough(tell) -> None:
    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        assert await sent_to(house, 1) == ("message", "s")
        assert house.tickets.get(caller.ticket_id) is not None

    tell(story, message_after_seconds=0.2)


def test_a_node_learns_whom_to_ring_when_it_is_alone(tell) -> None:
    async def story(house: House) -> None:
        await house.ami.received("Setvar", 1)
        await house.until(
            lambda: (
                {each.text("Value") for each in house.ami.sent("Setvar") if each.text("Variable") == "DUTY_NUMBERS"}
                == {"13900000001-13900000002"}  # Told again, if it says only afterwards that it has booted.
            )
        )

    tell(story, hours=closed_plan(FIRST, SECOND))


def elder(**about: object) -> Waiting:
    return replace(Waiting("t", CallerClass.ELDER, NOW - 30), **about)


AWAY = [Agent("1001", AgentState.LOGGED_OFF, NOW - 500)]
BUSY = [Agent("1001", AgentState.TALKING, NOW - 500)]
CLOSED = Rules(duty_numbers=("139",), closed_since=NOW - 60)


def test_who_came_before_the_closing_is_served_by_the_agents_who_are_still_there() -> None:
    early = elder(joined_at=NOW - 90)
    assert widen([early], BUSY, (), NOW, CLOSED) is None
    late = widen([elder()], BUSY, (), NOW, CLOSED)
    assert late is not None and late.target is Target.DUTY
    assert widen([early], AWAY, (), NOW, CLOSED) is not None


@pytest.mark.parametrize(
    ("ticket", "agents", "nobody_since", "rules", "at"),
    [
        (elder(), AWAY, NOW - 500, CLOSED, None),
        (elder(tried=(("139", NOW),)), AWAY, NOW - 500, CLOSED, NOW - 30),
        (elder(tried=(("139", NOW),)), BUSY, None, CLOSED, NOW - 30),
        (elder(joined_at=NOW - 90), BUSY, None, Rules(closed_since=NOW - 60), None),
        (elder(), AWAY, NOW - 500, Rules(), NOW + 30),
        (elder(), AWAY, NOW - 5, Rules(), NOW + 55),
        (elder(), BUSY, None, Rules(), None),
        (elder(caller_class=CallerClass.SOS), AWAY, NOW - 500, Rules(closed_since=NOW - 60), None),
        (elder(promised=True), AWAY, NOW - 500, Rules(closed_since=NOW - 60), None),
    ],
)
def test_when_a_message_is_taken(ticket, agents, nobody_since, rules, at) -> None:
    assert message_at(ticket, agents, nobody_since, rules) == at


@given(st.integers(0, 14 * 24 * 60 - 1), st.booleans())
def test_the_router_sees_each_turn_of_hours_and_rota(minutes, restarted) -> None:
    calendar = Calendar(ZONE, dict.fromkeys(list(DayKind)[:5], read_spans("08:00-18:00")))
    phones = (DutyPhone(1, "night", FIRST, read_times("mon-sun 18:00-08:00")), DutyPhone(2, "always", SECOND))
    began = datetime(2026, 3, 2, tzinfo=ZONE).timestamp()
    hours = HoursNow(("1",), as_dialled)
    assert (hours.at(began), hours.fallback_numbers()) == (None, ("1",))
    hours.take(HoursPlan(calendar, phones))
    if not restarted:
        hours.at(began)
    while not restarted and (turns := hours.next_change()) is not None and turns <= began + minutes * 60:
        hours.at(turns)
    turn = hours.at(began + minutes * 60)
    assert turn is not None
    local = datetime.fromtimestamp(began + minutes * 60, UTC).astimezone(ZONE)
    assert (turn.closed_since is None) == (local.weekday() < 5 and 8 <= local.hour < 18)
    night = local.hour >= 18 or local.hour < 8
    assert turn.numbers == (("13900000001", "13900000002") if night else ("13900000002",))
    assert set(hours.fallback_numbers()) == {"13900000001", "13900000002"}
