"""Workers as administrators keep them: added, changed, given a PIN that is told once, ended, let back."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.models import AuditEntry, Company, Order, Worker
from db.session import UnitOfWork
from routing.errors import Conflict, Invalid, NotFound
from routing.numbers import NumberKind, PhoneNumber
from routing.orders.policy import OrderState
from routing.orders.providers.register import is_easy

_THEIRS: Final = (OrderState.ACCEPTED.value, OrderState.VISITING.value)
_CODE: Final = re.compile(r"[A-Za-z0-9._-]{1,40}")
_PIN_LENGTH: Final = 6
_TRIES: Final = 20


class HasOrders(Conflict):
    """There are orders that they have accepted: these are given to others first. `orders` has their numbers."""

    code = "provider_has_orders"

    def __init__(self, orders: Sequence[str]) -> None:
        super().__init__(f"they have accepted the orders {', '.join(orders)}: give these to others first")
        self.orders = tuple(orders)


class WorkerCodeTaken(Conflict):
    """Another worker has the number."""

    code = "worker_code_taken"


@dataclass(frozen=True)
class WorkerDetails:
    """A worker as an administrator enters them."""

    name: str = field(repr=False)
    phone: str = field(repr=False)


@dataclass(frozen=True)
class NewWorker:
    """A worker who was just made, with the PIN that they are told; it is nowhere else."""

    id: int
    pin: str = field(repr=False)


class WorkerKeeping:
    """Changes workers. `by` is who asks, as user:2. Threads share one."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], *,
        normalise: Callable[[str], PhoneNumber], number_index: Callable[[str], bytes],
        pin_index: Callable[[str], bytes],
    ) -> None:  # fmt: skip
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._normalise = normalise
        self._number_index = number_index
        self._pin_index = pin_index

    def workers(self, company_id: int) -> tuple[Worker, ...]:
        """Give a company's workers, those who work first."""
        query = select(Worker).where(Worker.company_id == company_id).order_by(Worker.active.desc(), Worker.code)
        with self._reading() as work:
            return tuple(work.scalars(query.limit(500)))

    def add_worker(self, company_id: int, code: str, details: WorkerDetails, by: str) -> NewWorker:
        """Add a worker, with a PIN that is told once. Raises NotFound, Invalid and WorkerCodeTaken."""
        name, number = self._worker(details)
        if not _CODE.fullmatch(code):
            raise Invalid("a code has 1 to 40 letters, digits, dots or hyphens")
        with self._unit_of_work() as work:
            if not company_of(work, company_id).active:
                raise Conflict("this company was ended: let it back first")
            if work.scalar(select(Worker.id).where(Worker.code == code)) is not None:
                raise WorkerCodeTaken(f"the number {code} belongs to another worker")
            row = Worker(
                code=code, company_id=company_id, name=name, phone=number, phone_index=self._number_index(number),
                pin_index=b"", locked_until=None, vetted_until=None,
            )  # fmt: skip
            pin = self._give_pin(work, row)
            self.note(work, by, "worker.added", f"worker:{row.id}", f"{code} company:{company_id}")
            return NewWorker(row.id, pin)

    def change_worker(self, worker_id: int, details: WorkerDetails, by: str) -> None:
        """Change name and telephone. Raises NotFound and Invalid."""
        name, number = self._worker(details)
        with self._unit_of_work() as work:
            row = _worker_of(work, worker_id)
            changed = [what for what, value in (("name", name), ("phone", number)) if getattr(row, what) != value]
            row.name, row.phone, row.phone_index = name, number, self._number_index(number)
            if changed:
                self.note(work, by, "worker.changed", f"worker:{worker_id}", " ".join(changed))

    def new_pin(self, worker_id: int, by: str) -> str:
        """Give another PIN, which is told once; the one before counts no more, nor does a lock. Raises NotFound."""
        with self._unit_of_work() as work:
            row = _worker_of(work, worker_id)
            if not row.active:
                raise Conflict("this worker was ended: let them back first")
            pin = self._give_pin(work, row)
            self.note(work, by, "worker.pin", f"worker:{worker_id}", "")
            return pin

    def end_worker(self, worker_id: int, reason: str, by: str) -> None:
        """Send them nowhere any more; their PIN opens nothing. Raises NotFound, Invalid, Conflict and HasOrders."""
        reason = read_reason(reason)
        with self._unit_of_work() as work:
            row = _worker_of(work, worker_id)
            if not row.active:
                raise Conflict("this worker was ended already")
            check_free(work, Order.worker_id == worker_id)
            row.active = False
            self.note(work, by, "worker.ended", f"worker:{worker_id}", reason)

    def resume_worker(self, worker_id: int, by: str) -> str:
        """Let a worker back, with a new PIN that is told once. Raises NotFound and Conflict."""
        with self._unit_of_work() as work:
            row = _worker_of(work, worker_id)
            if row.active or not company_of(work, row.company_id).active:
                raise Conflict("this worker was not ended, or the company was")
            row.active = True
            pin = self._give_pin(work, row)
            self.note(work, by, "worker.resumed", f"worker:{worker_id}", "")
            return pin

    def _give_pin(self, work: Session, row: Worker) -> str:
        """Choose a PIN that nobody has: a PIN names its worker."""
        for _ in range(_TRIES):
            pin = "".join(secrets.choice("0123456789") for _ in range(_PIN_LENGTH))
            if is_easy(pin):
                continue
            try:
                with work.begin_nested():
                    row.pin_index, row.pin_failures, row.locked_until = self._pin_index(pin), 0, None
                    work.add(row)
                    work.flush()
            except IntegrityError:
                if work.scalar(select(Worker.id).where(Worker.code == row.code, Worker.id != row.id)) is not None:
                    raise WorkerCodeTaken(f"the number {row.code} belongs to another worker") from None
                continue
            return pin
        raise Conflict("no free PIN was found: try again")

    def _worker(self, details: WorkerDetails) -> tuple[str, str]:
        name = " ".join(details.name.split())
        if not 1 <= len(name) <= 60:
            raise Invalid("a worker has a name of 1 to 60 characters")
        return name, self.number(details.phone)

    def number(self, raw: str) -> str:
        found = self._normalise(raw)
        if found.kind is not NumberKind.NUMBER or found.number is None:
            raise Invalid("give the telephone as one dials it, one that the hotline can call")
        return found.number

    def note(self, work: Session, by: str, action: str, subject: str, detail: str) -> None:
        work.add(AuditEntry(at=self._clock(), actor=by, action=action, subject=subject, detail=detail[:500]))


def read_reason(text: str) -> str:
    found = " ".join(text.split())[:200]
    if not found:
        raise Invalid("say why")
    return found


def check_free(work: Session, whose: Any) -> None:
    theirs = select(Order.number).where(whose, Order.state.in_(_THEIRS)).order_by(Order.id).limit(20)
    numbers = work.scalars(theirs).all()
    if numbers:
        raise HasOrders(numbers)


def company_of(work: Session, company_id: int) -> Company:
    row = work.get(Company, company_id, with_for_update={"key_share": True})
    if row is None:
        raise NotFound(f"there is no company {company_id}")
    return row


def _worker_of(work: Session, worker_id: int) -> Worker:
    row = work.get(Worker, worker_id, with_for_update={"key_share": True})
    if row is None:
        raise NotFound(f"there is no worker {worker_id}")
    return row
