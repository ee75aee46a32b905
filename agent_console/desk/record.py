"""An elder's record as the desk shows it: read in one unit of work, audited in the same, and free of it afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, selectinload

from agent_console.desk.case_lines import CaseLine, lines_of
from agent_console.desk.promise_requests import open_promises
from agent_console.identity import Identity
from agent_console.privacy import Lens, audit, audit_list
from agent_console.services import ConsoleServices
from db.models import Callback, CallRecord, Case, CaseEvent, Elder, ElderPhone, Order, ServiceItem
from routing.elders.searching import search
from routing.errors import NotFound
from routing.numbers import normalise
from routing.orders.policy import OPEN
from routing.outreach.medicine.reminders import Dose

_OPEN: Final = frozenset(state.value for state in OPEN)
_ORDERS, _CALLS, _FOUND, _DOSES = 30, 8, 20, 6
"""Rows shown: about a year of weekly orders, the last calls, more matches than anybody reads, two days of medicine."""


@dataclass(frozen=True)
class Found:
    """One match of a search, enough to choose by."""

    id: int
    code: str
    name: str = field(repr=False)
    sex: str
    age: int | None
    district: str


@dataclass(frozen=True)
class ElderRecord:
    """Everything that an agent needs about a caller. Rows are detached from their session and fully loaded."""

    elder: Elder = field(repr=False)
    age: int | None
    open_orders: tuple[Order, ...]
    past_orders: tuple[Order, ...]
    calls: tuple[CallRecord, ...]
    open_cases: tuple[Case, ...]
    promises: tuple[Callback, ...]
    """Call-backs that the elder was promised in hold, and waits for."""
    doses: tuple[Dose, ...]
    """The last reminders of a medicine, and what came of them."""


@dataclass(frozen=True)
class CallInHand:
    """The call that a record is shown for. `elders` are all who share the caller's number, if there are several."""

    call_id: str | None = None
    number: str | None = field(default=None, repr=False)
    elder_id: int | None = None
    note: str = field(default="", repr=False)
    case_id: int | None = None
    case_kind: str = ""
    case_state: str = ""
    steps: tuple[CaseEvent, ...] = ()
    lines: tuple[CaseLine, ...] = ()
    """The steps in words."""
    elders: tuple[Found, ...] = ()


def age_on(born: date | None, today: date) -> int | None:
    """Whole years of age; the birthday counts."""
    if born is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def read_record(services: ConsoleServices, viewer: Identity, elder_id: int) -> ElderRecord:
    """Read the full record and audit the look. Raises NotFound."""
    now = services.clock()
    with services.reading() as work:
        query = select(Elder).where(Elder.id == elder_id)
        elder = work.scalar(query.options(selectinload(Elder.phones), selectinload(Elder.contacts)))
        if elder is None:
            raise NotFound(f"there is no elder {elder_id}")
        orders = work.scalars(
            select(Order)
            .where(Order.elder_id == elder_id)
            .order_by(Order.created_at.desc(), Order.id.desc())
            .limit(_ORDERS)
            .options(selectinload(Order.item), selectinload(Order.company))
        ).all()
        calls = work.scalars(
            select(CallRecord)
            .where(CallRecord.elder_id == elder_id)
            .order_by(CallRecord.started_at.desc())
            .limit(_CALLS)
        ).all()
        cases = work.scalars(select(Case).where(Case.elder_id == elder_id, Case.state == "open")).all()
        promises = open_promises(work, elder_id)
    audit(services, viewer, "elder.record", f"elder:{elder_id}")
    return ElderRecord(
        elder=elder,
        age=age_on(elder.birth_date, now.astimezone(services.settings.zone).date()),
        open_orders=tuple(order for order in orders if order.state in _OPEN),
        past_orders=tuple(order for order in orders if order.state not in _OPEN),
        calls=tuple(calls),
        open_cases=tuple(cases),
        promises=tuple(promises),
        doses=services.reminders.doses(elder_id, _DOSES),
    )


