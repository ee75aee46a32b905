"""However a conversation ends, the caller is looked after: the guarantees of the base."""

from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from ivr.call import CallerHungUp, CallFacts, HangupKind
from ivr.dialogue import Dialogue
from ivr.flows.base import Flow, Next, NextKind
from routing.calls.messages import CallerClass, Intent
from tests.ivr.fake_call import FakeCall


class RecordingDesk:
    """Remembers what it was asked; `broken` operations raise."""

    def __init__(self, call: FakeCall, broken: frozenset[str] = frozenset()) -> None:
        self.tickets: list[Next] = []
        self.notes: list[str] = []
        self.met: Dialogue | None = None
        self.parted: list[Next | None] = []
        self.next_when_opened: str | None = "never opened"
        self._call = call
        self._broken = broken

    def open_ticket(self, facts: CallFacts, next_step: Next) -> str:
        if "open_ticket" in self._broken:
            raise ConnectionError("Redis is gone")
        self.tickets.append(next_step)
        self.next_when_opened = self._call.variables.get("IVR_NEXT")
        return f"t-{facts.call_id}"

    def note(self, facts: CallFacts, event: str) -> None:
        if "note" in self._broken:
            raise ConnectionError("the database is gone")
        self.notes.append(event)

    def meets(self, dialogue: Dialogue) -> None:
        self.met = dialogue

    def parts(self, after: Next | None) -> None:
        self.parted.append(after)
        if "parts" in self._broken:
            raise ConnectionError("nobody learns")


class Talk(Flow[RecordingDesk]):
    """A flow whose talk a test writes."""

    talk: Callable[["Talk"], Next]
    cleaned = 0
    clean_up_raises = False

    def run(self) -> Next:
        return self.talk()

    def clean_up(self) -> None:
        self.cleaned += 1
        if self.clean_up_raises:
            raise RuntimeError("clean-up")


def made(talk: Callable[[Any], Next], call: FakeCall | None = None, broken: frozenset[str] = frozenset()) -> Talk:
    call = call or FakeCall()
    flow = Talk(call, Dialogue(call, call.clock), RecordingDesk(call, broken))
    flow.talk = lambda: talk(flow)  # type: ignore[method-assign,assignment]  # each test has its own talk
    return flow


def call_of(flow: Talk) -> FakeCall:
    assert isinstance(flow.call, FakeCall)
    return flow.call


def fails(_flow: Talk) -> Next:
    raise ZeroDivisionError("our own mistake")


def test_bye_needs_no_ticket() -> None:
    flow = made(lambda _flow: Next.BYE)
    assert flow() == Next.BYE
    assert call_of(flow).variables == {"IVR_NEXT": "bye"}
    assert flow.desk.tickets == []
    assert flow.cleaned == 1


def test_hold_opens_a_ticket_before_the_dialplan_goes_on() -> None:
    flow = made(lambda flow: flow.hold(intent=Intent.ORDER, caller_class=CallerClass.FRAIL, about=7))
    assert flow() == Next(NextKind.HOLD, Intent.ORDER, CallerClass.FRAIL, 7)
    assert flow.desk.tickets == [Next(NextKind.HOLD, Intent.ORDER, CallerClass.FRAIL, 7)]
    assert flow.desk.next_when_opened is None
    assert call_of(flow).variables == {
        "IVR_NEXT": "hold",
        "TICKET_ID": "t-a-1700000000.1",
        "CALLER_CLASS": "frail",
    }


def test_sos_is_its_own_class() -> None:
    flow = made(lambda flow: flow.sos())
    flow()
    assert call_of(flow).variables["IVR_NEXT"] == "sos"
    assert call_of(flow).variables["CALLER_CLASS"] == "sos"
    assert flow.desk.tickets[0].intent is Intent.SOS


@pytest.mark.parametrize(("key", "kind"), [("0", "hold"), ("9", "sos")])
def test_0_and_9_over_anything_said(key: str, kind: str) -> None:
    def talk(flow: Talk) -> Next:
        flow.dialogue.say("greet")
        return Next.BYE

    flow = made(talk, FakeCall({"greet": key}))
    flow()
    assert call_of(flow).variables["IVR_NEXT"] == kind
    assert len(flow.desk.tickets) == 1


