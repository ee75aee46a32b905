"""How companies did in a period, and what came of it in money. The counts are those of scorecards."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from db.models import Company, Order
from routing.orders.policy import OrderState
from routing.orders.scorecards.counts import count
from routing.orders.scorecards.policy import Counts, scorecard
from routing.reports.tables import Column, Kind, Picture, Table, Value, mean

_OWED = (OrderState.DONE.value, OrderState.RATED.value, OrderState.CLOSED.value)
COLUMNS = (
    Column("company", Kind.TEXT), Column("offers"), Column("accepted"), Column("acceptance", Kind.SHARE),
    Column("visits_begun"), Column("punctuality", Kind.SHARE), Column("visits"), Column("verified", Kind.SHARE),
    Column("scores"), Column("score_mean", Kind.SCORE), Column("score", Kind.SCORE), Column("complaints"),
    Column("upheld"), Column("disputes"), Column("done"), Column("price", Kind.FEN), Column("elders_pay", Kind.FEN),
    Column("owed", Kind.FEN),
)  # fmt: skip
_Money = tuple[int, int, int]


def companies_table(session: Session, begin: datetime, end: datetime, now: datetime) -> Table:
    """Draw up a row for each company that works, or did anything between two instants."""
    counted = {company: counts for (company, _), counts in count(session, [begin, end], now).items()}
    money = _money(session, begin, end)
    rows = []
    total, sums = Counts(), (0, 0, 0)
    for company, name, active in session.execute(select(Company.id, Company.name, Company.active).order_by(Company.id)):
        if not active and company not in counted and company not in money:
            continue
        counts, amounts = counted.get(company, Counts()), money.get(company, (0, 0, 0))
        rows.append(_row(name, counts, amounts))
        total = total + counts
        sums = (sums[0] + amounts[0], sums[1] + amounts[1], sums[2] + amounts[2])
    picture = Picture(lines=("acceptance", "punctuality", "verified"), bars=("done", "complaints"))
    return Table("companies", COLUMNS, tuple(rows), _row("", total, sums), picture)


def _row(name: str, counts: Counts, amounts: _Money) -> tuple[Value, ...]:
    card = scorecard(counts)
    return (
        name, counts.answered, counts.accepted, card.acceptance.value, counts.begun, card.punctuality.value,
        counts.visits, card.verified.value, counts.score_count, mean(counts.score_sum, counts.score_count), card.score,
        counts.complaints, counts.upheld, counts.disputes, counts.done, *amounts,
    )  # fmt: skip


def _money(session: Session, begin: datetime, end: datetime) -> dict[int, _Money]:
    """Settled orders, without disputed ones, by when they were settled: price, elders' shares, owed to the company."""
    amounts = [
        cast(func.coalesce(func.sum(column), 0), Integer)
        for column in (Order.settled_price_fen, Order.settled_pays_fen, Order.owed_fen)
    ]
    query = (
        select(Order.company_id, *amounts)
        .where(
            Order.settled_at >= begin, Order.settled_at < end, Order.state.in_(_OWED), Order.company_id.is_not(None)
        )
        .group_by(Order.company_id)
    )  # fmt: skip
    return {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in session.execute(query) if row[0] is not None}
