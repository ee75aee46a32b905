"""The timeline of a case as pages tell it: codes become words, ids become the people whom the viewer may see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from agent_console.privacy import Lens
from agent_console.services import ConsoleServices
from agent_console.texts import text, word, words
from db.models import Case, CaseEvent, Contact, User

_USER = re.compile(r"user:([0-9]{1,9})")
_CONTACT = re.compile(r"contact:([0-9]{1,9})")
_BY_PEOPLE = ("noted", "closed")


@dataclass(frozen=True)
class CaseLine:
    """One line: when, who (empty: the hotline itself), what, and the details."""

    at: datetime
    who: str
    what: str
    detail: str = field(repr=False)
    code: str = ""


def lines_of(services: ConsoleServices, cases: Iterable[Case], lens: Lens) -> dict[int, tuple[CaseLine, ...]]:
    """Give the lines of each case, by its id, as `lens` lets them be seen. Timelines must be loaded."""
    cases = list(cases)
    said = [f"{step.actor} {step.detail}" for case in cases for step in case.timeline]
    users = {int(each) for text in said for each in _USER.findall(text)}
    contacts = {int(each) for text in said for each in _CONTACT.findall(text)}
    with services.reading() as work:
        people = {f"user:{each.id}": each.name for each in work.scalars(select(User).where(User.id.in_(users)))}
        for each in work.scalars(select(Contact).where(Contact.id.in_(contacts))):
            people[f"contact:{each.id}"] = f"{each.relation} {lens.name(each.name)}".strip()
    return {case.id: tuple(_line(step, case.kind, people, lens) for step in case.timeline) for case in cases}


def _line(step: CaseEvent, kind: str, people: Mapping[str, str], lens: Lens) -> CaseLine:
    group = "sos_step" if step.what in words("sos_step") and kind == "sos" else "step"
    what = word(group, step.what)
    if what == step.what:
        what = word("journey", step.what)
    by_machine = step.actor == "hotline"
    detail = step.detail if by_machine else lens.text(step.detail) or ""
    if lens.clear or by_machine:
        detail = _in_words(step.what, kind, detail, people)
    return CaseLine(step.at, people.get(step.actor, ""), what, detail, step.what)


def _in_words(what: str, kind: str, detail: str, people: Mapping[str, str]) -> str:
    """Give the words for the codes of a step."""
    if kind != "sos":
        return _looked_in(detail, people) if what.startswith("look_in.") else detail
    if what == "opened":
        return " · ".join(word("raised", each) for each in detail.split())
    if what == "not_located":
        return word("place_trouble", detail)
    head, colon, rest = detail.partition(": ")
    if what == "closed":
        return text("join.said", head=word("sos_result", head), said=rest) if colon else detail
    if what.startswith("talk."):
        party, colon, why = (detail, "", "") if detail in people else (head, colon, rest)
        name = people.get(party, party)
        return text("join.said", head=name, said=word("dial", why)) if colon else name
    return detail


def _looked_in(detail: str, people: Mapping[str, str]) -> str:
    """Give the words for whom we asked to look in, and what they said."""
    party, _space, said = detail.partition(" ")
    told = said or ("" if _CONTACT.fullmatch(party) else party)
    return " ".join(filter(None, (people.get(party, ""), word("daily_looking", told) if told else "")))
