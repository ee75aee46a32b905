"""What was promised outlives the router, Redis and both; a dial that may have gone out is not made again."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import select

from db.models import Callback
from db.session import make_unit_of_work
from routing.asterisk.headers import Headers
from routing.calls import keys
from routing.calls.messages import TicketAnswered, TicketEnd, TicketEnded, TicketOffered
from routing.calls.records import PlacedCall, PlacedStage, TicketStage, from_json
from tests.routing.asterisk.fake_ami import success
from tests.routing.calls.house import House
from tests.routing.calls.promising import (
    dialled,
    finished,
    kept,
    nobody_is_dialled,
    picks_up,
    promised,
    rings,
    the_promise,
)


def state(house: House) -> tuple[str, int]:
    with make_unit_of_work(house.engine)() as session:
        row = session.scalars(select(Callback)).one()
        return row.state, row.attempts


def test_a_killed_router_leaves_the_promise_to_the_next_which_dials_once(tell) -> None:
    async def story(house: House) -> None:
        promise = await promised(house)
        await house.kill_router()
        await house.start_router()
        assert kept(house, promise).joined_at == promise.joined_at
        await house.ready("1001")
        leg = await picks_up(house, await dialled(house), promise)
        await house.answers(leg, await house.rings(leg, "1001"))
        await house.told(TicketAnswered, ticket_id=promise.ticket_id)
        await house.kill_router()
        await house.start_router()
        await nobody_is_dialled(house, since=1)
        await house.until(lambda: state(house) == ("done", 1))

    tell(story)


def test_redis_that_lost_all_gets_the_promise_back_from_the_database(tell) -> None:
    async def story(house: House) -> None:
        promise = await promised(house, joined_at=time.time() - 100)
        await house.until(lambda: house.redis.hgetall(keys.OWED_PROMISES) == {})
        await house.kill_router()
        house.redis.flushall()
        await house.start_router()
        await house.until(lambda: kept(house, promise) is not None)
        assert kept(house, promise).joined_at == promise.joined_at
        assert kept(house, promise).number == promise.number
        await house.ready("1001")
        await dialled(house)
        await nobody_is_dialled(house, since=1)

    tell(story)


def test_redis_that_lost_all_in_the_middle_of_a_dial_does_not_dial_again_soon(tell) -> None:
    async def story(house: House) -> None:
        await promised(house)
        await house.ready("1001")
        await dialled(house)
        await house.until(lambda: state(house) == ("due", 1))
        await house.kill_router()
        house.redis.flushall()
        await house.start_router()
        await nobody_is_dialled(house, since=1)

    tell(story, promise_retry_seconds=600)


def test_killed_while_it_rings_the_next_router_takes_up_the_call(tell) -> None:
    async def story(house: House) -> None:
        promise = await promised(house)
        await house.ready("1001")
        dial = await dialled(house)
        leg = await rings(house, dial)
        await house.settle_down()
        await house.kill_router()
        house.channels[leg.channel] |= {"ChannelStateDesc": "Up", "Context": "hold"}
        house.ami.answer("Getvar", _variables(TICKET_ID=promise.ticket_id, CALL_ID=leg.uniqueid))
        await house.start_router()
        redirect = (await house.ami.received("Redirect"))[0]
        assert (redirect.text("Channel"), redirect.text("Exten")) == (leg.channel, "1001")
        await nobody_is_dialled(house, since=1)

    tell(story)


def test_killed_while_it_rang_and_not_answered_it_counts_as_one_dial(tell) -> None:
    async def story(house: House) -> None:
        promise = await promised(house)
        await house.ready("1001")
        await dialled(house)
        await house.settle_down()
        (stored,) = house.redis.hvals(keys.PLACED)
        assert from_json(PlacedCall, stored).stage is PlacedStage.DIALLING, "the next router would dial it again"
        await house.kill_router()
        await house.start_router()
        await house.until(lambda: kept(house, promise).not_before > time.time() + 60)
        assert (kept(house, promise).dials, kept(house, promise).stage) == (1, TicketStage.HELD)
        await nobody_is_dialled(house, since=1)

    tell(story, promise_retry_seconds=600)


def test_promised_while_no_router_was_there_it_is_kept(tell) -> None:
    async def story(house: House) -> None:
        caller = await house.wait_in_hold()
        await house.settle_down()
        await house.kill_router()
        promise = the_promise(house, caller)
        house.tickets.promise(caller.ticket_id, promise)
        del house.channels[caller.channel]  # They hang up.
        await house.start_router()
        await house.until(lambda: kept(house, promise) is not None)
        await house.until(lambda: state(house) == ("due", 0))
        await house.ready("1001")
        await dialled(house)
        await finished(house, (await dialled(house)), "Failure", 5)

    tell(story)


def test_what_was_closed_in_the_database_is_not_dialled(tell) -> None:
    async def story(house: House) -> None:
        promise = await promised(house)
        await house.until(lambda: house.redis.hgetall(keys.OWED_PROMISES) == {})
        await house.kill_router()
        house.promises.cancel(promise.ticket_id, "by the desk")
        await house.start_router()
        await house.told(TicketEnded, ticket_id=promise.ticket_id, end=TicketEnd.SELF_SERVED)
        await house.ready("1001")
        await nobody_is_dialled(house)
        assert not [each for each in house.live if isinstance(each, TicketOffered)]

    tell(story)


def _variables(**values: str) -> Callable[[Headers], list[bytes]]:
    """Answer Getvar from these."""

    def answer(action: Headers) -> list[bytes]:
        name = action.text("Variable")
        return [success(action, Variable=name, Value=values.get(name, ""))]

    return answer
