"""What flows, desk, jobs and router say to each other about calls: frozen values, and their form on the wire.

Commands are imperative and go to the router over the Redis stream `COMMANDS`; events are past tense and go to whoever
listens over the Redis channel `LIVE`. Both travel as one JSON object, with the class's name under ``type``.
Personal data stays out: an elder is an id, never a name or a number. (The one exception is the number of `PlaceCall`
and `PromiseCall`, without which nobody can be dialled; the stream is trimmed and never logged.)
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Final

from routing.calls.bulletin_messages import BulletinChanged
from routing.calls.listening_messages import ChangeEar, EndSupervision, SupervisionChanged
from routing.calls.promise_messages import CancelPromise, DeferPromise, PromiseCall
from routing.calls.supervise_messages import Ear, MoveTicket, RecordPrompt, Supervise, SupervisionAsked, TicketMoved
from routing.calls.talk_messages import ControlTalk, TalkAction, TalkChanged, TalkStage

COMMANDS = "elderline:commands"
LIVE = "elderline:live"


class Intent(StrEnum):
    """What a caller needs a person for."""

    GENERAL = "general"
    ORDER = "order"
    COMPLAINT = "complaint"
    REGISTER = "register"
    WORKER = "worker"
    COMPANY = "company"
    CALLBACK = "callback"
    SOS = "sos"


class CallerClass(StrEnum):
    """Classes of callers; each gathers priority at a rate of its own (settings of the policy)."""

    SOS = "sos"
    FRAIL = "frail"
    ELDER = "elder"
    OTHER = "other"


class TicketEnd(StrEnum):
    """Every ticket ends in exactly one of these."""

    ANSWERED = "answered"
    SELF_SERVED = "self_served"
    ABANDONED = "abandoned"
    PROMISED = "promised"
    """To be called back: by a promise, which is a ticket of its own at the same place, or for the message they left."""
    FALLBACK = "fallback"
    UNREACHED = "unreached"
    """A promise whose person did not answer any of the calls: a person of ours takes it from there."""


class AgentState(StrEnum):
    """Where an agent stands. The truth is the router's; pages show it."""

    LOGGED_OFF = "logged_off"
    UNREACHABLE = "unreachable"
    READY = "ready"
    RESERVED = "reserved"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    RESTING = "resting"


@dataclass(frozen=True)
class OpenTicket:
    """A caller needs a person. Sent by a flow before its AGI ends; the router routes once the channel is in hold."""

    ticket_id: str
    call_id: str
    node: str
    channel: str
    intent: Intent
    caller_class: CallerClass
    joined_at: float
    elder_id: int | None = None
    skills: tuple[str, ...] = ()
    preferred_agent: str | None = None
    order_id: int | None = None
    case_id: int | None = None


@dataclass(frozen=True)
class EndTicket:
    """The need went away without a person (for instance served by keys while waiting)."""

    ticket_id: str
    end: TicketEnd


ASKED_STATES: Final = {each.value: each for each in (AgentState.READY, AgentState.PAUSED, AgentState.LOGGED_OFF)}
"""What a person may ask for; all other states come of what happens."""


@dataclass(frozen=True)
class SetAgentState:
    """Log in (`ready`), pause or log off an agent, or end wrap-up (`ready`): one of `ASKED_STATES`. `by`: who asked."""

    extension: str
    state: AgentState
    reason: str = ""
    by: str = ""


@dataclass(frozen=True)
class PlaceCall:
    """Dial a number over the carrier and hand the answered call to a flow: one call for one `cause`, ever."""

    cause: str
    number: str
    flow: str
    reference: str
    ring_seconds: float
    expires_at: float


@dataclass(frozen=True)
class WithdrawCall:
    """An automatic call is not wanted any more: it is not made, or ended while it rings; whoever answered talks on."""

    cause: str


@dataclass(frozen=True)
class HangUpCall:
    """End a call, as a supervisor or a flow that gives up asks."""

    call_id: str
    by: str = ""


