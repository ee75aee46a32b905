"""The prices of the demo: tariffs that keep what its story speaks, and what the classes of payers have in a month."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import PayerRule, ServiceItem, Tariff

_EVER = date(2000, 1, 1)
BY_THE_HOUR = frozenset({"cleaning", "escort", "companionship"})
"""Codes of items whose tariff is for an hour, of which one is usual; the others are by the piece."""
MONTHLY_FEN = {"assisted": 30_000, "subsidised": 20_000}
"""300 yuan a month are free, and 200 yuan a month the subsidy: invented, of the size that districts publish."""


def load_prices(session: Session, items: dict[str, ServiceItem]) -> None:
    """Give each item without a tariff its own, and the classes their quotas where nobody has written a rule yet."""
    session.flush()
    now = datetime.now(UTC)
    priced = set(session.scalars(select(Tariff.item_id)))
    for code, item in items.items():
        if item.id not in priced:
            smallest, usual, largest = (60, 60, 480) if code in BY_THE_HOUR else (1, 1, 20)
            session.add(
                Tariff(
                    item_id=item.id, unit="hour" if code in BY_THE_HOUR else "piece", price_fen=item.price_fen,
                    smallest=smallest, usual=usual, largest=largest, valid_from=_EVER, made_at=now, made_by="demo",
                )
            )  # fmt: skip
    for rule in session.scalars(select(PayerRule).where(PayerRule.made_by == "migration")):
        if rule.payer_class in MONTHLY_FEN and rule.valid_to is None:
            rule.monthly_fen, rule.made_by = MONTHLY_FEN[rule.payer_class], "demo"
