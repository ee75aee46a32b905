"""The question that places an order, whichever way the caller came to it."""

from __future__ import annotations

from datetime import datetime

from ivr.dialogue import PromptPart, value_or_person
from ivr.flows.base import Flow, Next
from ivr.flows.desk import CallDesk
from routing.calls.messages import Intent
from routing.errors import DomainError
from routing.orders.errors import NobodyServes, NotServed
from routing.orders.pricing.errors import NotPriced, PriceChanged
from routing.orders.pricing.policy import Price
from routing.orders.pricing.words import spoken
from routing.orders.times import Times, times_for
from routing.orders.views import MenuItem, OrderView

GOODBYE: PromptPart = ("bye.goodbye", {})
AFTERTHOUGHT_SECONDS = 4.0
"""After an answer we keep listening so long for 0 or 9."""
NOT_AT_ALL = "3"
"""Means the same at any hour, so that nobody orders by a key that they know to mean no."""


class Ordering(Flow[CallDesk]):
    """Hear what it is and what it costs, say when, and hear the order's number and its time."""

    about: int | None = None
    """The order that the caller speaks of, if it is one that stands already."""

    def person(self) -> Next:
        """Whoever takes over knows that it is about an order, and about which."""
        return self.hold(intent=Intent.ORDER, about=self.about)

    def order(self, item: MenuItem) -> Next:
        """Ask, and place the order."""
        elder = self.desk.elder
        if elder is None:
            return self.person()
        self.desk.step("services.chosen", item.code)
        try:
            chosen = self._when(elder.id, item)
            if chosen is None:
                return self._not_ordered(item)
            return self._place(elder.id, item, *chosen)
        except DomainError as refused:
            self.desk.step("order.refused", refused.code)
            self.dialogue.conclude([_why_not(item, refused)])
            return self.person()

    def goodbye(self, *words: PromptPart) -> Next:
        """The caller has what they called for."""
        self.desk.served()  # Whoever hangs up now has it, too.
        self.dialogue.conclude([*words, GOODBYE])
        return Next.BYE

    def _when(self, elder_id: int, item: MenuItem) -> tuple[datetime, int] | None:
        """For when it is wanted and what the caller was told to pay, None for not at all. Asks once more when the same
        was ordered a moment ago."""
        if self.desk.services.orders.recent_same(elder_id, item.id) is not None and not value_or_person(
            self.dialogue.confirm("order.twice", service=item.name)
        ):
            return None
        times = times_for(self.desk.local_now(), day_and_night=item.day_and_night)
        first = times.today or times.tomorrow
        price = self.desk.services.orders.quote(elder_id, item.id, due_at=first)
        if times.today is None:
            self.desk.step("order.too_late_today", times.reason)
        question, choices = question_of(item, price, times)
        due = value_or_person(self.dialogue.menu(question, choices))
        return None if due is None else (due, price.elder_pays_fen)

    def _not_ordered(self, item: MenuItem) -> Next:
        """Who meant another key hears so, and has the time to press 0; who meant it hangs up, and has been served."""
        self.desk.step("order.declined", item.code)
        self.desk.served()
        self.dialogue.conclude([("order.cancelled", {}), ("services.person", {})], listen_seconds=AFTERTHOUGHT_SECONDS)
        self.dialogue.conclude([GOODBYE])
        return Next.BYE

    def _place(self, elder_id: int, item: MenuItem, due: datetime, told_fen: int) -> Next:
        """Order it for what was told. Should it cost the caller more by now, or on that day, they are asked once."""
        call_id = self.desk.facts.call_id
        # The day and not the hour: what is tried again a minute later is promised for another half hour.
        key = f"voice-{call_id}-{item.id}-{due:%Y%m%d}"

        def place(told: int) -> OrderView:
            return self.desk.services.orders.place(
                elder_id, item.id, key=key, source="voice", call_id=call_id, due_at=due,
                actor=self.desk.speaks_as, told_fen=told,
            )  # fmt: skip

        try:
            order = place(told_fen)
        except PriceChanged as changed:
            self.desk.step("order.price_changed")
            now_fen = changed.price.elder_pays_fen
            if not value_or_person(self.dialogue.confirm("order.price_changed", price=now_fen)):
                return self._not_ordered(item)
            order = place(now_fen)
        self.desk.step("order.placed", order.number)
        return self.goodbye(("order.placed", {"number": order.number}), visit_at(self.desk, order.due_at))


def visit_at(desk: CallDesk, due_at: datetime) -> PromptPart:
    """Say when the visit is expected, by the caller's clock."""
    return "order.visit_at", {"when": due_at.astimezone(desk.services.zone)}


def question_of(item: MenuItem, price: Price, times: Times) -> tuple[list[PromptPart], dict[str, datetime | None]]:
    """Give what is asked before anything is ordered, and for when each key orders it; None is not at all.

    Too late for today: 1 is tomorrow morning, and the words say so.
    """
    said: list[PromptPart] = _what_it_is(item, price)
    choices: dict[str, datetime | None] = {}
    if times.today is None:
        choices["1"] = times.tomorrow
        said += [("order.too_late", {}), ("order.tomorrow", {"key": "1"})]
    else:
        choices |= {"1": times.today, "2": times.tomorrow}
        soon = "order.today" if times.today.date() < times.tomorrow.date() else "order.at_once"
        said += [(soon, {}), ("order.tomorrow", {"key": "2"})]
    choices[NOT_AT_ALL] = None
    return [*said, ("order.not_at_all", {}), ("services.person", {})], choices


def _why_not(item: MenuItem, refused: DomainError) -> PromptPart:
    """Say why it is not ordered; a person decides what is done then, so nothing else is asked."""
    match refused:
        case NobodyServes():
            return "order.nobody_serves", {"service": item.name}
        case NotServed() | NotPriced():
            return "order.not_served", {}
    return "order.failed", {}


_SAID = {
    "half": "order.confirm_half", "share": "order.confirm_share", "partly": "order.confirm_partly",
    "used_up": "order.confirm_used_up", "full": "order.confirm",
}  # fmt: skip
_LEFT = {"free_left": "order.free_left", "free_last": "order.free_last"}


def _what_it_is(item: MenuItem, price: Price) -> list[PromptPart]:
    """Say what it is, what the caller pays, and in a few words why."""
    why = spoken(price)
    if why in _SAID:
        return [(_SAID[why], {"service": item.name, "price": price.elder_pays_fen})]
    free: list[PromptPart] = [("order.confirm_free", {"service": item.name})]
    return [*free, (_LEFT[why], {})] if why in _LEFT else free