def call_in_hand(
    services: ConsoleServices, viewer: Identity, call_id: str | None, case_id: int | None = None
) -> CallInHand:
    """Find what is known of the call that rings or is talked on; an unknown call gives an empty answer."""
    with services.reading() as work:
        of_case = work.get(Case, case_id) if case_id is not None else None
        its_call = call_id or (of_case.call_id if of_case else None)
    services.cases.catch_up((its_call,) if its_call else ())
    with services.reading() as work:
        call = work.get(CallRecord, call_id) if call_id else None
        if case_id is not None:
            case = work.get(Case, case_id)
        else:
            query = select(Case).where(Case.call_id == call_id, Case.state == "open").limit(1)
            case = work.scalar(query) if call_id else None
        steps = tuple(case.timeline) if case else ()
        elders: tuple[Found, ...] = ()
        index = call.number_index if call is not None else None
        if call is None and case is not None and case.number:  # Whoever wrote, or left a note.
            index = services.cipher.number_index(case.number)
        if index is not None:
            elders = found_by(services, work, by_number(index))
    audit_list(services, viewer, "elder.found", [f"elder:{each.id}" for each in elders])
    lines = lines_of(services, [case], Lens(viewer))[case.id] if case else ()
    return CallInHand(
        call_id=call_id or (case.call_id if case else None),
        number=call.number if call else case.number if case else None,
        elder_id=(call.elder_id if call else None) or (case.elder_id if case else None),
        note=call.agent_note if call else "",
        case_id=case.id if case else None,
        case_kind=case.kind if case else "",
        case_state=case.state if case else "",
        steps=steps,
        lines=lines,
        elders=elders,
    )


def find_elders(services: ConsoleServices, viewer: Identity, wanted: str) -> tuple[Found, ...]:
    """Find elders by number, registration number, or what is remembered of them, and audit who was shown.

    Whoever has the very number or name comes first.
    """
    wanted = wanted.strip()[:80]
    if not wanted:
        return ()
    settings, cipher = services.settings, services.cipher
    number = normalise(wanted, settings.country, settings.area_code).number
    ways = [Elder.code == wanted, Elder.name_index == cipher.name_index(wanted)]
    if number:
        ways.append(by_number(cipher.number_index(number)))
    with services.reading() as work:
        found = found_by(services, work, or_(*ways))
        if len(found) < _FOUND:
            there = {each.id for each in found}
            more = [each for each in search(work, cipher, wanted, _FOUND) if each not in there]
            found += found_by(services, work, Elder.id.in_(more))[: _FOUND - len(found)]
    audit_list(services, viewer, "elder.found", [f"elder:{each.id}" for each in found])
    return found


def kind_of(services: ConsoleServices, case_id: int) -> str:
    """Give the kind of a case. Raises NotFound."""
    with services.reading() as work:
        kind = work.scalar(select(Case.kind).where(Case.id == case_id))
    if kind is None:
        raise NotFound(f"there is no case {case_id}")
    return kind


def by_number(index: bytes) -> ColumnElement[bool]:
    """The condition that an elder has the number with this blind index."""
    return Elder.id.in_(select(ElderPhone.elder_id).where(ElderPhone.number_index == index))


def items(services: ConsoleServices) -> tuple[ServiceItem, ...]:
    """Give all items that can be ordered at the desk, those with a key of the voice menu first."""
    with services.reading() as work:
        query = (
            select(ServiceItem)
            .where(ServiceItem.active)
            .order_by(ServiceItem.menu_key.is_(None), ServiceItem.menu_key, ServiceItem.id)
        )
        return tuple(work.scalars(query))


def found_by(services: ConsoleServices, work: Session, condition: ColumnElement[bool]) -> tuple[Found, ...]:
    """Give those for whom the condition holds, as a list shows them; a bounded number."""
    today = services.clock().astimezone(services.settings.zone).date()
    rows = work.scalars(select(Elder).where(condition).order_by(Elder.id).limit(_FOUND))
    return tuple(
        Found(each.id, each.code, each.name, each.sex, age_on(each.birth_date, today), each.district) for each in rows
    )
