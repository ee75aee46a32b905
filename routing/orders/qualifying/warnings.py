"""Warnings before a certificate ends: to the company by SMS, to the desk as a case, each threshold once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from db.models import Case, Worker, WorkerCertificate
from db.session import UnitOfWork
from routing.calls.messages import Message
from routing.orders.cases import open_case
from routing.orders.notices import worker_address
from routing.orders.qualifying.policy import CLEARED, THRESHOLDS, VETTING, threshold
from routing.orders.qualifying.register import CertificateRegister
from routing.outreach.sms import texts
from routing.outreach.sms.outbox import Sms

log = structlog.get_logger(__name__)

A_ROUND = 200
OLD_NEWS = timedelta(days=7)
"""What ended so long ago without a warning (it was put in late, or we were away) is not told any more."""


@dataclass(frozen=True)
class Ending:
    """A certificate, or a background check, that ends. `subject` names it in keys."""

    subject: str
    worker_id: int
    kind: str
    expires: date


class CertificateWarnings:
    """Tells of what ends. Safe to run at any time, by any number of processes: the keys of case and SMS are the
    certificate, its last day and the threshold, so each is told once."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        publish: Callable[[Message], None],
        sms: Sms,
        register: CertificateRegister,
        zone: ZoneInfo,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._publish = publish
        self._sms = sms
        self._register = register
        self._zone = zone

    def sweep(self, limit: int = A_ROUND) -> int:
        """Tell of what ends soon and was not told of at this threshold; give how many."""
        today = self._clock().astimezone(self._zone).date()
        told = 0
        for ending in self._ending(today):
            days = threshold(ending.expires, today)
            if days is not None and told < limit and self._warn(ending, days, today):
                told += 1
        return told

    def _warn(self, ending: Ending, days: int, today: date) -> bool:
        key = f"certificate-{ending.subject}-{ending.expires}-{days}"
        with self._reading() as session:  # Most were told of before: nobody waits for the writer because of them.
            if session.scalar(select(Case.id).where(Case.key == key)) is not None:
                return False
        after = [each for each in self._register.uncovered(ending.worker_id) if ending.kind in each.reason]
        with self._unit_of_work() as session:
            worker = session.get_one(Worker, ending.worker_id)
            over = ending.expires < today
            listed = ", ".join(each.number for each in after)
            _case, opened = open_case(
                session, self._clock(), key=key, kind="certificate",
                note=f"{ending.kind} of worker {worker.code} ({worker.company.name}) "
                f"{'ended' if over else 'ends'} on {ending.expires}."
                + (f" Accepted for a later day, and in need of somebody else: {listed}." if listed else ""),
            )  # fmt: skip
            if opened is None:
                return False
            self._write_to_company(session, worker, ending, key, over)
        try:
            self._publish(opened)
        except Exception:  # What is written stands; a page that learns of it late is the lesser evil.
            log.warning("certificates.not_published", exc_info=True)
        return True

    def _write_to_company(self, session: Session, worker: Worker, ending: Ending, key: str, over: bool) -> None:
        day = f"{ending.expires.month}月{ending.expires.day}日"
        kind = texts.word("vetting") if ending.kind == VETTING else ending.kind
        text = texts.certificate(worker_address(worker.name), kind, day, over=over)
        self._sms.enqueue(session, key=f"sms-{key}", number=worker.company.phone, text=text)

    def _ending(self, today: date) -> Sequence[Ending]:
        """Give what ends within the first threshold and is not followed by a newer one of its kind."""
        first, last = today - OLD_NEWS, today + timedelta(days=max(THRESHOLDS))
        newer = aliased(WorkerCertificate)
        followed = (
            select(newer.id)
            .where(newer.worker_id == WorkerCertificate.worker_id, newer.kind == WorkerCertificate.kind)
            .where(newer.state == "valid", or_(newer.expires.is_(None), newer.expires > WorkerCertificate.expires))
            .exists()
        )
        query = (
            select(WorkerCertificate)
            .join(Worker, Worker.id == WorkerCertificate.worker_id)
            .where(WorkerCertificate.state == "valid", Worker.active.is_(True), ~followed)
            .where(WorkerCertificate.expires >= first, WorkerCertificate.expires <= last)
        )
        checks = select(Worker).where(
            Worker.active.is_(True), Worker.vetting == CLEARED, Worker.vetted_until >= first,
            Worker.vetted_until <= last,
        )  # fmt: skip
        with self._reading() as session:
            endings = [
                Ending(str(row.id), row.worker_id, row.kind, row.expires)
                for row in session.scalars(query.order_by(WorkerCertificate.expires, WorkerCertificate.id))
                if row.expires is not None
            ]
            return endings + [
                Ending(f"vetting-{row.id}", row.id, VETTING, row.vetted_until)
                for row in session.scalars(checks.order_by(Worker.id))
                if row.vetted_until is not None
            ]
