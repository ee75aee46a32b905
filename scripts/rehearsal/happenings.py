"""What has happened in the town before somebody calls: orders, offers, visits, promises, and what is broken."""

from __future__ import annotations

import io
import wave
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete, select

from db.demo import DEMO
from db.demo_people import DemoElder, mobile
from db.demo_services import WORKERS
from db.models import Callback, Contact, Order, ServiceItem, Worker
from routing.calls.messages import CallerClass, Intent
from routing.calls.records import Ticket, TicketStage
from routing.hours.policy import DayKind
from routing.manners.fares import History, Ordered
from routing.manners.keeping import write_history
from routing.manners.learning import manner_row
from routing.orders.offers import offer_cause
from routing.voice.studio import Trouble, Wish
from scripts.rehearsal.town import Town, database_away

TICKET, PROMISE, WISH = "t1", "promise-1", "wish-1"
QUIET, WANG = DEMO.quiet, DEMO.wang
RELATIVE_OF_WANG = WANG.contacts[0][2]
DAYS_OF_A_FAVOURITE = (2, 9, 16)


def open_order(town: Town) -> None:
    town.accepted(QUIET)


def done_order(town: Town) -> None:
    town.served(QUIET)
    town.now += timedelta(hours=3)


def same_order_just_now(town: Town) -> None:
    town.order(QUIET)


def at_night(town: Town) -> None:
    town.joined.hours_register.set_week(dict.fromkeys(DayKind, "08:00-18:00"))
    town.now = town.now.replace(hour=22)


def without_a_database(town: Town) -> None:
    town.before_transaction = database_away


def ticket_of(elder_id: int | None) -> Ticket:
    return Ticket(
        TICKET, "a-1700000000.1", "a", "PJSIP/carrier-00000001", Intent.ORDER, CallerClass.ELDER, joined_at=1_000.0,
        elder_id=elder_id, stage=TicketStage.HELD, told_at=1_060.0, told_ahead=2, told_seconds=170.0,
    )  # fmt: skip


def in_hold(town: Town, *, offered: bool = False, next_soon: bool = False, sos: bool = False) -> dict[str, str]:
    ticket = replace(ticket_of(town.elder_id(QUIET)), may_be_called_back=offered)
    if next_soon:
        ticket = replace(ticket, told_ahead=0, told_seconds=0.0)
    if sos:
        ticket = replace(ticket, caller_class=CallerClass.SOS)
    town.book.living[TICKET] = ticket
    return {"ref": TICKET}


def in_hold_and_presses_1(town: Town) -> dict[str, str]:
    return in_hold(town) | {"key": "1"}


def promised_a_call(town: Town, elder: DemoElder = QUIET) -> dict[str, str]:
    promise = replace(
        ticket_of(town.elder_id(elder)), ticket_id=PROMISE, channel="", promised=True, number=elder.number,
        promised_in="a-0", instead_of="t0",
    )  # fmt: skip
    town.joined.promises.make(promise)
    town.book.living[PROMISE] = promise
    return {"ref": PROMISE}


def owed_a_call(town: Town) -> None:
    promised_a_call(town)


def owed_and_in_hold(town: Town) -> dict[str, str]:
    promised_a_call(town)
    return in_hold(town, offered=True)


def order_offered(town: Town) -> dict[str, str]:
    return {"ref": str(town.offer_of(town.order(WANG)).id)}


def list_offered(town: Town) -> dict[str, str]:
    """Two orders of one night, of which one call tells."""
    first = town.offer_of(town.order(WANG))
    second = town.offer_of(town.order(QUIET))
    with town.stores.unit_of_work() as session:
        session.execute(delete(Callback).where(Callback.cause == offer_cause(second.id)))
    return {"ref": str(first.id)}


def offer_answered(town: Town) -> dict[str, str]:
    offer = town.offer_of(town.order(WANG))
    town.joined.dispatch.answer(offer.id, True, actor=f"company:{offer.company_id}", channel="sms")
    return {"ref": str(offer.id)}


def one_offer(town: Town) -> None:
    town.order(WANG)


def two_offers(town: Town) -> None:
    town.order(WANG)
    town.now += timedelta(minutes=1)
    town.order(QUIET)


def served_today(town: Town) -> dict[str, str]:
    return {"ref": str(town.served(WANG).id)}


