"""Who was cut out of a conference is called in again when their browser is back, and only then, and once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from routing.asterisk.errors import AmiRefused
from routing.asterisk.events import ContactChanged, Moment, OriginateFinished, OriginateReason
from routing.asterisk.nodes import NodeAddress, Nodes
from routing.asterisk.originate import Originate
from routing.asterisk.values import PAGE_S_CALL, checked_variables
from routing.calls.agents import AgentAccount
from routing.calls.cut_off import NO_SOUND, PAGE_LEFT
from routing.calls.errands import Errands
from routing.calls.floor import Floor, Leg
from routing.calls.ledger import Ledger
from routing.calls.messages import AgentState, CallerClass, Intent
from routing.calls.records import Ticket
from routing.calls.returning import RETURN_SECONDS
from routing.calls.switchboard import Switchboard
from routing.calls.talk import Guest, Talk
from routing.calls.talk_messages import TalkStage
from routing.calls.talks import Talks
from routing.settings import load_settings

if TYPE_CHECKING:
    from redis.asyncio import Redis

CALLER, BROWSER, COLLEAGUE, AMBULANCE = "PJSIP/carrier-1", "PJSIP/1001-web-2", "PJSIP/1002-3", "PJSIP/carrier-4"
AGAIN = "PJSIP/1001-web-5"
CONTACT = "a|1001-web|sip:page@127.0.0.1"
AT = Moment(0.0, datetime(2026, 1, 1, tzinfo=UTC))
GUEST = Guest("guest-1", "120", AMBULANCE)


class Desk(Switchboard):
    """Takes down what is dialled; refuses it when it is to."""

    def __init__(self) -> None:
        super().__init__(Nodes([NodeAddress("a", "127.0.0.1", 1, "nobody", "")]))
        self.dials: list[Originate] = []
        self.refuses = False

    async def place(self, node: str, what: Originate) -> None:
        if self.refuses:
            raise AmiRefused("Originate", "no")
        self.dials.append(what)

    async def hang_up(self, node: str, channel: str) -> None:
        """The end of a channel is told by events, which these tests play."""


@dataclass
class Room:
    """A conference of a caller, agent 1001's browser and whoever else is given; 1001 can be cut out of it."""

    others: dict[str, Any]
    now: float = 1_000.0
    desk: Desk = field(default_factory=Desk)

    def __post_init__(self) -> None:
        self.floor = Floor(Ledger(cast("Redis", None)), lambda: self.now)
        self.floor.staff([AgentAccount("1001"), AgentAccount("1002")])
        self.talks = Talks(self.floor, self.desk, Errands(), load_settings())
        ticket = Ticket("t1", "c1", "a", CALLER, Intent.GENERAL, CallerClass.ELDER, self.now - 5)
        talk = replace(Talk.of(ticket, "1001"), room=True, leg=BROWSER, stage=TalkStage.CONFERENCE, taken_at=self.now)
        self.talks.store(replace(talk, **self.others))
        self.floor.leg_began(Leg("a", BROWSER, "u", "c1"))
        about = {"wanted": AgentState.READY, "contacts": (CONTACT,), "call_id": "c1", "offered": AgentState.TALKING}
        self.floor.change_agent("1001", legs=(f"a|{BROWSER}",), **about)

    @property
    def talk(self) -> Talk:
        return self.talks.talks["c1"]

    @property
    def state(self) -> AgentState:
        return self.floor.agents["1001"].state

    def cut(self, cause: int = NO_SOUND, lasted: float = 30.0) -> None:
        self.now += lasted
        self.floor.leg_ended(Leg("a", self.leg, "u", "c1"))
        self.floor.change_agent("1001", legs=(), contacts=(), offered=None, call_id=None)
        self.talks.agent_gone("1001", self.leg, cause)

    @property
    def leg(self) -> str:
        return self.talk.leg if self.talk.extension == "1001" else self.talk.partner_leg

    async def back(self, seconds: float = 6.0) -> None:
        self.now += seconds
        self.floor.change_agent("1001", contacts=(CONTACT,))
        event = ContactChanged(node="a", at=AT, aor="1001-web", endpoint="1001-web", uri="sip:page", status="Created")
        self.talks.returning.registered(event)
        self.talks.returning.registered(event)
        await asyncio.sleep(0)

    def finished(self, answered: bool) -> None:
        reason = OriginateReason.ANSWERED if answered else OriginateReason.NO_ANSWER
        dial = self.desk.dials[-1].action_id
        event = OriginateFinished(
            node="a", at=AT, action_id=dial, answered=answered, reason=reason, channel=AGAIN, uniqueid="v"
        )
        self.talks.returning.dialled(event)


