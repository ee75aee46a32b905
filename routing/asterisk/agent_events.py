"""What an agent's own phone tells us through the dialplan."""

from __future__ import annotations

from dataclasses import dataclass

from routing.asterisk.events import CallerEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAsked(CallerEvent):
    """An agent's phone has dialled a code of its own, as `*10`; `what` is that code."""

    what: str
