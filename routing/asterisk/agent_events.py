"""What the phone of an agent or a supervisor tells us through the dialplan."""

from __future__ import annotations

from dataclasses import dataclass

from routing.asterisk.events import CallerEvent, UserEventRaised


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAsked(CallerEvent):
    """An agent's phone has dialled a code of its own, as `*10`; `what` is that code."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EarChanged(UserEventRaised):
    """A supervisor's phone takes part in a talk in this way from now on; `ear` is a word of `Ear`."""

    ear: str