WITH_GUEST: dict[str, Any] = {"guests": (GUEST,)}
WITH_COLLEAGUE: dict[str, Any] = {"partner": "1002", "partner_leg": COLLEAGUE}


def test_a_dial_of_which_nothing_is_heard_keeps_no_agent() -> None:
    async def story() -> None:
        room = Room(WITH_GUEST)
        room.cut()
        await room.back()
        at = room.talk.look_at
        assert room.now < at < room.now + 60, "the node is asked then"
        assert room.talks.reserves(room.floor.agents["1001"])
        room.now = at
        assert not room.talks.reserves(room.floor.agents["1001"])

    asyncio.run(story())


def test_who_is_back_leaves_nothing_to_look_at() -> None:
    async def story() -> None:
        room = Room(WITH_GUEST)
        room.cut()
        await room.back()
        room.finished(answered=True)
        assert room.talk.look_at == 0

    asyncio.run(story())


def test_beside_a_guest_the_talk_is_theirs_again() -> None:
    async def story() -> None:
        room = Room(WITH_GUEST)
        room.cut()
        assert (room.talk.extension, room.talk.leg, room.talk.guests) == ("", AMBULANCE, ())
        await room.back()
        assert room.state is AgentState.RESERVED, "no other call is offered meanwhile"
        assert room.talks.reserves(room.floor.agents["1001"]), "nor does a look at the node set them free"
        (dial,) = room.desk.dials
        assert (dial.channel, dial.context) == ("PJSIP/1001-web", "talk-return")
        assert checked_variables(dial.variables)[-1] == f"{PAGE_S_CALL}=c1"
        room.finished(answered=True)
        assert room.state is AgentState.TALKING
        assert (room.talk.extension, room.talk.leg, room.talk.stage) == ("1001", AGAIN, TalkStage.CONFERENCE)
        assert room.talk.everyone == (GUEST,)

    asyncio.run(story())


def test_beside_a_colleague_who_has_the_talk_now_they_are_the_second() -> None:
    async def story() -> None:
        room = Room(WITH_COLLEAGUE)
        room.cut(PAGE_LEFT, lasted=1.0)
        assert (room.talk.extension, room.talk.leg, room.talk.stage) == ("1002", COLLEAGUE, TalkStage.TALKING)
        await room.back()
        room.finished(answered=True)
        assert (room.talk.extension, room.talk.partner, room.talk.partner_leg) == ("1002", "1001", AGAIN)
        assert room.talk.stage is TalkStage.CONFERENCE
        room.cut()
        await room.back()
        assert len(room.desk.dials) == 2, "and once more as the second"

    asyncio.run(story())


def test_where_no_sound_passes_they_are_called_in_once() -> None:
    async def story() -> None:
        room = Room(WITH_GUEST)
        room.cut()
        await room.back()
        room.finished(answered=True)
        room.cut(lasted=9.0)
        await room.back()
        assert len(room.desk.dials) == 1

    asyncio.run(story())


def test_not_answered_or_not_to_be_dialled_they_are_as_free_as_before() -> None:
    async def story(refused: bool) -> None:
        room = Room(WITH_GUEST)
        room.desk.refuses = refused
        room.cut()
        await room.back()
        if not refused:
            room.finished(answered=False)
        assert room.state is AgentState.READY
        assert not room.talks.reserves(room.floor.agents["1001"])
        await room.back()
        assert len(room.desk.dials) == (not refused)

    for refused in (False, True):
        asyncio.run(story(refused))


def test_nobody_is_called_into_what_is_over_or_when_they_want_a_rest() -> None:
    def over(room: Room) -> None:
        room.talks.end(room.talk)

    def rests(room: Room) -> None:
        room.floor.change_agent("1001", wanted=AgentState.PAUSED)

    def late(room: Room) -> None:
        room.now += RETURN_SECONDS

    def another_joined(room: Room) -> None:
        room.talks.change(room.talk, partner="1002", partner_leg=COLLEAGUE)

    async def story(meanwhile: Callable[[Room], None], cause: int) -> int:
        room = Room(WITH_GUEST)
        room.cut(cause)
        meanwhile(room)
        await room.back()
        return len(room.desk.dials)

    assert [asyncio.run(story(each, NO_SOUND)) for each in (over, rests, late, another_joined)] == [0, 0, 0, 0]
    assert asyncio.run(story(lambda _: None, 16)) == 0, "who hung up has left"
    assert asyncio.run(story(lambda _: None, NO_SOUND)) == 1
