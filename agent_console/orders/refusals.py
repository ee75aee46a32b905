"""Why a work order, a price or a plan was refused, in the words of the page."""

from __future__ import annotations

from agent_console.languages import language
from agent_console.texts import text, word, words
from routing.errors import DomainError
from routing.orders.errors import MovedMeanwhile, MoveRefused, OfferGone
from routing.orders.pricing.errors import PriceRefused


def refusal_in_words(error: DomainError) -> str:
    """Say on a page why something was not done with an order or a price; nothing for any other error."""
    match error:
        case PriceRefused():
            return error.why.words(language())
        case MovedMeanwhile() if error.who:
            return text("refusal.moved_by", who=error.who, state=word("order", error.to))
        case OfferGone() if error.who:
            return text("refusal.taken_by", who=error.who)
        case MoveRefused():
            return "".join((text("refusal.move"), _stands(error), words("refused").get(error.why, "")))
    return ""


def _stands(error: MoveRefused) -> str:
    if not error.to:
        return ""
    state = word("order", error.to)
    return text("refusal.stands_by", state=state, who=error.who) if error.who else text("refusal.stands", state=state)
