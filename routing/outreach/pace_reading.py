"""What the pace of automatic calls rests on: the router's state in Redis, and what the last day's calls came to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from redis.exceptions import RedisError
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from db.models import CallAttempt, Callback, TicketRecord
from db.session import UnitOfWork
from routing.calls.agents import AgentBoard
from routing.calls.messages import AgentState, Intent
from routing.calls.records import TicketStage
from routing.calls.tickets import Tickets, living_calls
from routing.outreach.pacing import Because, Floor, Pace, PacingRules, pace
from routing.outreach.policy import ELDER_KINDS

log = structlog.get_logger(__name__)

WAITED = "elderline:pace:waited"
"""There while group messages stand still after somebody waited; its life is the time for which they do."""
WINDOW = timedelta(hours=24)
"""The share of abandoned calls is over the last day (Ofcom: each 24 hours)."""
FRESH_SECONDS = 10.0
"""The counts of the day are read again after so long; who waits and who is free, each time."""
_ANSWERED = ("answered", "done")
"""Answered by a person. A call in which nobody pressed a key ("not_reached") may have reached a machine: counted, it
would make the share look smaller than it is."""
_KINDS = ELDER_KINDS | {"look_in"}
"""Automatic calls in which 0 leads to a person."""
_OUT = frozenset({AgentState.LOGGED_OFF, AgentState.UNREACHABLE})


class PaceReader:
    """Reads how it stands, and asks the policy."""

    def __init__(
        self,
        *,
        tickets: Tickets,
        board: AgentBoard,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        rules: PacingRules,
        abandoned_after_seconds: float,
        quiet_seconds: float = 0.0,
    ) -> None:
        """`abandoned_after_seconds`: whoever asks for a person and waits longer has found nobody. `quiet_seconds`: it
        is calm when nobody was seen waiting for so long; 0: always."""
        self._tickets = tickets
        self._board = board
        self._reading = reading
        self._clock = clock
        self.rules = rules
        self._after = abandoned_after_seconds
        self._quiet_ms = round(quiet_seconds * 1000)
        self._counts = (0, 0, 0)
        self._read_at: datetime | None = None

    def pace(self) -> Pace:
        """Decide how many calls may be made now. While Redis is away none: nobody could be told to make them."""
        try:
            return pace(self.floor(), self.rules)
        except RedisError as error:
            log.warning("pace.not_read", error=type(error).__name__)
            return Pace(0, 0, Because.WAITING)

    def floor(self) -> Floor:
        """Give how it stands. Raises redis.RedisError and SQLAlchemyError."""
        waiting = [
            each for each in self._tickets.waiting()
            if each.stage is TicketStage.HELD and each.intent is not Intent.CALLBACK and not each.called_back
        ]  # fmt: skip
        agents = self._board.all()
        answered, asked, abandoned = self._of_the_day()
        return Floor(
            waiting=len(waiting),
            automatic=sum(not each.ticket_id for each in living_calls(self._tickets.redis)),
            agents_ready=sum(each.state is AgentState.READY for each in agents),
            agents_in=sum(each.state not in _OUT for each in agents),
            answered=answered, asked=asked, abandoned=abandoned, calm=self._is_calm(bool(waiting)),
        )  # fmt: skip

    def _is_calm(self, waits: bool) -> bool:
        """Tell whether nobody waits, or was seen waiting lately; asked each second by the worker's sweep."""
        if not self._quiet_ms:
            return not waits
        if waits:
            self._tickets.redis.set(WAITED, 1, px=self._quiet_ms)
        return not waits and not self._tickets.redis.exists(WAITED)

    def _of_the_day(self) -> tuple[int, int, int]:
        now = self._clock()
        if self._read_at is None or not timedelta(0) <= now - self._read_at < timedelta(seconds=FRESH_SECONDS):
            with self._reading() as session:
                self._counts = counts(session, now - WINDOW, self._after)
            self._read_at = now
        return self._counts


def counts(session: Session, since: datetime, abandoned_after_seconds: float) -> tuple[int, int, int]:
    """Count automatic calls to elders and relatives since then: answered by a person, asked for one of ours, found none
    in time."""
    answered = session.scalar(
        select(func.count())
        .select_from(CallAttempt)
        .join(Callback, Callback.id == CallAttempt.callback_id)
        .where(CallAttempt.at >= since, CallAttempt.outcome.in_(_ANSWERED), Callback.kind.in_(_KINDS))
    )
    placed = (
        TicketRecord.joined_at >= since, TicketRecord.intent == Intent.CALLBACK.value,
        TicketRecord.call_id.startswith("placed-"),
    )  # fmt: skip
    asked = session.scalar(select(func.count()).select_from(TicketRecord).where(*placed))
    late = or_(TicketRecord.end.in_(("abandoned", "fallback")), TicketRecord.waited_seconds > abandoned_after_seconds)
    abandoned = session.scalar(select(func.count()).select_from(TicketRecord).where(*placed, late))
    return answered or 0, asked or 0, abandoned or 0
