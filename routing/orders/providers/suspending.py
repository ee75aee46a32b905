"""Suspending companies: decided by a person with words, read where companies are ranked and listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db.models import Case, CaseEvent, Company, CompanySuggestion, CompanySuspension, Offer, Order
from db.session import UnitOfWork
from routing.errors import Conflict, Invalid, NotFound
from routing.orders.policy import OrderState


def suspended_now(session: Session, now: datetime) -> Mapping[int, CompanySuspension]:
    """Give the suspensions that hold now, by company; of several the one that was decided last."""
    query = (
        select(CompanySuspension)
        .where(CompanySuspension.from_at <= now, CompanySuspension.lifted_at.is_(None))
        .where(or_(CompanySuspension.until_at.is_(None), CompanySuspension.until_at > now))
        .order_by(CompanySuspension.decided_at)
    )
    return {each.company_id: each for each in session.scalars(query)}


@dataclass(frozen=True)
class SuspensionView:
    """One decision to suspend a company. Without an end it holds until it is lifted."""

    id: int
    company_id: int
    from_at: datetime
    until_at: datetime | None
    reason: str
    decided_at: datetime
    decided_by: str
    lifted_at: datetime | None
    lifted_by: str | None
    lifted_reason: str


@dataclass(frozen=True)
class Left:
    """An order that a suspended company has accepted and not begun: a person gives it to somebody else, or not."""

    order_id: int
    number: str
    item_name: str
    due_at: datetime


class Suspensions:
    """Suspends companies and lifts it: a person's decision, always with words."""

    def __init__(self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime]) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock

    def suspend(
        self, company_id: int, reason: str, *, actor: str, user_id: int | None = None,
        from_at: datetime | None = None, until: datetime | None = None,
    ) -> SuspensionView:  # fmt: skip
        """Give a company no orders from now, or `from_at`, `until` a time or until it is lifted.

        The open case that suggested it is closed with the same words. Raises NotFound, Invalid without words or for
        times that make no sense, and Conflict when the company is suspended already.
        """
        now = self._clock()
        begin, words = from_at or now, reason.strip()
        if not words:
            raise Invalid("a company is suspended with a reason: say why in words")
        if until is not None and until <= max(begin, now):
            raise Invalid("a suspension ends after it begins, and in time to come; leave the end out if it is open")
        with self._unit_of_work() as session:
            if session.get(Company, company_id, with_for_update=True) is None:
                raise NotFound(f"there is no company {company_id}")
            if company_id in suspended_now(session, max(begin, now)):
                raise Conflict("this company is suspended already: lift that first, to decide anew")
            row = CompanySuspension(
                company_id=company_id, from_at=begin, until_at=until, reason=words, decided_at=now, decided_by=actor,
                lifted_reason="",
            )  # fmt: skip
            session.add(row)
            session.flush()
            self._settle(session, company_id, f"suspended: {words}", now, actor=actor, user_id=user_id)
            return _view(row)

    def lift(self, company_id: int, reason: str, *, actor: str) -> SuspensionView:
        """Give a company orders again; of suspensions that have not begun the next is lifted.

        Raises NotFound when nothing is to be lifted, and Invalid without words.
        """
        now, words = self._clock(), reason.strip()
        if not words:
            raise Invalid("a suspension is lifted with a reason: say why in words")
        with self._unit_of_work() as session:
            query = (
                select(CompanySuspension)
                .where(CompanySuspension.company_id == company_id, CompanySuspension.lifted_at.is_(None))
                .where(or_(CompanySuspension.until_at.is_(None), CompanySuspension.until_at > now))
                .order_by(CompanySuspension.from_at)
                .limit(1)
                .with_for_update()
            )
            row = session.scalar(query)
            if row is None:
                raise NotFound(f"company {company_id} is not suspended")
            row.lifted_at, row.lifted_by, row.lifted_reason = now, actor, words
            session.flush()
            return _view(row)

    def now(self, company_id: int) -> SuspensionView | None:
        """Give the suspension that holds now, if there is one."""
        with self._reading() as session:
            row = suspended_now(session, self._clock()).get(company_id)
            return _view(row) if row is not None else None

    def history(self, company_id: int) -> tuple[SuspensionView, ...]:
        """Give all decisions about a company, the newest first."""
        query = select(CompanySuspension).where(CompanySuspension.company_id == company_id)
        with self._reading() as session:
            return tuple(_view(each) for each in session.scalars(query.order_by(CompanySuspension.id.desc())))

    def left_with(self, company_id: int) -> tuple[Left, ...]:
        """Give the accepted orders of a company that nobody has begun, the next first."""
        query = (
            select(Order)
            .where(Order.company_id == company_id, Order.state == OrderState.ACCEPTED.value)
            .order_by(Order.due_at, Order.id)
        )
        with self._reading() as session:
            return tuple(Left(each.id, each.number, each.item.name, each.due_at) for each in session.scalars(query))

    def offered_to(self, company_id: int) -> tuple[int, ...]:
        """Give the orders that wait for a company's answer."""
        query = select(Offer.order_id).where(Offer.company_id == company_id, Offer.state == "open")
        with self._reading() as session:
            return tuple(session.scalars(query.order_by(Offer.id)))

    def _settle(
        self, session: Session, company_id: int, words: str, now: datetime, *, actor: str, user_id: int | None
    ) -> None:
        """Close the cases that suggested it: somebody has decided."""
        query = (
            select(Case)
            .join(CompanySuggestion, CompanySuggestion.case_id == Case.id)
            .where(CompanySuggestion.company_id == company_id, Case.state == "open")
        )
        for case in session.scalars(query).all():
            case.state, case.closed_at, case.closed_by, case.outcome = "closed", now, user_id, words
            session.add(CaseEvent(case_id=case.id, at=now, actor=actor, what="closed", detail=words))


def _view(row: CompanySuspension) -> SuspensionView:
    return SuspensionView(
        row.id, row.company_id, row.from_at, row.until_at, row.reason, row.decided_at, row.decided_by, row.lifted_at,
        row.lifted_by, row.lifted_reason,
    )  # fmt: skip
