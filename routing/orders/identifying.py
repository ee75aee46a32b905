"""Which worker has a PIN, and what happens to telephones and workers from which wrong ones come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import ElderPhone, Worker
from db.session import UnitOfWork
from routing.calls.messages import Message
from routing.orders.cases import open_case
from routing.orders.errors import PinLocked, WrongPin
from routing.orders.notices import Notices
from routing.orders.pins import TRIES, TRIES_WITHHELD, WINDOW_SECONDS, PinTries
from routing.outreach.reach import NumberIndex

log = structlog.get_logger(__name__)

_LOCKED = "too many wrong PINs from this telephone; try again in a quarter of an hour"


@dataclass(frozen=True)
class WorkerSeen:
    """A worker who was identified by PIN."""

    id: int
    company_id: int
    name: str = field(repr=False)


class Identifying:
    """Tells workers by their PINs. Numbers are E.164, None if withheld."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        clock: Callable[[], datetime],
        tell: Callable[[Sequence[Message]], None],
        number_index: NumberIndex,
        pin_index: Callable[[str], bytes],
        tries: PinTries,
        notices: Notices | None = None,
    ) -> None:
        """`notices` tell the company of a worker who is locked."""
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._tell = tell
        self._number_index = number_index
        self._pin_index = pin_index
        self._tries = tries
        self._notices = notices

    def identify(self, number: str | None, pin: str, call_id: str | None = None) -> WorkerSeen:
        """Tell which worker has this PIN. Three wrong ones lock the telephone for a quarter of an hour; if it is a
        worker's own, that worker's PIN is worth nothing anywhere for as long. The desk gets a case,
        once a lock, and the worker's company an SMS.

        A wrong PIN names nobody, so one that is dialled elsewhere locks no worker: who knows a colleague's number
        could else keep them from work. Raises WrongPin, which tells how many tries are left, and PinLocked.
        """
        subject = self._number_index(number).hex() if number else "withheld"
        allowed = TRIES if number else TRIES_WITHHELD
        if self._tries.failures(subject) >= allowed:
            raise PinLocked(_LOCKED)
        with self._unit_of_work() as session:
            worker = session.scalar(
                select(Worker).where(Worker.pin_index == self._pin_index(pin), Worker.active.is_(True))
            )
            if worker is not None and worker.locked_until is not None and worker.locked_until > self._clock():
                raise PinLocked("this worker is locked for a quarter of an hour")
            if worker is not None and (worker.pin_failures or worker.locked_until):
                worker.pin_failures, worker.locked_until = 0, None
            seen = WorkerSeen(worker.id, worker.company_id, worker.name) if worker else None
        if seen is None:
            self._count(subject, number, allowed, call_id)
        else:
            self._tries.forget(subject)
            return seen
        raise PinLocked(_LOCKED)

    def _count(self, subject: str, number: str | None, allowed: int, call_id: str | None) -> None:
        """Count a wrong one. Raises WrongPin while tries are left; the last one locks and tells the desk."""
        left = allowed - self._tries.failed(subject)
        messages: list[Message] = []
        with self._unit_of_work() as session:
            owners = self._owners(session, number)
            for owner in owners:
                owner.pin_failures += 1
                if left <= 0:
                    owner.locked_until = self._clock() + timedelta(seconds=WINDOW_SECONDS)
            if left <= 0:
                messages = self._alert(session, subject, number, owners, call_id)
        self._tell(messages)
        if left > 0:
            raise WrongPin(left)

    def _owners(self, session: Session, number: str | None) -> Sequence[Worker]:
        """Give the active workers whose own phone it is."""
        if not number:
            return ()
        index = self._number_index(number)
        query = select(Worker).where(Worker.phone_index == index, Worker.active.is_(True))
        return session.scalars(query.order_by(Worker.id).with_for_update()).all()

    def _alert(
        self, session: Session, subject: str, number: str | None, owners: Sequence[Worker], call_id: str | None
    ) -> list[Message]:
        now = self._clock()
        elders = []
        if number:
            query = select(ElderPhone.elder_id).where(ElderPhone.number_index == self._number_index(number))
            elders = list(session.scalars(query.order_by(ElderPhone.elder_id).limit(2)))
        whose = ", ".join(f"worker:{owner.id} {owner.code}" for owner in owners) or (
            "an elder's telephone" if elders else "a telephone that hides its number" if not number else "a telephone"
        )
        key = f"pin-{subject[:32]}-{int(now.timestamp()) // WINDOW_SECONDS}"
        _case, opened = open_case(
            session, now, key=key, kind="visit", elder_id=elders[0] if len(elders) == 1 else None, call_id=call_id,
            number=number, note=f"{TRIES if number else TRIES_WITHHELD} wrong PINs on the visits line: {whose} is "
            "locked for a quarter of an hour. Ask the company who called.",
        )  # fmt: skip
        if self._notices is not None:
            for owner in owners:
                self._notices.pin_locked(session, owner, key)
        log.warning("visits.pin_locked", workers=[owner.id for owner in owners])
        return [opened] if opened else []
