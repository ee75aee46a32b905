"""Where an order stands."""

from __future__ import annotations

from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk
from routing.calls.messages import Intent

AFTERTHOUGHT_SECONDS = 4.0
"""After the answer we keep listening so long for 0 or 9."""


class OrderStatus(Flow[CallDesk]):
    """Tell a caller where their latest order stands; the whole talk takes under 30 seconds."""

    def run(self) -> Next:
        elder = self.desk.elder
        if elder is None:
            return self.person()
        order = self.desk.services.orders.latest_open(elder.id)
        if order is None:
            self.dialogue.say("status.none")
        else:
            self.dialogue.say("status.stands", service=order.item_name, number=order.number, state=order.state.value)
        self.desk.step("order_status.told", order.number if order else "none")
        self.dialogue.say("services.person")
        match self.call.wait_key(AFTERTHOUGHT_SECONDS, keys="09"):
            case "0":
                return self.person()
            case "9":
                return self.sos()
        self.desk.served()
        self.dialogue.say("bye.goodbye")
        return Next.BYE

    def person(self) -> Next:
        """Whoever takes over knows that it is about an order."""
        elder = self.desk.elder
        order = self.desk.services.orders.latest_open(elder.id) if elder else None
        return self.hold(intent=Intent.ORDER, about=order.id if order else None)
