"""Knowledge cards on a page, and as the pane that a key opens over any page: all of them at once, the fitting first."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from agent_console.catalogue import language_now
from agent_console.desk.cards import FILES, Card, cards_of, find, suggested
from agent_console.services import ConsoleServices, console_services
from db.models import Case, Order, ServiceItem
from routing.orders.policy import OPEN
from routing.settings import Settings

blueprint = Blueprint("cards_page", __name__, url_prefix="/desk/cards")


@blueprint.get("")
def show() -> str:
    """All cards, or those for ?word=."""
    wanted = request.args.get("word", "")[:80]
    return render_template("cards.html", cards=find(_cards(), wanted), wanted=wanted, fitting=())


@blueprint.get("/pane")
def pane() -> str:
    """All cards for the pane, with those first that fit what is open of ?elder= and ?case=."""
    cards = _cards()
    first = _fitting(console_services(), cards)
    rest = tuple(each for each in cards if each not in first)
    return render_template("_cards.html", cards=first + rest, fitting=first)


def read_cards(settings: Settings) -> None:
    """Read all cards, so that one that is not whole shows at the start, and not with a caller on the line.

    Raises ValueError with the file and the card.
    """
    for language in FILES:
        cards_of(language, settings.cards_dir)


def _cards() -> tuple[Card, ...]:
    return cards_of(language_now(), console_services().settings.cards_dir)


def _fitting(services: ConsoleServices, cards: tuple[Card, ...]) -> tuple[Card, ...]:
    """Without the database the cards come all the same, in their usual order."""
    elder_id, case_id = request.args.get("elder", type=int), request.args.get("case", type=int)
    kinds = {"sos"} if request.args.get("sos") else set()
    items: set[str] = set()
    try:
        with services.reading() as work:
            if case_id is not None:
                kinds |= set(work.scalars(select(Case.kind).where(Case.id == case_id)))
            if elder_id is not None:
                kinds |= set(work.scalars(select(Case.kind).where(Case.elder_id == elder_id, Case.state == "open")))
                of_theirs = select(ServiceItem.code).join(Order, Order.item_id == ServiceItem.id)
                standing = (Order.elder_id == elder_id, Order.state.in_([state.value for state in OPEN]))
                items = set(work.scalars(of_theirs.where(*standing)))
    except SQLAlchemyError:
        return ()
    return suggested(cards, kinds, items)
