"""What we ask of a channel that lives: to go elsewhere, to end, to carry a value; and which channels live."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from routing.asterisk.client import AmiClient
from routing.asterisk.values import (
    check_channel,
    check_channel_or_id,
    check_place,
    check_settable,
    check_value,
    checked_variables,
)

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LiveChannel:
    """A channel as the node shows it now; `bridge` is empty while it is in none, `seconds` is its age."""

    channel: str
    uniqueid: str
    linkedid: str
    state: str
    context: str
    exten: str = field(repr=False)
    application: str
    bridge: str
    seconds: int
    number: str = field(default="", repr=False)
    """The caller's; personal data."""


async def redirect(
    client: AmiClient,
    channel: str,
    context: str,
    exten: str,
    priority: int = 1,
    *,
    variables: Mapping[str, str] = _NONE,
) -> None:
    """Send a channel to another place in the dialplan, with these variables set before it goes.

    Raises AmiRefused when the channel is gone, and as `AmiClient.action`; ValueError for what is not fit. A failure
    half way leaves the channel where it was, with some of the variables set, which does no harm there.
    """
    check_channel(channel)
    check_place(context, exten, priority)
    checked_variables(variables)
    for name, value in variables.items():
        await client.action("Setvar", Channel=channel, Variable=name, Value=value)
    await client.action("Redirect", Channel=channel, Context=context, Exten=exten, Priority=priority)


async def hangup(client: AmiClient, channel: str, cause: int = 16) -> None:
    """End a channel, by its name or by the Uniqueid that we gave it, with a Q.850 cause (16 is a normal end).

    Raises AmiRefused when it is gone already.
    """
    await client.action("Hangup", Channel=check_channel_or_id(channel), Cause=cause)


async def setvar(client: AmiClient, channel: str | None, name: str, value: str) -> None:
    """Set a channel's variable, or a global one when `channel` is None. Raises ValueError for what is not fit."""
    await client.action(
        "Setvar",
        Channel=None if channel is None else check_channel(channel),
        Variable=check_settable(name),
        Value=check_value(name, value),
    )


async def live_channels(client: AmiClient) -> list[LiveChannel]:
    """The node's channels, for taking up tickets after a restart and for reconciling a dial."""
    items = await client.action_list("CoreShowChannels", "CoreShowChannelsComplete")
    return [
        LiveChannel(
            channel=item.text("Channel"),
            uniqueid=item.text("Uniqueid"),
            linkedid=item.text("Linkedid"),
            state=item.text("ChannelStateDesc"),
            context=item.text("Context"),
            exten=item.text("Exten"),
            application=item.text("Application"),
            bridge=item.text("BridgeId"),
            seconds=_seconds(item.text("Duration")),
            number=item.text("CallerIDNum"),
        )
        for item in items
    ]


def _seconds(duration: str) -> int:
    """`01:02:03` as seconds; 0 for what is not written so."""
    parts = duration.split(":")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        return 0
    hours, minutes, seconds = (int(part) for part in parts)
    return (hours * 60 + minutes) * 60 + seconds
