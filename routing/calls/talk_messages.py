"""What desk and router say to each other about talks in progress. `messages` sends and reads them with the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class TalkStage(StrEnum):
    """Where a talk between a caller and an agent stands."""

    TALKING = "talking"
    PARKED = "parked"
    """The caller hears music; the agent's leg stays."""
    CONSULTING = "consulting"
    """The caller hears music; the agent rings, or speaks with, somebody else."""
    CONFERENCE = "conference"
    """Three or more hear each other."""
    OVER = "over"


class TalkAction(StrEnum):
    """What an agent may ask for in a talk."""

    HOLD = "hold"
    RESUME = "resume"
    TRANSFER = "transfer"
    CONSULT = "consult"
    COMPLETE = "complete"
    RETURN = "return"
    CONFER = "confer"


@dataclass(frozen=True)
class ControlTalk:
    """What the agent of a talk wants done with it: `transfer` goes to an agent, a skill or a number; `consult` to an
    agent or a number; `confer` takes the one who is consulted in, or dials `number`. `by` is the user who asked.

    The number (E.164 or a short one as 120) is here for the reason that it is in PlaceCall."""

    call_id: str
    extension: str
    action: TalkAction
    agent: str = ""
    skill: str = ""
    number: str = field(default="", repr=False)
    by: str = ""
    party: str = ""
    """Whose number it is, for the record: 120, contact:7."""


@dataclass(frozen=True)
class TalkChanged:
    """A talk is in another stage; `partner` is the agent who is consulted or joined, or "outside". With `trouble` it
    says why what was asked for was not done: a word, as `not_free`."""

    call_id: str
    extension: str
    stage: TalkStage
    at: float
    partner: str = ""
    trouble: str = ""
    party: str = ""
    """Whom the trouble is about, as in ControlTalk."""
