"""From a connection to a conversation and back to the dialplan, over loopback."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ivr.call import CallFacts
from ivr.conversations import Conversations
from ivr.dialogue import Dialogue
from ivr.flows.base import Flow, Next
from ivr.flows.registry import FlowRegistry
from ivr.server import AgiServer
from routing.calls.messages import Intent
from tests.ivr.conftest import PlainPrompts
from tests.ivr.scripted_asterisk import ScriptedAsterisk
from tests.ivr.test_server import SECONDS, call, header_bytes, settled


class QuietDesk:
    """Opens tickets that nobody sees."""

    def open_ticket(self, facts: CallFacts, next_step: Next) -> str:
        return f"t-{next_step.intent.value}-{facts.caller_number[-4:]}"

    def note(self, facts: CallFacts, event: str) -> None:
        """Nothing is kept."""

    def meets(self, dialogue: Dialogue) -> None:
        """Everybody is spoken to alike."""

    def parts(self, after: Next | None) -> None:
        """Nothing is learnt."""


class Welcome(Flow[QuietDesk]):
    """Greets and offers one thing."""

    def run(self) -> Next:
        self.call.answer()
        self.dialogue.say("greet")
        if self.dialogue.confirm("order").__class__.__name__ == "Matched":
            return self.hold(intent=Intent.ORDER)
        return Next.BYE


Welcome.__module__ = "ivr.flows.welcome"


@pytest.fixture
def conversations() -> Conversations:
    desk_for: Any = lambda _call: QuietDesk()  # noqa: E731 - a composition root would pass its own factory.
    return Conversations(FlowRegistry([Welcome]), PlainPrompts(), desk_for, sounds="/prompts")


@pytest.fixture
def server(conversations: Conversations) -> Iterator[AgiServer]:
    server = AgiServer(conversations)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.stop()
    server.drain(1)
    thread.join(SECONDS)


def talk(server: AgiServer, presses: dict[str, str], script: str = "welcome", **kwargs: Any) -> ScriptedAsterisk:
    asterisk = ScriptedAsterisk(call(server, header_bytes({"network_script": script})), presses, **kwargs)
    asterisk.start()
    asterisk.join(SECONDS)
    return asterisk


def test_a_conversation_ends_in_hold_with_a_ticket(server: AgiServer) -> None:
    asterisk = talk(server, {"order": "1"})
    assert asterisk.played == ["greet", "order"]
    assert asterisk.variables == {"IVR_NEXT": "hold", "TICKET_ID": "t-order-0001"}


def test_an_unknown_flow_is_left_to_the_fallback(server: AgiServer) -> None:
    asterisk = talk(server, {}, script="no_such_flow")
    assert asterisk.variables == {}
    assert settled(server, lambda: server._calls.failed == 1)


def test_sounds_that_fail_are_counted_for_all_calls(server: AgiServer, conversations: Conversations) -> None:
    for _ in range(2):
        talk(server, {"order": "1"}, missing={"greet"})
    assert conversations.sounds_failed == 2


def test_many_conversations_at_once(server: AgiServer) -> None:
    sessions = [ScriptedAsterisk(call(server), {"order": "1"}) for _ in range(50)]
    for each in sessions:
        each.start()
    for each in sessions:
        each.join(SECONDS)
    assert [each.variables.get("IVR_NEXT") for each in sessions] == ["hold"] * 50
