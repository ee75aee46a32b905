"""Ordering a service by keys."""

from __future__ import annotations

from ivr.dialogue import Prompt, PromptPart, value_or_person
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk
from routing.calls.messages import Intent
from routing.errors import DomainError
from routing.orders.policy import Price
from routing.orders.views import MenuItem

GOODBYE: PromptPart = ("bye.goodbye", {})


class Services(Flow[CallDesk]):
    """Choose a service, hear what it costs, confirm, and hear the order's number."""

    def run(self) -> Next:
        elder = self.desk.elder
        if elder is None:
            return self.person()
        items = self.desk.services.orders.menu()
        if not items:
            self.dialogue.conclude("services.none")
            return self.person()
        item = value_or_person(self.dialogue.menu(_menu_of(items), {str(item.key): item for item in items}))
        self.desk.step("services.chosen", item.code)
        if self._declined(elder.id, item):
            self.desk.step("order.declined", item.code)
            self.desk.served()
            self.dialogue.conclude([("order.cancelled", {}), GOODBYE])
            return Next.BYE
        return self._place(elder.id, item)

    def person(self) -> Next:
        """Whoever takes over knows that it is about an order."""
        return self.hold(intent=Intent.ORDER)

    def _declined(self, elder_id: int, item: MenuItem) -> bool:
        """Ask once more when the same was ordered a moment ago, and always before it is ordered."""
        if self.desk.services.orders.recent_same(elder_id, item.id) is not None and not value_or_person(
            self.dialogue.confirm("order.twice", service=item.name)
        ):
            return True
        price = self.desk.services.orders.quote(elder_id, item.id)
        return not value_or_person(self.dialogue.confirm(_question(item, price)))

    def _place(self, elder_id: int, item: MenuItem) -> Next:
        try:
            order = self.desk.services.orders.place(
                elder_id, item.id, key=f"voice-{self.call.facts.call_id}-{item.id}", source="voice",
                call_id=self.call.facts.call_id,
            )  # fmt: skip
        except DomainError as refused:
            self.desk.step("order.refused", refused.code)
            self.dialogue.conclude("order.failed")
            return self.person()
        self.desk.step("order.placed", order.number)
        self.desk.served()  # Whoever hangs up now has what they called for.
        due = order.due_at.astimezone(self.desk.services.zone)
        self.dialogue.conclude([("order.placed", {"number": order.number}), ("order.visit_at", {"when": due}), GOODBYE])
        return Next.BYE


def _menu_of(items: tuple[MenuItem, ...]) -> Prompt:
    choices = [("services.choice", {"service": item.name, "key": str(item.key)}) for item in items]
    return [("services.intro", {}), *choices, ("services.person", {})]


def _question(item: MenuItem, price: Price) -> Prompt:
    if price.elder_pays_fen == 0:
        return [("order.confirm_free", {"service": item.name})]
    return [("order.confirm", {"service": item.name, "price": price.elder_pays_fen})]
