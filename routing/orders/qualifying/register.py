"""The register of workers' certificates and background checks: what a person adds, revokes and sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from db.models import AuditEntry, Order, ServiceItem, Worker, WorkerCertificate
from db.session import UnitOfWork
from routing.errors import Conflict, Invalid, NotFound
from routing.orders.certificates import is_qualified
from routing.orders.policy import OrderState
from routing.orders.qualifying.policy import CLEARED, REFUSED, VETTING, VETTINGS

LONGEST_KIND = 40
MOST_ROWS = 500
_AHEAD = (OrderState.ACCEPTED.value, OrderState.VISITING.value)


@dataclass(frozen=True)
class CertificateView:
    """A certificate of a worker; the number and why it was revoked are for whoever may see personal data."""

    id: int
    worker_id: int
    worker_code: str
    company_id: int
    kind: str
    issued: date | None
    expires: date | None
    state: str
    checked_by: str
    added_at: datetime
    worker_name: str = field(repr=False)
    number: str | None = field(repr=False)
    revoked_by: str | None = None
    why: str | None = field(repr=False, default=None)


@dataclass(frozen=True)
class Uncovered:
    """An order that a worker took and may not do on its day, and why."""

    order_id: int
    number: str
    due_at: datetime
    company_id: int | None
    worker_id: int
    worker_code: str
    reason: str


class CertificateRegister:
    """Adds, revokes, lists. Each change is in the audit; `actor` is as user:2."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], zone: ZoneInfo
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._zone = zone

    def add(
        self, worker_id: int, kind: str, *, actor: str, number: str | None = None, issued: date | None = None,
        expires: date | None = None,
    ) -> CertificateView:  # fmt: skip
        """Write that somebody has seen this certificate. Raises NotFound, and Invalid for a kind that cannot be, days
        in the wrong order, or one that has ended already."""
        kind = kind.strip()
        if not kind or len(kind) > LONGEST_KIND or "," in kind or kind == VETTING:
            raise Invalid(f"a kind is one word of up to {LONGEST_KIND} letters, as care; vetting is set by itself")
        today = self._clock().astimezone(self._zone).date()
        if issued and issued > today:
            raise Invalid("a certificate that was seen was not issued in the future")
        if expires and expires < (issued or today):
            raise Invalid("a certificate ends after it was issued, and one that has ended proves nothing")
        with self._unit_of_work() as session:
            worker = _worker(session, worker_id)
            row = WorkerCertificate(
                worker_id=worker.id, kind=kind, number=number or None, issued=issued, expires=expires, state="valid",
                checked_by=actor, added_at=self._clock(),
            )  # fmt: skip
            session.add(row)
            session.flush()
            row.worker = worker
            self._audit(session, actor, "certificate.added", worker.id, f"{kind} until {expires or 'no end'}")
            return _view(row)

    def revoke(self, certificate_id: int, why: str, actor: str) -> CertificateView:
        """Take a certificate back: from now on it proves nothing. Raises NotFound, Invalid without a word why, and
        Conflict if somebody did it before."""
        if not why.strip():
            raise Invalid("say why the certificate is revoked")
        with self._unit_of_work() as session:
            row = session.get(WorkerCertificate, certificate_id, with_for_update=True)
            if row is None:
                raise NotFound(f"there is no certificate {certificate_id}")
            if row.state != "valid":
                raise Conflict(f"certificate {certificate_id} was revoked by {row.revoked_by}")
            row.state, row.revoked_at, row.revoked_by, row.why = "revoked", self._clock(), actor, why.strip()
            self._audit(session, actor, "certificate.revoked", row.worker_id, row.kind)
            return _view(row)

    def vet(self, worker_id: int, state: str, until: date | None, actor: str) -> None:
        """Write what the background check of a worker said: cleared (until a day, or without one), refused, or empty
        for none. Raises NotFound and Invalid."""
        if state not in VETTINGS or (until is not None and state != CLEARED):
            raise Invalid("the check is cleared (with a last day, if it has one), refused, or empty for none")
        with self._unit_of_work() as session:
            worker = _worker(session, worker_id)
            worker.vetting, worker.vetted_until, worker.vetted_by = state, until, actor
            self._audit(session, actor, "worker.vetted", worker.id, f"{state or 'none'} until {until or 'no end'}")

    def all(
        self, *, company_id: int | None = None, worker_id: int | None = None, expires_before: date | None = None
    ) -> tuple[CertificateView, ...]:
        """Give certificates, what ends first at the top; with `expires_before` the valid ones that end before it."""
        query = (
            select(WorkerCertificate)
            .join(Worker, Worker.id == WorkerCertificate.worker_id)
            .options(joinedload(WorkerCertificate.worker))
        )
        if company_id is not None:
            query = query.where(Worker.company_id == company_id)
        if worker_id is not None:
            query = query.where(WorkerCertificate.worker_id == worker_id)
        if expires_before is not None:
            query = query.where(WorkerCertificate.expires < expires_before, WorkerCertificate.state == "valid")
        order = (WorkerCertificate.expires.is_(None), WorkerCertificate.expires, WorkerCertificate.id)
        with self._reading() as session:
            return tuple(_view(row) for row in session.scalars(query.order_by(*order).limit(MOST_ROWS)))

    def uncovered(self, worker_id: int | None = None) -> tuple[Uncovered, ...]:
        """Give orders that were accepted and whose worker may not do them on their day: a certificate was revoked, or
        ends before it. Somebody must send another."""
        now = self._clock()
        query = (
            select(Order)
            .where(Order.state.in_(_AHEAD), Order.worker_id.is_not(None), Order.due_at >= now - timedelta(days=1))
            .options(joinedload(Order.item), joinedload(Order.worker))
            .order_by(Order.due_at, Order.id)
            .limit(MOST_ROWS)
        )
        asks = Order.item.has(ServiceItem.required_certificate != "")
        query = query.where(or_(asks, Order.worker.has(Worker.vetting == REFUSED)))
        if worker_id is not None:
            query = query.where(Order.worker_id == worker_id)
        with self._reading() as session:
            found = []
            for order in session.scalars(query):
                if order.worker is None:
                    continue
                day = order.due_at.astimezone(self._zone).date()
                fit = is_qualified(session, order.worker, order.item.required_certificate, day)
                if not fit.may:
                    found.append(
                        Uncovered(order.id, order.number, order.due_at, order.company_id, order.worker.id,
                                  order.worker.code, fit.reason)
                    )  # fmt: skip
            return tuple(found)

    def _audit(self, session: Session, actor: str, action: str, worker_id: int, detail: str) -> None:
        session.add(
            AuditEntry(at=self._clock(), actor=actor, action=action, subject=f"worker:{worker_id}", detail=detail)
        )


def _worker(session: Session, worker_id: int) -> Worker:
    worker = session.get(Worker, worker_id, with_for_update=True)
    if worker is None:
        raise NotFound(f"there is no worker {worker_id}")
    return worker


def _view(row: WorkerCertificate) -> CertificateView:
    worker = row.worker
    return CertificateView(
        row.id, worker.id, worker.code, worker.company_id, row.kind, row.issued, row.expires, row.state,
        row.checked_by, row.added_at, worker.name, row.number, row.revoked_by, row.why,
    )  # fmt: skip