@dataclass(frozen=True)
class TicketJoined:
    """A ticket waits; the event holds what a wallboard shows."""

    ticket_id: str
    call_id: str
    intent: Intent
    caller_class: CallerClass
    joined_at: float
    elder_id: int | None = None
    case_id: int | None = None


@dataclass(frozen=True)
class TicketOffered:
    """An agent's phone is about to ring; the agent's desk pops the record now. `reason` is the policy's."""

    ticket_id: str
    call_id: str
    extension: str
    reason: str
    at: float
    elder_id: int | None = None
    case_id: int | None = None


@dataclass(frozen=True)
class TicketAnswered:
    """Agent and caller are connected."""

    ticket_id: str
    call_id: str
    extension: str
    waited_seconds: float
    at: float
    elder_id: int | None = None
    case_id: int | None = None


@dataclass(frozen=True)
class TicketReturned:
    """Not answered, busy or unreachable: the ticket is back where it stood."""

    ticket_id: str
    call_id: str
    extension: str
    status: str
    at: float


@dataclass(frozen=True)
class TicketEnded:
    """The one end of a ticket."""

    ticket_id: str
    call_id: str
    end: TicketEnd
    waited_seconds: float
    at: float
    extension: str | None = None


@dataclass(frozen=True)
class AgentChanged:
    """An agent's state changed, or where their telephones are registered."""

    extension: str
    state: AgentState
    since: float
    reason: str = ""
    call_id: str | None = None
    ticket_id: str | None = None


@dataclass(frozen=True)
class CallFinished:
    """A channel of a caller is gone. `outcome` is one of hung_up, completed."""

    call_id: str
    node: str
    at: float
    cause: int = 0


@dataclass(frozen=True)
class PlacedCallEnded:
    """How an automatic call went: answered, busy, no_answer, refused, failed, expired, withdrawn, or unknown (never
    dialled again by the router; whoever owns the cause decides)."""

    cause: str
    outcome: str
    at: float
    call_id: str | None = None


@dataclass(frozen=True)
class CaseOpened:
    """An SOS or another case that a person must close."""

    case_id: int
    kind: str
    at: float
    elder_id: int | None = None
    call_id: str | None = None


@dataclass(frozen=True)
class OrderMoved:
    """An order changed its state."""

    order_id: int
    state: str
    at: float
    elder_id: int | None = None


Message = (
    OpenTicket | EndTicket | SetAgentState | PlaceCall | WithdrawCall | HangUpCall
    | PromiseCall | DeferPromise | CancelPromise | TicketJoined | TicketOffered | TicketAnswered | TicketReturned
    | TicketEnded | ControlTalk | TalkChanged | Supervise | RecordPrompt | MoveTicket | TicketMoved | SupervisionAsked
    | AgentChanged | CallFinished | PlacedCallEnded | CaseOpened | OrderMoved | BulletinChanged
    | ChangeEar | EndSupervision | SupervisionChanged
)  # fmt: skip


class MessageError(ValueError):
    """What came over the wire is no message of ours; the text says why."""


_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in Message.__args__}
_ENUMS: dict[str, type[StrEnum]] = {
    kind.__name__: kind for kind in (Intent, CallerClass, TicketEnd, AgentState, TalkAction, TalkStage, Ear)
}


def encode(message: Message) -> str:
    """Write a message as one line of JSON."""
    return json.dumps({"type": type(message).__name__, **asdict(message)}, ensure_ascii=False, separators=(",", ":"))


def decode(line: str | bytes) -> Message:
    """Read a message; fields that we do not know are dropped, so that newer senders do not stop older readers.

    Raises MessageError when the line is no JSON object, names no known type or lacks a field.
    """
    try:
        raw = json.loads(line)
        kind = _KINDS[raw["type"]]
        values: dict[str, Any] = {}
        for each in fields(kind):
            if each.name in raw:
                enum = _ENUMS.get(str(each.type))
                value = raw[each.name]
                values[each.name] = enum(value) if enum else tuple(value) if isinstance(value, list) else value
        message: Message = kind(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise MessageError(f"not a message: {error}") from error
    return message
