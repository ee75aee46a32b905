"""An SOS at the desk and on the board: where to go, whom one press calls, what must be said before it is closed."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from agent_console.identity import Identity
from agent_console.supervision.board import take_snapshot
from db.demo import DEMO
from db.models import AuditEntry, Case, CaseEvent, Contact, Elder, ElderPhone
from db.models.calls import CallRecord
from routing.calls.journey import CallFacts, Journey
from routing.calls.messages import AgentState
from routing.calls.talk import Guest
from routing.calls.talk_messages import ControlTalk, TalkAction, TalkStage
from routing.orders.sos import Raised
from tests.agent_console.console import Desk, csrf
from tests.agent_console.desk.test_talks import put_talk, sent
from tests.agent_console.ringing import EXTENSION, put_agent

NUMBER = DEMO.one_key.phones[0][0]
PLACE = "<geo:36.0700,103.8400;u=20>"


def cries(desk: Desk, place: str = "", *, known: bool = True) -> int:
    """赵秀英 has pressed the one key of her phone; give the case."""
    services = desk.services
    elder = desk.elder_id(DEMO.one_key.code) if known else None
    journey = Journey(services.unit_of_work, services.redis)
    journey.began(CallFacts("c1", "a", "inbound", "12340", services.clock().timestamp(), NUMBER, elder))
    raised = Raised("did", "12340", "one_key", NUMBER, place)
    return services.cases.open(
        "sos-c1", "sos", elder_id=elder, call_id="c1", actor="caller", note=raised.words, steps=raised.steps()
    ).id  # fmt: skip


def shown(desk: Desk, path: str, role: str = "agent") -> str:
    return html.unescape(desk.logged_in(role).get(path).get_data(as_text=True))


def test_where_to_go_and_how_to_get_in_stands_first(desk: Desk) -> None:
    case = cries(desk, PLACE)
    elder = desk.elder_id(DEMO.one_key.code)
    with desk.services.unit_of_work() as work:
        work.execute(
            update(Elder).where(Elder.id == elder).values(
                landmarks="菜市场对面，蓝色大门", way_in="门卫室有备用钥匙", latitude=36.0611, longitude=103.8343
            )
        )  # fmt: skip
        work.execute(update(ElderPhone).where(ElderPhone.number_index == desk.services.cipher.number_index(NUMBER))
                     .values(place="女儿家客厅"))  # fmt: skip
    page = shown(desk, f"/desk/record?elder={elder}&call=c1&case={case}")
    where = page[page.index("sos-where") : page.index("</section>")]
    for each in (
        "菜市场对面，蓝色大门",
        "门卫室有备用钥匙",
        "女儿家客厅",
        "36.07000, 103.84000",
        "误差 20 米",
        "离登记住址 1.1 公里",
    ):
        assert each in where
    assert DEMO.one_key.address in where
    assert "拨打紧急号码 · 12340 · 一键呼叫器" in page


def test_without_any_place_the_page_says_so_and_whom_to_ask(desk: Desk) -> None:
    case = cries(desk, "<geo:0,0>", known=False)
    page = shown(desk, f"/desk/record?call=c1&case={case}")
    assert "没有任何位置资料" in page
    assert "设备还没有定位" in page


def test_what_helps_to_find_her_is_changed_on_the_page_and_audited_without_its_words(desk: Desk) -> None:
    case, elder = cries(desk), desk.elder_id(DEMO.one_key.code)
    with desk.services.reading() as work:
        phone = work.scalars(select(ElderPhone.id).where(ElderPhone.elder_id == elder)).first()
        contact = work.scalars(select(Contact.id).where(Contact.elder_id == elder)).first()
    client = desk.logged_in("agent")
    form = {"csrf_token": csrf(client, "/desk"), "landmarks": "二号门", "way_in": "密码锁", f"place-{phone}": "儿子家",
            "keys": "1", f"key-{contact}": "on", "call": "c1", "case": str(case)}  # fmt: skip
    assert client.post(f"/desk/elders/{elder}/place", data=form).status_code == 302
    with desk.services.reading() as work:
        found = work.get_one(Elder, elder)
        assert (found.landmarks, found.way_in) == ("二号门", "密码锁")
        assert work.get_one(ElderPhone, phone).place == "儿子家"
        assert work.get_one(Contact, contact).has_key
        (audit,) = work.scalars(select(AuditEntry).where(AuditEntry.action == "elder.place"))
        assert audit.detail == f"landmarks way_in phone:{phone} contact:{contact}"
        assert [step.what for step in work.scalars(select(CaseEvent).order_by(CaseEvent.id))][-1] == "record_changed"
    assert client.post("/desk/elders/999999/place", data=form).status_code == 404


@pytest.mark.parametrize("target", ["emergency:120", "contact"])
def test_one_press_calls_120_or_the_family_into_the_talk(desk: Desk, target: str) -> None:
    elder = desk.elder_id(DEMO.wang.code)
    put_talk(desk.services.redis, elder, guests=(Guest("g1", "119"),))
    with desk.services.reading() as work:
        contact = work.scalars(select(Contact).where(Contact.elder_id == elder).order_by(Contact.priority)).first()
    assert contact is not None
    client = desk.logged_in("agent")
    page = html.unescape(client.get("/desk/talk").get_data(as_text=True))
    assert page.index("接通 120") < page.index("接通 110") < page.index(f"接通 {contact.relation} {contact.name}")
    assert page.count("正在拨打") == 1
    value = f"contact:{contact.id}" if target == "contact" else target
    form = {"csrf_token": csrf(client, "/desk"), "dial": value}
    assert client.post("/desk/talk/c1", data=form, headers={"X-Requested-With": "fetch"}).status_code == 204
    (command,) = [each for each in sent(desk) if isinstance(each, ControlTalk)]
    assert (command.action, command.extension) == (TalkAction.CONFER, EXTENSION)
    assert command.party == (f"contact:{contact.id}" if target == "contact" else "120")
    assert "number" not in repr(command)
    form["dial"] = "emergency:13800000000"
    assert client.post("/desk/talk/c1", data=form).status_code == 422


def test_an_agent_closes_an_sos_with_a_result_and_is_reminded_until_then(desk: Desk) -> None:
    case, services = cries(desk), desk.services
    with services.unit_of_work() as work:
        work.execute(update(CallRecord).values(agent_extension=EXTENSION, answered_at=services.clock()))
    put_talk(services.redis, desk.elder_id(DEMO.one_key.code))
    who = Identity("user:1", "坐席", "agent", 1, EXTENSION)
    assert take_snapshot(services, who)["me"]["owes"] == []  # They speak with her.
    services.redis.flushdb()
    put_agent(services.redis, AgentState.WRAP_UP)
    assert [each["case_id"] for each in take_snapshot(services, who)["me"]["owes"]] == [case]
    client = desk.logged_in("agent")
    form = {"csrf_token": csrf(client, "/desk"), "outcome": "女儿到家了", "call": "c1", "case": str(case)}
    assert client.post(f"/desk/cases/{case}/close", data=form).status_code == 422
    assert client.post(f"/desk/cases/{case}/close", data={**form, "result": "family_informed"}).status_code == 302
    assert take_snapshot(services, who)["me"]["owes"] == []
    with services.reading() as work:
        closed = work.get_one(Case, case)
    assert (closed.state, closed.result, closed.outcome) == ("closed", "family_informed", "女儿到家了")
    other = services.cases.open("complaint-1", "complaint").id
    assert client.post(f"/desk/cases/{other}/close", data=form).status_code == 403


def test_an_sos_that_nobody_is_on_alarms_on_the_board_and_in_the_figures(desk: Desk) -> None:
    case, services = cries(desk), desk.services
    who = Identity("user:2", "班长", "supervisor", 2)

    def alarms() -> tuple[bool, str]:
        (row,) = take_snapshot(services, who)["sos_cases"]
        said = desk.anonymous().get("/metrics").get_data(as_text=True)
        return row["alarming"], next(line for line in said.splitlines() if line.startswith("elderline_sos_alarming "))

    assert alarms() == (False, "elderline_sos_alarming 0.0")
    minutes = services.settings.sos_alarm_minutes
    with services.unit_of_work() as work:
        work.execute(update(Case).values(opened_at=services.clock() - timedelta(minutes=minutes + 2)))
    assert alarms() == (True, "elderline_sos_alarming 1.0")
    assert "没有人处理" in shown(desk, "/supervisor", "supervisor")
    put_talk(services.redis, stage=TalkStage.TALKING)
    assert alarms() == (False, "elderline_sos_alarming 0.0")
    services.redis.flushdb()
    assert alarms()[0]
    services.cases.note(case, "user:1", "已打电话给社区")
    assert alarms() == (False, "elderline_sos_alarming 0.0")


def test_the_timeline_is_told_in_words_to_the_second_and_by_the_api(desk: Desk) -> None:
    elder = desk.elder_id(DEMO.wang.code)
    with desk.services.reading() as work:
        contact = work.scalars(select(Contact).where(Contact.elder_id == elder)).first()
    assert contact is not None
    case, journey = cries(desk, PLACE), Journey(desk.services.unit_of_work, desk.services.redis)
    for what, detail in (
        ("ticket.joined", "sos"), ("ticket.offered", "1001: the longest idle"), ("ticket.answered", "1001 c1-1"),
        ("talk.confer", "120"), ("talk.not_joined", "120: busy"), ("talk.joined", f"contact:{contact.id}"),
        ("welcome.greeted", ""),
    ):  # fmt: skip
        journey.note("c1", what, detail)
    page = shown(desk, "/supervisor", "supervisor")
    for each in (
        "呼救",
        "设备报告的位置",
        "接听</b> 1001 c1-1",
        "没有接通</b> 120：占线",
        f"{contact.relation} {contact.name}",
    ):
        assert each in page
    assert "<time datetime=" in page
    masked = shown(desk, "/supervisor", "auditor")
    assert contact.name not in masked
    assert "36.07" not in masked
    answer = desk.anonymous().get(f"/api/v1/cases/{case}", headers=desk.bearer("supervisor")).get_json()
    assert [step["what"] for step in answer["timeline"]] == [
        "opened", "located", "ticket.joined", "ticket.offered", "ticket.answered", "talk.confer", "talk.not_joined",
        "talk.joined",
    ]  # fmt: skip
