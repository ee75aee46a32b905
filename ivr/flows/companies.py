"""The line of service companies: offers that wait, the orders of the day, and when they take orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ivr.dialogue import Matched, NoInput, PromptPart, SosAsked, SosWanted, value_or_person
from ivr.flows.base import Flow, Next
from ivr.flows.company_availability import CompanyAvailability
from ivr.flows.company_day import CompanyDay
from ivr.flows.desk import CallDesk
from ivr.flows.offer_list import OfferList
from ivr.flows.offering import Offering
from routing.calls.messages import Intent
from routing.orders.errors import PinLocked, WrongPin
from routing.orders.providers.line import line_code

GREETING = "company.greet"
MOST_AT_ONCE = 5
"""Offers that are simply read; of more is asked first whether they are to be heard, or answered all at once."""
MENUS = 4
"""So often the menu is said in one call; then it is goodbye."""
ASKED_BY_KEY = 4
"""Companies with one telephone that are told apart by key; of more the number is asked for."""
PIN_TRIES = 3
CODE_DIGITS, PIN_DIGITS = (4, 6), (4, 8)


class Companies(Flow[CallDesk]):
    """A company is known by its telephone, or by number and PIN; then one key for each thing it may want."""

    def run(self) -> Next:
        self.call.answer()
        if self.call.facts.flow == "companies":
            self.desk.began()
        company_id = self._company()
        if company_id is None:
            return self.person()
        offers = self.desk.services.dispatch.waiting_for(company_id)
        if offers:
            self.dialogue.say("company.waiting", orders=len(offers))
        return self._serve(company_id)

    def person(self) -> Next:
        """Whoever takes over knows that a company calls."""
        return self.hold(intent=Intent.COMPANY)

    def _serve(self, company_id: int) -> Next:
        """One thing after the other, until no key is pressed any more. No key at all is a person."""
        acts: dict[str, Callable[[int], bool]] = {"1": self._offers, "2": self._day, "3": self._availability}
        for served in range(MENUS):
            match self.dialogue.menu("company.menu", acts, hints=0 if served else None):
                case Matched(act):
                    if not act(company_id):
                        return self.person()
                    self.desk.served()
                case SosWanted():
                    raise SosAsked
                case NoInput() if served:
                    break
                case _:
                    return self.person()
        self.dialogue.conclude("bye.goodbye")
        return Next.BYE

    def _offers(self, company_id: int) -> bool:
        offers = self.desk.services.dispatch.waiting_for(company_id)
        if not offers:
            self.dialogue.say("company.none")
        if len(offers) > MOST_AT_ONCE:
            return OfferList(self.dialogue, self.desk).answered(offers)
        return all(Offering(self.dialogue, self.desk).answered(offer) for offer in offers)

    def _day(self, company_id: int) -> bool:
        return CompanyDay(self.dialogue, self.desk).told(company_id)

    def _availability(self, company_id: int) -> bool:
        return CompanyAvailability(self.dialogue, self.desk).changed(company_id)

    def _company(self) -> int | None:
        """Greet, and find out which company calls; None: it cannot be told, or somebody wants a person."""
        ids = self.desk.caller.company_ids
        if len(ids) == 1:
            self.dialogue.say(GREETING)  # Whatever waits for them, it takes a moment to find out.
            return ids[0]
        if ids:
            return self._one_of(ids)
        if self.desk.directory_down:  # Then nobody's PIN can be looked up either.
            self.dialogue.conclude("company.unknown")
            return None
        wants = self.dialogue.menu("company.identify", {"1": True}, before=[(GREETING, {})], hints=0)
        if isinstance(wants, SosWanted):
            raise SosAsked
        return self._by_pin() if isinstance(wants, Matched) else None

    def _one_of(self, ids: Sequence[int]) -> int | None:
        which: list[PromptPart] = [(GREETING, {}), ("company.which", {})]
        if len(ids) > ASKED_BY_KEY:
            code = value_or_person(self.dialogue.ask("company.enter_code", digits=CODE_DIGITS, before=which))
            return next((each for each in ids if line_code(each) == code), None)
        keys = {str(key): each for key, each in enumerate(ids, start=1)}
        choices: list[PromptPart] = [
            ("company.choice", {"code": line_code(each), "key": key}) for key, each in keys.items()
        ]
        return value_or_person(self.dialogue.menu(choices, keys, before=which))

    def _by_pin(self) -> int | None:
        before: list[PromptPart] = []
        for _ in range(PIN_TRIES):
            code = value_or_person(self.dialogue.ask("company.enter_code", digits=CODE_DIGITS, before=before))
            pin = value_or_person(self.dialogue.ask("company.enter_pin", digits=PIN_DIGITS))
            try:
                return self.desk.services.company_line.identify(self.desk.caller.number, code, pin)
            except WrongPin:
                self.desk.step("company.wrong_pin")
                before = [("company.wrong_pin", {})]
            except PinLocked:
                self.desk.step("company.locked")
                self.dialogue.conclude("company.locked")
                return None
        return None
