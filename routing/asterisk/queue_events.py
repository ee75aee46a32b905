"""Events of Asterisk's own queues, which serve callers while the router is away."""

from dataclasses import dataclass

from routing.asterisk.events import AmiEvent, ChannelEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMemberEvent(AmiEvent):
    """Something about a queue's member; `interface` is the channel that is dialled, such as `PJSIP/1001`."""

    queue: str
    interface: str
    paused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMemberAdded(QueueMemberEvent):
    """QueueMemberAdded: the member takes calls of the queue from now on, unless paused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMemberRemoved(QueueMemberEvent):
    """QueueMemberRemoved: the member left the queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMemberPaused(QueueMemberEvent):
    """QueueMemberPause: the member was paused or unpaused; `paused` tells which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMemberStatusChanged(QueueMemberEvent):
    """QueueMemberStatus: the member's phone changed; `status` is a device state's number (1 not in use, 2 in use)."""

    status: int
    in_call: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCallerEvent(ChannelEvent):
    """Something about a caller in a queue; `position` counts from 1."""

    queue: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCallerJoined(QueueCallerEvent):
    """QueueCallerJoin: a caller waits in Asterisk's own queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCallerLeft(QueueCallerEvent):
    """QueueCallerLeave: the caller left the queue, answered or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCallerAbandoned(QueueCallerEvent):
    """QueueCallerAbandon: the caller hung up while waiting."""
