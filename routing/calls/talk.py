"""A talk as the router and Redis know it, and what may be done with it at which stage."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from routing.calls import keys
from routing.calls.messages import CallerClass, Intent
from routing.calls.records import Ticket, from_json, read_all
from routing.calls.talk_messages import ControlTalk, TalkAction, TalkStage
from routing.calls.tickets import send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from redis import Redis

GUEST_DIAL, RETURN_DIAL = "guest-", "return-"
"""How the ids begin of what is dialled into a talk: outside phones, and agents who were cut out of it."""
OUTSIDE = "outside"
"""What an outside partner is called; their number is not kept."""

ALLOWED: Mapping[TalkAction, frozenset[TalkStage]] = {
    TalkAction.HOLD: frozenset({TalkStage.TALKING}),
    TalkAction.RESUME: frozenset({TalkStage.PARKED}),
    TalkAction.TRANSFER: frozenset({TalkStage.TALKING, TalkStage.PARKED}),
    TalkAction.CONSULT: frozenset({TalkStage.TALKING, TalkStage.PARKED}),
    TalkAction.COMPLETE: frozenset({TalkStage.CONSULTING}),
    TalkAction.RETURN: frozenset({TalkStage.CONSULTING}),
    TalkAction.CONFER: frozenset({TalkStage.TALKING, TalkStage.CONSULTING, TalkStage.CONFERENCE}),
}
"""The stages in which an agent may ask for each."""
MOST_GUESTS = 4
"""So many outside phones ring for a conference, or are in it: 120, family, a neighbour, and one more."""


class Guest(NamedTuple):
    """An outside phone that was dialled for a conference."""

    dial: str
    """Id of the dial, which is the Uniqueid of its channel."""
    party: str
    """Who it is, without a number of theirs: 120, contact:7, or "outside"."""
    leg: str = ""
    """Its channel; empty while it rings."""


@dataclass(frozen=True)
class Talk:
    """A caller and who helps them. What the ticket knew is kept, so that the caller can go back to where they stood."""

    call_id: str
    node: str
    channel: str
    """The caller's; empty when the caller is gone and the agent waits for a guest who rings."""
    ticket_id: str
    intent: Intent
    caller_class: CallerClass
    joined_at: float
    elder_id: int | None = None
    skills: tuple[str, ...] = ()
    order_id: int | None = None
    case_id: int | None = None
    attempts: int = 0
    """Offers so far; each recording of the call is named after its own."""
    extension: str = ""
    """The agent's; empty while nobody but an outside number helps."""
    leg: str = ""
    """The agent's channel; empty while it follows from the agent's living legs."""
    stage: TalkStage = TalkStage.TALKING
    room: bool = False
    """Whether the talk has become a conference; before that the caller is in Dial()."""
    partner: str = ""
    """The agent who is consulted or has joined, or "outside"."""
    partner_leg: str = ""
    """The partner's channel, once they have answered."""
    guests: tuple[tuple[str, str, str], ...] = ()
    """Each a `Guest`: outside phones that ring for the conference, or are in it."""
    since: float = 0.0
    """When it last changed, an epoch in seconds."""
    taken_at: float = 0.0
    """When an agent last came into it, an epoch in seconds."""
    look_at: float = 0.0
    """When to look for oneself, if nothing was heard of the partner by then; 0 for never."""

    @classmethod
    def of(cls, ticket: Ticket, extension: str) -> Talk:
        """The talk that begins as this ticket is answered."""
        return cls(
            ticket.call_id, ticket.node, ticket.channel, ticket.ticket_id, ticket.intent, ticket.caller_class,
            ticket.joined_at, ticket.elder_id, ticket.skills, ticket.order_id, ticket.case_id, ticket.attempts,
            extension,
        )  # fmt: skip

    @property
    def everyone(self) -> tuple[Guest, ...]:
        """The guests."""
        return tuple(Guest(*each) for each in self.guests)

    @property
    def ringing(self) -> tuple[Guest, ...]:
        """The guests whose phones ring."""
        return tuple(each for each in self.everyone if not each.leg)

    @property
    def joined(self) -> tuple[Guest, ...]:
        """The guests who are in the conference."""
        return tuple(each for each in self.everyone if each.leg)

    def without(self, dial: str) -> tuple[Guest, ...]:
        """The guests but one."""
        return tuple(each for each in self.everyone if each.dial != dial)

    def stage_with(self, guests: tuple[Guest, ...], partner_leg: str) -> TalkStage:
        """The stage of a talk in which these are: a conference as soon as there is a third."""
        third = partner_leg or any(each.leg for each in guests)
        return TalkStage.CONFERENCE if third else TalkStage.TALKING

    def ticket_again(self, **about: Any) -> Ticket:
        """The caller needs somebody else: a new ticket with the place and the class of the old one."""
        values: dict[str, Any] = {
            "ticket_id": f"again-{uuid.uuid4().hex}", "call_id": self.call_id, "node": self.node,
            "channel": self.channel, "intent": self.intent, "caller_class": self.caller_class,
            "joined_at": self.joined_at, "elder_id": self.elder_id, "skills": self.skills, "order_id": self.order_id,
            "case_id": self.case_id, "attempts": self.attempts,
        }  # fmt: skip
        return Ticket(**(values | about))


def read_talks(stored: Mapping[Any, str | bytes]) -> tuple[Talk, ...]:
    """Read the hash of talks; an entry that cannot be read is logged and left out."""
    return tuple(read_all(Talk, stored.values()))


class TalkBoard:
    """The talks in Redis, for threads. Each method may raise redis.RedisError."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def get(self, call_id: str) -> Talk | None:
        """Give the talk of a call; None when nobody speaks with that caller."""
        text = self._redis.hget(keys.TALKS, call_id)
        return None if text is None else from_json(Talk, text)

    def all(self) -> tuple[Talk, ...]:
        """Give every talk."""
        return read_talks(cast("dict[Any, str | bytes]", self._redis.hgetall(keys.TALKS)))

    def control(self, command: ControlTalk) -> None:
        """Ask the router to do something with a talk."""
        send(self._redis, command)
