"""The one dial of an automatic call: its claim, its order to Asterisk, and what is written down of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

from routing.asterisk.events import OriginateReason
from routing.asterisk.originate import Originate
from routing.calls import keys
from routing.calls.messages import PlacedCallEnded
from routing.calls.records import PlacedCall, to_json
from routing.calls.switchboard import PLACED

if TYPE_CHECKING:
    from redis.asyncio import Redis

Bars = Callable[[PlacedCall], Awaitable[str]]
"""Says why a call must not be made; empty: it may be."""
PROMISED = "promised"
"""Extension of `placed`, and name of the flow, for a promised call-back whose turn has come."""
_REDIS_SECONDS = 3.0
FAILED, WITHDRAWN = "failed", "withdrawn"
OUTCOMES = {
    OriginateReason.ANSWERED: "answered",
    OriginateReason.NO_ANSWER: "no_answer",
    OriginateReason.BUSY: "busy",
    OriginateReason.CONGESTION: "refused",
    OriginateReason.FAILED: FAILED,
}
CAUSES = {17: "busy", 18: "no_answer", 19: "no_answer", 21: "refused"}
"""Q.850: user busy, no user responding, no answer, call rejected."""


async def nobody_bars(_call: PlacedCall) -> str:
    """Bar no call."""
    return ""


async def claim(redis: Redis, call: PlacedCall, barred: Bars = nobody_bars) -> str:
    """Claim the cause and store the call, at once; give what holds the claim: our call id, if it is ours.

    Of a promise's call `barred` is asked first, and what it says holds the claim as an outcome; all others were asked
    about when they were claimed in the database.
    Raises redis.RedisError, OSError or TimeoutError; then the claim may have arrived or not, and asking again with the
    same call id is safe.
    """
    if call.ticket_id and (why := await barred(call)):
        return json.dumps({"outcome": why})
    async with asyncio.timeout(_REDIS_SECONDS):
        async with redis.pipeline(transaction=True) as pipe:
            pipe.set(keys.CLAIM + call.cause, call.call_id, nx=True, ex=keys.CLAIM_SECONDS)
            pipe.get(keys.CLAIM + call.cause)
            pipe.hset(keys.PLACED, call.cause, to_json(call))
            _, holder, _ = await cast("Awaitable[list[Any]]", pipe.execute())
    return holder.decode() if isinstance(holder, bytes) else str(holder)


def order(call: PlacedCall, hotline: str) -> Originate:
    """Write the order to dial, with the hotline's number as caller ID. Raises ValueError for what is not fit."""
    variables = {"__CALL_ID": call.call_id, "IVR_FLOW": call.flow, "IVR_REF": call.reference}
    if call.ticket_id:
        variables["TICKET_ID"] = call.ticket_id
    return Originate(
        channel=f"PJSIP/{call.number}@carrier",
        context=PLACED,
        exten=PROMISED if call.ticket_id else "s",
        caller_id=hotline,
        timeout_seconds=min(600.0, max(1.0, call.ring_seconds)),
        variables=variables,
        action_id=call.call_id,
    )


def facts(call: PlacedCall, at: float) -> dict[str, Any]:
    """Give the columns of the call's record, at the moment of the dial (an epoch)."""
    return {
        "id": call.call_id,
        "node": call.node,
        "direction": "outbound",
        "dialled": "",
        "number": call.number,
        "started_at": at,
    }


def ended_event(call: PlacedCall) -> PlacedCallEnded:
    """Tell how a call went."""
    return PlacedCallEnded(call.cause, call.outcome, call.ended_at, call.call_id)


def outcome_of(claim: str) -> str:
    """Read the outcome that an earlier dial of this cause left; unknown if it left none."""
    try:
        return str(json.loads(claim)["outcome"])
    except (ValueError, KeyError, TypeError):
        return "unknown"
