"""Scorecards and dispatch with 500 companies and 200,000 orders."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from db.demo import DEMO
from db.models import Company, CompanyItem, Worker
from routing.orders.candidates import asking, candidates
from tests.routing.town import ZONE, Town

pytestmark = pytest.mark.slow

COMPANIES, ORDERS = 500, 200_000
SECONDS = 30.0
"""A bound for a machine four times slower that is busy; here it takes a tenth. The figure is printed."""


_FILLING = (
    """CREATE TEMP TABLE made AS
       WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :orders)
       SELECT n, 1000 + (n * 7919) % :companies AS company,
              strftime('%Y-%m-%d %H:%M:%f', :first, (n * 89.0 / (:orders + 1)) || ' days') || '000' AS at FROM n""",
    """INSERT INTO orders (id, number, key, elder_id, item_id, company_id, state, version, source, due_at, price_fen,
                           elder_pays_fen, price_reason, note, created_at, updated_at)
       SELECT n, printf('%07d', n), 'm' || n, :elder, :item, company, 'done', 1, 'voice', at, 0, 0, '', x'', at, at
       FROM made""",
    """INSERT INTO offers (order_id, company_id, round, offered_at, expires_at, answered_at, state, reason)
       SELECT n, company, 1, at, at, strftime('%Y-%m-%d %H:%M:%f', at, (n % 600) || ' seconds') || '000',
              CASE n % 10 WHEN 0 THEN 'expired' ELSE 'accepted' END, '' FROM made""",
    """INSERT INTO visits (order_id, worker_id, elder_id, checked_in_at, checked_out_at, in_call_id, in_verified,
                           out_verified)
       SELECT n, :worker, :elder, at, at, '-', 1, n % 10 > 1 FROM made""",
    """INSERT INTO order_events (order_id, at, from_state, to_state, actor, channel, reason)
       SELECT n, at, 'visiting', 'done', '-', '-', '' FROM made""",
    """INSERT INTO ratings (order_id, channel, score, history, at) SELECT n, 'call', 1 + n % 5, '', at FROM made""",
    "DROP TABLE made",
)
"""Made by the database itself, which takes a tenth of the time that it takes to hand it over."""


def fill(town: Town) -> None:
    """Ninety days of orders, evenly among companies: nine in ten accepted, eight in ten visits verified."""
    elder, item, worker = town.elder_id(DEMO.wang), town.item_id("meal"), town.rows(Worker)[0].id
    with town.unit_of_work() as session:
        session.execute(
            insert(Company),
            [{"id": 1000 + n, "code": f"M{n}", "name": f"公司{n}", "phone": "-", "phone_index": b"-"}
             for n in range(COMPANIES)],
        )  # fmt: skip
        session.execute(insert(CompanyItem), [{"company_id": 1000 + n, "item_id": item} for n in range(COMPANIES)])
        first = (town.clock() - timedelta(days=89)).strftime("%Y-%m-%d %H:%M:%S")
        given = {
            "orders": ORDERS,
            "companies": COMPANIES,
            "first": first,
            "elder": elder,
            "item": item,
            "worker": worker,
        }
        for statement in _FILLING:
            session.execute(text(statement), given)
    with town.engine.connect() as connection:
        connection.execute(text("ANALYZE"))


def test_all_cards_are_counted_in_seconds_and_dispatch_reads_its_part_at_once(town: Town) -> None:
    fill(town)
    began = time.perf_counter()
    cards = [each for each in town.scorecards.all() if each.company_id >= 1000]
    counted = time.perf_counter() - began
    assert sum(each.card.counts.done for each in cards) == ORDERS
    assert sum(each.card.counts.accepted for each in cards) == ORDERS * 9 // 10
    assert sum(each.card.verified.part for each in cards) == ORDERS * 8 // 10
    began = time.perf_counter()
    town.scorecards.months(1000)
    months = time.perf_counter() - began
    town.scorecards.refresh()
    with town.reading() as session:
        order = asking(session, ORDERS)
        assert order is not None
        candidates(session, order, town.clock().astimezone(ZONE), frozenset())
        began = time.perf_counter()
        known = candidates(session, order, town.clock().astimezone(ZONE), frozenset()).offer_it
        read = time.perf_counter() - began
    assert len(known) >= COMPANIES
    assert all(each.acceptance is not None for each in known if each.company_id >= 1000)
    print(f"{COMPANIES} companies, {ORDERS} orders: all cards {counted:.2f} s, a year of one {months:.2f} s, "
          f"what a dispatch decision reads {1000 * read:.1f} ms")  # fmt: skip
    assert max(counted, months) < SECONDS
