"""Which conversation an agi:// address names: the script, the flow's module and its class are the same word."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from ivr.flows.after_service import AfterService
from ivr.flows.base import Flow
from ivr.flows.companies import Companies
from ivr.flows.duty import Duty
from ivr.flows.group_message import GroupMessage
from ivr.flows.look_in import LookIn
from ivr.flows.medicine import Medicine
from ivr.flows.message import Message
from ivr.flows.offer import Offer
from ivr.flows.overdue import Overdue
from ivr.flows.promised import Promised
from ivr.flows.recording_studio import RecordingStudio
from ivr.flows.sos import Sos
from ivr.flows.visits import Visits
from ivr.flows.waiting import Waiting
from ivr.flows.welcome import Welcome
from ivr.flows.well_being import WellBeing

FlowClass: TypeAlias = type[Flow[Any]]

FLOWS: tuple[FlowClass, ...] = (
    AfterService,
    Companies,
    Duty,
    GroupMessage,
    LookIn,
    Medicine,
    Message,
    Offer,
    Overdue,
    Promised,
    RecordingStudio,
    Sos,
    Visits,
    Waiting,
    Welcome,
    WellBeing,
)
"""Every conversation that the dialplan may ask for (dialplans/README.md, FastAGI). The one list of them."""

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class UnknownFlow(LookupError):
    """The dialplan asks for a conversation that does not exist."""


class MisnamedFlow(ValueError):
    """A flow whose module is not its own name in snake case."""


def script_name(flow: FlowClass) -> str:
    """OrderStatus -> order_status."""
    return _WORD.sub("_", flow.__name__).lower()


class FlowRegistry:
    """The flows that calls can reach, by script name; made once by the composition root."""

    def __init__(self, flows: Iterable[FlowClass]) -> None:
        """Raises MisnamedFlow when a class and its module differ in name, or two flows share one."""
        named: dict[str, FlowClass] = {}
        for flow in flows:
            name = script_name(flow)
            module = flow.__module__.rpartition(".")[2]
            if module != name:
                raise MisnamedFlow(f"{flow.__name__} belongs in a module {name}, not {module}")
            if named.setdefault(name, flow) is not flow:
                raise MisnamedFlow(f"two flows are called {name}")
        self.flows: Mapping[str, FlowClass] = MappingProxyType(named)

    def find(self, name: str) -> FlowClass:
        """The flow of a script name. Raises UnknownFlow."""
        try:
            return self.flows[name]
        except KeyError:
            raise UnknownFlow(f"no flow is called {name!r}; there are {', '.join(sorted(self.flows))}") from None
