"""Where an order stands."""

from __future__ import annotations

from ivr.dialogue import PromptPart
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk
from routing.calls.messages import Intent
from routing.orders.views import OrderView

AFTERTHOUGHT_SECONDS = 4.0
"""After the answer we keep listening so long for 0 or 9."""


class OrderStatus(Flow[CallDesk]):
    """Tell a caller where their latest order stands; the whole talk takes under 30 seconds."""

    def run(self) -> Next:
        elder = self.desk.elder
        if elder is None:
            return self.person()
        order = self.desk.services.orders.latest_open(elder.id)
        self.desk.step("order_status.told", order.number if order else "none")
        self.dialogue.conclude([_status(order), ("services.person", {})], listen_seconds=AFTERTHOUGHT_SECONDS)
        self.desk.served()
        self.dialogue.conclude("bye.goodbye")
        return Next.BYE

    def person(self) -> Next:
        """Whoever takes over knows that it is about an order."""
        elder = self.desk.elder
        order = self.desk.services.orders.latest_open(elder.id) if elder else None
        return self.hold(intent=Intent.ORDER, about=order.id if order else None)


def _status(order: OrderView | None) -> PromptPart:
    if order is None:
        return "status.none", {}
    return "status.stands", {"service": order.item_name, "number": order.number, "state": order.state.value}
