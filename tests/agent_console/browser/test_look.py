"""How the pages look: they fit an agent's screen, the keyboard's place shows, and the pictures of the documents."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from db.demo import DEMO
from db.demo_plans import load_plans
from db.models import Elder, OrderPlan, ServiceItem
from routing.calls.journey import CallFacts, Journey
from routing.calls.messages import AgentState, CallerClass
from routing.calls.talk_messages import TalkChanged, TalkStage
from tests.agent_console.browser.conftest import fits, keep, log_in, weak_texts
from tests.agent_console.desk.test_talks import put_talk
from tests.agent_console.ringing import EXTENSION, answer, join, put_agent, ring, tell
from tests.agent_console.served import Served

pytestmark = pytest.mark.browser


@pytest.fixture
def elder_id(served: Served) -> int:
    """王桂兰 has a past: two calls, an order that is done and one that is open."""
    services = served.services
    with services.reading() as work:
        elder = work.scalars(select(Elder.id).where(Elder.code == DEMO.wang.code)).one()
        items = {item.code: item.id for item in work.scalars(select(ServiceItem))}
    for item, key in (("cleaning", "k1"), ("meal", "k2")):
        order = services.orders.place(elder, items[item], key=key, source="voice", call_id="c0")
        if item == "cleaning":
            services.orders.cancel(order.id, actor=f"elder:{elder}", channel="phone_key", reason="改到下周")
    begun = services.clock() - timedelta(minutes=7)
    ticks = iter(begun.timestamp() + after for after in (2, 9, 17, 26, 26.1, 27, 41, 42, 58))
    journey = Journey(services.unit_of_work, services.redis, clock=lambda: next(ticks))
    number = DEMO.wang.phones[0][0]
    journey.began(CallFacts("c0", "a", "inbound", "12349", begun.timestamp(), number, elder), detail="welcome: elder")
    for what, detail in (
        ("welcome.greeted", ""), ("services.chosen", "meals"), ("order.placed", ""), ("ticket.joined", "elder order"),
        ("ticket.offered", "1001: the longest idle"), ("ticket.answered", "1001"),
    ):  # fmt: skip
        journey.note("c0", what, detail)
    journey.ended("c0", "answered")
    begun = services.clock()
    journey.began(CallFacts("c1", "a", "inbound", "12349", begun.timestamp(), number, elder), detail="welcome: elder")
    return elder


def test_the_log_in(page: Page, served: Served, pictures: Path) -> None:
    page.goto(served.address)
    keep(page, pictures, "login")


def test_the_desk_in_a_call(page: Page, served: Served, pictures: Path, elder_id: int) -> None:
    put_agent(served.services.redis, AgentState.READY)
    page.add_init_script(f"localStorage.setItem('elderline-phone-off-{EXTENSION}', 'yes')")  # A telephone on the desk.
    log_in(page, served, DEMO.agent.login)
    expect(page.locator("body")).to_have_attribute("data-online", "yes")
    ring(served.services.redis, elder_id)
    answer(served.services.redis, elder_id)
    expect(page.locator("#state")).to_have_text("通话中")
    put_talk(served.services.redis, stage=TalkStage.TALKING)
    tell(served.services.redis, TalkChanged("c1", EXTENSION, TalkStage.TALKING, 0.0))
    expect(page.get_by_role("button", name="咨询")).to_be_visible()
    page.get_by_label("服务项目").select_option(label="送餐")
    page.get_by_label("通话记录").fill("老人想把午饭改到十二点半，已告知服务商。")
    keep(page, pictures, "agent")


def test_an_sos_at_the_desk(page: Page, served: Served, tmp_path: Path, elder_id: int) -> None:
    put_agent(served.services.redis, AgentState.READY)
    log_in(page, served, DEMO.agent.login)
    expect(page.locator("body")).to_have_attribute("data-online", "yes")
    served.services.cases.open("sos-c1", "sos", elder_id=elder_id, call_id="c1", note="按了一键呼叫器")
    ring(served.services.redis, elder_id, CallerClass.SOS)
    expect(page.locator("#sos")).to_be_visible()
    expect(page.get_by_role("button", name="添加")).to_be_visible()
    keep(page, tmp_path, "sos")


def test_the_wallboard(page: Page, served: Served, pictures: Path, elder_id: int) -> None:
    redis = served.services.redis
    states = (AgentState.TALKING, AgentState.READY, AgentState.WRAP_UP, AgentState.PAUSED, AgentState.RINGING)
    for number, state in enumerate(states, 1001):
        put_agent(redis, state, extension=str(number))
    log_in(page, served, DEMO.supervisor.login)
    expect(page.locator("body")).to_have_attribute("data-online", "yes")
    served.services.cases.open("sos-c1", "sos", elder_id=elder_id, call_id="c1", note="按了一键呼叫器")
    served.services.cases.open("complaint-1", "complaint", elder_id=elder_id, note="评分 1")
    for number, kind in enumerate((CallerClass.SOS, CallerClass.FRAIL, CallerClass.ELDER, CallerClass.OTHER), 2):
        join(redis, kind, f"t{number}")
    expect(page.locator("#tickets tbody tr")).to_have_count(4)
    expect(page.locator(".case")).to_have_count(2)
    assert weak_texts(page) == []
    keep(page, pictures, "supervisor")


def test_a_journey(page: Page, served: Served, pictures: Path, elder_id: int) -> None:
    del elder_id
    log_in(page, served, DEMO.supervisor.login)
    page.goto(f"{served.address}/supervisor/calls/c0")
    expect(page.locator(".journey li")).to_have_count(8)
    keep(page, pictures, "journey")


def test_the_keyboard_s_place_shows(page: Page, served: Served) -> None:
    page.goto(served.address)
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_texts_can_be_told_from_their_ground(page: Page, served: Served, elder_id: int) -> None:
    """Contrast of every text, 4.5:1 or more (WCAG 2.2, success criterion 1.4.3)."""
    log_in(page, served, DEMO.supervisor.login)
    for path in ("/desk?call=c1", f"/desk?elder={elder_id}", "/supervisor/calls/c0", "/supervisor/orders"):
        page.goto(f"{served.address}{path}")
        assert weak_texts(page) == [], path
        fits(page)


def test_how_an_elder_is_spoken_with(page: Page, served: Served, tmp_path: Path, elder_id: int) -> None:
    log_in(page, served, DEMO.agent.login)
    page.goto(f"{served.address}/desk?elder={elder_id}")
    card = page.locator("#manner")
    card.get_by_text("修改").click()
    card.get_by_label("没按键时提醒").select_option(label="提醒两次")
    card.get_by_label("说慢一点").select_option(label="是")
    card.get_by_role("button", name="保存").click()
    expect(page.locator(".done")).to_have_text("电话习惯已保存。")
    expect(card.locator("dd").filter(has_text="提醒两次")).to_contain_text("设置")
    card.get_by_text("修改").click()
    assert weak_texts(page) == []
    card.scroll_into_view_if_needed()
    keep(page, tmp_path, "manner")
    card.get_by_label("没按键时提醒").select_option(label="按学到的或默认")
    card.get_by_role("button", name="保存").click()
    expect(card.locator("dd").filter(has_text="提醒一次")).to_contain_text("默认")
    assert served.services.manners.change(elder_id, {"slow": None}, "user:1").slow is False


def test_companies_and_their_scorecards(page: Page, served: Served, pictures: Path, elder_id: int) -> None:
    del elder_id
    services = served.services
    company = services.scorecards.all()[0].company_id
    services.availability.set_capacity(company, 30, actor=f"company:{company}", channel="phone_key")
    log_in(page, served, DEMO.supervisor.login)
    page.get_by_text("服务管理").click()
    assert weak_texts(page) == []
    keep(page, pictures, "menu")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="服务商")).to_be_hidden()
    expect(page.get_by_text("服务管理")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="服务商").click()
    expect(page.locator(".cards tbody tr")).to_have_count(3)
    page.get_by_role("link", name="评分", exact=True).click()
    expect(page.locator("th[aria-sort]")).to_have_text("评分")
    picture = page.locator("img.picture")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 500
    assert weak_texts(page) == []
    page.goto(f"{served.address}/supervisor/companies/{company}")
    page.locator("#suspension").get_by_label("原因").fill("三次投诉属实，约谈负责人")
    page.get_by_role("button", name="暂停派单").click()
    expect(page.locator("#suspension .health")).to_contain_text("约谈负责人")
    expect(page.locator("img.picture")).to_have_js_property("complete", True)
    assert weak_texts(page) == []
    page.evaluate("window.scrollTo(0, 0)")
    keep(page, pictures, "company")
    services.suspensions.lift(company, "as the test found it", actor="user:1")


def test_prices_and_who_pays_what(page: Page, served: Served, pictures: Path) -> None:
    log_in(page, served, DEMO.supervisor.login)
    page.goto(f"{served.address}/supervisor/prices")
    form = page.locator("#new-class")
    form.get_by_label("名称", exact=True).fill("优抚对象")
    form.get_by_label("代码").fill("veterans")
    form.get_by_label("老人自付比例").fill("20")
    form.get_by_label("每月额度").fill("150")
    form.get_by_role("button", name="新增类别").click()
    expect(page.locator('tr[data-class="veterans"]')).to_contain_text("150.00")
    assert weak_texts(page) == []
    page.evaluate("window.scrollTo(0, 0)")
    keep(page, pictures, "prices")
    services = served.services
    services.payer_classes.end("veterans", services.prices.today(), "user:1")


def test_a_plan_is_looked_at_and_changed(page: Page, served: Served, pictures: Path, elder_id: int) -> None:
    services = served.services
    load_plans(services.unit_of_work)
    with services.reading() as work:
        plan = work.scalars(select(OrderPlan).where(OrderPlan.key == "demo-cleaning")).one()
    log_in(page, served, DEMO.agent.login)
    page.goto(f"{served.address}/desk/elders/{elder_id}/plans")
    expect(page.locator("tbody")).to_contain_text("陪聊")
    page.goto(f"{served.address}/desk/plans/{plan.id}")
    expect(page.locator("#dates")).to_contain_text("暂停：住院体检")
    form = page.locator("#change-plan")
    expect(form.get_by_label("数量")).to_have_value("2")
    form.get_by_label("上门时间").fill("15:30")
    form.get_by_role("button", name="看看日期").click()
    expect(page.locator("#would time")).to_have_count(10)
    expect(page.locator("#would time").first).to_contain_text("15:30")
    assert weak_texts(page) == []
    page.evaluate("document.getElementById('wish').scrollIntoView()")
    keep(page, pictures, "plans")
    form.get_by_role("button", name="保存修改").click()
    expect(page.get_by_role("status")).to_contain_text("已保存")
    expect(page.locator("dl")).to_contain_text("15:30")
