"""A decision of dispatch within a unit of work: the companies ranked as they are now, and the reasons kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Company, DispatchDecision, Order
from routing.orders.candidates import Asking, candidates
from routing.orders.dispatching.policy import Ranking, Why, rank
from routing.orders.dispatching.record import RankingThen, decode, encode
from routing.orders.offers import Asked, who_was_asked

_TOLD = 20
"""Companies left out that a sentence names; the stored ranking has them all."""


@dataclass(frozen=True)
class DecisionView:
    """A decision as it was stored."""

    at: datetime
    outcome: str
    asked: tuple[int, ...]
    why: str
    ranking: RankingThen


def rank_now(session: Session, order: Asking, now: datetime, zone: ZoneInfo, asked: Asked | None = None) -> Ranking:
    """Rank all companies for an order as things stand; `asked` is who was, if that has been read already."""
    local, asked = now.astimezone(zone), asked or who_was_asked(session, order.order_id)
    found = candidates(session, order, local, asked.lately, asked.gave_up)
    return rank(order.need, found.offer_it, local.hour * 60 + local.minute, others=found.others)


def remember(
    session: Session, order: Order, ranking: Ranking, *, asked: Iterable[int], why: str, now: datetime
) -> None:  # fmt: skip
    """Keep a decision; without companies that were `asked` the order was left to a supervisor."""
    ids = ",".join(map(str, asked))
    outcome = "offered" if ids else "unassigned"
    session.add(
        DispatchDecision(order_id=order.id, at=now, outcome=outcome, asked=ids, why=why, ranking=encode(ranking))
    )


def decisions_of(session: Session, order_id: int) -> tuple[DecisionView, ...]:
    """Give what was decided about an order, in order."""
    query = select(DispatchDecision).where(DispatchDecision.order_id == order_id).order_by(DispatchDecision.id)
    return tuple(
        DecisionView(
            each.at, each.outcome, tuple(int(one) for one in each.asked.split(",") if one), each.why,
            decode(each.ranking),
        )
        for each in session.scalars(query)
    )  # fmt: skip


def nobody_because(session: Session, ranking: Ranking, asked: int) -> str:
    """Say why no company is left to be asked, and what a supervisor can do about it."""
    why = f"{asked} companies were asked" if asked else "no company can be asked"
    silent = [each.company_id for each in ranking.left_out if each.why is Why.PHONE]
    if silent and not ranking.chosen:
        names = ", ".join(_names(session, silent).values())
        why += f"; {names} could do it but has no telephone number: tell them otherwise, and assign the order"
    return f"{why}. {left_out_in_words(session, ranking)}"


def left_out_in_words(session: Session, ranking: Ranking) -> str:
    """Name who was left out and why, except for those who do not offer the item at all."""
    told = [each for each in ranking.left_out if each.why is not Why.ITEM][:_TOLD]
    if not told:
        return "None left out."
    names = _names(session, [each.company_id for each in told])
    return "Left out: " + "; ".join(f"{names[each.company_id]} {each.reason}" for each in told)


def _names(session: Session, ids: Sequence[int]) -> dict[int, str]:
    rows = session.execute(select(Company.id, Company.name).where(Company.id.in_(ids)).order_by(Company.id))
    return {company_id: f"{name} (company {company_id})" for company_id, name in rows}
