"""Who did something to an order, in words that a person understands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from db.models import ApiToken, Company, Elder, User, Worker
from routing.orders.notices import elder_address, worker_address


@dataclass(frozen=True)
class ActorName:
    """An actor with its name; `personal`: the name is one of an elder or a care worker. Empty: there is none."""

    actor: str
    name: str = ""
    personal: bool = False


def name_of(session: Session, actor: str, at: datetime) -> str:
    """Name an actor for a sentence: 班长 (user:2); the bare actor where nobody has such a name. At the moment `at`."""
    named = named_actor(session, actor, at)
    return f"{named.name} ({actor})" if named.name else actor


def names_of(session: Session, actors: Iterable[str], at: datetime) -> dict[str, ActorName]:
    """Name each of some actors."""
    return {actor: named_actor(session, actor, at) for actor in set(actors)}


def named_actor(session: Session, actor: str, at: datetime) -> ActorName:  # noqa: PLR0911  # One line a kind.
    """Find the name of an actor as elder:12, company:3, worker:7, user:2 or token:5."""
    kind, _, number = actor.partition(":")
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        return ActorName(actor)
    its_id = int(number)
    match kind:
        case "user":
            user = session.get(User, its_id)
            return ActorName(actor, user.name if user else "")
        case "token":
            token = session.get(ApiToken, its_id)
            return ActorName(actor, token.label if token else "")
        case "company":
            company = session.get(Company, its_id)
            return ActorName(actor, company.name if company else "")
        case "worker":
            worker = session.get(Worker, its_id)
            return ActorName(actor, worker_address(worker.name) if worker else "", personal=True)
        case "elder":
            elder = session.get(Elder, its_id)
            return ActorName(actor, elder_address(elder, at) if elder else "", personal=True)
    return ActorName(actor)
