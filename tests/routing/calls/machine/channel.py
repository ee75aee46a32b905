"""A leg of a call on the modelled node."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Channel:
    """A leg. Who dials is in `dials`, whom; who is dialled is in `dialled_by`, by whom."""

    name: str
    uniqueid: str
    linkedid: str
    context: str
    exten: str = "s"
    up: bool = True
    bridge: str = ""
    dials: str = ""
    dialled_by: str = ""
    ring_until: float = 0.0
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> dict[str, str]:
        return {"Channel": self.name, "Uniqueid": self.uniqueid, "Linkedid": self.linkedid}


def dest_of(leg: Channel) -> dict[str, str]:
    """The headers by which an event names the leg that is dialled."""
    return {"DestChannel": leg.name, "DestUniqueid": leg.uniqueid, "DestLinkedid": leg.linkedid}
