"""What our SMS say to companies about offers, and about their answers; the words are in the catalogue of texts."""

from __future__ import annotations

from collections.abc import Sequence

from routing.outreach.sms.text_rules import ITEM_MOST, PLACE_MOST
from routing.outreach.sms.texts import of_catalogue, word

LISTED = 4
"""Orders that are named in one message; whoever has more answers by telephone."""


def offered(item: str, number: str, district: str) -> str:
    """Tell a company of an offer and how to answer; the address is for whoever accepts."""
    place = (district or word("nearby"))[:PLACE_MOST]
    return of_catalogue("company_offered", item=item[:ITEM_MOST], number=number, place=place)


def accepted(number: str, when: str) -> str:
    """Say that the order is theirs."""
    return of_catalogue("company_accepted", number=number, when=when)


def declined(number: str) -> str:
    """Say that the no was noted."""
    return of_catalogue("company_declined", number=number)


def taken(number: str, winner: str) -> str:
    """Say that somebody was faster."""
    return of_catalogue("company_taken", number=number, winner=winner[:ITEM_MOST])


def over(number: str) -> str:
    """Say that the offer is over: too late, or cancelled."""
    return of_catalogue("company_over", number=number)


def already_yours(number: str) -> str:
    """Say what to do to give back an order that was accepted."""
    return of_catalogue("company_yours", number=number)


def not_qualified(number: str) -> str:
    """Say that the order needs a certificate that nobody of theirs has on record."""
    return of_catalogue("company_unqualified", number=number)


def unclear(numbers: Sequence[str]) -> str:
    """Say what to write."""
    if len(numbers) == 1:
        return of_catalogue("company_unclear", first=numbers[0])
    return of_catalogue("company_unclear_of", first=numbers[0], numbers=_listed(numbers))


def which(numbers: Sequence[str]) -> str:
    """Ask which of several offers is meant."""
    return of_catalogue("company_which", count=len(numbers), numbers=_listed(numbers), first=numbers[0])


def offer_or_score(offered_number: str, rated_number: str) -> str:
    """Ask whether a digit answers the offer, or is a score for a service that somebody of this telephone got."""
    return of_catalogue("company_offer_or_score", offered=offered_number, rated=rated_number)


def _listed(numbers: Sequence[str]) -> str:
    return word("between").join(numbers[:LISTED])
