"""The worlds in which conversations are tried: each registered conversation has one at least.

A new one is a `Setting` in `SETTINGS`: who calls, which conversation, and what happened before. What it leaves in the
town is its own; `elderline flows` and the tests take it from here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from db.demo import DEMO
from db.demo_people import DemoElder, mobile
from db.demo_services import WORKERS
from ivr.flows.after_service import AfterService
from ivr.flows.companies import Companies
from ivr.flows.duty import Duty
from ivr.flows.group_message import GroupMessage
from ivr.flows.look_in import LookIn
from ivr.flows.medicine import Medicine
from ivr.flows.message import Message
from ivr.flows.offer import Offer
from ivr.flows.overdue import Overdue
from ivr.flows.promised import Promised
from ivr.flows.recording_studio import RecordingStudio
from ivr.flows.registry import script_name
from ivr.flows.sos import Sos
from ivr.flows.visits import Visits
from ivr.flows.waiting import Waiting
from ivr.flows.welcome import Welcome
from ivr.flows.well_being import WellBeing
from scripts.rehearsal.companies import (
    COMPANY_CODE,
    COMPANY_PIN_DIGITS,
    company_with_a_pin,
    company_with_orders,
    six_companies,
    two_companies,
)
from scripts.rehearsal.happenings import (
    QUIET,
    RELATIVE_OF_WANG,
    WANG,
    always_orders_meals,
    always_orders_what_is_offered_no_more,
    announced,
    asked_to_record,
    asked_to_record_and_whispers,
    at_night,
    done_order,
    in_hold,
    in_hold_and_presses_1,
    in_hold_at_night,
    list_offered,
    offer_answered,
    one_offer,
    open_order,
    order_due_in_minutes,
    order_offered,
    order_overdue,
    order_overdue_and_taken,
    owed_a_call,
    owed_and_in_hold,
    promised_a_call,
    relative_of_two,
    same_order_just_now,
    served_today,
    two_offers,
    two_visits_today,
    visit_begun,
    visit_of_a_colleague,
    visit_today,
    visit_under_way,
    visit_with_tasks,
    without_a_database,
)
from scripts.rehearsal.mornings import asked_to_look_in, called_this_morning, reminded, settled_meanwhile, told_to_many
from scripts.rehearsal.town import Town
from scripts.rehearsal.world import RehearsalWorld, Setting

CARER = next(each for each in WORKERS if each.certificate)
CARERS_PIN = {"visit.enter_pin": (f"{CARER.pin}#",), "visit.wrong_pin": (f"{CARER.pin}#",)}
PIN = {"visit.enter_pin": (f"{DEMO.worker.pin}#",), "visit.wrong_pin": (f"{DEMO.worker.pin}#",)}
COMPANY_PIN = {"company.enter_code": (f"{COMPANY_CODE}#",), "company.enter_pin": (f"{COMPANY_PIN_DIGITS}#",)}
NUMBER = {"hold.enter_number": ("14599990201#",)}


def _elder(name: str, who: DemoElder = QUIET, prepare: object = None, **more: object) -> Setting:
    given = {"prepare": prepare} if prepare else {}
    return Setting(name, Welcome, who.number, **given, **more)  # type: ignore[arg-type]  # As Setting's own.


SETTINGS: tuple[Setting, ...] = (
    _elder("elder"),
    _elder("elder with an open order", prepare=open_order),
    _elder("elder with an order that is done", prepare=done_order),
    _elder("elder who has just ordered the same", prepare=same_order_just_now),
    _elder("elder who always orders meals", prepare=always_orders_meals),
    _elder("elder whose favourite is not offered any more", prepare=always_orders_what_is_offered_no_more),
    _elder("elder whose visit is under way", prepare=visit_under_way),
    _elder("elder whose order is due in minutes", prepare=order_due_in_minutes),
    _elder("elder who is told something", prepare=announced),
    _elder("elder who pays nothing", WANG),
    _elder("elder straight to a person", DEMO.straight),
    _elder("two elders on one number", DEMO.couple[0]),
    _elder("elder who is owed a call", prepare=owed_a_call),
    _elder("elder at night", prepare=at_night),
    _elder("elder straight to a person at night", DEMO.straight, at_night),
    _elder("elder while the database is away", broken=without_a_database),
    Setting("unknown number", Welcome, DEMO.stranger),
    Setting("unknown number at night", Welcome, DEMO.stranger, at_night),
    Setting("withheld number", Welcome),
    Setting("relative of one elder", Welcome, RELATIVE_OF_WANG),
    Setting("relative of two elders", Welcome, RELATIVE_OF_WANG, relative_of_two),
    Setting("relative at night", Welcome, RELATIVE_OF_WANG, at_night),
    Setting("company on the hotline", Welcome, DEMO.company.number, one_offer),
    Setting("worker on the hotline", Welcome, DEMO.worker.number, visit_today, PIN),
    Setting("company with offers", Companies, DEMO.company.number, two_offers),
    Setting("company without offers", Companies, DEMO.company.number),
    Setting("company with orders of today", Companies, DEMO.company.number, company_with_orders),
    Setting("company nobody knows", Companies, DEMO.stranger, company_with_a_pin, COMPANY_PIN),
    Setting("two companies with one telephone", Companies, DEMO.company.number, two_companies),
    Setting("six companies with one telephone", Companies, DEMO.company.number, six_companies),
    Setting("worker at an elder's home", Visits, WANG.number, visit_today, PIN),
    Setting("worker with two visits", Visits, DEMO.couple[0].number, two_visits_today, PIN),
    Setting("worker in the middle of a visit", Visits, WANG.number, visit_begun, PIN),
    Setting("worker without a visit", Visits, WANG.number, right=PIN),
    Setting("worker at another elder's home", Visits, QUIET.number, visit_today, PIN),
    Setting("worker who comes instead of a colleague", Visits, WANG.number, visit_of_a_colleague, PIN),
    Setting("worker in the middle of a visit with tasks", Visits, WANG.number, visit_with_tasks, CARERS_PIN),
    Setting("one-key phone", Sos, DEMO.one_key.number),
    Setting("one-key phone while the database is away", Sos, DEMO.one_key.number, broken=without_a_database),
    Setting("offer", Offer, DEMO.company.number, order_offered),
    Setting("list of offers", Offer, DEMO.company.number, list_offered),
    Setting("offer that is answered", Offer, DEMO.company.number, offer_answered),
    Setting("call after a service", AfterService, WANG.number, served_today),
    Setting("daily call", WellBeing, WANG.number, called_this_morning),
    Setting("message for many", GroupMessage, WANG.number, told_to_many),
    Setting("reminder of a medicine", Medicine, WANG.number, reminded),
    Setting("neighbour who is asked to look in", LookIn, mobile(201), asked_to_look_in),
    Setting("neighbour asked for nothing any more", LookIn, mobile(201), settled_meanwhile),
    Setting("promised call", Promised, QUIET.number, promised_a_call),
    Setting("in hold", Waiting, QUIET.number, in_hold),
    Setting("in hold, next in turn", Waiting, QUIET.number, lambda town: in_hold(town, next_soon=True)),
    Setting("in hold, offered a call", Waiting, QUIET.number, lambda town: in_hold(town, offered=True), NUMBER),
    Setting("in hold, pressed 1", Waiting, QUIET.number, in_hold_and_presses_1, NUMBER),
    Setting("in hold, pressed 1, owed a call", Waiting, QUIET.number, owed_and_in_hold, NUMBER),
    Setting("in hold, number withheld", Waiting, "", lambda town: in_hold(town, offered=True), NUMBER),
    Setting("in hold as an SOS", Waiting, QUIET.number, lambda town: in_hold(town, sos=True)),
    Setting("in hold without a ticket", Waiting, QUIET.number),
    Setting("duty phone", Duty, mobile(301), in_hold),
    Setting("duty phone, SOS", Duty, mobile(301), lambda town: in_hold(town, sos=True)),
    Setting("duty phone without a ticket", Duty, mobile(301)),
    Setting("duty phone, order overdue", Overdue, mobile(301), order_overdue),
    Setting("duty phone, order taken meanwhile", Overdue, mobile(301), order_overdue_and_taken),
    Setting("supervisor who records", RecordingStudio, DEMO.stranger, asked_to_record),
    Setting("supervisor who whispers", RecordingStudio, DEMO.stranger, asked_to_record_and_whispers),
    Setting("supervisor who waited too long", RecordingStudio, DEMO.stranger),
    Setting("nobody can answer", Message, QUIET.number, in_hold_at_night),
    Setting("nobody can answer a withheld number", Message, "", in_hold_at_night),
)


@contextmanager
def all_worlds(
    settings: tuple[Setting, ...] = SETTINGS, *, learns: bool = False
) -> Iterator[tuple[RehearsalWorld, ...]]:
    """The worlds, in one town in a temporary folder, while the block lasts. Use one at a time."""
    with tempfile.TemporaryDirectory(prefix="elderline-rehearsal-") as folder:
        town = Town(Path(folder), learns=learns)
        fresh = town.snapshot()
        try:
            yield tuple(RehearsalWorld(town, setting, fresh) for setting in settings)
        finally:
            town.close()


def flows_without_a_world(registered: Mapping[str, object]) -> set[str]:
    """The script names of registered conversations that no setting reaches."""
    return set(registered) - {script_name(setting.flow) for setting in SETTINGS}
