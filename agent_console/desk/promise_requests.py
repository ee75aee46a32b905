"""Asking the router to let go of a promised call-back, for desk and API alike: load, check, write it down, ask."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_console.identity import Identity
from agent_console.privacy import write_down
from agent_console.services import ConsoleServices
from db.models import Callback
from routing.calls.promise_book import PromiseState
from routing.errors import Conflict, Invalid, NotFound
from routing.outreach.promises import KIND


def open_promises(work: Session, elder_id: int) -> Sequence[Callback]:
    """Give the call-backs that an elder was promised and waits for."""
    query = select(Callback).where(
        Callback.kind == KIND, Callback.state == PromiseState.DUE.value, Callback.elder_id == elder_id
    )
    return work.scalars(query.order_by(Callback.id)).all()


def cancel_promise(services: ConsoleServices, who: Identity, callback_id: int, reason: str) -> Callback:
    """Ask the router not to make a promised call; a moment later it is `cancelled`. Asking twice changes nothing.

    Raises NotFound, Invalid without a reason, and Conflict when it is no promise, or not open any more.
    """
    if not reason:
        raise Invalid("say why the call is not wanted any more")
    with services.reading() as work:
        promise = work.get(Callback, callback_id)
    if promise is None:
        raise NotFound(f"there is no call-back {callback_id}")
    if promise.kind != KIND:
        raise Conflict("only a call that somebody in hold was promised can be cancelled")
    if promise.state != PromiseState.DUE.value:
        raise Conflict(f"this call-back is {promise.state} already")
    write_down(services, who, "promise.cancel", f"callback:{callback_id}", reason)
    services.tickets.cancel_promise(promise.cause, who.actor)
    return promise
