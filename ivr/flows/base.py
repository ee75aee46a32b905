"""What every conversation has in common: how it ends, whatever happens in it.

A flow's `run()` reads like the talk and returns the next step. Calling the flow runs it under these guarantees:

- the caller hung up or was called away: it ends quietly, the journey notes which of the two;
- 0 at any time: a person; 9 at any time: SOS;
- anything unforeseen: logged with the call's id, the caller hears that something went wrong and gets a person;
- `clean_up()` runs in every case;
- the ticket is opened before IVR_NEXT is set, so that no caller waits without one. If it cannot be opened, the caller
  is held all the same, with its class, and the router makes a ticket from the dialplan's UserEvent.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Generic, Protocol, TypeVar

import structlog

from ivr import variables
from ivr.call import AS_EVER, Call, CallerHungUp, CallFacts, Delivery
from ivr.dialogue import Dialogue, PersonAsked, SosAsked
from routing.calls.messages import CallerClass, Intent

log = structlog.get_logger(__name__)

TECHNICAL_ERROR = "error.technical"


class NextKind(StrEnum):
    """The values of IVR_NEXT."""

    HOLD = "hold"
    SOS = "sos"
    BYE = "bye"


@dataclass(frozen=True, slots=True)
class Next:
    """Where the call goes when its conversation is over, and what the ticket needs if it goes to a person."""

    kind: NextKind
    intent: Intent = Intent.GENERAL
    caller_class: CallerClass | None = None  # None leaves it to the desk, which knows the caller.
    order_id: int | None = None  # The work order that the call is about.
    case_id: int | None = None  # The SOS or complaint that the call has opened.

    BYE: ClassVar["Next"]
    HOLD: ClassVar["Next"]
    SOS: ClassVar["Next"]


Next.BYE = Next(NextKind.BYE)
Next.HOLD = Next(NextKind.HOLD)
Next.SOS = Next(NextKind.SOS, Intent.SOS, CallerClass.SOS)


class Desk(Protocol):
    """The least that a flow's services must offer. Each may fail: the caller is looked after all the same."""

    def open_ticket(self, facts: CallFacts, next_step: Next) -> str:
        """Hand the router a ticket for this call (HOLD and SOS) and return its id. The adapter bounds its time."""

    def note(self, facts: CallFacts, event: str) -> None:
        """Write a journey event: "hung up", "called away", "failed"."""

    def meets(self, dialogue: Dialogue) -> None:
        """The conversation begins: whoever it is found to be with is spoken to in their own manner."""

    def parts(self, after: Next | None) -> None:
        """It is over, and so went the call on; None: the caller is gone. Nobody may wait for what this does."""


DeskT = TypeVar("DeskT", bound=Desk)


class Flow(Generic[DeskT]):
    """One conversation. Subclasses write `run()`; whoever runs a call calls the instance, once."""

    def __init__(self, call: Call, dialogue: Dialogue, desk: DeskT) -> None:
        self.call = call
        self.dialogue = dialogue
        self.desk = desk

    def run(self) -> Next:
        """The conversation."""
        raise NotImplementedError

    def clean_up(self) -> None:
        """Release what `run` holds. Runs once after every call; what it raises is logged."""

    def hold(
        self,
        *,
        intent: Intent = Intent.GENERAL,
        caller_class: CallerClass | None = None,
        about: int | None = None,
        case: int | None = None,
    ) -> Next:
        """A person, with what they should know: the intent, the order `about` which it is, the case."""
        return Next(NextKind.HOLD, intent, caller_class, about, case)

    def person(self) -> Next:
        """The step for a caller who pressed 0, or for whom something failed. Flows that know more override it."""
        return Next.HOLD

    def sos(self) -> Next:
        """The step for a caller who pressed 9."""
        return Next.SOS

    def speak_as_before(self) -> None:
        """Go on in the delivery of the conversation before this one in the same call, which a # may have chosen."""
        language, *how = (self.call.get(variables.IVR_DELIVERY) or "").split() or ("",)
        if how or language:
            self.call.delivery = Delivery("" if language == "-" else language, "slow" in how, "loud" in how)

    def then(self, flow: type["Flow[DeskT]"]) -> Next:
        """Go on with another conversation in the same call, under the guarantees of this one.

        Who presses 0 or 9 in it gets the person or the SOS of that conversation, which knows what it is about.
        """
        following = flow(self.call, self.dialogue, self.desk)
        try:
            return following.run()
        except PersonAsked:
            return following.person()
        except SosAsked:
            return following.sos()
        finally:
            following._clean_up_safely()

    def on_next(self, next_step: Next) -> str:
        """Open the ticket and return its id, before the dialplan takes the call back; "" when none is needed."""
        return "" if next_step.kind is NextKind.BYE else self.desk.open_ticket(self.call.facts, next_step)

    def __call__(self) -> Next | None:
        """Run the conversation and hand the call back. None when the caller is gone."""
        next_step: Next | None = None
        try:
            next_step = self._talk()
            self._hand_back(next_step)
        except CallerHungUp as gone:
            log.info("flow.ended", flow=type(self).__name__, how=gone.kind.value)
            self._note(gone.kind.value)
            next_step = None
            return None
        else:
            return next_step
        finally:
            self._clean_up_safely()
            self._part_safely(next_step)

    def _talk(self) -> Next:
        try:
            self.desk.meets(self.dialogue)
            return self.run()
        except CallerHungUp:
            raise
        except PersonAsked:
            return self.person()
        except SosAsked:
            return self.sos()
        except Exception:  # The one place where anything unforeseen must still end with a person on the line.
            log.exception("flow.failed", flow=type(self).__name__)
            return self._after_failure()

    def _after_failure(self) -> Next:
        """Tell the caller, and choose a person; not even saying so may stop that."""
        self._note("failed")
        try:
            self.dialogue.conclude(TECHNICAL_ERROR)
        except CallerHungUp:
            raise
        except SosAsked:
            return self.sos()
        except PersonAsked:
            return self.person()
        except Exception:
            log.exception("flow.failed_to_say_so", flow=type(self).__name__)
        return self.person()

    def _hand_back(self, next_step: Next) -> None:
        ticket_id = ""
        try:
            ticket_id = self.on_next(next_step)
        except CallerHungUp:
            raise
        except Exception:
            log.exception("flow.ticket_not_opened", flow=type(self).__name__, next=next_step.kind.value)
        if ticket_id:
            self.call.set(variables.TICKET_ID, ticket_id)
        if next_step.kind is not NextKind.BYE and (spoken := _in_words(self.call.delivery)):
            self.call.set(variables.IVR_DELIVERY, spoken)
        if next_step.caller_class is not None:
            self.call.set(variables.CALLER_CLASS, next_step.caller_class.value)
        self.call.set(variables.IVR_NEXT, next_step.kind.value)

    def _note(self, event: str) -> None:
        try:
            self.desk.note(self.call.facts, event)
        except Exception:
            log.exception("flow.note_not_written", event_noted=event)

    def _clean_up_safely(self) -> None:
        try:
            self.clean_up()
        except Exception:
            log.exception("flow.clean_up_failed", flow=type(self).__name__)

    def _part_safely(self, after: Next | None) -> None:
        try:
            self.desk.parts(after)
        except Exception:
            log.exception("flow.parting_failed", flow=type(self).__name__)


def _in_words(delivery: Delivery) -> str:
    """A delivery as `IVR_DELIVERY` has it; nothing for everybody's."""
    if delivery == AS_EVER:
        return ""
    how = [word for word, wanted in (("slow", delivery.slow), ("loud", delivery.loud)) if wanted]
    return " ".join([delivery.language or "-", *how])
