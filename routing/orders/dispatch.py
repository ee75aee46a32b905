"""Dispatch: orders are offered to one company after the other, until one accepts or a supervisor must decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from db.models import Company, Offer, Order, Worker
from db.session import UnitOfWork
from routing.calls.messages import Message
from routing.errors import NotFound
from routing.orders.candidates import candidates, least_busy_worker, need_of
from routing.orders.cases import open_case
from routing.orders.errors import OfferGone
from routing.orders.lifecycle import Act, load, move
from routing.orders.notices import Notices
from routing.orders.offers import asked_lately, end_offer, make_offer
from routing.orders.policy import OrderState, Ranking, rank
from routing.orders.scorecards.policy import DeclineReason
from routing.orders.views import OfferView, OrderView, offer_view, order_view
from routing.outreach.sms.outbox import Sms

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class DispatchRules:
    """How long a company has, how many are asked, and the zone of opening hours and spoken times."""

    offer_lasts: timedelta
    offer_rounds: int
    zone: ZoneInfo


class Dispatch:
    """Offers orders, and takes the answers."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        publish: Callable[[Message], None],
        sms: Sms,
        notices: Notices,
        rules: DispatchRules,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._publish = publish
        self._sms = sms
        self._notices = notices
        self._rules = rules

    def offer_next(self, order_id: int) -> OfferView | None:
        """Offer a requested order to the next company: an automatic call and an SMS tell it.

        None when the order is no longer requested (someone was faster), or when nobody is left: then the order is
        unassigned and a case asks a supervisor. Raises NotFound.
        """
        now = self._clock()
        with self._unit_of_work() as session:
            order = load(session, order_id)
            if order.state != OrderState.REQUESTED.value:
                return None
            messages: list[Message] = []
            view = self._offer(session, order, now, messages)
        self._tell(messages)
        return view

    def answer(
        self, offer_id: int, accept: bool, *, actor: str, channel: str, reason: str = "", reason_code: str = ""
    ) -> OrderView:
        """Take a company's answer. Accepted: a worker is assigned, and elder and worker are told by SMS; declined: the
        next company is asked, and `reason_code` says why (scorecards.policy.DeclineReason, or nothing).

        Raises NotFound (also for another company's offer) and OfferGone, and ValueError for a reason that is none.
        """
        now = self._clock()
        messages: list[Message] = []
        with self._unit_of_work() as session:
            offer, order = self._open_offer(session, offer_id, actor, now)
            offer.decline_reason = DeclineReason(reason_code).value if reason_code and not accept else ""
            end_offer(session, offer, "accepted" if accept else "declined", now)
            if accept:
                self._assign(session, order, offer.company, Act(actor, channel, now, reason), messages)
            else:
                act = Act(actor, channel, now, reason or _declined(offer))
                messages.append(move(session, order, OrderState.REQUESTED, act))
                self._offer(session, order, now, messages)
            view = order_view(order)
        self._tell(messages)
        return view

    def assign(
        self, order_id: int, company_id: int, *, actor: str, channel: str = "desk", reason: str = "",
        expected_version: int | None = None,
    ) -> OrderView:  # fmt: skip
        """Give an unassigned order to a company that agreed otherwise. Raises NotFound, MoveRefused, MovedMeanwhile."""
        now = self._clock()
        messages: list[Message] = []
        with self._unit_of_work() as session:
            order = load(session, order_id, expected_version)
            company = session.get(Company, company_id)
            if company is None:
                raise NotFound(f"there is no company {company_id}")
            self._assign(session, order, company, Act(actor, channel, now, reason), messages)
            view = order_view(order)
        self._tell(messages)
        return view

    def get_offer(self, offer_id: int) -> OfferView:
        """Give one offer, open or not. Raises NotFound."""
        with self._reading() as session:
            offer = session.get(Offer, offer_id)
            if offer is None:
                raise NotFound(f"there is no offer {offer_id}")
            return offer_view(offer)

    def waiting_for(self, company_id: int) -> tuple[OfferView, ...]:
        """Give the offers that wait for a company's answer, the oldest first."""
        with self._reading() as session:
            query = (
                select(Offer)
                .where(Offer.company_id == company_id, Offer.state == "open", Offer.expires_at > self._clock())
                .order_by(Offer.id)
            )
            return tuple(offer_view(offer) for offer in session.scalars(query))

    def sweep(self, limit: int = 100) -> int:
        """Expire what nobody answered in time, and offer what is requested and not offered; give how many moved.

        Safe to run at any time, by any number of processes: each order is taken, looked at again, and then moved.
        """
        moved = 0
        for offer_id in self._overdue(limit):
            try:
                self._expire(offer_id)
                moved += 1
            except OfferGone:
                log.info("dispatch.answered_meanwhile", offer_id=offer_id)
        for order_id in self._not_offered(limit):
            moved += self.offer_next(order_id) is not None
        return moved

    def _expire(self, offer_id: int) -> None:
        now = self._clock()
        messages: list[Message] = []
        with self._unit_of_work() as session:
            offer, order = self._open_offer(session, offer_id, "system", None)
            end_offer(session, offer, "expired", now)
            act = Act("system", "job", now, f"{offer.company.name} did not answer in time")
            messages.append(move(session, order, OrderState.REQUESTED, act))
            self._offer(session, order, now, messages)
        self._tell(messages)

    def _offer(self, session: Session, order: Order, now: datetime, messages: list[Message]) -> OfferView | None:
        asked = asked_lately(session, order)
        local = now.astimezone(self._rules.zone)
        ranking = rank(need_of(order), candidates(session, order, local, asked), local.hour * 60 + local.minute)
        if not ranking.chosen or len(asked) >= self._rules.offer_rounds:
            why = f"{len(asked)} companies were asked" if asked else "no company can be asked"
            self._leave_to_supervisor(session, order, f"{why}. {_left_out(ranking)}", now, messages)
            return None
        first = ranking.chosen[0]
        company = session.get_one(Company, first.company_id)
        reason = f"{first.reason}. {_left_out(ranking)}"
        offer = make_offer(
            session, order, company, reason=reason, now=now, lasts=self._rules.offer_lasts, sms=self._sms
        )
        act = Act("system", "job", now, f"offered to {company.name}: {first.reason}")
        messages.append(move(session, order, OrderState.OFFERED, act))
        return offer_view(offer)

    def _leave_to_supervisor(
        self, session: Session, order: Order, why: str, now: datetime, messages: list[Message]
    ) -> None:
        messages.append(move(session, order, OrderState.UNASSIGNED, Act("system", "job", now, why)))
        _case, opened = open_case(
            session, now, key=f"dispatch-order-{order.id}-{order.version}", kind="dispatch", elder_id=order.elder_id,
            order_id=order.id, note=why,
        )  # fmt: skip
        if opened:
            messages.append(opened)

    def _open_offer(self, session: Session, offer_id: int, actor: str, at: datetime | None) -> tuple[Offer, Order]:
        """Take offer and order for an answer at `at` (None: for expiry)."""
        offer = session.get(Offer, offer_id)
        if offer is None or (actor.startswith("company:") and actor != f"company:{offer.company_id}"):
            raise NotFound(f"there is no offer {offer_id}")
        order = load(session, offer.order_id)
        session.refresh(offer)
        late = at is not None and at > offer.expires_at
        if offer.state != "open" or order.state != OrderState.OFFERED.value or late:
            raise OfferGone(f"offer {offer_id} is {'expired' if late else offer.state}")
        return offer, order

    def _assign(self, session: Session, order: Order, company: Company, act: Act, messages: list[Message]) -> None:
        order.company_id, order.company = company.id, company
        worker: Worker | None = least_busy_worker(session, order, company, act.at.astimezone(self._rules.zone))
        order.worker = worker
        messages.append(move(session, order, OrderState.ACCEPTED, act))
        self._notices.accepted(session, order, act.at)

    def _overdue(self, limit: int) -> list[int]:
        with self._reading() as session:
            query = select(Offer.id).where(Offer.state == "open", Offer.expires_at <= self._clock())
            return list(session.scalars(query.order_by(Offer.expires_at).limit(limit)))

    def _not_offered(self, limit: int) -> list[int]:
        with self._reading() as session:
            offered = exists().where(Offer.order_id == Order.id, Offer.state == "open")
            query = select(Order.id).where(Order.state == OrderState.REQUESTED.value, ~offered)
            return list(session.scalars(query.order_by(Order.created_at).limit(limit)))

    def _tell(self, messages: list[Message]) -> None:
        for message in messages:
            try:
                self._publish(message)
            except Exception:  # What is written stands; a page that learns of it late is the lesser evil.
                log.warning("dispatch.not_published", kind=type(message).__name__, exc_info=True)


def _declined(offer: Offer) -> str:
    why = f": {offer.decline_reason}" if offer.decline_reason else ""
    return f"{offer.company.name} declined{why}"


def _left_out(ranking: Ranking) -> str:
    if not ranking.left_out:
        return "None left out."
    return "Left out: " + "; ".join(f"company {each.company_id} {each.reason}" for each in ranking.left_out[:20])
