"""A company says when it takes orders: not today, not tomorrow either, again, or so many today."""

from __future__ import annotations

from typing import Any

from ivr.dialogue import Dialogue, Matched, NoInput, PromptPart, SosAsked, SosWanted, value_or_person
from ivr.flows.desk import CallDesk
from routing.orders.providers.availability import Available

CAPACITY_DIGITS = 2
"""So many by telephone are at most 99; more are set on the page."""


class CompanyAvailability:
    """Says how it stands, and takes a change."""

    def __init__(self, dialogue: Dialogue, desk: CallDesk) -> None:
        self._dialogue = dialogue
        self._desk = desk
        self._availability = desk.services.company_line.availability

    def changed(self, company_id: int) -> bool:
        """Ask what is to change, and write it down. False: a person is wanted. Raises SosAsked."""
        stands = _words(self._availability.now(company_id), self._desk)
        choices = {"1": "today", "2": "tomorrow", "3": "again", "4": "capacity"}
        match self._dialogue.menu("company.availability", choices, before=stands):
            case Matched(change):
                return self._change(company_id, change)
            case NoInput():
                self._dialogue.say("company.unchanged")
                return True
            case SosWanted():
                raise SosAsked
            case _:
                return False

    def _change(self, company_id: int, change: str) -> bool:
        by: dict[str, Any] = {"actor": f"company:{company_id}", "channel": "phone_key"}
        if change == "capacity":
            capacity = self._capacity()
            if capacity is None:
                self._dialogue.say("company.unchanged")
                return True
            stands = self._availability.set_capacity(company_id, capacity, **by)
        elif change == "again":
            stands = self._availability.reopen(company_id, **by)
        else:
            stands = self._availability.close(company_id, days=1 if change == "tomorrow" else 0, **by)
        self._desk.step("company.availability", change)
        self._dialogue.say("company.saved")
        for key, values in _words(stands, self._desk):
            self._dialogue.say(key, **values)
        return True

    def _capacity(self) -> int | None:
        """So many orders, once the company has said that the number is right; None: it is not."""
        capacity = int(value_or_person(self._dialogue.ask("company.enter_capacity", digits=CAPACITY_DIGITS)))
        sure = self._dialogue.confirm([("company.capacity", {"orders": capacity}), ("confirm.yes_no", {})])
        return capacity if value_or_person(sure) else None


def _words(stands: Available, desk: CallDesk) -> list[PromptPart]:
    words: list[PromptPart] = [("company.open", {})]
    if stands.closed_until is not None:
        words = [("company.closed", {"when": stands.closed_until.astimezone(desk.services.zone)})]
    if stands.capacity is not None:
        words.append(("company.capacity", {"orders": stands.capacity}))
    return words
