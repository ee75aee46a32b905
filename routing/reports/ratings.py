"""What elders said of services: by channel, company, item and day, with how many of those asked answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from db.models import Company, Order, Rating, ServiceItem
from db.slots import quarter_of
from routing.outreach.responses.counts import count
from routing.outreach.responses.policy import Counts
from routing.reports.tables import Column, Kind, Picture, Table, Value, mean, share

LOW = 2
"""A score of 2 or less is a complaint (docs/replies.md)."""
_SCORES = (
    Column("scores"), Column("score_mean", Kind.SCORE), Column("low"), Column("low_share", Kind.SHARE),
)  # fmt: skip
_CHANNELS = (
    Column("channel", Kind.WORD, "report_channel"), Column("asked"), Column("replied"),
    Column("reply_share", Kind.SHARE), *_SCORES,
)  # fmt: skip
_COMPANIES = (
    Column("company", Kind.TEXT), Column("done"), Column("confirmed"), Column("confirmed_share", Kind.SHARE), *_SCORES,
)  # fmt: skip
_TREND = (Column("interval", Kind.TEXT), *_SCORES)


@dataclass(frozen=True)
class Scores:
    """Scores, which add up."""

    number: int = 0
    total: int = 0
    low: int = 0

    def __add__(self, other: Scores) -> Scores:
        return Scores(self.number + other.number, self.total + other.total, self.low + other.low)

    @property
    def cells(self) -> tuple[Value, ...]:
        """The cells of a row."""
        return (self.number, mean(self.total, self.number), self.low, share(self.low, self.number))


def quarters(session: Session, begin: datetime, end: datetime) -> dict[int, Scores]:
    """Count the latest words by the quarter of an hour in which they were said."""
    return _scores(session, begin, end, quarter_of(Rating.at))


def trend_table(rows: list[tuple[str, Scores]], total: Scores) -> Table:
    """Draw up the course."""
    lines = tuple((label, *counted.cells) for label, counted in rows)
    return Table("trend", _TREND, lines, ("", *total.cells), Picture(lines=("score_mean",), bars=("scores", "low")))


def group_tables(session: Session, begin: datetime, end: datetime) -> tuple[Table, Table, Table]:
    """Draw up the tables by channel, company and item."""
    asked = sum(count(session, [begin, end], "week").values(), Counts())
    by_channel = _scores(session, begin, end, Rating.channel, latest=False)
    questions = {"call": (asked.call_asked, asked.call_answered), "sms": (asked.sms_sent, asked.sms_answered)}
    channels: list[tuple[Value, ...]] = []
    for channel in ("call", "sms", "desk"):
        number, answered = questions.get(channel, (None, None))
        replied = share(answered, number) if answered is not None and number is not None else None
        channels.append((channel, number, answered, replied, *by_channel.get(channel, Scores()).cells))
    replies = count(session, [begin, end], "company")
    by_company = _scores(session, begin, end, Company.code)
    names = {row.code: row.name for row in session.execute(select(Company.code, Company.name))}
    companies: list[tuple[Value, ...]] = []
    for code in sorted({*by_company, *(each for each in replies if each)}):
        told = replies.get(code, Counts())
        companies.append(
            (names.get(code, code), told.done, told.confirmed, share(told.confirmed, told.done),
             *by_company.get(code, Scores()).cells)
        )  # fmt: skip
    items = tuple((item, *each.cells) for item, each in sorted(_scores(session, begin, end, ServiceItem.name).items()))
    named = {row.name: row.name_en for row in session.execute(select(ServiceItem.name, ServiceItem.name_en))}
    by_item = Column("item", Kind.NAME, english=named)
    everywhere = sum(by_company.values(), Scores())
    confirmed = ("", asked.done, asked.confirmed, share(asked.confirmed, asked.done), *everywhere.cells)
    return (
        Table("channels", _CHANNELS, tuple(channels), picture=Picture(lines=("reply_share",), bars=("scores", "low"))),
        Table("rated_companies", _COMPANIES, tuple(companies), confirmed, Picture(bars=("score_mean",))),
        Table("rated_items", (by_item, *_SCORES), items, None, Picture(bars=("score_mean",))),
    )


def _scores(session: Session, begin: datetime, end: datetime, key: Any, *, latest: bool = True) -> dict[Any, Scores]:
    """Count by `key`: of each order the elder's latest word alone, whatever its channel, unless every one is wanted."""
    later = aliased(Rating)
    newer = exists().where(
        later.order_id == Rating.order_id, later.score.is_not(None),
        or_(later.at > Rating.at, and_(later.at == Rating.at, later.id > Rating.id)),
    )  # fmt: skip
    each = (
        select(key.label("key"), Rating.score.label("score"), case((Rating.score <= LOW, 1), else_=0).label("low"))
        .select_from(Rating)
        .join(Order, Order.id == Rating.order_id)
        .join(ServiceItem, ServiceItem.id == Order.item_id)
        .outerjoin(Company, Company.id == Order.company_id)
        .where(Rating.at >= begin, Rating.at < end, Rating.score.is_not(None), *([~newer] if latest else []))
        .subquery()
    )
    query = select(each.c.key, func.count(), func.sum(each.c.score), func.sum(each.c.low)).group_by(each.c.key)
    return {
        found if found is not None else "–": Scores(number, int(total), int(low))
        for found, number, total, low in session.execute(query)
    }
