"""One line of a node's call file: a channel event (CEL), in the order of dialplans/cel_custom.conf.j2."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field

LINE_MOST = 8_192
"""Characters; Asterisk writes some 250."""
_FIELD = '"((?:[^"]|"")*)"'
_LINE = re.compile(",".join([_FIELD] * 10) + ',"((?:[^"]|"")*)"?')
"""Ten fields of Asterisk's or of our own making, and the caller's number, which a line break in it may cut off."""
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@dataclass(frozen=True, slots=True)
class CallEvent:
    """Something that happened to a channel; `at` is an epoch in seconds, to the microsecond."""

    kind: str
    """CHAN_START, ANSWER, BRIDGE_ENTER, BRIDGE_EXIT, HANGUP, LINKEDID_END, or our dialplan's FELLBACK and MESSAGE."""
    at: float
    linkedid: str
    uniqueid: str
    channel: str
    context: str
    extension: str = field(repr=False)
    application: str
    extra: str
    """JSON of what else there is to the event, or empty."""
    number: str = field(repr=False)
    """The caller's, as the carrier gave it."""

    @property
    def first(self) -> bool:
        """Whether it tells of the channel that the call began with."""
        return self.uniqueid == self.linkedid

    def told(self, name: str) -> str:
        """Give a value of `extra`; empty when it has none."""
        try:
            value = json.loads(self.extra).get(name, "")
        except (ValueError, AttributeError):
            return ""
        return str(value)


def read_line(text: str) -> CallEvent | None:
    """Read a line; None for what is no whole line of ours.

    Every field stands in quotes, with quotes within it doubled. What follows a line break in a caller's number can then
    be a line that is none, but never one that tells of another call.
    """
    found = _LINE.fullmatch(text[:LINE_MOST])  # Only a number can be so long, and it comes last.
    if found is None:
        return None
    fields = [each.replace('""', '"') for each in found.groups()]
    kind, own_kind, moment, linkedid, uniqueid, *others = fields
    try:
        at = float(moment)
    except ValueError:
        return None
    if not (math.isfinite(at) and at > 0 and _ID.fullmatch(linkedid) and _ID.fullmatch(uniqueid)):
        return None
    return CallEvent(own_kind or kind, at, linkedid, uniqueid, *others)
