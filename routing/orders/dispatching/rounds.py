"""One round of offers within a unit of work: to one company, in an emergency to several, or else to a supervisor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from db.models import Company, Order
from routing.calls.messages import Message
from routing.errors import NotFound
from routing.orders.candidates import asking
from routing.orders.cases import open_case
from routing.orders.commands import Act, LeaveToSupervisor
from routing.orders.commands import Offer as OfferIt
from routing.orders.dispatching.decisions import left_out_in_words, nobody_because, rank_now, remember
from routing.orders.dispatching.policy import asked_at_once
from routing.orders.lifecycle import perform
from routing.orders.offers import make_offer, rounds_made, who_was_asked
from routing.orders.views import OfferView, offer_view
from routing.outreach.sms.outbox import Sms


@dataclass(frozen=True)
class DispatchRules:
    """How long a company has, how many are asked, and the zone of opening hours and spoken times."""

    offer_lasts: timedelta
    offer_rounds: int
    zone: ZoneInfo


class Rounds:
    """Makes offers."""

    def __init__(self, sms: Sms, rules: DispatchRules) -> None:
        self._sms = sms
        self._rules = rules

    def offer(self, session: Session, order: Order, now: datetime, messages: list[Message]) -> OfferView | None:
        """Offer a requested order to whoever comes next, and keep why; give the first of the offers.

        None: nobody is left, or enough were asked; the order is unassigned, and a case asks a supervisor.
        """
        was_asked, asks = who_was_asked(session, order.id), asking(session, order.id)
        if asks is None:
            raise NotFound(f"there is no order {order.id}")
        asked = was_asked.lately
        ranking = rank_now(session, asks, now, self._rules.zone, was_asked)
        at_once = asked_at_once(asks.urgent, order.due_at, now)
        first = ranking.chosen[: min(at_once, max(0, self._rules.offer_rounds - len(asked)))]
        if not first:
            why = nobody_because(session, ranking, len(asked))
            remember(session, order, ranking, asked=(), why=why, now=now)
            self._leave_to_supervisor(session, order, why, now, messages)
            return None
        round_, names, offers = rounds_made(session, order.id) + 1, [], []
        for chosen in first:
            company = session.get_one(Company, chosen.company_id)
            names.append(f"{company.name}: {chosen.reason}")
            offers.append(
                make_offer(
                    session, order, company, round_=round_, reason=chosen.reason, now=now,
                    lasts=self._rules.offer_lasts, sms=self._sms,
                )
            )  # fmt: skip
        why = f"offered to {'; '.join(names)}"
        act = Act("system", "job", now, why)
        ids = tuple(chosen.company_id for chosen in first)
        messages += perform(session, order, OfferIt(ids), act)
        remember(session, order, ranking, asked=ids, why=f"{why}. {left_out_in_words(session, ranking)}", now=now)
        return offer_view(offers[0])

    def _leave_to_supervisor(
        self, session: Session, order: Order, why: str, now: datetime, messages: list[Message]
    ) -> None:
        messages += perform(session, order, LeaveToSupervisor(), Act("system", "job", now, why))
        _case, opened = open_case(
            session, now, key=f"dispatch-order-{order.id}-{order.version}", kind="dispatch", elder_id=order.elder_id,
            order_id=order.id, note=why,
        )  # fmt: skip
        if opened:
            messages.append(opened)
