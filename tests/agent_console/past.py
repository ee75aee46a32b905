"""A past that leaves no page empty: calls, orders, visits, cases, messages and all that is kept of them."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import timedelta

from PIL import Image
from sqlalchemy import select

from agent_console.services import ConsoleServices
from db.demo import DEMO
from db.demo_plans import load_plans
from db.models import (
    Callback,
    Company,
    Elder,
    MedicineDose,
    Order,
    OrderPlan,
    ServiceItem,
    TicketRecord,
    Visit,
    WellBeingCheck,
    Worker,
)
from routing.calls.journey import CallFacts, Journey
from routing.orders.escalation.policy import USUAL_MINUTES
from routing.orders.policy import OrderState
from routing.orders.sos import Raised
from routing.outreach.campaigns import views
from routing.outreach.medicine.reminders import Wish
from routing.reports.book import NAMES
from routing.reports.schedules import Wish as ReportWish
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import open_stores
from tests.agent_console.test_access import PAGES

_NOT_PAGES = (
    "/today", "/export", "/kept/", ".csv", "/recording", ".wav", ".svg", "/live", "/progress", "<form>", "/standing",
    "/photo",
)  # fmt: skip
NUMBER = DEMO.wang.number
_STEPS = (
    ("welcome.greeted", ""), ("services.chosen", "meals"), ("order.placed", ""), ("ticket.joined", "elder order"),
    ("ticket.offered", "1001: the longest idle"), ("ticket.answered", "1001"),
)  # fmt: skip


@dataclass(frozen=True)
class Past:
    """Where it can be looked at."""

    elder: int
    """王桂兰, to whom most of it happened."""
    order: int
    """Of a visit in progress, to be corrected."""
    visit: int
    plan: int
    company: int
    worker: int
    campaign: int
    imported: int
    """A file of elders, checked, with a row that is wrong."""
    case: int
    """Of an SOS."""
    call: str = "c0"
    talk: str = "t0"
    """What an agent had with them, scored."""


def pages_about(past: Past) -> list[str]:
    """Every page that can be looked at, about what has happened."""
    values = {
        "elder_id": past.elder, "order_id": past.order, "visit_id": past.visit, "plan_id": past.plan,
        "company_id": past.company, "worker_id": past.worker, "call_id": past.call, "tag": "zh-CN",
        "name": "common.bye", "user_id": 1, "report": "service", "campaign_id": past.campaign,
        "import_id": past.imported, "case_id": past.case, "key": "thanks",
        "ticket_id": past.talk, "extension": "1001",
    }  # fmt: skip
    rules = [route.partition(" ")[2] for route in PAGES if route.startswith("GET")]
    pages = [rule for rule in rules if not any(each in rule for each in _NOT_PAGES)]
    found = [re.sub(r"<(?:\w+:)?(\w+)>", lambda name: str(values[name.group(1)]), rule) for rule in pages]
    found += [f"/supervisor/reports/{name}" for name in NAMES if name != values["report"]]
    return [*found, f"/desk?elder={past.elder}", "/desk?call=c1", f"/desk/record?elder={past.elder}", "/nowhere"]


def live_through(services: ConsoleServices) -> Past:
    """Let all of it happen, through the real services where they need no telephone. The tests forget it afterwards."""
    with services.reading() as work:
        elders = {each.code: each.id for each in work.scalars(select(Elder))}
        items = {each.code: each.id for each in work.scalars(select(ServiceItem))}
        worker = work.scalars(select(Worker).where(Worker.code == DEMO.worker.code)).one()
    elder, joined = elders[DEMO.wang.code], HotlineServices(open_stores(services.settings))
    order = _orders(services, elder, items, worker)
    joined.visits.check_in(worker.id, DEMO.worker.number, "a-1")
    case = _calls(services, joined, elder, elders[DEMO.one_key.code])
    _promises(services, elder)
    _care(services, elder)
    _judged(services)
    _noted(services)
    _seen(services, elder)
    services.report_schedules.add(ReportWish("service", "day", "li@example.org", "zh_Hans_CN", "xlsx"), by="user:1")
    services.inbox.received("past-1", NUMBER, "12349", "请把我的鞋子带回来吧")
    load_plans(services.unit_of_work)
    with services.reading() as work:
        plan = work.scalars(select(OrderPlan.id).where(OrderPlan.key == "demo-cleaning")).one()
        visit = work.scalars(select(Visit.id)).one()
        company = work.scalars(select(Company.id).order_by(Company.id)).first() or 0
    return Past(elder, order, visit, plan, company, worker.id, _told(services), _handed_over(services), case)


def _told(services: ConsoleServices) -> int:
    """A message by SMS to everybody, under way."""
    wish = views.Wish("降温", "【银龄热线】明天降温，请多穿衣服，少出门。退订回TD", way="sms")
    campaign = services.campaigns.make(wish, by="user:1").id
    services.campaigns.start(campaign, by="user:1")
    return campaign


def _handed_over(services: ConsoleServices) -> int:
    """A file that waits for a person, and a setting that was changed."""
    services.setting_book.change("sos_alarm_minutes", "6", 0, "user:1")
    services.sms_texts.change("thanks", "【银龄热线】收到{score}分，多谢您。", 0, "user:1")
    content = "编号,姓名,电话\nA-1,赵一,13931000001\nA-2,钱二,12\n".encode()
    number = services.elder_imports.hand_over("名单.csv", content, "user:1")
    services.elder_imports.work_off()
    return number


def _orders(services: ConsoleServices, elder: int, items: dict[str, int], worker: Worker) -> int:
    """One is cancelled, one waits far too long for a company, one is being visited."""
    gone = services.orders.place(elder, items["cleaning"], key="past-gone", source="voice", call_id="c0")
    services.orders.cancel(gone.id, actor=f"elder:{elder}", channel="phone_key", reason="改到下周")
    late = services.orders.place(elder, items["meal"], key="past-late", source="desk", actor="user:1", channel="desk")
    now = services.orders.place(elder, items["meal"], key="past-now", source="desk", actor="user:1", channel="desk")
    services.dispatch.offer_next(now.id)
    with services.unit_of_work() as work:
        row = work.get_one(Order, late.id)
        row.state = OrderState.UNASSIGNED.value
        row.updated_at -= timedelta(minutes=USUAL_MINUTES[OrderState.UNASSIGNED] + 20)
        row = work.get_one(Order, now.id)
        row.state, row.worker_id, row.company_id = OrderState.ACCEPTED.value, worker.id, worker.company_id
        row.due_at = row.created_at = services.clock() - timedelta(minutes=30)
    services.escalations.sweep()
    return now.id


def _calls(services: ConsoleServices, joined: HotlineServices, elder: int, crying: int) -> int:
    """A call that was served, one that goes on, an SOS (whose case it gives), a complaint, and a message."""
    begun = services.clock() - timedelta(minutes=7)
    ticks = iter(begun.timestamp() + after for after in (2, 9, 17, 26, 26.1, 27, 41, 42, 58))
    journey = Journey(services.unit_of_work, services.redis, clock=lambda: next(ticks))
    journey.began(CallFacts("c0", "a", "inbound", "12349", begun.timestamp(), NUMBER, elder), detail="welcome: elder")
    for what, detail in _STEPS:
        journey.note("c0", what, detail)
    journey.ended("c0", "answered")
    now = services.clock()
    journey = Journey(services.unit_of_work, services.redis)
    journey.began(CallFacts("c1", "a", "inbound", "12349", now.timestamp(), NUMBER, elder), detail="welcome: elder")
    raised = Raised("did", "12340", "one_key", DEMO.one_key.phones[0][0], "<geo:36.0700,103.8400;u=20>")
    case = services.cases.open(
        "sos-c9", "sos", elder_id=crying, call_id="c9", actor="caller", note=raised.words, steps=raised.steps()
    ).id
    services.cases.open("past-complaint", "complaint", elder_id=elder, note="评分 1")
    with services.unit_of_work() as work:
        work.add(
            TicketRecord(
                id="t0", call_id="c0", intent="order", caller_class="elder", joined_at=begun, end="answered",
                ended_at=begun + timedelta(seconds=15), agent_extension="1001", reason="the longest idle",
                elder_id=elder,
            )
        )  # fmt: skip
    return case


def _judged(services: ConsoleServices) -> None:
    """The talk was scored by a form of two criteria."""
    form = services.quality.forms.change((("greeting", 1), ("patience", 2)), 0, "user:1")
    marks = {form.criteria[0].id: 5, form.criteria[1].id: None}
    services.quality.score("t0", marks, "clear and kind", form.id, "user:1")


def _seen(services: ConsoleServices, elder: int) -> None:
    """There is a photo of them."""
    file = io.BytesIO()
    Image.new("RGB", (600, 800), "#b08060").save(file, "JPEG")
    services.elder_photos.put(elder, file.getvalue(), "user:1")


def _noted(services: ConsoleServices) -> None:
    """Two notes stand on all desks, one of them important."""
    until = services.clock() + timedelta(hours=2)
    services.bulletins.post("Heat warning: ask everybody whether they drink enough.", until, "user:1", important=True)
    services.bulletins.post("The meal service comes half an hour later today.", until, "user:1")


def _promises(services: ConsoleServices, elder: int) -> None:
    """A call-back that is owed, one that three calls did not reach, and a number that must never be called."""
    now = services.clock()
    rows = (("promise-c0", "promise", "due", ""), ("after-service-1", "after_service", "listed", "no_answer"))
    with services.unit_of_work() as work:
        for cause, kind, state, outcome in rows:
            work.add(
                Callback(
                    cause=cause, kind=kind, flow=kind, reference="1", number=NUMBER, number_index=b"1" * 16, place="{}",
                    elder_id=elder, state=state, due_at=now, attempts=3, last_outcome=outcome or None,
                    created_at=now - timedelta(days=2), updated_at=now,
                )
            )  # fmt: skip


def _care(services: ConsoleServices, elder: int) -> None:
    """Medicine, daily calls, and what came of today's."""
    now = services.clock()
    today = now.astimezone(services.settings.zone).date()
    made = services.reminders.make(elder, Wish("09:30", "elder", text="降压药，一片。", tell_contact=True), by="user:1")
    services.enrolments.enrol(elder, "09:00", consent="elder", by="user:1")
    with services.unit_of_work() as work:
        work.add(
            MedicineDose(
                key="past-dose", reminder_id=made.id, elder_id=elder, day=today, due_at=now, state="taken", attempts=2,
                later=1, taken_at=now + timedelta(minutes=21),
            )
        )  # fmt: skip
        work.add(
            WellBeingCheck(
                key="past-check", elder_id=elder, day=today, state="alarm", attempts=3, rang=3, no_key=1, first_at=now,
                reason="no answer 3 times", looking_in="asking",
            )
        )  # fmt: skip