@pytest.mark.parametrize("kind", list(HangupKind))
def test_a_caller_who_is_gone_is_noted_and_cleaned_up_after(kind: HangupKind) -> None:
    def talk(flow: Talk) -> Next:
        flow.dialogue.say("greet")
        return Next.BYE

    flow = made(talk, FakeCall(hang_up_at=1, hang_up_kind=kind))
    assert flow() is None
    assert flow.desk.notes == [kind.value]
    assert flow.desk.tickets == []
    assert flow.cleaned == 1


def test_hanging_up_while_the_call_is_handed_back() -> None:
    flow = made(lambda flow: flow.hold(), FakeCall(hang_up_at=1))
    assert flow() is None
    assert flow.desk.notes == ["hung up"]
    assert flow.cleaned == 1


def test_our_mistake_is_told_logged_and_ends_with_a_person() -> None:
    flow = made(fails)
    with capture_logs() as logs:
        flow()
    assert call_of(flow).keys_heard == ["error.technical"]
    assert call_of(flow).variables["IVR_NEXT"] == "hold"
    assert len(flow.desk.tickets) == 1
    assert flow.desk.notes == ["failed"]
    assert [(each["event"], each["log_level"]) for each in logs] == [("flow.failed", "error")]


@pytest.mark.parametrize(("key", "kind"), [("0", "hold"), ("9", "sos")])
def test_0_and_9_over_the_apology(key: str, kind: str) -> None:
    flow = made(fails, FakeCall({"error.technical": key}))
    flow()
    assert call_of(flow).variables["IVR_NEXT"] == kind


def test_not_even_the_apology_must_work() -> None:
    class Speechless(FakeCall):
        def play(self, key: str, /, *, keys: str = "", **values: object) -> str | None:
            raise OSError("no sound at all")

    flow = made(fails, Speechless())
    flow()
    assert call_of(flow).variables["IVR_NEXT"] == "hold"


def test_hanging_up_over_the_apology() -> None:
    flow = made(fails, FakeCall(hang_up_at=1))
    assert flow() is None
    assert flow.desk.notes == ["failed", "hung up"]


@pytest.mark.parametrize("step", [Next.HOLD, Next.SOS])
def test_without_a_ticket_the_caller_is_held_all_the_same(step: Next) -> None:
    flow = made(lambda _flow: step, broken=frozenset({"open_ticket"}))
    with capture_logs() as logs:
        assert flow() == step
    assert call_of(flow).variables["IVR_NEXT"] == step.kind.value
    assert "TICKET_ID" not in call_of(flow).variables
    assert call_of(flow).variables.get("CALLER_CLASS") == (step.caller_class.value if step.caller_class else None)
    assert logs[0]["event"] == "flow.ticket_not_opened"


def test_notes_and_clean_up_may_fail() -> None:
    flow = made(fails, broken=frozenset({"note", "open_ticket"}))
    flow.clean_up_raises = True
    assert flow() == Next.HOLD
    assert call_of(flow).variables["IVR_NEXT"] == "hold"
    assert flow.cleaned == 1


def test_a_flow_may_go_on_with_another() -> None:
    after: list[Talk] = []

    class Second(Talk):
        def run(self) -> Next:
            after.append(self)
            self.dialogue.say("second")
            return self.hold(intent=Intent.ORDER)

    flow = made(lambda flow: flow.then(Second))
    assert flow() == Next(NextKind.HOLD, Intent.ORDER)
    assert call_of(flow).keys_heard == ["second"]
    assert len(flow.desk.tickets) == 1
    assert [after[0].cleaned, flow.cleaned] == [1, 1]


def test_the_second_flow_cleans_up_when_the_caller_goes() -> None:
    after: list[Talk] = []

    class Second(Talk):
        def run(self) -> Next:
            after.append(self)
            raise CallerHungUp

    flow = made(lambda flow: flow.then(Second))
    assert flow() is None
    assert [after[0].cleaned, flow.cleaned] == [1, 1]
