"""What a company has to do today and tomorrow morning, read one order after the other."""

from __future__ import annotations

from ivr.dialogue import Dialogue, Matched, NoInput, PromptPart, SosAsked, SosWanted
from ivr.flows.desk import CallDesk
from routing.orders.providers.line import WorkItem

HEARD_AGAIN = 3
"""How often an order is read again on 2; `*` says it again, too, as everywhere."""


class CompanyDay:
    """The list of one company."""

    def __init__(self, dialogue: Dialogue, desk: CallDesk) -> None:
        self._dialogue = dialogue
        self._desk = desk

    def told(self, company_id: int) -> bool:
        """Read the orders, as many as are listened to. False: a person is wanted. Raises SosAsked."""
        orders = self._desk.services.company_line.work_list(company_id)
        self._desk.step("company.listed", str(len(orders)))
        if not orders:
            self._dialogue.say("company.list_none")
            return True
        self._dialogue.say("company.list", orders=len(orders))
        for order in orders:
            after = self._read(order)
            if after != "next":
                return after == "stop"
        self._dialogue.say("company.list_end")
        return True

    def _read(self, order: WorkItem) -> str:
        """One order: next, stop (also when nobody presses anything any more), or person."""
        due = order.due_at.astimezone(self._desk.services.zone)
        about = {"when": due, "who": order.address, "service": order.item_name, "number": order.number}
        question: list[PromptPart] = [("company.order", about), ("company.list_menu", {})]
        for _ in range(HEARD_AGAIN + 1):
            match self._dialogue.menu(question, {"1": "next", "2": "again", "3": "stop"}):
                case Matched("again"):
                    continue
                case Matched(after):
                    return after
                case NoInput():
                    return "stop"
                case SosWanted():
                    raise SosAsked
                case _:
                    return "person"
        return "person"
