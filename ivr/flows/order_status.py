"""An elder's own orders: where the latest stands, and what may be done about it."""

from __future__ import annotations

from collections.abc import Callable

from ivr.dialogue import Matched, NoInput, PersonAsked, PromptPart, SosAsked, SosWanted, value_or_person
from ivr.flows.base import Next
from ivr.flows.complaint import Complaint
from ivr.flows.ordering import AFTERTHOUGHT_SECONDS, Ordering, visit_at
from routing.orders.errors import MoveRefused
from routing.orders.policy import CancelBy, OrderState, cancelling
from routing.orders.views import MyOrders, OrderView

SCORES = {str(score): score for score in range(1, 6)}
Act = Callable[[], Next]


class OrderStatus(Ordering):
    """Tell a caller where their latest order stands; then one menu, in which each key means the same at any time."""

    def run(self) -> Next:
        elder = self.desk.elder
        if elder is None:
            return self.person()
        mine = self.desk.services.orders.mine(elder.id)
        order = mine.standing
        self.about = order.id if order else mine.last.id if mine.last else None
        self.desk.step("order_status.told", order.number if order else "none")
        for key, values in self._standing(mine):
            self.dialogue.say(key, **values)
        self.desk.served()  # It is told: whoever hangs up now has what they called for.
        said, acts = self._acts(mine)
        if not acts:
            self.dialogue.conclude("services.person", listen_seconds=AFTERTHOUGHT_SECONDS)
            return self.goodbye()
        match self.dialogue.menu([*said, ("services.person", {})], acts, hints=0):
            case Matched(act):
                return act()
            case NoInput():
                return self.goodbye()
            case SosWanted():
                raise SosAsked
            case _:
                raise PersonAsked

    def _standing(self, mine: MyOrders) -> list[PromptPart]:
        order = mine.standing
        if order is None:
            return [("status.none", {})]
        said: list[PromptPart] = [
            ("status.stands", {"service": order.item_name, "number": order.number, "state": order.state.value})
        ]
        if order.state is not OrderState.VISITING:
            said.append(visit_at(self.desk, order.due_at))
        if mine.more:
            said.append(("status.more", {"orders": mine.more}))
        return said

    def _acts(self, mine: MyOrders) -> tuple[list[PromptPart], dict[str, Act]]:
        """What applies to this caller's orders."""
        said: list[PromptPart] = []
        acts: dict[str, Act] = {}
        orders, standing, last, unrated = self.desk.services.orders, mine.standing, mine.last, mine.unrated
        if standing is not None and self._who_cancels(standing) is not CancelBy.NOBODY:
            said.append(("status.cancel", {}))
            acts["1"] = lambda: self._cancel(standing)
        again = orders.item(last.item_id) if last else None
        if again is not None:
            said.append(("status.again", {"service": again.name}))
            acts["2"] = lambda: self.order(again)
        if unrated is not None:
            said.append(("status.rate", {}))
            acts["3"] = lambda: self._rate(unrated)
        if last is not None:
            said.append(("status.complain", {}))
            acts["4"] = self._complain
        return said, acts

    def _who_cancels(self, order: OrderView) -> CancelBy:
        return cancelling(order.state, order.due_at, self.desk.services.clock()).by

    def _cancel(self, order: OrderView) -> Next:
        """Ask once more, and look again where it stands: minutes may have gone by."""
        if self._who_cancels(order) is CancelBy.PERSON:
            return self._person_cancels()
        if not value_or_person(self.dialogue.confirm("cancel.sure", service=order.item_name)):
            self.desk.step("order.kept", order.number)
            return self.goodbye(("cancel.kept", {}))
        order = self.desk.services.orders.get(order.id)
        if order.state is not OrderState.CANCELLED:
            if self._who_cancels(order) is not CancelBy.KEY:
                return self._person_cancels()
            try:
                self.desk.services.orders.cancel(
                    order.id,
                    actor=self.desk.speaks_as or f"elder:{order.elder_id}",
                    channel="phone_key",
                    reason="cancelled by key",
                )
            except MoveRefused:  # The worker has begun in this very moment.
                return self._person_cancels()
        self.desk.step("order.cancelled", order.number)
        return self.goodbye(("cancel.done", {}))

    def _person_cancels(self) -> Next:
        self.desk.step("order.cancelled_by_a_person_only")
        self.dialogue.conclude("cancel.on_the_way")
        return self.person()

    def _rate(self, order: OrderView) -> Next:
        self.about = order.id
        question: list[PromptPart] = [("rate.which", {"service": order.item_name}), ("callback.score", {})]
        score = value_or_person(self.dialogue.rate(question, SCORES))
        given = self.desk.services.ratings.score(order.id, "call", score=score, done=True)
        self.desk.step("order.rated", str(score))
        if given.complaint_case_id is None:
            return self.goodbye(("callback.thanks", {}))
        return self.goodbye(("callback.low", {}))

    def _complain(self) -> Next:
        """A complaint is a person's to hear, or to be told by one."""
        self.desk.about_order = self.about
        return self.then(Complaint)
