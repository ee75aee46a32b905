"""What an elder allows, as the record shows and changes it: words on calls and SMS by purpose, and hours of rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import update

from agent_console.identity import Identity
from agent_console.privacy import write_down
from agent_console.services import ConsoleServices
from db.models import Elder
from routing.errors import Invalid, NotFound
from routing.outreach.consent import CHOICES, Channel
from routing.outreach.consents import Word
from routing.outreach.policy import read_rest, write_rest

WORDS = {"yes": True, "no": False}


@dataclass(frozen=True)
class ConsentCard:
    """The latest words by channel and purpose, and the history, the latest first."""

    latest: Mapping[tuple[str, str], bool]
    history: tuple[Word, ...]


def card_of(services: ConsoleServices, elder_id: int) -> ConsentCard:
    """Read it."""
    history = services.consents.of_elder(elder_id)
    latest: dict[tuple[str, str], bool] = {}
    for each in reversed(history):
        latest[each.channel, each.purpose] = each.given
    return ConsentCard(latest, history)


def choices() -> tuple[tuple[str, str], ...]:
    """Give what can be allowed or forbidden, by channel and purpose."""
    return tuple((channel.value, purpose.value) for purpose in CHOICES for channel in Channel)


def change(services: ConsoleServices, who: Identity, elder_id: int, form: Mapping[str, str]) -> None:
    """Write what the form says: `rest`, and `word-<channel>-<purpose>` as yes or no where it is new. Each is audited.

    Raises NotFound, and Invalid for hours of rest that cannot be.
    """
    if "rest" in form:
        set_rest(services, who, elder_id, form["rest"])
    known = card_of(services, elder_id).latest
    for channel, purpose in choices():
        given = WORDS.get(form.get(f"word-{channel}-{purpose}", ""))
        if given is not None and known.get((channel, purpose)) is not given:
            services.consents.note(
                elder_id=elder_id, channel=channel, purpose=purpose, given=given, by=who.actor,
                how=form.get("how", "desk"), note=form.get("note", "").strip(),
            )  # fmt: skip


def set_rest(services: ConsoleServices, who: Identity, elder_id: int, text: str) -> None:
    """Set an elder's hours of rest; empty: none. Raises NotFound and Invalid."""
    try:
        rest = write_rest(read_rest(text))
    except ValueError as error:
        raise Invalid(str(error)) from None
    with services.unit_of_work() as work:
        elder = work.get(Elder, elder_id)
        if elder is None:
            raise NotFound(f"there is no elder {elder_id}")
        if elder.rest == rest:
            return
        work.execute(update(Elder).where(Elder.id == elder_id).values(rest=rest, updated_at=services.clock()))
    write_down(services, who, "elder.rest", f"elder:{elder_id}", "rest")
