"""Reading one offer to a company, and taking its answer: the same talk on the line it dials and when we call it."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.dialogue import Dialogue, Matched, NoInput, NoMatch, PersonWanted, PromptPart, SosAsked, SosWanted
from ivr.flows.desk import CallDesk
from routing.orders.errors import OfferGone
from routing.orders.views import OfferView

HEARD_AGAIN = 3
"""How often an offer is read again on 3, before a person asks what is unclear."""


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
        order: PromptPart = ("offer.order", {"service": offer.item_name, "number": offer.number, "when": due})
        before = [*greeting, order]
        for _ in range(HEARD_AGAIN + 1):
            match self._dialogue.menu("offer.menu", {"1": "accept", "2": "decline", "3": "again"}, before=before):
                case Matched("again"):
                    before = [order]
                case Matched(answer):
                    self._take(offer, accept=answer == "accept")
                    return True
                case SosWanted():
                    raise SosAsked
                case NoInput() | NoMatch() | PersonWanted():
                    return False
        return False

    def _take(self, offer: OfferView, *, accept: bool) -> None:
        try:
            self._desk.services.dispatch.answer(
                offer.id, accept, actor=f"company:{offer.company_id}", channel="phone_key"
            )
        except OfferGone:
            self._desk.step("offer.gone", offer.number)
            self._dialogue.say("offer.gone")
            return
        self._desk.step("offer.accepted" if accept else "offer.declined", offer.number)
        self._dialogue.say("offer.accepted" if accept else "offer.declined")
