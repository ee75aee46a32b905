"""Promised call-backs: an agent first, then one dial; the place is kept; nobody is promised or dialled twice."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import select

from db.models import Case, SmsMessage
from db.models.calls import CallRecord
from db.session import make_unit_of_work
from routing.calls import keys
from routing.calls.messages import (
    AgentChanged,
    AgentState,
    CallerClass,
    Intent,
    PlaceCall,
    TicketAnswered,
    TicketEnd,
    TicketEnded,
    TicketOffered,
    TicketReturned,
)
from routing.calls.records import TicketStage
from routing.calls.tickets import send
from tests.routing.calls.house import House, ends
from tests.routing.calls.promising import (
    DIALLED,
    dialled,
    finished,
    kept,
    nobody_is_dialled,
    picks_up,
    promised,
    rings,
    row,
)


def rows(house: House, kind: type) -> list:
    with make_unit_of_work(house.engine)() as session:
        return list(session.scalars(select(kind)))


def test_an_agent_is_reserved_and_shown_the_record_and_only_then_it_dials(tell) -> None:
    async def story(house: House) -> None:
        promise = await promised(house)
        await nobody_is_dialled(house)
        assert kept(house, promise).called_back
        await house.ready("1001")
        offered = await house.told(TicketOffered, ticket_id=promise.ticket_id)
        dial = await dialled(house)
        assert (offered.extension, offered.call_id) == ("1001", promise.promised_in)
        assert "call-back in its place" in offered.reason
        assert house.agent("1001").state is AgentState.RESERVED
        assert (dial.text("Channel"), dial.text("Context"), dial.text("Exten")) == (DIALLED, "placed", "promised")
        assert f"TICKET_ID={promise.ticket_id}" in dial.all("Variable")
        assert house.redirects() == []
        leg = await picks_up(house, dial, promise)
        redirect = (await house.ami.received("Redirect"))[0]
        assert (redirect.text("Channel"), redirect.text("Exten")) == (leg.channel, "1001")
        ringing = await house.rings(leg, "1001")
        await house.answers(leg, ringing)
        answered = await house.told(TicketAnswered, ticket_id=promise.ticket_id)
        assert (answered.call_id, answered.extension) == (leg.uniqueid, "1001")
        await house.until(lambda: (row(house).state, row(house).attempts) == ("done", 1))
        await house.until(lambda: house.redis.hgetall(keys.OWED_PROMISES) == {})
        await house.hang_up(leg)
        await nobody_is_dialled(house, since=1)

    tell(story)


def test_each_end_is_recorded_once(tell) -> None:
    async def story(house: House) -> None:
        promise = await promised(house)
        await house.ready("1001")
        leg = await picks_up(house, await dialled(house), promise)
        await house.answers(leg, await house.rings(leg, "1001"))
        await house.told(TicketAnswered, ticket_id=promise.ticket_id)
        await house.hang_up(leg)
        wanted = {(promise.instead_of, "promised", None), (promise.ticket_id, "answered", "1001")}
        await house.until(lambda: len(ends(house)) == 2)
        assert set(ends(house)) == wanted
        await house.until(
            lambda: (
                {each.id: each.outcome for each in rows(house, CallRecord)}
                == {promise.promised_in: "promised", leg.uniqueid: "answered"}
            )
        )

    tell(story)


@pytest.mark.parametrize(("reason", "outcome"), [(3, "no_answer"), (5, "busy")])
def test_who_does_not_answer_frees_the_agent_at_once_and_is_tried_a_bounded_number_of_times(
    tell, reason: int, outcome: str
) -> None:
    async def story(house: House) -> None:
        promise = await promised(house)
        await house.ready("1001")
        for attempt in (1, 2):
            dial = await dialled(house, attempt)
            await finished(house, dial, "Failure", reason)
            await house.told(TicketReturned, attempt, ticket_id=promise.ticket_id, status=outcome)
            await house.told(AgentChanged, 1 + attempt, extension="1001", state=AgentState.READY)
            assert house.agent("1001").misses == 0
            if attempt == 1:
                await house.until(lambda: row(house).attempts == 1)
        ended = await house.told(TicketEnded, ticket_id=promise.ticket_id)
        assert ended.end is TicketEnd.UNREACHED
        await house.until(lambda: row(house).state == "failed")
        assert [each.kind for each in rows(house, Case)] == ["callback"]
        assert len(rows(house, SmsMessage)) == 1
        await nobody_is_dialled(house, since=2)

    tell(story, promise_attempts=2, promise_retry_seconds=1)


def test_who_answers_and_is_gone_before_the_agent_counts_as_not_reached_once(tell) -> None:
    async def story(house: House) -> None:
        promise = await promised(house)
        await house.ready("1001")
        leg = await picks_up(house, await dialled(house), promise)
        ringing = await house.rings(leg, "1001")
        await house.hang_up(leg)
        await house.hang_up(ringing, leg.uniqueid)
        await house.until(lambda: kept(house, promise).stage is TicketStage.HELD)
        assert (kept(house, promise).called_back, kept(house, promise).dials) == (True, 1)
        assert kept(house, promise).not_before > time.time() + 30
        await house.told(AgentChanged, 2, extension="1001", state=AgentState.READY)
        assert house.agent("1001").misses == 0
        await nobody_is_dialled(house, since=1)

    tell(story, promise_retry_seconds=60)


def test_an_agent_who_does_not_answer_leaves_them_in_hold_for_another(tell) -> None:
    async def story(house: House) -> None:
        promise = await promised(house)
        await house.ready("1001")
        leg = await picks_up(house, await dialled(house), promise)
        ringing = await house.rings(leg, "1001")
        await house.ready("1002")
        said = leg.ids | {"CallId": leg.uniqueid, "TicketId": promise.ticket_id}
        await house.ami.push("UserEvent", UserEvent="ConnectFailed", **said, Agent="1001", Status="NOANSWER")
        await house.hang_up(ringing, leg.uniqueid)
        house.channels[leg.channel]["Context"] = "hold"
        await house.ami.push("UserEvent", UserEvent="Holding", **said, Class="")
        redirects = await house.ami.received("Redirect", 2)
        assert redirects[1].text("Exten") == "1002"
        await nobody_is_dialled(house, since=1)

    tell(story)


def test_never_more_dials_than_reserved_agents(tell) -> None:
    async def story(house: House) -> None:
        for last in range(5):
            await promised(house, f"+86931900020{last}")
        await house.ready("1001", "1002")
        await dialled(house, 2)
        await nobody_is_dialled(house, since=2)
        assert {house.agent(each).state for each in ("1001", "1002")} == {AgentState.RESERVED}

    tell(story)


def test_a_promise_keeps_its_place_among_those_who_wait_on_the_line(tell) -> None:
    async def story(house: House) -> None:
        now = time.time()
        first = await house.wait_in_hold(joined_at=now - 30)
        promise = await promised(house, joined_at=now - 20)
        last = await house.wait_in_hold(joined_at=now - 10)
        await house.settle_down()
        for who in (first.ticket_id, promise.ticket_id, last.ticket_id):
            extension = f"10{1 + len([e for e in house.live if isinstance(e, TicketOffered)]):02d}"
            if extension == "1003":
                house.ask("1001", AgentState.PAUSED)
                break
            await house.ready(extension)
            await house.told(TicketOffered, ticket_id=who, extension=extension)

    tell(story)


def test_outside_the_hours_it_waits(tell) -> None:
    """Hours of one minute, far from now in the hotline's zone."""
    hour = (time.gmtime().tm_hour + 8 + 12) % 24

    async def story(house: House) -> None:
        await promised(house)
        await house.ready("1001")
        await nobody_is_dialled(house)
        assert house.agent("1001").state is AgentState.READY

    tell(story, call_hours=f"{hour:02d}:00-{hour:02d}:01")


