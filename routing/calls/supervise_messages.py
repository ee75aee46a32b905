"""What supervisors ask of the router beside what all may. `messages` sends and reads them with the others."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Ear(StrEnum):
    """How a supervisor takes part in a talk."""

    LISTEN = "listen"
    """Hears both, and is heard by nobody."""
    WHISPER = "whisper"
    """Is heard by the agent alone."""
    BARGE = "barge"
    """Is heard by both."""


@dataclass(frozen=True)
class Supervise:
    """Ring the phone of extension `at`, and let whoever answers there listen to the talk of agent `extension`.

    `request` is new for each wish: a wish that is read twice rings once. `by` is the user who asked."""

    request: str
    extension: str
    at: str
    ear: Ear
    by: str = ""


@dataclass(frozen=True)
class RecordPrompt:
    """Ring the phone of extension `at`, whose owner reads a prompt into it. `request` names the wish, and the dial: it
    rings once, however often it is read. `by` is the user who asked."""

    request: str
    at: str
    by: str = ""


@dataclass(frozen=True)
class MoveTicket:
    """Change what a waiting ticket is: its class (a word of `CallerClass`), the skill it wants, the agent it should go
    to if idle; `front` puts it before all others of its class. What is empty stays as it is."""

    ticket_id: str
    agent: str = ""
    skill: str = ""
    caller_class: str = ""
    front: bool = False
    by: str = ""


@dataclass(frozen=True)
class TicketMoved:
    """A supervisor moved a ticket."""

    ticket_id: str
    call_id: str
    at: float


@dataclass(frozen=True)
class SupervisionAsked:
    """A supervisor's phone is about to ring; with `trouble` (a word, as not_talking) it is not."""

    extension: str
    at_extension: str
    ear: Ear
    at: float
    trouble: str = ""
