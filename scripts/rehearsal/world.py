"""A world: who calls, which conversation the dialplan asks for, and what has happened in the town before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from ivr.call import CallFacts
from ivr.flows.desk import CallDesk
from ivr.flows.patience import Patience
from ivr.flows.registry import FlowClass, script_name
from routing.numbers import as_dialled
from scripts.rehearsal.town import Snapshot, Town

DIALLED = {"welcome": "12349", "sos": "12340", "visits": "12348", "companies": "12347"}
"""The DIDs of conversations that callers dial; the others are placed calls, or follow in hold."""
Prepare = Callable[[Town], Mapping[str, str] | None]


def nothing_before(_town: Town) -> None:
    """The town as it is on its first morning."""


class Timed(Protocol):
    """A call on a clock that does not wait."""

    facts: CallFacts
    now: float


class OnOneClock:
    """Work beside a call that is rehearsed (`ivr.flows.patience.Waiting`): one after the other, and what would have
    taken too long took as long as the caller waits for it."""

    def __init__(self, call: Timed) -> None:
        self._call = call

    def clock(self) -> float:
        return self._call.now

    def beside(self, work: Callable[[], None], seconds: float, *, must_end: bool = False) -> bool:
        until = self._call.now + seconds
        work()
        done = self._call.now <= until
        self._call.now = min(self._call.now, until)
        return done


@dataclass(frozen=True)
class Setting:
    """How a world is made. `prepare` acts on the town and gives the arguments of the call (ref, key)."""

    name: str
    flow: FlowClass
    number: str = ""  # E.164, or as the carrier gives it; "" is withheld.
    prepare: Prepare = nothing_before
    right: Mapping[str, Sequence[str]] = field(default_factory=lambda: MappingProxyType({}))
    """Entries that are right, by the prompt that asks for them: `1234#`."""
    broken: Callable[[Town], None] = nothing_before
    """What does not work while the call lasts; `prepare` has been done by then."""


class RehearsalWorld:
    """A setting in a town (`ivr.graph.rehearsal.World`). Several share one town, one after the other."""

    def __init__(self, town: Town, setting: Setting, fresh: Snapshot) -> None:
        town.restore(fresh)
        self.town = town
        self.setting = setting
        self._arguments = dict(setting.prepare(town) or {})
        self._snapshot = town.snapshot()

    @property
    def name(self) -> str:
        return self.setting.name

    @property
    def flow(self) -> FlowClass:
        return self.setting.flow

    @property
    def right(self) -> Mapping[str, Sequence[str]]:
        return self.setting.right

    def begin(self) -> CallFacts:
        """Set everything as it is when the call comes in."""
        self.town.restore(self._snapshot)
        self.setting.broken(self.town)
        name, number = script_name(self.flow), self.setting.number
        return CallFacts(
            call_id="a-1700000000.1", channel="PJSIP/carrier-00000001", uniqueid="1700000000.1", node="a",
            caller_number=as_dialled(number) if number.startswith("+") else number,
            dialled=DIALLED.get(name, ""), language="zh-CN", flow=name,
            arguments=MappingProxyType(self._arguments),
        )  # fmt: skip

    def desk(self, call: Timed) -> CallDesk:
        return CallDesk(self.town.flow_services(), call.facts, Patience(OnOneClock(call)))

    def outcome(self) -> str:
        return (self.town.book.outcomes or [""])[-1]

    def latest_step(self) -> str:
        return (self.town.book.steps or [""])[-1]
