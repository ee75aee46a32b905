"""Scores: one for each order and channel, the elder's latest word wins, what was said before is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.models import Case, Company, Order, Rating, Worker
from db.session import UnitOfWork
from routing.calls.messages import Message
from routing.errors import Conflict, Invalid
from routing.orders.cases import open_case
from routing.orders.commands import Act, Close, Dispute, Rate
from routing.orders.lifecycle import load, perform
from routing.orders.policy import OrderState, may_move
from routing.orders.views import OrderView, order_view

log = structlog.get_logger(__name__)

LOW = 3
"""A score below this opens a complaint."""
COMPLAINT_DUE = timedelta(hours=24)
_ORDER_CHANNEL = {"call": "phone_key", "sms": "sms", "desk": "desk"}
_CAN_BE_RATED = frozenset({OrderState.DONE, OrderState.RATED, OrderState.CLOSED, OrderState.DISPUTED})


class NotDoneYet(Conflict):
    """The order has not been done, or was cancelled: there is nothing to rate."""

    code = "not_done_yet"


@dataclass(frozen=True)
class Scored:
    """What became of a score."""

    order: OrderView
    score: int | None
    done: bool | None
    complaint_case_id: int | None


class Ratings:
    """Writes scores, and what follows from them."""

    def __init__(
        self,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        publish: Callable[[Message], None],
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._publish = publish

    def score(
        self,
        order_id: int,
        channel: str,
        *,
        score: int | None = None,
        done: bool | None = None,
        remark: str | None = None,
        actor: str | None = None,
    ) -> Scored:
        """Write what the elder says of an order; `channel` is call, sms or desk.

        Below `LOW`, or not done: a complaint opens and the order is disputed. Raises NotFound, NotDoneYet and Invalid.
        """
        messages: list[Message] = []
        with self._unit_of_work() as session:
            scored = self.score_within(
                session, order_id, channel, messages, score=score, done=done, remark=remark, actor=actor
            )
        for message in messages:
            self._publish(message)
        return scored

    def score_within(
        self,
        session: Session,
        order_id: int,
        channel: str,
        messages: list[Message],
        *,
        score: int | None = None,
        done: bool | None = None,
        remark: str | None = None,
        actor: str | None = None,
    ) -> Scored:
        """Do it within a unit of work; whoever ends that publishes `messages`."""
        if channel not in _ORDER_CHANNEL or (score is not None and not 1 <= score <= 5):
            raise Invalid("a score is 1 to 5, by call, sms or desk")
        now = self._clock()
        order = load(session, order_id)
        if OrderState(order.state) not in _CAN_BE_RATED:
            raise NotDoneYet(f"order {order.number} is {order.state}")
        ratings = list(session.scalars(select(Rating).where(Rating.order_id == order.id)))
        before = _effective(ratings)
        rating = _write(session, order, ratings, channel, score=score, done=done, remark=remark, now=now)
        self._add_up(session, order, before, _effective(ratings))
        act = Act(actor or f"elder:{order.elder_id}", _ORDER_CHANNEL[channel], now, _in_words(score, done))
        case_id = None
        if (score is not None and score < LOW) or done is False:
            case_id = self._complain(session, order, act, messages)
        elif score is not None and order.state == OrderState.DONE.value:
            messages += perform(session, order, Rate(score), act)
        return Scored(order_view(order), rating.score, rating.done, case_id)

    def close_rated(self, older_than: timedelta, limit: int = 200) -> int:
        """Close orders that were rated so long ago; give how many."""
        return self._close(OrderState.RATED, older_than, "rated, and nothing more was said", limit)

    def close_unscored(self, older_than: timedelta, limit: int = 200) -> int:
        """Close orders that were done so long ago and got no score; give how many. A late word still disputes them."""
        return self._close(OrderState.DONE, older_than, "asked about, and nobody gave a score", limit)

    def _close(self, state: OrderState, older_than: timedelta, why: str, limit: int) -> int:
        now, messages = self._clock(), list[Message]()
        before = now - older_than
        query = select(Order.id).where(Order.state == state.value, Order.updated_at < before)
        with self._reading() as session:
            found = session.scalars(query.order_by(Order.id).limit(limit)).all()
        if not found:
            return 0
        with self._unit_of_work() as session:
            for order_id in found:
                order = load(session, order_id)
                if order.state == state.value and order.updated_at < before:  # Still.
                    messages += perform(session, order, Close(), Act("system", "job", now, why))
        for message in messages:
            self._publish(message)
        return len(messages)

    def _add_up(self, session: Session, order: Order, before: int | None, after: int | None) -> None:
        """Adjust the sums of company and worker: a changed score replaces the one before."""
        if before == after:
            return
        by, count = (after or 0) - (before or 0), (after is not None) - (before is not None)
        for kind, its_id in ((Company, order.company_id), (Worker, order.worker_id)):
            if its_id is not None:
                session.execute(
                    update(kind)
                    .where(kind.id == its_id)
                    .values(rating_sum=kind.rating_sum + by, rating_count=kind.rating_count + count)
                    .execution_options(synchronize_session=False)  # Nobody reads the sums within the same work.
                )

    def _complain(self, session: Session, order: Order, act: Act, messages: list[Message]) -> int:
        """Open a complaint unless one is open for this order, and dispute the order."""
        mine = (Case.order_id == order.id, Case.kind == "complaint")
        case = session.scalar(select(Case).where(*mine, Case.state == "open"))
        if case is None:
            earlier = session.scalar(select(func.count()).select_from(Case).where(*mine)) or 0
            case, opened = open_case(
                session, act.at, key=f"complaint-order-{order.id}-{earlier + 1}", kind="complaint",
                elder_id=order.elder_id, order_id=order.id, due_at=act.at + COMPLAINT_DUE, actor=act.actor,
                note=act.reason,
            )  # fmt: skip
            if opened:
                messages.append(opened)
        if may_move(OrderState(order.state), OrderState.DISPUTED):
            messages += perform(session, order, Dispute(), act)
        return case.id


def _write(
    session: Session, order: Order, ratings: list[Rating], channel: str, *, score: int | None, done: bool | None,
    remark: str | None, now: datetime,
) -> Rating:  # fmt: skip
    """Write the word of one channel among all `ratings` of an order, which is locked: nobody else writes another."""
    latest = max((each.at for each in ratings if each.channel != channel), default=None)
    rating = next((each for each in ratings if each.channel == channel), None)
    if rating is None:
        rating = Rating(order_id=order.id, channel=channel, history="")
        ratings.append(rating)
        session.add(rating)
    elif (rating.score, rating.done) != (score, done):
        earlier = json.loads(rating.history) if rating.history else []
        earlier.append({"score": rating.score, "done": rating.done, "at": rating.at.isoformat()})
        rating.history = json.dumps(earlier)
    rating.score = score if score is not None or done is False else rating.score
    rating.done = done if done is not None else rating.done
    rating.remark = remark or rating.remark
    # The latest word is the one that came last, also if the clock was set back since the one before.
    rating.at = max(now, latest + timedelta(microseconds=1)) if latest is not None else now
    session.flush()
    return rating


def _effective(ratings: Sequence[Rating]) -> int | None:
    """Give the score that counts: the latest, whatever its channel."""
    scored = [each for each in ratings if each.score is not None]
    return max(scored, key=lambda each: (each.at, each.id)).score if scored else None


def _in_words(score: int | None, done: bool | None) -> str:
    if done is False:
        return "the elder says that it was not done"
    return f"score {score}" if score is not None else "done, without a score"
