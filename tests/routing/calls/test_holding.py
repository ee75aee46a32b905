"""Whoever comes to hold without a ticket is taken in, and is who they were: however the ticket of before was lost."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from db.models import Case, Elder
from db.models.calls import JourneyEvent
from db.session import make_unit_of_work
from routing.asterisk.headers import Headers
from routing.calls.caller import Caller as KnownCaller
from routing.calls.caller import CallerKind, KnownElder
from routing.calls.journey import CallFacts
from routing.calls.messages import CallerClass, Intent, TicketEnd, TicketEnded, TicketJoined, TicketOffered
from routing.calls.needs import CallNeeds, Need
from tests.routing.asterisk.fake_ami import success
from tests.routing.calls.house import WITHIN, House
from tests.routing.calls.played_node import Caller

NUMBER = "09310000101"
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def an_elder(house: House) -> int:
    """The id of an elder in the database."""
    elder = Elder(
        code="62-1", name="王桂兰", name_index=house.cipher.name_index("王桂兰"), sex="female", created_at=NOW,
        updated_at=NOW,
    )  # fmt: skip
    with make_unit_of_work(house.engine)() as session:
        session.add(elder)
        session.flush()
        return elder.id


def a_case(house: House, call_id: str) -> int:
    """The id of an open case of this call."""
    case = Case(key=f"complaint-{call_id}", kind="complaint", state="open", call_id=call_id, opened_at=NOW)
    with make_unit_of_work(house.engine)() as session:
        session.add(case)
        session.flush()
        return case.id


def frail(elder_id: int) -> KnownCaller:
    """What the directory says of a frail elder's number."""
    known = KnownElder(
        elder_id, "王桂兰", "王", "奶奶", "female", 83, CallerClass.FRAIL, False, "zh-CN", "", "", "assisted", "", True,
        "home",
    )  # fmt: skip
    return KnownCaller(CallerKind.ELDER, NUMBER, None, (known,))


async def comes_back(house: House, caller: Caller, caller_class: str = "elder", **headers: Any) -> None:
    """Asterisk's own queue gives the caller back: TICKET_ID is cleared, the class is not."""
    house.channels[caller.channel]["Context"] = "hold"
    said = {"CallId": caller.uniqueid, "TicketId": "", "Class": caller_class} | headers
    await house.ami.push("UserEvent", UserEvent="Holding", **caller.ids, **said)


async def falls_back(house: House, caller: Caller, why: str = "heartbeat") -> None:
    house.channels[caller.channel]["Context"] = "fallback"
    await house.ami.push("UserEvent", UserEvent="FellBack", **caller.ids, **caller.said, Why=why)


def test_whoever_the_queue_gives_back_is_who_they_were(tell) -> None:
    async def story(house: House) -> None:
        about = {"elder_id": an_elder(house), "skills": ("dialect",), "order_id": 5, "case_id": 3}
        caller = await house.wait_in_hold(intent=Intent.COMPLAINT, preferred_agent="1002", **about)
        await house.told(TicketJoined, ticket_id=caller.ticket_id)
        await falls_back(house, caller)
        await house.told(TicketEnded, ticket_id=caller.ticket_id, end=TicketEnd.FALLBACK)
        await comes_back(house, caller)
        joined = await house.told(TicketJoined, 2, call_id=caller.uniqueid)
        assert (joined.elder_id, joined.intent, joined.case_id) == (about["elder_id"], Intent.COMPLAINT, 3)
        await house.ready("1001", "1002")
        offered = await house.told(TicketOffered, ticket_id=joined.ticket_id)
        assert (offered.extension, offered.elder_id, offered.case_id) == ("1002", about["elder_id"], 3)
        ticket = house.router.floor.tickets[joined.ticket_id]
        assert (ticket.skills, ticket.order_id, ticket.preferred_agent) == (("dialect",), 5, "1002")

    tell(story)


