"""Reading one offer to a company, and taking its answer: the same talk on the line it dials and when we call it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ivr.call import CallerHungUp
from ivr.dialogue import (
    Dialogue,
    Matched,
    NoInput,
    NoMatch,
    PersonAsked,
    PersonWanted,
    PromptPart,
    SosAsked,
    SosWanted,
)
from ivr.flows.desk import CallDesk
from routing.orders.errors import NotQualified, OfferGone
from routing.orders.scorecards.policy import DeclineReason
from routing.orders.views import OfferView

HEARD_AGAIN = 3
"""How often an offer is read again on 3, before a person asks what is unclear; `*` says it again, too."""
WHY = {str(key): reason for key, reason in enumerate(DeclineReason, start=1)}


_BECAME: Mapping[type, str] = {OfferGone: "gone", NotQualified: "not_qualified"}


class Offering:
    """One offer, read aloud and answered."""

    def __init__(self, dialogue: Dialogue, desk: CallDesk) -> None:
        self._dialogue = dialogue
        self._desk = desk

    def answered(self, offer: OfferView, greeting: Sequence[PromptPart] = ()) -> bool:
        """Greet, read it and take the answer. False: nothing came that could be an answer, or a person is wanted.

        Raises SosAsked when 9 is pressed, and PersonAsked when 0 is pressed after the answer.
        """
        due = offer.due_at.astimezone(self._desk.services.zone)
        about = {"service": offer.item_name, "number": offer.number, "when": due}
        question: list[PromptPart] = [("offer.order", about), ("offer.menu", {})]
        before = greeting
        for _ in range(HEARD_AGAIN + 1):
            match self._dialogue.menu(question, {"1": "accept", "2": "decline", "3": "again"}, before=before):
                case Matched("again"):
                    before = ()
                case Matched("accept"):
                    self._dialogue.say(self._take(offer, accept=True))
                    return True
                case Matched():
                    self._decline(offer)
                    return True
                case SosWanted():
                    raise SosAsked
                case NoInput() | NoMatch() | PersonWanted():
                    return False
        return False

    def _decline(self, offer: OfferView) -> None:
        """Ask why, and decline. Whoever gives no reason, hangs up over the question or wants a person has declined."""
        try:
            why = self._dialogue.menu("offer.why", WHY, hints=0)
        except CallerHungUp:
            self._take(offer, accept=False)
            raise
        if isinstance(why, SosWanted):
            raise SosAsked  # Nothing may hold that up; the offer ends by itself.
        became = self._take(offer, accept=False, why=why.value if isinstance(why, Matched) else None)
        if isinstance(why, PersonWanted):
            raise PersonAsked
        self._dialogue.say(became)

    def _take(self, offer: OfferView, *, accept: bool, why: DeclineReason | None = None) -> str:
        """Write the answer and give the prompt that says what became of it."""
        became = self.write(offer, accept=accept, why=why)
        if became == "not_qualified":  # A person finds out whose certificate is missing in the records, or has run out.
            raise PersonAsked
        return f"offer.{became}"

    def write(self, offer: OfferView, *, accept: bool, why: DeclineReason | None = None) -> str:
        """Write the answer and tell what became of it: accepted, declined, gone or not_qualified."""
        return self.write_all([offer], accept=accept, why=why)[0]

    def write_all(self, offers: Sequence[OfferView], *, accept: bool, why: DeclineReason | None = None) -> list[str]:
        """Write one answer to all of these offers of a company at once, and tell what became of each."""
        refused = self._desk.services.dispatch.answer_all(
            [each.id for each in offers], accept, actor=f"company:{offers[0].company_id}", channel="phone_key",
            reason_code=why or "",
        )  # fmt: skip
        became = [_BECAME.get(type(each), "accepted" if accept else "declined") for each in refused]
        for offer, how in zip(offers, became, strict=True):
            self._desk.step(f"offer.{how}", f"{offer.number} {why}" if why and how == "declined" else offer.number)
        return became
