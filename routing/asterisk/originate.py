"""To dial, and to know whether we did. Never twice: what is not known is said to be not known."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from routing.asterisk.channels import hangup, live_channels, redirect, setvar
from routing.asterisk.client import AmiClient
from routing.asterisk.errors import AmiDisconnected, AmiError, AmiTimeout
from routing.asterisk.events import AmiEvent, ChannelStarted, OriginateFinished, OriginateReason
from routing.asterisk.queues import queue_add, queue_members, queue_pause, queue_remove
from routing.asterisk.values import check_channel, check_place, checked_variables, safe_value

__all__ = [
    "Originate",
    "OriginateAnswer",
    "OriginateFinished",
    "OriginateReason",
    "OriginateUnknown",
    "hangup",
    "is_dialling",
    "originate",
    "queue_add",
    "queue_members",
    "queue_pause",
    "queue_remove",
    "redirect",
    "safe_value",
    "setvar",
]

# It becomes the new channel's Uniqueid and, where we begin the call, its Linkedid; a full stop or a colon would not
# pass as the id of an RQ job.
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Originate:
    """Dial `channel` (such as `PJSIP/1001`) and, when it answers, start it at `context`, `exten`, `priority`.

    `action_id` is the caller's own, new for each dial and written down before it: it names the dial in
    `OriginateFinished` and is the Uniqueid of the channel, so a node where that channel lives dials it no second time.
    `timeout_seconds` is how long it rings. Variables that came from outside go through `safe_value` first. A ValueError
    tells of whatever is not fit to be sent.
    """

    channel: str = field(repr=False)
    context: str
    exten: str
    priority: int = 1
    caller_id: str = field(default="", repr=False)
    timeout_seconds: float
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    action_id: str

    def __post_init__(self) -> None:
        """Refuse what is not fit while there is still someone to tell."""
        check_channel(self.channel)
        check_place(self.context, self.exten, self.priority)
        checked_variables(self.variables)
        if not _ID.fullmatch(self.action_id):
            raise ValueError("an action's id is 1 to 64 letters, digits, hyphens and underscores")
        if not 1 <= self.timeout_seconds <= 600:
            raise ValueError(f"a phone rings for 1 to 600 seconds, not {self.timeout_seconds}")


@dataclass(frozen=True, slots=True)
class OriginateAnswer:
    """The node took the order and dials; `OriginateFinished` with this id will tell how it went.

    If `Disconnected` comes first, `OriginateFinished` never will: ask `is_dialling` after `Reconnected`.
    """

    action_id: str
    message: str


class OriginateUnknown(AmiError):
    """The order was sent and not acknowledged: the phone may be ringing, or not. Reconcile before dialling again."""

    def __init__(self, action_id: str, reason: str) -> None:
        super().__init__(reason)
        self.action_id = action_id


async def originate(client: AmiClient, what: Originate) -> OriginateAnswer:
    """Dial; return as soon as the node acknowledges, while the phone rings.

    `OriginateFinished` may even come before this returns, so subscribe first and know the id. Raises OriginateUnknown
    when the order went out and no answer came; AmiRefused, AmiDisconnected and AmiOverloaded when nothing was dialled.
    """
    try:
        response = await client.action(
            "Originate",
            Channel=what.channel,
            Context=what.context,
            Exten=what.exten,
            Priority=what.priority,
            CallerID=what.caller_id or None,
            Timeout=round(what.timeout_seconds * 1000),
            Variable=checked_variables(what.variables) or None,
            ActionID=what.action_id,
            ChannelId=what.action_id,
            Async=True,
        )
    except AmiTimeout as error:
        raise OriginateUnknown(what.action_id, str(error)) from error
    except AmiDisconnected as error:
        if not error.sent:
            raise
        raise OriginateUnknown(what.action_id, str(error)) from error
    return OriginateAnswer(what.action_id, response.message)


async def is_dialling(client: AmiClient, action_id: str, *, settle_seconds: float = 1.0) -> bool:
    """Whether the channel of this Originate lives now, ringing or answered. Raises as `AmiClient.action_list`.

    The node makes the channel a moment after it has taken the order, so a channel that is not there yet is waited for
    during `settle_seconds` before the answer is no. It tells how a dial went (`OriginateFinished`) before it lets go of
    the channel (`ChannelHungUp`): in between the answer is still yes, so an end that was told is to be believed.
    """
    began = asyncio.Event()

    def watch(event: AmiEvent) -> None:
        if isinstance(event, ChannelStarted) and event.uniqueid == action_id:
            began.set()

    unsubscribe = client.subscribe(watch)
    try:
        if any(channel.uniqueid == action_id for channel in await live_channels(client)):
            return True
        async with asyncio.timeout(settle_seconds):
            await began.wait()
    except TimeoutError:
        return False
    finally:
        unsubscribe()
    return True
