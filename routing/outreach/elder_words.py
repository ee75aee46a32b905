"""What an elder says in the call after a service beyond a score: nobody came, a remark, no more calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from db.models import Callback, Case, CaseEvent
from db.session import UnitOfWork
from routing.calls.messages import Message
from routing.errors import NotFound
from routing.orders.cases import open_case
from routing.orders.commands import Act, Dispute
from routing.orders.lifecycle import load, perform
from routing.orders.policy import OrderState, may_move
from routing.outreach.consent import Channel, Purpose
from routing.outreach.consents import Consents

log = structlog.get_logger(__name__)

NOBODY_CAME_DUE = timedelta(hours=4)
"""An elder to whom nobody came still waits: sooner than a complaint about how it was."""


class ElderWords:
    """Writes it down, with what follows. Each may be said twice without harm."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        clock: Callable[[], datetime],
        publish: Callable[[Message], None],
        consents: Consents,
        leaves_messages: bool = True,
    ) -> None:
        """`leaves_messages`: whether a machine, or whoever presses nothing, is told who called."""
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._publish = publish
        self._consents = consents
        self._leaves_messages = leaves_messages

    def nobody_came(self, order_id: int, call_id: str) -> int:
        """Open a complaint about a service that nobody came for, dispute its order, and give the case. Raises
        NotFound."""
        now, told = self._clock(), list[Message]()
        with self._unit_of_work() as session:
            order = load(session, order_id)
            actor = f"elder:{order.elder_id}"
            case, opened = open_case(
                session, now, key=f"nobody-came-{order.id}", kind="complaint", elder_id=order.elder_id,
                order_id=order.id, call_id=call_id, due_at=now + NOBODY_CAME_DUE, actor=actor,
                note=f"the elder says that nobody came for order {order.number}",
            )  # fmt: skip
            if opened:
                told.append(opened)
            if may_move(OrderState(order.state), OrderState.DISPUTED):
                act = Act(actor, "phone_key", now, "the elder says that nobody came")
                told += perform(session, order, Dispute(), act)
            case_id = case.id
        self._tell(told)
        return case_id

    def somebody_came(self, order_id: int, call_id: str) -> None:
        """Ask a person to put in the times of a visit that nobody checked out of, or in to. Raises NotFound."""
        now, told = self._clock(), list[Message]()
        with self._unit_of_work() as session:
            order = load(session, order_id)
            _case, opened = open_case(
                session, now, key=f"somebody-came-{order.id}", kind="visit", elder_id=order.elder_id,
                order_id=order.id, call_id=call_id, actor=f"elder:{order.elder_id}",
                note=f"the elder says that somebody came for order {order.number}: put in the times of the visit",
            )  # fmt: skip
            if opened:
                told.append(opened)
        self._tell(told)

    def keep_remark(self, case_id: int, call_id: str, recording: str, number: str | None) -> None:
        """Tie what was recorded to the complaint that it is about; the first of a case stays. Raises NotFound."""
        now = self._clock()
        with self._unit_of_work() as session:
            case = session.get(Case, case_id, with_for_update=True)
            if case is None:
                raise NotFound(f"there is no case {case_id}")
            if case.recording is None:
                case.recording, case.call_id, case.number = recording, call_id, number
                session.add(CaseEvent(case_id=case.id, at=now, actor="caller", what="remark", detail="", key="remark"))

    def no_more(self, elder_id: int) -> None:
        """The elder wants no more such calls."""
        self._consents.note(
            elder_id=elder_id, channel=Channel.CALL.value, purpose=Purpose.SURVEY.value, given=False,
            by=f"elder:{elder_id}", how="phone_key",
        )  # fmt: skip

    def leaves_message(self, cause: str) -> bool:
        """Whether a machine is told who called: once for a cause, at its first attempt."""
        if not self._leaves_messages:
            return False
        with self._unit_of_work() as session:
            return (session.scalar(select(Callback.attempts).where(Callback.cause == cause)) or 0) <= 1

    def _tell(self, messages: list[Message]) -> None:
        for message in messages:
            try:
                self._publish(message)
            except Exception:  # What is written stands; a page that learns of it late is the lesser evil.
                log.warning("elder_words.not_published", exc_info=True)
