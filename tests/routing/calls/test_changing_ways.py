"""Another way to take part in a talk: what is shown is what the dialplan said, and a new router takes it up."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from db.models.calls import JourneyEvent
from db.session import make_unit_of_work
from routing.calls.listening_messages import ChangeEar, SupervisionChanged
from routing.calls.supervise_messages import Ear, Supervise
from routing.calls.supervisions import PREFIX, Supervision, SupervisionBoard
from routing.calls.tickets import send
from tests.routing.asterisk.fake_ami import error
from tests.routing.calls.house import House, in_talk
from tests.routing.calls.played_node import NODE, Caller

BOSS = "1002"


async def rings(house: House) -> Caller:
    """The supervisor's phone rings, to listen to the talk of 1001."""
    await house.ready("1001")
    await in_talk(house, "1001")
    await house.ready(BOSS)
    send(house.redis, Supervise("r1", "1001", BOSS, Ear.LISTEN, "user:2"))
    await house.told(SupervisionChanged, at_extension=BOSS)
    leg = Caller(f"PJSIP/{BOSS}-{house.number():08x}", f"{PREFIX}r1")
    house.channels[leg.channel] = leg.ids | {"Context": "supervise", "ChannelStateDesc": "Ringing"}
    await house.ami.push("Newchannel", **leg.ids, ChannelStateDesc="Down", Context="supervise", Exten="listen")
    await house.told(SupervisionChanged, 2, at_extension=BOSS)
    return leg


async def begins(house: House, leg: Caller, ear: Ear) -> None:
    await house.ami.push("UserEvent", UserEvent="EarChanged", **leg.ids, Ear=ear.value)
    await house.until(lambda: [(each.ear, each.on) for each in shown(house)] == [(ear.value, True)])


def shown(house: House) -> tuple[Supervision, ...]:
    return SupervisionBoard(house.redis).all()


def written(house: House) -> list[str]:
    with make_unit_of_work(house.engine)() as work:
        found = select(JourneyEvent.detail).where(JourneyEvent.what == "talk.supervised").order_by(JourneyEvent.id)
        return [each.partition(" ")[0] for each in work.scalars(found)]


def test_the_way_is_shown_once_it_has_begun_and_written_once(tell) -> None:
    async def story(house: House) -> None:
        leg = await rings(house)
        await begins(house, leg, Ear.LISTEN)
        send(house.redis, ChangeEar(BOSS, Ear.WHISPER, "user:2"))
        await house.ami.received("Redirect", len(house.redirects()) + 1)
        order = house.redirects()[-1]
        assert (order.text("Channel"), order.text("Context"), order.text("Exten")) == (
            leg.channel,
            "supervise",
            "whisper",
        )
        assert [each.ear for each in shown(house)] == ["listen"], "asked for, and not begun"
        await begins(house, leg, Ear.WHISPER)
        await begins(house, leg, Ear.BARGE)  # By a key of the phone.
        await house.until(lambda: written(house) == ["listen", "whisper", "barge"])

    tell(story)


def test_what_is_not_done_is_told(tell) -> None:
    async def story(house: House) -> None:
        leg = await rings(house)
        send(house.redis, ChangeEar(BOSS, Ear.BARGE))
        await house.told(SupervisionChanged, trouble="not_changed")
        assert all(each.text("Context") != "supervise" for each in house.redirects()), "it rings: left alone"
        await begins(house, leg, Ear.LISTEN)
        house.ami.answer("Redirect", lambda action: [error(action, "Channel does not exist.")])
        send(house.redis, ChangeEar(BOSS, Ear.BARGE))
        await house.told(SupervisionChanged, 2, trouble="not_changed")
        send(house.redis, ChangeEar("1009", Ear.BARGE))
        await house.told(SupervisionChanged, at_extension="1009", trouble="not_changed")
        assert [each.ear for each in shown(house)] == ["listen"]

    tell(story)


def test_a_new_router_takes_up_who_listens(tell) -> None:
    async def story(house: House) -> None:
        leg = await rings(house)
        before = replace(shown(house)[0])
        await house.kill_router()
        await house.start_router()
        await begins(house, leg, Ear.LISTEN)  # Answered after the change of routers.
        assert shown(house) == (replace(before, on=True, leg=f"{NODE}|{leg.channel}"),)
        send(house.redis, ChangeEar(BOSS, Ear.WHISPER, "user:2"))
        await house.ami.received("Redirect", len(house.redirects()) + 1)
        assert house.redirects()[-1].text("Exten") == "whisper"
        await begins(house, leg, Ear.WHISPER)
        await house.hang_up(leg)
        await house.until(lambda: shown(house) == ())

    tell(story)
