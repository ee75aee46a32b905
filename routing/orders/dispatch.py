"""Dispatch: orders are offered to one company after the other, emergencies to several at once, until one accepts or a
supervisor must decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from db.models import Company, Offer, Order
from db.session import UnitOfWork
from routing.calls.messages import Message
from routing.errors import NotFound
from routing.orders.candidates import asking, asking_for
from routing.orders.certificates import least_busy_worker
from routing.orders.commands import Accept, Act, Assign, Decline, Expire, Reassign
from routing.orders.dispatching.answerable import must_be_open
from routing.orders.dispatching.decisions import rank_now
from routing.orders.dispatching.policy import Ranking
from routing.orders.dispatching.rounds import DispatchRules, Rounds
from routing.orders.errors import MoveRefused, NotQualified, OfferGone
from routing.orders.lifecycle import carried_out, load, perform
from routing.orders.notices import Notices, to_call_off
from routing.orders.offers import asked_with
from routing.orders.policy import OrderState
from routing.orders.scorecards.policy import DeclineReason
from routing.orders.views import OfferView, OrderView, offer_view, order_view
from routing.outreach.sms.outbox import Sms

__all__ = ["Dispatch", "DispatchRules"]

log = structlog.get_logger(__name__)


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
        self._notices = notices
        self._rounds = Rounds(sms, rules)
        self._rules = rules

    def offer_next(self, order_id: int) -> OfferView | None:
        """Offer a requested order to the next company, an emergency to several at once: automatic calls and SMS tell.

        None when the order is no longer requested (someone was faster), or when nobody is left: then the order is
        unassigned and a case asks a supervisor. Raises NotFound.
        """
        now = self._clock()
        with self._unit_of_work() as session:
            order = load(session, order_id)
            if order.state != OrderState.REQUESTED.value:
                return None
            messages: list[Message] = []
            view = self._rounds.offer(session, order, now, messages)
        self._tell(messages)
        return view

    def answer(
        self, offer_id: int, accept: bool, *, actor: str, channel: str, reason: str = "", key: str = "",
        reason_code: str = "",
    ) -> OrderView:  # fmt: skip
        """Take a company's answer, once per `key`. Accepted: a worker is assigned, elder and worker are told by SMS,
        and all other companies have lost it; declined by the last that was asked: the next company is asked;
        `reason_code` says why it was declined (scorecards.policy.DeclineReason, or nothing).

        Raises NotFound (also for another company's offer) and OfferGone, which tells who has the order now,
        NotQualified when nobody of the company may do it on that day, and ValueError for a reason that is none.
        """
        messages: list[Message] = []
        with self._unit_of_work() as session:
            view = self.answer_within(
                session, offer_id, accept, messages, actor=actor, channel=channel, reason=reason, key=key,
                reason_code=reason_code,
            )  # fmt: skip
        self._tell(messages)
        return view

    def answer_all(
        self, offer_ids: Sequence[int], accept: bool, *, actor: str, channel: str, reason_code: str = ""
    ) -> list[OfferGone | NotQualified | None]:
        """Take one answer to several offers in one unit of work, for somebody waits; give what refused each, if so."""
        messages, refused = list[Message](), list[OfferGone | NotQualified | None]()
        with self._unit_of_work() as session:
            for offer_id in offer_ids:
                try:
                    self.answer_within(
                        session, offer_id, accept, messages, actor=actor, channel=channel, reason_code=reason_code
                    )
                    refused.append(None)
                except (OfferGone, NotQualified) as why:
                    refused.append(why)
        self._tell(messages)
        return refused

    def answer_within(
        self, session: Session, offer_id: int, accept: bool, messages: list[Message], *, actor: str, channel: str,
        reason: str = "", key: str = "", reason_code: str = "",
    ) -> OrderView:  # fmt: skip
        """Do what `answer` does within a unit of work; whoever ends that publishes `messages`. Raises as `answer` does,
        before anything is written."""
        now = self._clock()
        offer, order = self._taken(session, offer_id, actor)
        yes, no = Accept(offer.company_id), Decline(offer.company_id)
        if carried_out(session, key, order, yes if accept else no):
            return order_view(order)
        must_be_open(session, offer, order, now)
        if accept:
            self._give(session, order, yes, Act(actor, channel, now, reason), messages, key)
        else:
            offer.decline_reason = DeclineReason(reason_code).value if reason_code else ""
            messages += perform(session, order, no, Act(actor, channel, now, reason or _declined(offer)), key)
            self._offer_if_requested(session, order, now, messages)
        return order_view(order)

    def answer_for(
        self, order_id: int, company_id: int, accept: bool, *, actor: str, channel: str = "desk", reason: str = "",
        key: str = "",
    ) -> OrderView:  # fmt: skip
        """Take the answer that a company gives to a person, to the last offer that it got of an order. Raises as
        `answer` does."""
        with self._reading() as session:
            mine = select(Offer.id).where(Offer.order_id == order_id, Offer.company_id == company_id)
            offer_id = session.scalar(mine.order_by(Offer.id.desc()).limit(1))
        if offer_id is None:
            raise NotFound(f"order {order_id} was never offered to company {company_id}")
        return self.answer(offer_id, accept, actor=actor, channel=channel, reason=reason, key=key)

    def assign(
        self, order_id: int, company_id: int, *, actor: str, channel: str = "desk", reason: str = "",
        expected_version: int | None = None, key: str = "",
    ) -> OrderView:  # fmt: skip
        """Give an order that no company has to one that agreed otherwise.

        Raises NotFound, MoveRefused and MovedMeanwhile.
        """
        act = Act(actor, channel, self._clock(), reason)
        return self._given(order_id, Assign(company_id), act, expected_version, key)

    def reassign(
        self, order_id: int, company_id: int, *, actor: str, channel: str = "desk", reason: str,
        expected_version: int | None = None, key: str = "",
    ) -> OrderView:  # fmt: skip
        """Take an order from the company that has it and give it to another; whoever was to come is told. Raises as
        `assign` does."""
        act = Act(actor, channel, self._clock(), reason)
        return self._given(order_id, Reassign(company_id), act, expected_version, key)

    def ranking(self, order_id: int) -> Ranking:
        """Rank the companies for an order as things stand, whether it is dispatched or not. Raises NotFound."""
        with self._reading() as session:
            order = asking(session, order_id)
            if order is None:
                raise NotFound(f"there is no order {order_id}")
            return rank_now(session, order, self._clock(), self._rules.zone)

    def preview(self, elder_id: int, item_id: int, due_at: datetime) -> Ranking:
        """Rank the companies for what is not ordered yet. Raises NotFound."""
        with self._reading() as session:
            order = asking_for(session, elder_id, item_id, due_at)
            return rank_now(session, order, self._clock(), self._rules.zone)

    def get_offer(self, offer_id: int) -> OfferView:
        """Give one offer, open or not. Raises NotFound."""
        with self._reading() as session:
            offer = session.get(Offer, offer_id)
            if offer is None:
                raise NotFound(f"there is no offer {offer_id}")
            return offer_view(offer)

    def told_with(self, offer_id: int) -> tuple[OfferView, ...]:
        """Give the offers that the call about this one is about and that wait: a night's list, or it alone, or none."""
        with self._reading() as session:
            offer = session.get(Offer, offer_id)
            listed = asked_with(session, offer) if offer is not None else ()
            return tuple(offer_view(each) for each in listed if each.expires_at > self._clock())

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
            offer, order = self._taken(session, offer_id, "system")
            must_be_open(session, offer, order, None)
            act = Act("system", "job", now, f"{offer.company.name} did not answer in time")
            messages += perform(session, order, Expire(offer.company_id), act)
            self._offer_if_requested(session, order, now, messages)
        self._tell(messages)

    def _offer_if_requested(self, session: Session, order: Order, now: datetime, messages: list[Message]) -> None:
        """Go on to the next, unless others are still asked."""
        if order.state == OrderState.REQUESTED.value:
            self._rounds.offer(session, order, now, messages)

    def _taken(self, session: Session, offer_id: int, actor: str) -> tuple[Offer, Order]:
        """Take an offer and its order, which nobody else can change meanwhile."""
        offer = session.get(Offer, offer_id)
        if offer is None or (actor.startswith("company:") and actor != f"company:{offer.company_id}"):
            raise NotFound(f"there is no offer {offer_id}")
        order = load(session, offer.order_id)
        session.refresh(offer)
        return offer, order

    def _given(
        self, order_id: int, command: Assign | Reassign, act: Act, expected_version: int | None, key: str
    ) -> OrderView:  # fmt: skip
        messages: list[Message] = []
        with self._unit_of_work() as session:
            order = load(session, order_id)
            if carried_out(session, key, order, command):
                return order_view(order)
            order = load(session, order_id, expected_version)
            company = session.get(Company, command.company_id)
            if company is None:
                raise NotFound(f"there is no company {command.company_id}")
            if not company.active:
                raise MoveRefused(f"{company.name} is not active: choose another, or make it active", why="inactive")
            former = to_call_off(order)
            self._give(session, order, command, act, messages, key)
            if former is not None:
                self._notices.taken_back(session, order, former, act.at)
            view = order_view(order)
        self._tell(messages)
        return view

    def _give(  # noqa: PLR0917  # What a hand-over is made of.
        self, session: Session, order: Order, command: Accept | Assign | Reassign, act: Act, messages: list[Message],
        key: str,
    ) -> None:  # fmt: skip
        company = session.get_one(Company, command.company_id)
        worker = least_busy_worker(session, order, company, act.at.astimezone(self._rules.zone))
        messages += perform(session, order, command, act, key, worker_id=worker.id if worker else None)
        self._notices.accepted(session, order, act.at)

    def _overdue(self, limit: int) -> list[int]:
        with self._reading() as session:
            query = select(Offer.id).where(Offer.state == "open", Offer.expires_at <= self._clock())
            return list(session.scalars(query.order_by(Offer.expires_at).limit(limit)))

    def _not_offered(self, limit: int) -> list[int]:
        with self._reading() as session:
            offered = exists().where(Offer.order_id == Order.id, Offer.state == "open")
            its_time = or_(Order.dispatch_from.is_(None), Order.dispatch_from <= self._clock())
            query = select(Order.id).where(Order.state == OrderState.REQUESTED.value, ~offered, its_time)
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
