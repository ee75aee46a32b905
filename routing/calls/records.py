"""What Redis holds about tickets, agents and automatic calls: frozen values and their JSON form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from routing.calls.messages import AgentState, CallerClass, Intent, OpenTicket
from routing.calls.talk_messages import TalkStage

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

log = structlog.get_logger(__name__)


class TicketStage(StrEnum):
    """How far a ticket has come; its end is no stage, for then it is gone."""

    OPENED = "opened"
    """The flow asked for a person; the caller has not reached hold (again) yet."""
    HELD = "held"
    """The caller is in hold: the router may send the call to somebody."""
    OFFERED = "offered"
    """Somebody's phone is about to ring, or rings."""
    MESSAGE = "message"
    """The caller was sent to where messages are taken, and nobody takes them away from there."""


@dataclass(frozen=True)
class Ticket:
    """One need that waits for a person. Times are epochs in seconds."""

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
    stage: TicketStage = TicketStage.OPENED
    offered_to: str | None = None
    """Extension or outside number."""
    offered_at: float = 0.0
    """When it was offered last, or the caller asked for a message."""
    answer_by: float = 0.0
    """Until then the offer must have been answered or returned, else the router looks for itself."""
    reason: str = ""
    tried: tuple[tuple[str, float], ...] = ()
    attempts: int = 0
    ahead_seconds: float = 0.0
    """By so much longer than it has the policy takes it to have waited: a supervisor put it to the front."""
    # What the caller in hold was told last, so that nobody hears a longer wait after a shorter one.
    told_at: float = 0.0
    told_ahead: int | None = None
    told_seconds: float | None = None
    told_soon: bool = False
    """It was said that it is their turn any moment; that is true once."""
    quiet_until: float = 0.0
    """Not spoken to before: they are in the middle of a conversation in hold, or have just come out of one."""
    kept_for: str | None = None
    """The agent whose page was left in the talk with this caller, as by a reload."""
    kept_until: float = 0.0
    """Until then the talk is theirs to take up again, and nobody else's."""
    kept_since: float = 0.0
    may_be_called_back: bool = False
    """They have waited long enough to be offered a call-back."""
    # Of a promised call-back; its `channel` is empty until the person has answered.
    promised: bool = False
    number: str = field(default="", repr=False)
    """E.164: whom to call back."""
    promised_in: str = ""
    """Id of the call in which it was promised."""
    instead_of: str = ""
    """The ticket whose place the promise keeps."""
    not_before: float = 0.0
    """An epoch before which the person is not dialled."""
    dials: int = 0
    """How often the person was dialled."""

    @property
    def called_back(self) -> bool:
        """Whether nobody is on the line, and the person must be dialled first."""
        return self.promised and not self.channel

    @property
    def recording(self) -> str:
        """What a recording of the offer that is under way is called, without folder or ending."""
        return f"{re.sub(r'[^A-Za-z0-9.-]', '-', self.call_id)[:60]}-{self.attempts}"

    @classmethod
    def opened(cls, command: OpenTicket) -> Ticket:
        return cls(**{each.name: getattr(command, each.name) for each in fields(OpenTicket)})


@dataclass(frozen=True)
class AgentRecord:
    """What is known about an agent. `state` follows from the rest (see `agents.state_of`) and is stored for readers."""

    extension: str
    skills: tuple[str, ...] = ()
    wanted: AgentState = AgentState.LOGGED_OFF
    """What was asked for: logged_off, ready or paused."""
    wanted_reason: str = ""
    contacts: tuple[str, ...] = ()
    """Registered contacts, as ``node|AOR|URI``."""
    legs: tuple[str, ...] = ()
    """The phone's living channels, as ``node|name``."""
    ticket_id: str | None = None
    call_id: str | None = None
    offered: AgentState | None = None
    """While a ticket is the agent's: reserved, ringing or talking."""
    wrap_up_until: float = 0.0
    rest_until: float = 0.0
    misses: int = 0
    """Missed calls in a row."""
    state: AgentState = AgentState.LOGGED_OFF
    since: float = 0.0


class PlacedStage(StrEnum):
    """How far an automatic call has come."""

    WAITING = "waiting"
    DIALLING = "dialling"
    ANSWERED = "answered"
    ENDED = "ended"
    """Its owner has not taken the outcome yet."""


@dataclass(frozen=True)
class PlacedCall:
    """An automatic call. `call_id` is chosen before the dial, and is the Uniqueid of the channel."""

    cause: str
    number: str
    flow: str
    reference: str
    ring_seconds: float
    expires_at: float
    call_id: str
    node: str = ""
    stage: PlacedStage = PlacedStage.WAITING
    outcome: str = ""
    ended_at: float = 0.0
    ticket_id: str = ""
    """The promise that the call keeps: an agent is reserved for it, so it goes before all other automatic calls."""


_Kept = TypeVar("_Kept", bound="DataclassInstance")
_ENUMS: dict[str, type[StrEnum]] = {
    "Intent": Intent,
    "CallerClass": CallerClass,
    "TicketStage": TicketStage,
    "AgentState": AgentState,
    "AgentState | None": AgentState,
    "PlacedStage": PlacedStage,
    "TalkStage": TalkStage,
}


class RecordError(ValueError):
    """What Redis holds is no record of ours; the text says why."""


def to_json(record: DataclassInstance) -> str:
    """Write a record as one line of JSON."""
    return json.dumps(asdict(record), ensure_ascii=False, separators=(",", ":"))


def from_json(kind: type[_Kept], text: str | bytes) -> _Kept:
    """Read a record; fields that we do not know are dropped. Raises RecordError."""
    try:
        raw = json.loads(text)
        values = {each.name: _typed(str(each.type), raw[each.name]) for each in fields(kind) if each.name in raw}
        return kind(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise RecordError(f"not a {kind.__name__}: {error}") from error


def read_all(kind: type[_Kept], stored: Iterable[str | bytes]) -> list[_Kept]:
    """Read records; one that cannot be read is logged and left out, so that it hides no other."""
    records = []
    for text in stored:
        try:
            records.append(from_json(kind, text))
        except RecordError as error:
            log.warning("records.unreadable", kind=kind.__name__, error=str(error))
    return records


def _typed(annotation: str, value: Any) -> Any:
    if value is not None and annotation in _ENUMS:
        return _ENUMS[annotation](value)
    if isinstance(value, list):
        return tuple(tuple(each) if isinstance(each, list) else each for each in value)
    return value
