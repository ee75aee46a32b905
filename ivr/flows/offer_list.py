"""A whole list of offers to one company, as the night's batch makes them: all at once, or one by one."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.call import CallerHungUp
from ivr.dialogue import Dialogue, Matched, PersonAsked, PersonWanted, PromptPart, SosAsked, SosWanted
from ivr.flows.desk import CallDesk
from ivr.flows.offering import WHY, Offering
from routing.orders.scorecards.policy import DeclineReason
from routing.orders.views import OfferView

ALL_AT_MOST = 99
"""Orders that one key answers. Each is a few hundredths of a second in which nothing is heard; the others wait."""
ONE_BY_ONE = 20
"""Orders that are read in one call, some five minutes; the others are heard by dialling in, or answered all at once."""


class OfferList:
    """Asks once about all of them. What was answered stays answered, however the call ends."""

    def __init__(self, dialogue: Dialogue, desk: CallDesk) -> None:
        self._dialogue = dialogue
        self._desk = desk
        self._offering = Offering(dialogue, desk)

    def answered(self, offers: Sequence[OfferView]) -> bool:
        """Say how many there are, and take the answer. False: nothing came that could be one, or a person is wanted.

        Raises SosAsked when 9 is pressed, and PersonAsked when 0 is pressed later, or somebody lacks a certificate.
        """
        offers = offers[:ALL_AT_MOST]
        self._desk.step("offer.listed", str(len(offers)))
        question: list[PromptPart] = [("offer.list", {"orders": len(offers)}), ("offer.list_menu", {})]
        match self._dialogue.menu(question, {"1": "accept", "2": "hear", "3": "decline"}):
            case Matched("accept"):
                self._all(offers, accept=True)
                return True
            case Matched("hear"):
                return self._one_by_one(offers)
            case Matched():
                self._decline(offers)
                return True
            case SosWanted():
                raise SosAsked
        return False

    def _one_by_one(self, offers: Sequence[OfferView]) -> bool:
        if not all(self._offering.answered(offer) for offer in offers[:ONE_BY_ONE]):
            return False
        if len(offers) > ONE_BY_ONE:
            self._dialogue.say("offer.list_rest")
        return True

    def _decline(self, offers: Sequence[OfferView]) -> None:
        """Ask why, once for all. As with one order, whoever gives no reason has declined all the same."""
        try:
            why = self._dialogue.menu("offer.why", WHY, hints=0)
        except CallerHungUp:
            self._write(offers, accept=False)
            raise
        if isinstance(why, SosWanted):
            raise SosAsked  # Nothing may hold that up; the offers end by themselves.
        if isinstance(why, PersonWanted):
            self._write(offers, accept=False)
            raise PersonAsked
        self._all(offers, accept=False, why=why.value if isinstance(why, Matched) else None)

    def _all(self, offers: Sequence[OfferView], *, accept: bool, why: DeclineReason | None = None) -> None:
        """Answer all, then say of how many it held. Whose certificates are missing, a person finds out."""
        became = self._write(offers, accept=accept, why=why)
        good = became.count("accepted" if accept else "declined")
        if good:
            self._dialogue.say("offer.all_accepted" if accept else "offer.all_declined", orders=good)
        if "gone" in became:
            self._dialogue.say("offer.some_gone", orders=became.count("gone"))
        if "not_qualified" in became:
            raise PersonAsked

    def _write(self, offers: Sequence[OfferView], *, accept: bool, why: DeclineReason | None = None) -> list[str]:
        return self._offering.write_all(offers, accept=accept, why=why)
