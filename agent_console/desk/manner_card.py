"""How an elder is spoken with, as the desk shows and changes it: each part with its value and where that comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from agent_console.identity import Identity
from agent_console.privacy import write_down
from agent_console.services import ConsoleServices
from agent_console.texts import text, word
from db.models import ServiceItem, User
from routing.errors import Invalid
from routing.manners.book import LANGUAGES, Value
from routing.manners.manner import Manner, Origin, Source
from routing.manners.wishes import SETTABLE

_YES_NO: Final = ("yes", "no")
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "language": LANGUAGES, "slow": _YES_NO, "loud": _YES_NO, "key_seconds": ("2.5", "3.0", "3.7", "4.2", "4.5"),
    "hints": ("0", "1", "2"), "straight_to_person": _YES_NO, "favourite_offered": _YES_NO,
}  # fmt: skip
"""What the form offers; a dialect is written. Empty is always "as learnt"."""


@dataclass(frozen=True)
class Row:
    """One part of a manner, as a line of the card."""

    part: str
    value: str
    origin: str
    choices: tuple[tuple[str, str], ...]
    """Values of the form and their words; none: it is written."""
    chosen: str
    """What a person set, as the form has it; empty: nothing."""


def rows_of(services: ConsoleServices, manner: Manner) -> tuple[Row, ...]:
    """The lines of the card."""
    names = _names(services, {manner.origin(part).by for part in SETTABLE})
    return tuple(_row(part, manner, names) for part in SETTABLE)


def favourite_of(services: ConsoleServices, manner: Manner) -> tuple[str, str] | None:
    """The favourite item's name and why it is one; None if nothing is offered first."""
    if manner.favourite_item_id is None:
        return None
    with services.reading() as work:
        name = work.scalar(select(ServiceItem.name).where(ServiceItem.id == manner.favourite_item_id))
    return (name or "", _origin(manner.origin("favourite_item_id"), {}))


def change(services: ConsoleServices, who: Identity, elder_id: int, form: Mapping[str, str]) -> None:
    """Set what the form changes, and write down who did. Raises NotFound, and Invalid for what makes no sense."""
    manner = services.manners.of(elder_id)
    wishes = {
        part: _read(part, form[part].strip())
        for part in SETTABLE
        if part in form and form[part].strip() != _form_value(part, manner)
    }
    set_manner(services, who, elder_id, wishes)


def set_manner(services: ConsoleServices, who: Identity, elder_id: int, wishes: Mapping[str, Value]) -> Manner:
    """Set these parts (None: as learnt), and write down who did. Raises NotFound and Invalid."""
    if not wishes:
        return services.manners.of(elder_id)
    manner = services.manners.change(elder_id, wishes, who.actor)
    words = ", ".join(f"{part}={'as learnt' if value is None else value}" for part, value in wishes.items())
    write_down(services, who, "elder.manner", f"elder:{elder_id}", words)
    return manner


def _row(part: str, manner: Manner, names: Mapping[str, str]) -> Row:
    shown = _shown(part, getattr(manner, part))
    choices = _CHOICES.get(part, ())
    chosen = _form_value(part, manner)
    if choices and chosen and chosen not in choices:  # Set through the API.
        choices = (*choices, chosen)
    words = tuple((each, _shown(part, _read(part, each))) for each in choices)
    return Row(part, shown, _origin(manner.origin(part), names), words, chosen)


def _form_value(part: str, manner: Manner) -> str:
    """What a person set, as the form writes it."""
    if manner.origin(part).source is not Source.SET:
        return ""
    value = getattr(manner, part)
    if isinstance(value, bool):
        return _YES_NO[0] if value else _YES_NO[1]
    return str(value)


def _read(part: str, given: str) -> Value:
    """Read a value of the form. Raises Invalid."""
    if not given:
        return None
    if _CHOICES.get(part) == _YES_NO:
        if given not in _YES_NO:
            raise Invalid(text("manner.bad"))
        return given == _YES_NO[0]
    try:
        return float(given) if part == "key_seconds" else int(given) if part == "hints" else given
    except ValueError:
        raise Invalid(text("manner.bad")) from None


def _shown(part: str, value: Value) -> str:
    match value:
        case bool():
            return word("yes_no", "yes" if value else "no")
        case float():
            return text("manner.seconds", seconds=value)
        case int():
            return word("hints", str(value))
        case _:
            return word("language", str(value)) if part == "language" else str(value or text("record.none"))


def _origin(origin: Origin, names: Mapping[str, str]) -> str:
    match origin.source:
        case Source.SET:
            who = names.get(origin.by, origin.by)
            return text("manner.set_by", who=who) if who else text("manner.of_record")
        case Source.LEARNT:
            return word("learnt", origin.why if origin.count else "").format(count=origin.count, of=origin.of)
        case _:
            return text("manner.of_hearing") if origin.why else text("manner.usual")


def _names(services: ConsoleServices, actors: set[str]) -> dict[str, str]:
    ids = {int(actor[5:]) for actor in actors if actor.startswith("user:") and actor[5:].isdecimal()}
    if not ids:
        return {}
    with services.reading() as work:
        return {f"user:{row.id}": row.name for row in work.execute(select(User.id, User.name).where(User.id.in_(ids)))}
