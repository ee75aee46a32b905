"""The members of Asterisk's own queues, which the router keeps equal to the agents who are logged in."""

from dataclasses import dataclass

from routing.asterisk.client import AmiClient
from routing.asterisk.errors import AmiRefused
from routing.asterisk.values import check_channel, check_value

# The node's own words for "it is so already" (app_queue.c, manager_add_queue_member and its sisters).
_ALREADY_THERE = "Already there"
_NOT_THERE = "Not there"


@dataclass(frozen=True, slots=True)
class QueueMember:
    """A member as the queue shows it; `interface` is what is dialled, such as `PJSIP/1001`."""

    queue: str
    interface: str
    penalty: int
    paused: bool


async def queue_add(client: AmiClient, queue: str, interface: str, *, penalty: int = 0, paused: bool = False) -> None:
    """Make `interface` a member of the queue; nothing happens when it is one already. Lower penalties ring first."""
    try:
        await client.action(
            "QueueAdd",
            Queue=check_value("queue", queue),
            Interface=check_channel(interface),
            Penalty=penalty,
            Paused=paused,
        )
    except AmiRefused as refused:
        if _ALREADY_THERE not in refused.message:
            raise


async def queue_remove(client: AmiClient, queue: str, interface: str) -> None:
    """Take `interface` out of the queue; nothing happens when it is no member."""
    try:
        await client.action("QueueRemove", Queue=check_value("queue", queue), Interface=check_channel(interface))
    except AmiRefused as refused:
        if _NOT_THERE not in refused.message:
            raise


async def queue_pause(client: AmiClient, queue: str, interface: str, *, paused: bool, reason: str = "") -> None:
    """Pause or unpause a member. Raises AmiRefused when it is none."""
    await client.action(
        "QueuePause",
        Queue=check_value("queue", queue),
        Interface=check_channel(interface),
        Paused=paused,
        Reason=check_value("reason", reason) or None,
    )


async def queue_members(client: AmiClient, queue: str) -> list[QueueMember]:
    """Who the queue would ring now."""
    items = await client.action_list("QueueStatus", "QueueStatusComplete", Queue=check_value("queue", queue))
    return [
        QueueMember(
            queue=item.text("Queue"),
            interface=item.text("Location"),
            penalty=item.number("Penalty"),
            paused=item.text("Paused") == "1",
        )
        for item in items
        if item.text("Event") == "QueueMember"
    ]