def test_an_sos_gets_the_agent_who_only_waits_for_somebody_to_answer(tell) -> None:
    async def story(house: House) -> None:
        promise = await promised(house)
        await house.ready("1001")
        dial = await dialled(house)
        leg = await rings(house, dial)
        sos = await house.wait_in_hold(caller_class=CallerClass.SOS, intent=Intent.SOS)
        await house.told(TicketOffered, ticket_id=sos.ticket_id, extension="1001")
        assert (await house.ami.received("Hangup"))[0].text("Channel") == leg.channel
        await house.hang_up(leg)
        await finished(house, dial, "Failure", 3)
        await house.settle_down()
        assert kept(house, promise).called_back

    tell(story)


def test_a_person_whom_another_automatic_call_rings_is_not_dialled_beside_it(tell) -> None:
    async def story(house: House) -> None:
        await house.ready("1001")
        send(house.redis, PlaceCall("after-1.1", "09319000102", "after_service", "1", 10.0, time.time() + 30))
        dial = await dialled(house)
        house.ask("1001", AgentState.PAUSED)
        await house.told(AgentChanged, extension="1001", state=AgentState.PAUSED)
        await promised(house)
        house.ask("1001", AgentState.READY)
        await house.told(AgentChanged, 2, extension="1001", state=AgentState.READY)
        await nobody_is_dialled(house, since=1)
        await finished(house, dial, "Failure", 3)
        assert (await dialled(house, 2)).text("Exten") == "promised"

    tell(story)
