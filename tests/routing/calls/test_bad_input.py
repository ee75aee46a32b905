"""The router and a manager connection that floods, stutters, or ends in the middle of a word."""

from __future__ import annotations

from routing.asterisk.headers import Headers
from routing.calls.messages import PlaceCall, TicketEnd, TicketEnded, TicketOffered
from routing.calls.tickets import send
from tests.routing.asterisk.fake_ami import packet, success
from tests.routing.calls.house import House, in_talk

BURST = 10_000


def test_ten_thousand_events_in_a_burst_lose_nobody(tell) -> None:
    """Channels come and go, every event twice and some too late, while a caller joins in the middle."""

    async def story(house: House) -> None:
        await house.ready("1001")
        talker, leg = await in_talk(house, "1001")
        waits = await house.wait_in_hold()
        flood = []
        for number in range(BURST // 4):
            ids = {"Channel": f"PJSIP/carrier-f{number:07x}", "Uniqueid": f"9.{number}", "Linkedid": f"9.{number}"}
            began = packet(Event="Newchannel", **ids, ChannelStateDesc="Ring", Context="from-trunk", Exten="12349")
            ended = packet(("Cause-txt", "Normal Clearing"), Event="Hangup", **ids, Cause=16)
            late = (ended, began, ended, began)
            flood += late if number % 3 == 0 else (began, began, ended, ended)
        half = len(flood) // 2
        await house.ami.push_bytes(b"".join(flood[:half]))
        joins = await house.wait_in_hold()
        await house.ami.push_bytes(b"".join(flood[half:]))
        await house.hang_up(leg, talker.uniqueid)
        await house.hang_up(talker)
        await house.told(TicketOffered, ticket_id=waits.ticket_id, extension="1001")
        await house.hang_up(joins)
        await house.told(TicketEnded, ticket_id=joins.ticket_id, end=TicketEnd.ABANDONED)
        await house.settle_down()
        assert house.ami.connections == 1
        stale = [leg for leg in house.router.floor.legs.values() if leg.channel.startswith("PJSIP/carrier-f")]
        assert stale == [], "a late event revived a channel that had gone"

    tell(story)


def test_a_connection_cut_in_the_middle_of_the_answer_to_a_dial_dials_once(tell) -> None:
    """Half of `Response: Success` came: whether it rings is not known, so it is looked for, and never dialled again."""

    async def story(house: House) -> None:
        def half_an_answer(order: Headers) -> list[bytes]:
            return [success(order, Message="Originate successfully queued")[:14]]

        house.ami.answer("Originate", half_an_answer)
        call = PlaceCall("after-9.1", "13900000001", "after_service", "9", 20.0, _later(house))
        send(house.redis, call)
        await house.ami.received("Originate")
        await house.ami.cut()
        await house.until(lambda: [each.outcome for each in house.settled] == ["unknown"])
        send(house.redis, call)
        await house.settle_down()
        await house.until(lambda: len(house.settled) == 2)
        assert [each.outcome for each in house.settled] == ["unknown", "unknown"]
        assert len(house.ami.sent("Originate")) == 1

    tell(story)


def _later(house: House) -> float:
    return house.router.floor.clock() + 60
