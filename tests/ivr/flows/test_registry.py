"""The script's name, the flow's module and the class's name are the same word."""

from typing import Any

import pytest

from ivr.flows.base import Flow
from ivr.flows.registry import FLOWS, FlowRegistry, MisnamedFlow, UnknownFlow, script_name


def flow(name: str, module: str) -> type[Flow[Any]]:
    return type(name, (Flow,), {"__module__": f"ivr.flows.{module}"})


@pytest.mark.parametrize(("name", "script"), [("Welcome", "welcome"), ("OrderStatus", "order_status"), ("Sos", "sos")])
def test_a_class_name_as_a_script(name: str, script: str) -> None:
    assert script_name(flow(name, script)) == script


def test_a_flow_is_found_by_its_script() -> None:
    order_status, welcome = flow("OrderStatus", "order_status"), flow("Welcome", "welcome")
    registry = FlowRegistry([order_status, welcome])
    assert registry.find("order_status") is order_status
    assert set(registry.flows) == {"order_status", "welcome"}


@pytest.mark.parametrize("name", ["", "Welcome", "welcome/../x", "__init__"])
def test_an_unknown_script_is_told(name: str) -> None:
    with pytest.raises(UnknownFlow, match="welcome"):
        FlowRegistry([flow("Welcome", "welcome")]).find(name)


def test_a_flow_in_a_module_of_another_name_is_refused() -> None:
    with pytest.raises(MisnamedFlow, match="order_status"):
        FlowRegistry([flow("OrderStatus", "orders")])


def test_two_flows_of_one_name_are_refused() -> None:
    with pytest.raises(MisnamedFlow, match="two"):
        FlowRegistry([flow("Welcome", "welcome"), flow("Welcome", "welcome")])


def test_our_own_flows_are_named_as_they_should_be() -> None:
    assert len(FlowRegistry(FLOWS).flows) == len(FLOWS)
