"""Calls that are owed, within a unit of work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from db.models import Callback
from routing.writing import insert_once

CLAIMING = 0x63616C6C  # "call" in ASCII.
"""Whoever claims calls, or undoes claims, is alone with it (`routing.writing.one_at_a_time`)."""


def after_service_cause(order_id: int) -> str:
    """Name the call that asks how a service was."""
    return f"after-service-order-{order_id}"


def owe(
    session: Session,
    now: datetime,
    *,
    cause: str,
    kind: str,
    flow: str,
    reference: str,
    number: str,
    due_at: datetime | None = None,
    elder_id: int | None = None,
    order_id: int | None = None,
    call_id: str | None = None,
) -> Callback:
    """Owe a call, once per cause; without `due_at` it is due now.

    `flow` is what the answered call runs; empty: a person makes the call. `number` is E.164.
    """
    row = Callback(
        cause=cause, kind=kind, flow=flow, reference=reference, number=number, elder_id=elder_id, order_id=order_id,
        state="due", due_at=due_at or now, attempts=0, created_at=now, updated_at=now, last_outcome="",
        call_id=call_id,
    )  # fmt: skip
    kept, _new = insert_once(session, row, Callback.cause == cause)
    return kept


def cancel(session: Session, cause: str, now: datetime) -> None:
    """Let go of a call that is owed and not being made: what it was about is settled."""
    session.execute(
        update(Callback)
        .where(Callback.cause == cause, Callback.state == "due")
        .values(state="cancelled", updated_at=now)
        .execution_options(synchronize_session=False)
    )
