"""What the router does to Redis, done by hand, so that pages can be seen to follow it."""

from __future__ import annotations

import time

from redis import Redis

from db.demo import DEMO
from routing.calls import keys
from routing.calls.messages import (
    LIVE,
    AgentChanged,
    AgentState,
    CallerClass,
    Intent,
    Message,
    TicketAnswered,
    TicketJoined,
    TicketOffered,
    encode,
)
from routing.calls.records import AgentRecord, Ticket, TicketStage, to_json

EXTENSION = DEMO.agent.extension or ""


def put_agent(redis: Redis, state: AgentState, *, call: bool = False, extension: str = EXTENSION) -> None:
    """Let the board show an agent in this state, with the call c1 in hand if `call`."""
    agent = AgentRecord(
        extension, wanted=AgentState.READY, state=state, since=time.time(),
        ticket_id="t1" if call else None, call_id="c1" if call else None,
    )  # fmt: skip
    redis.hset(keys.AGENTS, extension, to_json(agent))
    tell(redis, AgentChanged(extension, state, agent.since, call_id=agent.call_id, ticket_id=agent.ticket_id))


def put_ticket(
    redis: Redis, caller_class: CallerClass = CallerClass.ELDER, elder_id: int | None = None, name: str = "t1"
) -> None:
    """Let a ticket wait."""
    ticket = Ticket(
        name, f"c{name[1:]}", "a", "PJSIP/trunk-1", _intent(caller_class), caller_class, time.time() - 5, elder_id,
        stage=TicketStage.HELD,
    )  # fmt: skip
    redis.hset(keys.TICKETS, name, to_json(ticket))


def put_promise(redis: Redis, stage: TicketStage = TicketStage.HELD, name: str = "t1") -> None:
    """Let somebody wait for the call that they were promised."""
    promise = Ticket(
        name, f"c{name[1:]}", "", "", Intent.ORDER, CallerClass.ELDER, time.time() - 90, stage=stage, promised=True,
        number="+8614599990104", promised_in=f"c{name[1:]}", not_before=time.time() + 60, dials=1,
    )  # fmt: skip
    redis.hset(keys.TICKETS, name, to_json(promise))


def join(redis: Redis, caller_class: CallerClass = CallerClass.ELDER, name: str = "t1") -> None:
    """A ticket joins those that wait."""
    put_ticket(redis, caller_class, name=name)
    tell(redis, TicketJoined(name, f"c{name[1:]}", _intent(caller_class), caller_class, time.time()))


def ring(redis: Redis, elder_id: int | None, caller_class: CallerClass = CallerClass.ELDER) -> None:
    """The agent's phone rings with the ticket t1."""
    put_ticket(redis, caller_class, elder_id)
    put_agent(redis, AgentState.RINGING, call=True)
    why = f"elder waited 5 s; priority 10; {EXTENSION} idle 30 s"
    tell(redis, TicketOffered("t1", "c1", EXTENSION, why, time.time(), elder_id))


def answer(redis: Redis, elder_id: int | None) -> None:
    """The agent takes the call; the ticket is gone."""
    redis.hdel(keys.TICKETS, "t1")
    put_agent(redis, AgentState.TALKING, call=True)
    tell(redis, TicketAnswered("t1", "c1", EXTENSION, 5.0, time.time(), elder_id))


def tell(redis: Redis, message: Message) -> None:
    """Publish an event."""
    redis.publish(LIVE, encode(message))


def _intent(caller_class: CallerClass) -> Intent:
    return Intent.SOS if caller_class is CallerClass.SOS else Intent.ORDER
