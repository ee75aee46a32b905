"""What elders and workers are told by SMS as an order goes on, within the unit of work that moves it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from db.models import Company, Elder, Order, Worker
from routing.calls.address import form_of_address, surname
from routing.orders.policy import OrderState
from routing.outreach.reach import number_for_sms
from routing.outreach.sms import texts
from routing.outreach.sms.outbox import Sms
from routing.outreach.sms.policy import SmsKind

log = structlog.get_logger(__name__)


class Notices:
    """Queues the messages of an order. Each has a key of its own, of the order and its version: no step repeated tells
    anyone twice, and whoever gets an order back is told again."""

    def __init__(self, sms: Sms, zone: ZoneInfo, visits_did: str) -> None:
        self._sms = sms
        self._zone = zone
        self._visits_did = visits_did

    def accepted(self, session: Session, order: Order, now: datetime) -> None:
        """Tell the elder who will come and when, and the worker where to go."""
        when = texts.moment(order.due_at.astimezone(self._zone), now.astimezone(self._zone))
        number = number_for_sms(order.elder)
        if number is None:
            log.warning("notices.elder_without_number", order_id=order.id)
        else:
            who = worker_address(order.worker.name) if order.worker else order.company.name if order.company else ""
            self._sms.enqueue(
                session, key=f"sms-accepted-{order.id}-{order.version}", number=number,
                elder_id=order.elder_id, order_id=order.id,
                text=texts.accepted(order.item.name, who, when, order.number),
            )  # fmt: skip
        if order.worker is not None:
            self._sms.enqueue(
                session, key=f"sms-assigned-{order.id}-{order.version}", number=order.worker.phone,
                order_id=order.id,
                text=texts.assigned(
                    item=order.item.name, number=order.number, when=when,
                    elder=elder_address(order.elder, now.astimezone(self._zone)),
                    place=order.elder.address or order.elder.district, visits_did=self._visits_did,
                ),
            )  # fmt: skip

    def cancelled(self, session: Session, order: Order, now: datetime) -> None:
        """Tell whoever was to come that nobody waits for them any more: the worker, or the company that has named none.

        Call it once the order is cancelled, within the same unit of work.
        """
        called_off = order.worker or order.company
        if called_off is None:
            log.warning("notices.nobody_to_call_off", order_id=order.id)
            return
        when = texts.moment(order.due_at.astimezone(self._zone), now.astimezone(self._zone))
        self._sms.enqueue(
            session, key=f"sms-cancelled-{order.id}-{order.version}", number=called_off.phone, order_id=order.id,
            text=texts.cancelled(order.item.name, when, order.number),
        )  # fmt: skip

    def taken_back(self, session: Session, order: Order, former: Worker | Company, now: datetime) -> None:
        """Tell who was to come that others have the order now, or that others are sought."""
        when = texts.moment(order.due_at.astimezone(self._zone), now.astimezone(self._zone))
        self._sms.enqueue(
            session, key=f"sms-taken-back-{order.id}-{order.version}", number=former.phone, order_id=order.id,
            text=texts.taken_back(order.item.name, when, order.number),
        )  # fmt: skip

    def pin_locked(self, session: Session, worker: Worker, key: str) -> None:
        """Tell the company whose worker's PIN is locked, at any hour: somebody may be trying it."""
        self._sms.enqueue(
            session, key=f"sms-{key}-{worker.id}", number=worker.company.phone, text=texts.pin_locked(worker.name),
            kind=SmsKind.URGENT,
        )  # fmt: skip


def to_call_off(order: Order) -> Worker | Company | None:
    """Who must be told if an order is taken away: the worker who is to come, or the company that has named none."""
    return (order.worker or order.company) if order.state == OrderState.ACCEPTED.value else None


def worker_address(name: str) -> str:
    """Say who comes: 李师傅 of 李小梅; a name of another form stays as it is."""
    return f"{surname(name)}师傅" if surname(name) else name


def elder_address(elder: Elder, local_now: datetime) -> str:
    """Say how an elder is addressed: 王奶奶; a name of another form stays as it is."""
    born, today = elder.birth_date, local_now.date()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day)) if born else None
    form = elder.form_of_address or form_of_address(elder.sex, age)
    return f"{surname(elder.name)}{form}" if surname(elder.name) and form else elder.name
