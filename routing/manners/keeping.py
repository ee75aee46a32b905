"""How manners are kept in the database: a history as bounded JSON, and one row as it is read. What cannot be read
counts as never learnt: an elder is spoken with as usual rather than not at all."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from typing import Any

import structlog

from routing.manners.fares import End, Fare, History, Ordered
from routing.manners.manner import Manner
from routing.manners.policy import MOST_FARES, learn
from routing.manners.wishes import Wishes, manner_of

log = structlog.get_logger(__name__)

MOST_ORDERS = 20
"""The latest orders kept: in 60 days whoever orders daily has more, and they say the same."""


def write_history(history: History) -> str:
    """The latest talks and orders, as JSON."""
    return json.dumps(
        {
            "fares": [_fare_row(each) for each in history.fares[-MOST_FARES:]],
            "orders": [[each.day.toordinal(), each.item_id] for each in history.orders[-MOST_ORDERS:]],
        },
        separators=(",", ":"),
    )


def read_history(kept: str) -> History:
    """Read `write_history`; empty for nothing, and for what is not of ours."""
    if not kept:
        return History()
    try:
        rows = json.loads(kept)
        return History(
            tuple(_fare_of(*row) for row in rows["fares"]),
            tuple(Ordered(date.fromordinal(day), item_id) for day, item_id in rows["orders"]),
        )
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        log.warning("manners.history_unreadable", error=type(error).__name__)
        return History()


def read_by(kept: str | None) -> dict[str, str]:
    """Who set which part."""
    try:
        names = json.loads(kept) if kept else {}
    except ValueError:
        return {}
    return names if isinstance(names, dict) else {}


def manner_in(row: Any, today: date) -> Manner:
    """The manner of a row with the columns of `Elder` and `ElderManner`, those of the latter None if there is none."""
    # Without a word of a person the record's "no" is nobody's wish.
    straight = row.straight_to_person if row.straight_to_person or row.straight_set else None
    return _manner(
        row.language, row.dialect, row.hearing, straight, row.slow, row.loud, row.key_seconds, row.hints,
        row.favourite_offered, row.set_by or "", row.learnt or "", today,
    )  # fmt: skip


@lru_cache(maxsize=1024)  # Most elders are spoken with as usual, and a look-up is told in fractions of a millisecond.
def _manner(*columns: Any) -> Manner:
    *wished, set_by, learnt, today = columns
    return manner_of(Wishes(*(*wished, read_by(set_by))), learn(read_history(learnt), today))


def _fare_row(fare: Fare) -> list[Any]:
    return [
        fare.day.toordinal(), fare.questions, fare.hints, fare.wrong_keys, fare.silences, fare.deliveries,
        int(fare.slow), int(fare.loud), int(fare.delivery_chosen), fare.latest_key_seconds, fare.end.value, fare.eased,
        fare.patience,
    ]  # fmt: skip


def _fare_of(day: int, *rest: Any) -> Fare:
    questions, hints, wrong, silences, deliveries, slow, loud, chosen, latest, end, eased, patience = rest
    return Fare(
        date.fromordinal(day), questions, hints, wrong, silences, deliveries, bool(slow), bool(loud), bool(chosen),
        latest, End(end), eased, patience,
    )  # fmt: skip
