"""The worlds in which conversations are tried: each registered conversation has one at least.

A new one is a `Setting` in `SETTINGS`: who calls, which conversation, and what happened before. What it leaves in the
town is its own; `elderline flows` and the tests take it from here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from db.demo import DEMO
from db.demo_people import DemoElder, mobile
from db.models import Order
from ivr.flows.after_service import AfterService
from ivr.flows.companies import Companies
from ivr.flows.duty import Duty
from ivr.flows.message import Message
from ivr.flows.offer import Offer
from ivr.flows.promised import Promised
from ivr.flows.registry import script_name
from ivr.flows.sos import Sos
from ivr.flows.visits import Visits
from ivr.flows.waiting import Waiting
from ivr.flows.welcome import Welcome
from routing.calls.messages import CallerClass, Intent
from routing.calls.records import Ticket, TicketStage
from routing.hours.policy import DayKind
from scripts.rehearsal.town import Town, database_away
from scripts.rehearsal.world import RehearsalWorld, Setting

TICKET, PROMISE = "t1", "promise-1"
QUIET, WANG = DEMO.quiet, DEMO.wang
RELATIVE = mobile(201)
PIN = {"visit.enter_pin": (f"{DEMO.worker.pin}#",), "visit.wrong_pin": (f"{DEMO.worker.pin}#",)}
NUMBER = {"hold.enter_number": ("14599990201#",)}


def _open_order(town: Town) -> None:
    town.accepted(QUIET)


def _done_order(town: Town) -> None:
    town.served(QUIET)
    town.now += timedelta(hours=3)


def _same_order_just_now(town: Town) -> None:
    town.order(QUIET)


def _night(town: Town) -> None:
    town.joined.hours_register.set_week(dict.fromkeys(DayKind, "08:00-18:00"))
    town.now = town.now.replace(hour=22)


def _database_away(town: Town) -> None:
    town.before_transaction = database_away


def _ticket(elder_id: int | None) -> Ticket:
    return Ticket(
        TICKET, "a-1700000000.1", "a", "PJSIP/carrier-00000001", Intent.ORDER, CallerClass.ELDER, joined_at=1_000.0,
        elder_id=elder_id, stage=TicketStage.HELD, told_at=1_060.0, told_ahead=2, told_seconds=170.0,
    )  # fmt: skip


def _waits(town: Town, *, offered: bool = False, next_soon: bool = False, sos: bool = False) -> dict[str, str]:
    ticket = replace(_ticket(town.elder_id(QUIET)), may_be_called_back=offered)
    if next_soon:
        ticket = replace(ticket, told_ahead=0, told_seconds=0.0)
    if sos:
        ticket = replace(ticket, caller_class=CallerClass.SOS)
    town.book.living[TICKET] = ticket
    return {"ref": TICKET}


def _waits_and_presses_1(town: Town) -> dict[str, str]:
    return _waits(town) | {"key": "1"}


def _promise(town: Town, elder: DemoElder = QUIET) -> dict[str, str]:
    promise = replace(
        _ticket(town.elder_id(elder)), ticket_id=PROMISE, channel="", promised=True, number=elder.number,
        promised_in="a-0", instead_of="t0",
    )  # fmt: skip
    town.joined.promises.make(promise)
    town.book.living[PROMISE] = promise
    return {"ref": PROMISE}


def _owed(town: Town) -> None:
    _promise(town)


def _owed_and_waiting(town: Town) -> dict[str, str]:
    _promise(town)
    return _waits(town, offered=True)


def _offered_order(town: Town) -> dict[str, str]:
    return {"ref": str(town.offer_of(town.order(WANG)).id)}


def _offer_answered(town: Town) -> dict[str, str]:
    offer = town.offer_of(town.order(WANG))
    town.joined.dispatch.answer(offer.id, True, actor=f"company:{offer.company_id}", channel="sms")
    return {"ref": str(offer.id)}


def _two_offers(town: Town) -> None:
    town.order(WANG)
    town.now += timedelta(minutes=1)
    town.order(QUIET)


def _after_service(town: Town) -> dict[str, str]:
    return {"ref": str(town.served(WANG).id)}


def _visit_today(town: Town) -> None:
    town.accepted(WANG)


def _two_visits_today(town: Town) -> None:
    """Husband and wife are both visited, by the worker who was sent to one of them."""
    first, second = (town.accepted(who) for who in DEMO.couple)
    with town.stores.unit_of_work() as session:
        session.get_one(Order, second.id).worker_id = first.worker_id


def _visit_begun(town: Town) -> None:
    order = town.accepted(WANG)
    if order.worker_id is not None:
        town.joined.visits.check_in(order.worker_id, WANG.number, "in")
    town.now += timedelta(minutes=40)


def _night_message(town: Town) -> dict[str, str]:
    _night(town)
    return _waits(town)


def _elder(name: str, who: DemoElder = QUIET, prepare: object = None, **more: object) -> Setting:
    given = {"prepare": prepare} if prepare else {}
    return Setting(name, Welcome, who.number, **given, **more)  # type: ignore[arg-type]  # As Setting's own.


SETTINGS: tuple[Setting, ...] = (
    _elder("elder"),
    _elder("elder with an open order", prepare=_open_order),
    _elder("elder with an order that is done", prepare=_done_order),
    _elder("elder who has just ordered the same", prepare=_same_order_just_now),
    _elder("elder who pays nothing", WANG),
    _elder("elder straight to a person", DEMO.straight),
    _elder("two elders on one number", DEMO.couple[0]),
    _elder("elder who is owed a call", prepare=_owed),
    _elder("elder at night", prepare=_night),
    _elder("elder straight to a person at night", DEMO.straight, _night),
    _elder("elder while the database is away", broken=_database_away),
    Setting("unknown number", Welcome, DEMO.stranger),
    Setting("unknown number at night", Welcome, DEMO.stranger, _night),
    Setting("withheld number", Welcome),
    Setting("relative", Welcome, RELATIVE),
    Setting("company on the hotline", Welcome, DEMO.company.number, _two_offers),
    Setting("worker on the hotline", Welcome, DEMO.worker.number, _visit_today, PIN),
    Setting("company with offers", Companies, DEMO.company.number, _two_offers),
    Setting("company without offers", Companies, DEMO.company.number),
    Setting("company nobody knows", Companies, DEMO.stranger),
    Setting("worker at an elder's home", Visits, WANG.number, _visit_today, PIN),
    Setting("worker with two visits", Visits, DEMO.couple[0].number, _two_visits_today, PIN),
    Setting("worker in the middle of a visit", Visits, WANG.number, _visit_begun, PIN),
    Setting("worker without a visit", Visits, WANG.number, right=PIN),
    Setting("one-key phone", Sos, DEMO.one_key.number),
    Setting("one-key phone while the database is away", Sos, DEMO.one_key.number, broken=_database_away),
    Setting("offer", Offer, DEMO.company.number, _offered_order),
    Setting("offer that is answered", Offer, DEMO.company.number, _offer_answered),
    Setting("call after a service", AfterService, WANG.number, _after_service),
    Setting("promised call", Promised, QUIET.number, _promise),
    Setting("in hold", Waiting, QUIET.number, _waits),
    Setting("in hold, next in turn", Waiting, QUIET.number, lambda town: _waits(town, next_soon=True)),
    Setting("in hold, offered a call", Waiting, QUIET.number, lambda town: _waits(town, offered=True), NUMBER),
    Setting("in hold, pressed 1", Waiting, QUIET.number, _waits_and_presses_1, NUMBER),
    Setting("in hold, pressed 1, owed a call", Waiting, QUIET.number, _owed_and_waiting, NUMBER),
    Setting("in hold, number withheld", Waiting, "", lambda town: _waits(town, offered=True), NUMBER),
    Setting("in hold as an SOS", Waiting, QUIET.number, lambda town: _waits(town, sos=True)),
    Setting("in hold without a ticket", Waiting, QUIET.number),
    Setting("duty phone", Duty, mobile(301), _waits),
    Setting("duty phone, SOS", Duty, mobile(301), lambda town: _waits(town, sos=True)),
    Setting("duty phone without a ticket", Duty, mobile(301)),
    Setting("nobody can answer", Message, QUIET.number, _night_message),
    Setting("nobody can answer a withheld number", Message, "", _night_message),
)


@contextmanager
def all_worlds(settings: tuple[Setting, ...] = SETTINGS) -> Iterator[tuple[RehearsalWorld, ...]]:
    """The worlds, in one town in a temporary folder, while the block lasts. Use one at a time."""
    with tempfile.TemporaryDirectory(prefix="elderline-rehearsal-") as folder:
        town = Town(Path(folder))
        fresh = town.snapshot()
        try:
            yield tuple(RehearsalWorld(town, setting, fresh) for setting in settings)
        finally:
            town.close()


def flows_without_a_world(registered: Mapping[str, object]) -> set[str]:
    """The script names of registered conversations that no setting reaches."""
    return set(registered) - {script_name(setting.flow) for setting in SETTINGS}
