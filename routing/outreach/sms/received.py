"""Messages that came: written once, in bursts, and what became of each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from db.models import SmsMessage
from routing.outreach.ratings import Reading, ReplyKind
from routing.writing import insert_once

_AGAIN: Final = ("40001", "40P01")
"""PostgreSQL ended one of two transactions that waited for each other: by itself each goes."""


@dataclass(frozen=True)
class Came:
    """A message as the carrier brings it; `ts` is when it was sent, in the carrier's own form."""

    carrier_id: str
    sender: str = field(repr=False)
    to: str
    text: str = field(repr=False)
    ts: str = ""


@dataclass(frozen=True)
class Received:
    """What became of a message. `repeated`: it was here before, and nothing was done again; `answered`: an answer waits
    in the outbox."""

    id: int
    state: str
    reading: Reading
    order_id: int | None = None
    case_id: int | None = None
    repeated: bool = False
    answered: bool = False


def keep(session: Session, came: Sequence[SmsMessage]) -> list[SmsMessage]:
    """Write messages, once per key, and give for each the row that holds it: its own, or the one of before."""
    keys = {each.key for each in came}
    known = {each.key: each for each in session.scalars(select(SmsMessage).where(SmsMessage.key.in_(keys)))}
    new: dict[str, SmsMessage] = {}
    for each in came:
        if each.key not in known:
            new.setdefault(each.key, each)
    try:
        with session.begin_nested():
            session.add_all(new.values())
    except IntegrityError:  # Another process was faster with one of them.
        for key, each in new.items():
            new[key], _is_new = insert_once(session, each, SmsMessage.key == key)
    return [known.get(each.key) or new[each.key] for each in came]


def last_of_each(ids: Sequence[int]) -> Select[bytes, int]:
    """Ask for the senders of messages, and which of them is each one's last."""
    which = SmsMessage.id.in_(ids)
    return (
        select(SmsMessage.number_index, func.max(SmsMessage.id).label("last"))
        .where(which)
        .group_by(SmsMessage.number_index)
    )


def unread(senders: Collection[bytes], until: int) -> Select[SmsMessage]:
    """Ask for what these senders wrote and nobody has read yet, the oldest first."""
    return (
        select(SmsMessage)
        .where(SmsMessage.number_index.in_(senders), SmsMessage.id <= until)
        .where(SmsMessage.direction == "in", SmsMessage.state == "received")
        .order_by(SmsMessage.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def in_turns(messages: Sequence[SmsMessage]) -> list[list[SmsMessage]]:
    """Part messages so that each part has one of a sender, and each sender's come in their order."""
    turns, came = list[list[SmsMessage]](), Counter[bytes]()
    for each in messages:
        if came[each.number_index] == len(turns):
            turns.append([])
        turns[came[each.number_index]].append(each)
        came[each.number_index] += 1
    return turns


def is_away(error: SQLAlchemyError) -> bool:
    """Tell whether the database is at fault, and not what is to be written."""
    if getattr(getattr(error, "orig", None), "sqlstate", None) in _AGAIN:
        return False
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout | InternalError)


def as_it_was(message: SmsMessage) -> Received:
    """Give what became of a message that was read before."""
    understood: dict[str, Any] = json.loads(message.understood) if message.understood else {"kind": "unclear"}
    reading = Reading(
        ReplyKind(understood["kind"]), understood.get("score"), understood.get("words", ""), understood.get("done")
    )
    return Received(message.id, message.state, reading, message.order_id, repeated=True)