def visit_today(town: Town) -> None:
    town.accepted(WANG)


def two_visits_today(town: Town) -> None:
    """Husband and wife are both visited, by the worker who was sent to one of them."""
    first, second = (town.accepted(who) for who in DEMO.couple)
    with town.stores.unit_of_work() as session:
        session.get_one(Order, second.id).worker_id = first.worker_id


def visit_begun(town: Town) -> None:
    order = town.accepted(WANG)
    if order.worker_id is not None:
        town.joined.visits.check_in(order.worker_id, WANG.number, "in")
    town.now += timedelta(minutes=40)


def visit_of_a_colleague(town: Town) -> None:
    """The company sent another worker than the one who calls."""
    order = town.accepted(WANG)
    with town.stores.unit_of_work() as session:
        colleague = session.scalars(select(Worker.id).where(Worker.code == WORKERS[1].code)).one()
        session.get_one(Order, order.id).worker_id = colleague


def visit_with_tasks(town: Town) -> None:
    order = town.accepted(WANG, "bathing")
    if order.worker_id is not None:
        town.joined.visits.check_in(order.worker_id, WANG.number, "in")
    town.now += timedelta(minutes=50)


def in_hold_at_night(town: Town) -> dict[str, str]:
    at_night(town)
    return in_hold(town)


def always_orders_meals(town: Town) -> None:
    """A meal on three days of the last weeks, as learning keeps it."""
    item, today = town.item_id("meal"), town.now.date()
    orders = tuple(Ordered(today - timedelta(days=days), item) for days in reversed(DAYS_OF_A_FAVOURITE))
    with town.stores.unit_of_work() as session:
        row = manner_row(session, town.elder_id(QUIET))
        if row is not None:
            row.learnt = write_history(History((), orders))


def always_orders_what_is_offered_no_more(town: Town) -> None:
    always_orders_meals(town)
    with town.stores.unit_of_work() as session:
        session.get_one(ServiceItem, town.item_id("meal")).active = False


def visit_under_way(town: Town) -> None:
    """The worker is there: no key cancels it any more."""
    order = town.accepted(QUIET)
    if order.worker_id is not None:
        town.joined.visits.check_in(order.worker_id, QUIET.number, "in")


def order_due_in_minutes(town: Town) -> None:
    """The worker may have set out: a person cancels."""
    order = town.accepted(QUIET)
    town.now = order.due_at.astimezone(town.now.tzinfo) - timedelta(minutes=5)


def order_overdue(town: Town) -> dict[str, str]:
    """Nobody came to an accepted order, and the first duty phone is being rung about it."""
    order = town.accepted(QUIET)
    town.joined.hours_register.add_phone("值班", mobile(301))
    town.now = order.due_at.astimezone(town.now.tzinfo) + timedelta(hours=4)
    town.joined.escalations.sweep()
    town.joined.callbacks.claim_due()
    return {"ref": str(town.joined.escalations.standing()[0].id)}


def order_overdue_and_taken(town: Town) -> dict[str, str]:
    given = order_overdue(town)
    town.joined.escalations.take_over(int(given["ref"]), "user:2")
    return given


def relative_of_two(town: Town) -> None:
    with town.stores.unit_of_work() as session:
        session.add(
            Contact(
                elder_id=town.elder_id(DEMO.couple[0]), name=WANG.contacts[0][0], relation=WANG.contacts[0][1],
                number=RELATIVE_OF_WANG, number_index=town.cipher.number_index(RELATIVE_OF_WANG), priority=1,
            )
        )  # fmt: skip


def announced(town: Town) -> None:
    """Told to everybody for a week, in a human voice."""
    announcements = town.joined.announcements
    told = announcements.make("明天停水。", "", town.now, town.now + timedelta(days=7), by="user:2")
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(bytes(2 * 8_000 * 3))
    announcements.record(told.id, sound.getvalue())


def asked_to_record(town: Town) -> dict[str, str]:
    town.book.wishes[WISH] = Wish("zh-CN", "welcome.person.0", "user:2")
    return {"ref": WISH}


def asked_to_record_and_whispers(town: Town) -> dict[str, str]:
    town.book.trouble = Trouble.QUIET
    return asked_to_record(town)
