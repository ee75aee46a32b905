"""Deregistering: everything ends at once or nothing does, nobody is called, and it can be undone for a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from db.demo import DEMO
from db.demo_plans import load_plans
from db.models import (
    AuditEntry,
    Callback,
    Case,
    Elder,
    MedicineReminder,
    Order,
    OrderPlan,
    SmsMessage,
    WellBeingEnrolment,
)
from routing.elders.departures import Departure, TooLate
from routing.orders.errors import MoveRefused
from routing.outreach.consent import Channel, Purpose
from routing.outreach.medicine.reminders import Wish
from tests.agent_console.console import Desk, csrf


def busy(desk: Desk) -> tuple[int, int, int]:
    """An elder with all that can end: two orders, plans, a reminder, a daily call, a call and a message that wait."""
    services, elder = desk.services, desk.elder_id()
    first = services.orders.place(elder, desk.item_id(), key="a", source="desk", actor="user:1").id
    second = services.orders.place(elder, desk.item_id("cleaning"), key="b", source="desk", actor="user:1").id
    load_plans(services.unit_of_work)
    if services.enrolments.of_elder(elder) is None:
        services.enrolments.enrol(elder, "08:30", consent="elder", by="user:1")
    services.reminders.make(elder, Wish("09:00", "elder"), by="user:1")
    now = services.clock()
    with services.unit_of_work() as work:
        owed = Callback(
            cause="after-x", kind="after_service", flow="rating", reference=str(first), number=DEMO.wang.number,
            elder_id=elder, state="due", due_at=now, created_at=now, updated_at=now,
        )  # fmt: skip
        work.add(owed)
        services.sms.enqueue(work, key="m", number=DEMO.wang.number, elder_id=elder, text="王奶奶，您好")
    return elder, first, second


def stands(desk: Desk, elder: int) -> tuple[str, int, int, int, int]:
    with desk.services.reading() as work:
        plans = work.scalars(select(OrderPlan.id).where(OrderPlan.elder_id == elder, OrderPlan.state != "ended")).all()
        mine = MedicineReminder.elder_id == elder
        doses = work.scalars(select(MedicineReminder.id).where(mine, MedicineReminder.ended_at.is_(None))).all()
        daily = work.scalars(select(WellBeingEnrolment.id).where(WellBeingEnrolment.active_elder_id == elder)).all()
        owed = work.scalars(select(Callback.id).where(Callback.elder_id == elder, Callback.state == "due")).all()
        return work.get_one(Elder, elder).state, len(plans), len(doses), len(daily), len(owed)


def test_everything_ends_at_once_and_comes_back(desk: Desk) -> None:
    elder, first, second = busy(desk)
    before = stands(desk, elder)
    assert before[0] == "active" and all(before[1:])
    client, page = desk.logged_in("supervisor"), f"/elders/{elder}/departure"
    shown = client.get(page).get_data(as_text=True)
    assert f'value="{first}"' in shown and f'value="{second}"' in shown
    form = {"csrf_token": csrf(client, page), "state": "deceased", "note": "女儿来电", "cancel": str(first)}
    assert client.post(page, data=form).status_code == 302
    assert stands(desk, elder) == ("deceased", 0, 0, 0, 0)
    with desk.services.reading() as work:
        assert work.get_one(Order, first).state == "cancelled" != work.get_one(Order, second).state
        case = work.scalars(select(Case).where(Case.key.like("departure-%"))).one()
        assert case.elder_id == elder, "the order that was left is somebody's to ask about"
        assert work.scalars(select(SmsMessage.state).where(SmsMessage.key == "m")).one() == "failed"
        seen = list(work.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"elder:{elder}")))
    assert "elder.departed" in seen
    for purpose in set(Purpose) - {Purpose.BUSINESS}:
        assert not desk.services.consents.permission(purpose, Channel.CALL, elder_id=elder).allowed, purpose
    assert client.post(page, data=form).status_code == 409, "once"
    assert client.post(f"{page}/1/undo", data=form).status_code == 302
    assert stands(desk, elder) == (*before[:4], 0), "calls that were owed do not come back"
    assert client.post(f"{page}/1/undo", data=form).status_code == 409


def test_a_visit_under_way_keeps_all_of_it_from_being_done(desk: Desk) -> None:
    """One unit of work: what cannot be done whole is not done at all."""
    elder, first, second = busy(desk)
    with desk.services.unit_of_work() as work:
        work.get_one(Order, second).state = "visiting"
    before = stands(desk, elder)
    departure = Departure(elder, "moved", desk.services.clock().date(), "", frozenset({first, second}))
    with pytest.raises(MoveRefused):
        desk.services.departures.depart(departure, "user:1")
    assert stands(desk, elder) == before
    with desk.services.reading() as work:
        assert work.get_one(Order, first).state != "cancelled"
    desk.services.departures.depart(replace(departure, cancel=frozenset({first})), "user:1")
    assert stands(desk, elder)[0] == "moved"


def test_after_a_month_it_is_too_late(desk: Desk) -> None:
    elder = desk.elder_id()
    day = desk.services.clock()
    number = desk.services.departures.depart(Departure(elder, "moved", day.date()), "user:1")
    desk.services.departures._clock = lambda: day + timedelta(days=31)
    with pytest.raises(TooLate):
        desk.services.departures.undo(number, "user:1")
    assert desk.services.departures.standing(elder).undoable is None


def test_what_is_not_asked_rightly_is_refused(desk: Desk) -> None:
    client, page = desk.logged_in("administrator"), f"/elders/{desk.elder_id()}/departure"
    form = {"csrf_token": csrf(client, page), "state": "deceased"}
    assert client.post(page, data={**form, "state": "merged"}).status_code == 422
    assert client.post(page, data={**form, "cancel": "x"}).status_code == 422
    assert client.post(page, data={**form, "cancel": "99"}).status_code == 422
    assert client.post(page, data={**form, "on": "2199-01-01"}).status_code == 422
    assert client.get("/elders/99999/departure").status_code == 404
