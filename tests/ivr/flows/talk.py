"""Conversations of the demo's people with the flows: real services on a database, a caller from a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from redis.exceptions import ConnectionError as RedisConnectionError

from ivr.call import CallFacts, HangupKind, RecordingEnd
from ivr.dialogue import Dialogue
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk, FlowServices
from ivr.flows.registry import script_name
from ivr.prompts.catalogue import Catalogue, NotSpoken
from routing.calls.directory import CallerDirectory
from routing.calls.messages import OpenTicket
from routing.calls.records import Ticket
from routing.numbers import as_dialled
from routing.orders.sos import UNTOLD, Raised
from tests.ivr.fake_call import FACTS, FakeCall, Presses
from tests.routing.town import ZONE, Town

DIALLED = {"welcome": "12349", "sos": "12340", "visits": "12348", "companies": "12347"}


@dataclass
class Notebook:
    """Keeps what the journey and the tickets are told."""

    steps: list[str] = field(default_factory=list)
    began_as: list[str] = field(default_factory=list)
    elders: list[int | None] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    tickets: list[OpenTicket] = field(default_factory=list)
    living: dict[str, Ticket] = field(default_factory=dict)
    """Tickets that wait, as the router keeps them."""
    told: list[tuple[str, ...]] = field(default_factory=list)
    """What the router was told of promises."""
    redis_away: bool = False

    def began(self, call: Any, what: str = "call.began", detail: str = "") -> None:
        self.began_as.append(call.direction)
        self.elders.append(call.elder_id)

    def note(self, _call_id: str, what: str, detail: str = "") -> None:
        self.steps.append(what)

    def ended(self, _call_id: str, outcome: str) -> None:
        self.ends.append(outcome)

    def open(self, ticket: OpenTicket) -> None:
        self.tickets.append(ticket)

    def get(self, ticket_id: str) -> Ticket | None:
        return self.living.get(ticket_id)

    def promise(self, ticket_id: str, promise: Ticket) -> None:
        if self.redis_away:
            raise RedisConnectionError
        self.told.append(("promise", ticket_id, promise.ticket_id))

    def defer(self, promise_id: str, _until: float) -> None:
        self.told.append(("defer", promise_id))

    def cancel_promise(self, promise_id: str, _by: str) -> None:
        self.told.append(("cancel", promise_id))


class SosBook:
    """Opens SOS cases in the town, or is broken."""

    def __init__(self, town: Town) -> None:
        self._town = town

    def open(self, call_id: str, elder_id: int | None, raised: Raised = UNTOLD) -> int | None:
        return self._town.cases.open(
            f"sos-{call_id}", "sos", elder_id=elder_id, call_id=call_id, note=raised.words, steps=raised.steps()
        ).id


@cache
def catalogue() -> Catalogue:
    """The real catalogue, as if all that it wants were recorded."""
    real = Catalogue.load()
    sounds = {
        name: frozenset({*language.segments(), *language.vocabulary.texts}) for name, language in real.languages.items()
    }
    return Catalogue({"zh-CN": real.languages["zh-CN"]}, {"zh-CN": sounds["zh-CN"]}, zone=ZoneInfo("Asia/Shanghai"))


class SpeakingCall(FakeCall):
    """A fake call that can say only what the catalogue can. `not_spoken` are values it had to replace."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.not_spoken: list[NotSpoken] = []

    def hear(self, key: str, keys: str, values: Mapping[str, object]) -> str | None:
        replace(catalogue(), report=self.not_spoken.append).plan(key, "zh-CN", **values)
        return super().hear(key, keys, values)


@dataclass
class Talk:
    """One conversation that is over."""

    call: SpeakingCall
    next: Next | None
    desk: CallDesk
    book: Notebook

    @property
    def heard(self) -> list[str]:
        return self.call.keys_heard

    @property
    def goes(self) -> str:
        """The value of IVR_NEXT."""
        return self.call.variables.get("IVR_NEXT", "")

    @property
    def ticket(self) -> OpenTicket:
        (ticket,) = self.book.tickets
        return ticket

    def said(self, key: str) -> Mapping[str, object]:
        """The values with which a prompt was said."""
        return next(each.values for each in self.call.heard if each.key == key)


class Exchange:
    """Puts calls through to flows."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.calls = 0
        self.book = Notebook()
        self.directory: Any = CallerDirectory(town.engine, town.cipher, today=lambda: town.clock().date())
        self.services: dict[str, Any] = {}
        self.living: dict[str, Ticket] = {}
        self.redis_away = False

    def call(
        self,
        flow: type[Flow[CallDesk]],
        number: str = "",
        presses: Presses | None = None,
        *,
        ref: object = "",
        hang_up_at: int | None = None,
        hang_up_kind: HangupKind = HangupKind.HUNG_UP,
        arguments: Mapping[str, str] = MappingProxyType({}),
        recording: RecordingEnd = RecordingEnd.TIME,
        recorded_seconds: float | None = None,
        variables: Mapping[str, str] = MappingProxyType({}),
        recording_key: str = "",
    ) -> Talk:
        """Call from `number` (E.164 becomes what the carrier gives) and talk until the flow is over."""
        self.calls += 1
        name = script_name(flow)
        number = as_dialled(number) if number.startswith("+") else number
        facts: CallFacts = replace(
            FACTS, call_id=f"a-{self.calls}", caller_number=number, flow=name, dialled=DIALLED.get(name, ""),
            arguments=({"ref": str(ref)} if ref else {}) | dict(arguments),
        )  # fmt: skip
        call = SpeakingCall(
            presses, facts=facts, hang_up_at=hang_up_at, hang_up_kind=hang_up_kind, recording=recording,
            recorded_seconds=recorded_seconds, variables=variables, recording_key=recording_key,
        )  # fmt: skip
        self.book = Notebook(living=self.living, redis_away=self.redis_away)
        desk = CallDesk(self._services(), facts)
        after = flow(call, Dialogue(call, call.clock), desk)()
        return Talk(call, after, desk, self.book)

    def _services(self) -> FlowServices:
        town, book = self.town, self.book
        given: dict[str, Any] = {
            "directory": self.directory, "tickets": book, "journey": book, "orders": town.orders,
            "dispatch": town.dispatch, "visits": town.visits, "company_line": town.company_line,
            "callbacks": town.callbacks,
            "promises": town.promises, "ratings": town.ratings, "sos_cases": SosBook(town),
            "voice_notes": town.voice_notes, "announcements": town.announcements,
            "escalations": town.escalations, "elder_words": town.elder_words, "well_being": town.well_being,
            "doses": town.doses, "telling": town.telling, "clock": town.clock, "zone": ZONE,
        }  # fmt: skip
        return FlowServices(**(given | self.services))


def every_step(talk: Callable[[int | None], Talk]) -> int:
    """Have the caller hang up at each step of a talk in turn, and check what must hold each time; give the steps."""
    whole = talk(None).call.steps
    for step in range(1, whole + 1):
        cut = talk(step)
        assert cut.next is None
        assert cut.goes == "", f"hung up at step {step}"
        assert not [each for each in cut.book.steps if each.endswith("failed")], f"hung up at step {step}"
        assert cut.book.steps[-1].endswith("hung_up")
    return whole