def test_who_they_were_is_known_when_router_and_redis_have_lost_everything(tell) -> None:
    """What is left is the node, and what the database has of the call."""

    async def story(house: House) -> None:
        elder_id = an_elder(house)
        caller = await house.call()
        house.journey.began(CallFacts(caller.uniqueid, "a", "inbound", "12349", NOW.timestamp(), None, elder_id))
        need = house.need(caller, elder_id=elder_id, intent=Intent.ORDER, skills=("dialect",))
        house.tickets.open(need)
        await house.hold(caller)
        await house.told(TicketJoined, ticket_id=caller.ticket_id)
        case_id = a_case(house, caller.uniqueid)
        await house.until(lambda: "ticket.joined" in steps(house))
        await house.kill_router()
        house.redis.flushall()
        house.channels[caller.channel]["CallerIDNum"] = NUMBER
        given = {"CALL_ID": caller.uniqueid, "CALLER_CLASS": "elder"}

        def variable(action: Headers) -> list[bytes]:
            return [success(action, Value=given.get(action.text("Variable"), ""))]

        house.ami.answer("Getvar", variable)
        await house.start_router()
        joined = await house.told(TicketJoined, 2, call_id=caller.uniqueid)

        def known() -> tuple[object, ...]:
            ticket = house.tickets.get(joined.ticket_id)
            return (ticket.elder_id, ticket.intent, ticket.case_id, ticket.skills)

        await house.until(lambda: known() == (elder_id, Intent.ORDER, case_id, ("dialect",)))

    tell(story)


def steps(house: House) -> list[str]:
    with make_unit_of_work(house.engine)() as session:
        return list(session.scalars(select(JourneyEvent.what)))


def test_who_never_spoke_with_us_is_known_by_the_number(tell) -> None:
    """The flows are down: no ticket, no record; the node knows who calls."""

    async def story(house: House) -> None:
        elder_id = an_elder(house)
        asked: list[str] = []

        def directory(number: str) -> KnownCaller:
            asked.append(number)
            return frail(elder_id)

        house.directory = directory
        caller = await house.call()
        await comes_back(house, caller, "", CallerIDNum=NUMBER)
        joined = await house.told(TicketJoined, call_id=caller.uniqueid)
        await house.until(lambda: house.tickets.get(joined.ticket_id).elder_id == elder_id)
        assert joined.intent is Intent.GENERAL
        assert asked == [NUMBER]

    tell(story)


def test_nobody_waits_for_a_database_that_is_away(tell) -> None:
    async def story(house: House) -> None:
        def directory(_number: str) -> KnownCaller:
            raise ConnectionError("the database is away")

        house.directory = directory
        caller = await house.call()
        await comes_back(house, caller, "sos", CallerIDNum=NUMBER)
        joined = await house.told(TicketJoined, call_id=caller.uniqueid)
        assert (joined.elder_id, joined.intent) == (None, Intent.SOS)

    tell(story)


def test_what_a_slow_database_says_later_the_ticket_learns(tell) -> None:
    async def story(house: House) -> None:
        elder_id, answers = an_elder(house), threading.Event()

        def directory(_number: str) -> KnownCaller:
            answers.wait(WITHIN)
            return frail(elder_id)

        house.directory = directory
        try:
            caller = await house.call()
            await comes_back(house, caller, CallerIDNum=NUMBER)
            joined = await house.told(TicketJoined, call_id=caller.uniqueid)
            assert joined.elder_id is None
        finally:
            answers.set()
        await house.until(lambda: house.tickets.get(joined.ticket_id).elder_id == elder_id)

    tell(story)


def test_an_sos_stays_one_and_its_recordings_have_names_of_their_own(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        sos = await house.wait_in_hold(caller_class=CallerClass.SOS, intent=Intent.SOS)
        await house.told(TicketOffered, ticket_id=sos.ticket_id)
        leg = await house.rings(sos, "1001")
        await house.fails(sos, "1001", "NOANSWER", leg)
        await falls_back(house, sos, "sos")
        await house.told(TicketEnded, ticket_id=sos.ticket_id, end=TicketEnd.FALLBACK)
        await comes_back(house, sos, "elder")
        joined = await house.told(TicketJoined, 2, call_id=sos.uniqueid)
        assert (joined.caller_class, joined.intent) == (CallerClass.SOS, Intent.SOS)
        assert house.router.floor.tickets[joined.ticket_id].attempts >= 1

    tell(story)


def test_words_of_a_journey_that_are_not_ours_say_nothing(tell) -> None:
    async def story(house: House) -> None:
        house.journey.note("17.1", "ticket.joined", "somebody something")
        needs = CallNeeds(make_unit_of_work(house.engine), house.directory)
        assert needs.recall("17.1", "") == Need()
        house.journey.note("17.1", "ticket.joined", "frail order")
        assert needs.recall("17.1", "") == Need(Intent.ORDER, CallerClass.FRAIL)

    tell(story)
