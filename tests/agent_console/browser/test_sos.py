"""An SOS in a real browser: where to go stands large, one press calls 120, and nobody forgets to close the case."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from db.demo import DEMO
from db.models import Contact, Elder
from db.models.calls import CallRecord
from routing.calls import keys
from routing.calls.journey import CallFacts, Journey
from routing.calls.messages import AgentState, CallerClass
from routing.calls.talk import Guest
from routing.calls.talk_messages import TalkChanged, TalkStage
from routing.orders.sos import Raised
from tests.agent_console.browser.conftest import fits, keep, log_in, weak_texts
from tests.agent_console.desk.test_talks import put_talk
from tests.agent_console.ringing import EXTENSION, answer, put_agent, ring, tell
from tests.agent_console.served import Served

pytestmark = pytest.mark.browser


@pytest.fixture
def elder_id(served: Served) -> int:
    """王桂兰 has cried for help from her telephone at home; a neighbour has a key."""
    services = served.services
    number, cipher = DEMO.wang.phones[0][0], services.cipher
    with services.unit_of_work() as work:
        elder = work.query(Elder).filter(Elder.name_index == cipher.name_index(DEMO.wang.name)).one()
        elder.landmarks, elder.way_in = "菜市场对面，蓝色大门，二楼左手", "门卫室有备用钥匙"
        elder.latitude, elder.longitude = 36.0611, 103.8343
        work.execute(update(Contact).where(Contact.elder_id == elder.id).values(has_key=True))
        its_id = elder.id
    journey = Journey(services.unit_of_work, services.redis)
    journey.began(CallFacts("c1", "a", "inbound", "12340", services.clock().timestamp(), number, its_id))
    raised = Raised("did", "12340", "home", number, "<geo:36.0700,103.8400;u=20>")
    services.cases.open(
        "sos-c1", "sos", elder_id=its_id, call_id="c1", actor="caller", note=raised.words, steps=raised.steps()
    )
    for what, detail in (
        ("ticket.joined", "sos"), ("ticket.offered", f"{EXTENSION}: the longest idle"), ("ticket.answered", EXTENSION),
        ("talk.confer", "120"), ("talk.not_joined", "120: busy"),
    ):  # fmt: skip
        journey.note("c1", what, detail)
    return its_id


def test_an_sos_at_the_desk_from_the_ring_to_the_last_word(
    page: Page, served: Served, pictures: Path, elder_id: int
) -> None:
    redis = served.services.redis
    put_agent(redis, AgentState.READY)
    page.add_init_script(f"localStorage.setItem('elderline-phone-off-{EXTENSION}', 'yes')")
    log_in(page, served, DEMO.agent.login)
    expect(page.locator("body")).to_have_attribute("data-online", "yes")
    ring(redis, elder_id, CallerClass.SOS)
    answer(redis, elder_id)
    expect(page.locator(".sos-where")).to_contain_text("离登记住址 1.1 公里")
    put_talk(redis, elder_id)
    tell(redis, TalkChanged("c1", EXTENSION, TalkStage.TALKING, 0.0))
    ambulance = page.get_by_role("button", name="接通 120")
    with page.expect_response("**/desk/talk/c1"):
        ambulance.click()
    put_talk(redis, elder_id, guests=(Guest("g1", "120"),))
    tell(redis, TalkChanged("c1", EXTENSION, TalkStage.TALKING, 0.0))
    expect(ambulance).to_contain_text("正在拨打")
    expect(ambulance).to_be_disabled()
    put_talk(redis, elder_id)
    tell(redis, TalkChanged("c1", EXTENSION, TalkStage.TALKING, 0.0, trouble="busy", party="120"))
    expect(page.locator("#talk .wrong")).to_have_text("120 没有接通：占线")
    assert weak_texts(page) == []
    fits(page)
    keep(page, pictures, "sos")
    redis.hdel(keys.TALKS, "c1")
    put_agent(redis, AgentState.WRAP_UP)
    with served.services.unit_of_work() as work:
        work.execute(update(CallRecord).values(agent_extension=EXTENSION, answered_at=served.services.clock()))
    tell(redis, TalkChanged("c1", EXTENSION, TalkStage.OVER, 0.0))
    expect(page.locator("#owes")).to_contain_text("还没有结案")
    page.get_by_label("结果（必选）").select_option("ambulance_sent")
    page.get_by_label("说明（必填）").fill("120 已到，女儿陪同去医院")
    page.get_by_role("button", name="紧急呼叫结案").click()
    expect(page.get_by_text("已结案。")).to_be_visible()
    expect(page.get_by_text("已叫救护车：120 已到，女儿陪同去医院")).to_be_visible()
    tell(redis, TalkChanged("c1", EXTENSION, TalkStage.OVER, 0.0))
    expect(page.locator("#owes")).to_be_hidden()


def test_an_sos_that_nobody_is_on_stands_out_on_the_board(
    page: Page, served: Served, tmp_path: Path, elder_id: int
) -> None:
    del elder_id
    with served.services.unit_of_work() as work:
        work.connection().exec_driver_sql("UPDATE case_events SET at = '2026-01-01 00:00:00'")
        work.connection().exec_driver_sql("UPDATE cases SET opened_at = '2026-01-01 00:00:00'")
    log_in(page, served, DEMO.supervisor.login)
    expect(page.locator("#sos-alarm")).to_contain_text("没有人处理")
    page.locator(".case summary").click()
    expect(page.locator(".timeline")).to_contain_text("没有接通 120：占线")
    assert weak_texts(page) == []
    fits(page)
    keep(page, tmp_path, "board")


def test_the_banner_sounds_on_any_page_until_escape_and_stays_to_be_seen(page: Page, served: Served) -> None:
    case = served.services.cases.open("sos-c7", "sos", call_id="c7").id
    log_in(page, served, DEMO.agent.login)
    page.goto(f"{served.address}/desk/tasks?list=not_reached")
    banner = page.locator("#sos-banner")
    expect(banner).to_contain_text(f"紧急呼叫没有人处理！个案 {case}")
    expect(banner).to_have_attribute("data-sound", "yes")
    page.keyboard.press("Escape")
    expect(banner).to_have_attribute("data-sound", "no")
    page.goto(f"{served.address}/desk/overdue")
    expect(banner).to_have_attribute("data-sound", "no")
    expect(banner).to_contain_text(f"个案 {case}")
    fits(page)
    assert weak_texts(page) == []
    served.services.cases.note(case, "user:1", "打电话给社区了")
    expect(banner).to_contain_text("还没有结案")
    served.services.cases.close(case, "虚惊", 1, result="false_alarm")
    expect(banner).to_be_hidden()


def test_cards_open_by_a_key_over_a_page_and_narrow_as_one_types(page: Page, served: Served) -> None:
    log_in(page, served, DEMO.agent.login)
    page.goto(f"{served.address}/desk/tasks")
    page.keyboard.press("Alt+k")
    cards = page.locator("#cards .kcard")
    expect(cards).to_have_count(12)
    page.keyboard.type("煤气")
    expect(page.locator("#cards .kcard:visible")).to_have_count(1)
    expect(page.get_by_text("您现在就出门")).to_be_visible()
    assert weak_texts(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#cards")).to_be_hidden()
