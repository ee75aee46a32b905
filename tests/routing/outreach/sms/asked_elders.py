"""Elders who were served today and asked for a score by SMS, as many as are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from db.models import Company, Elder, ElderPhone, Order, ServiceItem, SmsMessage, Worker
from db.session import UnitOfWork
from routing.outreach.reach import NumberIndex
from routing.outreach.sms.texts import RATING_QUESTION

_DISTRICT = "问分里"


def ask(unit_of_work: UnitOfWork, index: NumberIndex, numbers: Sequence[str], now: datetime) -> None:
    """Have each of these numbers (E.164) belong to an elder whose visit is done, and who has our question."""
    with unit_of_work() as work:
        item, company, worker = (work.scalars(select(each).limit(1)).one() for each in (ServiceItem, Company, Worker))
        for at, number in enumerate(numbers):
            elder = Elder(
                code=f"asked-{at}", name="问分", name_index=bytes(16), sex="unknown", district=_DISTRICT,
                created_at=now, updated_at=now,
            )  # fmt: skip
            elder.phones = [ElderPhone(number=number, number_index=index(number), kind="mobile")]
            order = Order(
                number=f"7{at:07d}", key=f"asked-{at}", elder=elder, item=item, company=company, worker=worker,
                state="done", source="agent", due_at=now - timedelta(hours=2), price_fen=0,
                elder_pays_fen=0, price_reason="", created_at=now, updated_at=now,
            )  # fmt: skip
            work.add(order)
            work.flush()
            question = SmsMessage(
                key=f"asked-{at}", direction="out", number=number, number_index=index(number), text="请回复1到5分",
                state="delivered", elder_id=elder.id, order_id=order.id, question=RATING_QUESTION, attempts=1,
                created_at=now - timedelta(hours=1), sent_at=now - timedelta(hours=1), number_to="12349",
            )  # fmt: skip
            work.add(question)


def let_go(unit_of_work: UnitOfWork) -> None:
    """Let go of these elders; what happened to them must be gone."""
    with unit_of_work() as work:
        theirs = select(Elder.id).where(Elder.district == _DISTRICT)
        work.execute(delete(ElderPhone).where(ElderPhone.elder_id.in_(theirs)))
        work.execute(delete(Elder).where(Elder.district == _DISTRICT))
