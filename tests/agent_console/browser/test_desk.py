"""The agent's page in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from db.demo import DEMO
from db.models import AuditEntry, CallRecord, Elder, Order
from routing.calls.messages import COMMANDS, AgentState, CallerClass, SetAgentState, decode
from tests.agent_console.browser.conftest import fits, log_in
from tests.agent_console.ringing import EXTENSION, answer, join, put_agent, ring
from tests.agent_console.served import Served

pytestmark = pytest.mark.browser

EVIL = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


@pytest.fixture
def elder_id(served: Served) -> int:
    with served.services.reading() as work:
        return work.scalars(select(Elder.id).where(Elder.code == DEMO.wang.code)).one()


@pytest.fixture
def at_desk(page: Page, served: Served) -> Page:
    """The agent is logged in and ready, and the page is live."""
    put_agent(served.services.redis, AgentState.READY)
    log_in(page, served, DEMO.agent.login)
    expect(page.locator("body")).to_have_attribute("data-online", "yes")
    return page


def test_a_wrong_password_says_so_and_opens_nothing(page: Page, served: Served) -> None:
    log_in(page, served, DEMO.agent.login, "wrong")
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码不对")
    page.goto(f"{served.address}/desk")
    expect(page.get_by_role("button", name="登录")).to_be_visible()


def test_the_record_pops_while_it_rings(at_desk: Page, served: Served, elder_id: int) -> None:
    page = at_desk
    expect(page.locator("#pane")).to_contain_text("没有来电")
    ring(served.services.redis, elder_id)
    pane = page.locator("#pane")
    expect(pane.get_by_role("heading", level=1)).to_contain_text(DEMO.wang.name)
    for shown in ("82 岁", "独居", DEMO.wang.health_notes, DEMO.wang.address, "王建国"):
        expect(pane).to_contain_text(shown)
    expect(page.locator("#state")).to_have_text("振铃中")
    expect(page.locator("#ringing")).to_be_visible()
    answer(served.services.redis, elder_id)
    expect(page.locator("#state")).to_have_text("通话中")
    expect(page.locator("#ringing")).to_be_hidden()
    with served.services.reading() as work:
        looks = work.scalars(select(AuditEntry.subject).where(AuditEntry.action == "elder.record")).all()
    assert looks == [f"elder:{elder_id}"], "one pop is one look, and it is on record"


def test_a_reload_in_mid_call_shows_the_record_again(at_desk: Page, served: Served, elder_id: int) -> None:
    with served.services.unit_of_work() as work:
        work.add(
            CallRecord(id="c1", node="a", direction="inbound", elder_id=elder_id, started_at=served.services.clock())
        )
    ring(served.services.redis, elder_id)
    answer(served.services.redis, elder_id)
    expect(at_desk.locator("#state")).to_have_text("通话中")
    at_desk.reload()
    expect(at_desk.locator("#pane").get_by_role("heading", level=1)).to_contain_text(DEMO.wang.name)


def test_an_order_is_taken_with_its_price_shown(at_desk: Page, served: Served) -> None:
    page = at_desk
    with served.services.reading() as work:
        elder_id = work.scalars(select(Elder.id).where(Elder.payer_class == "subsidised").limit(1)).one()
    ring(served.services.redis, elder_id)
    form = page.locator("#new-order")
    form.get_by_label("服务项目").select_option(label="送餐")
    expect(form.locator(".price")).to_contain_text("15.00 元 · 老人自付 7.50 元")
    expect(form.locator(".price")).to_contain_text("自付 50%")
    form.get_by_label("数量").fill("2")
    expect(form.locator(".price")).to_contain_text("30.00 元 · 老人自付 15.00 元")
    form.get_by_label("数量").fill("99")
    expect(form.locator(".price")).to_contain_text("请填 1 到 20 次")
    form.get_by_label("数量").fill("1")
    expect(form.locator(".price")).to_contain_text("15.00 元 · 老人自付 7.50 元")
    form.get_by_label("备注").fill("不要辣")
    form.get_by_role("button", name="下单").click()
    expect(page.get_by_role("status").filter(has_text="已下单")).to_be_visible()
    with served.services.reading() as work:
        order = work.scalars(select(Order)).one()
    assert (order.elder_id, order.call_id, order.source, order.note) == (elder_id, "c1", "desk", "不要辣")
    assert (order.price_fen, order.elder_pays_fen) == (1500, 750)
    expect(page.locator("#pane")).to_contain_text(order.number)


def test_two_presses_make_one_order(at_desk: Page, served: Served, elder_id: int) -> None:
    page = at_desk
    page.goto(f"{served.address}/desk?elder={elder_id}")
    page.get_by_label("服务项目").select_option(label="保洁")
    expect(page.locator("#quote")).to_contain_text("老人自付")
    page.evaluate(
        "() => { const form = document.getElementById('new-order'); form.requestSubmit(); form.requestSubmit(); }"
    )
    expect(page.get_by_role("status").filter(has_text="已下单")).to_be_visible()
    with served.services.reading() as work:
        assert work.scalar(select(func.count()).select_from(Order)) == 1


def test_who_presses_before_the_price_is_there_is_asked_back_with_it(
    at_desk: Page, served: Served, elder_id: int
) -> None:
    page = at_desk
    page.route("**/desk/orders/quote", lambda route: route.abort())
    page.goto(f"{served.address}/desk?elder={elder_id}")
    page.get_by_label("服务项目").select_option(label="送餐")
    page.get_by_role("button", name="下单").click()
    asked = page.get_by_role("alertdialog")
    expect(asked).to_contain_text("这次共 15.00 元，自付 0.00 元")
    asked.get_by_role("button", name="老人同意，下单").click()
    expect(page.get_by_role("status").filter(has_text="已下单")).to_be_visible()


def test_markup_in_names_and_notes_stays_text(at_desk: Page, served: Served) -> None:
    page = at_desk
    with served.services.unit_of_work() as work:
        evil = work.scalars(select(Elder).order_by(Elder.id.desc()).limit(1)).one()
        evil.name = evil.health_notes = evil.address = EVIL
        elder_id = evil.id
    ring(served.services.redis, elder_id)
    expect(page.locator("#pane").get_by_role("heading", level=1)).to_contain_text(EVIL)
    page.get_by_label("服务项目").select_option(label="送餐")
    page.locator("#new-order").get_by_label("备注").fill(EVIL)
    expect(page.locator("#quote")).to_contain_text("老人自付")
    page.get_by_role("button", name="下单").click()
    expect(page.get_by_role("status").filter(has_text="已下单")).to_be_visible()
    page.locator("#pane .row a").click()
    expect(page.locator("dl")).to_contain_text(EVIL)
    assert "owned" not in page.title()


def test_a_note_is_kept_when_the_next_call_pops(at_desk: Page, served: Served, elder_id: int) -> None:
    page, services = at_desk, served.services
    with services.unit_of_work() as work:
        for name in ("c1", "c0"):
            work.add(CallRecord(id=name, node="a", direction="inbound", started_at=services.clock()))
    page.goto(f"{served.address}/desk?elder={elder_id}&call=c0")
    expect(page.locator("body")).to_have_attribute("data-online", "yes")
    page.get_by_label("通话记录").fill("女儿明天来")
    ring(services.redis, elder_id)
    expect(page.locator("[data-call=c1]")).to_be_visible()
    with services.reading() as work:
        assert work.get_one(CallRecord, "c0").agent_note == "女儿明天来"


def test_buttons_ask_the_router_for_a_state(at_desk: Page, served: Served) -> None:
    page, redis = at_desk, served.services.redis
    expect(page.get_by_role("button", name="结束话后")).to_be_hidden()
    with page.expect_response("**/desk/state"):
        page.get_by_role("button", name="小休").click()
    (_, fields), *more = redis.xrange(COMMANDS)
    asked = decode(fields[b"message"])
    assert isinstance(asked, SetAgentState) and not more
    assert (asked.extension, asked.state) == (EXTENSION, AgentState.PAUSED)
    put_agent(redis, AgentState.WRAP_UP)
    expect(page.get_by_role("button", name="结束话后")).to_be_visible(timeout=60_000)


def test_buttons_of_states_keep_their_places(at_desk: Page, served: Served) -> None:
    """Whoever is about to press one presses that one, or nothing, when the state changes under the pointer."""
    page, redis = at_desk, served.services.redis
    for language in ("zh-CN", "en"):
        page.evaluate("(name) => document.documentElement.lang = name", language)
        for size in ({"width": 1366, "height": 768}, {"width": 390, "height": 844}):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            places = {}
            for state in AgentState:
                put_agent(redis, state)
                expect(page.locator("#state")).to_have_attribute("data-state", state.value)
                if language == "en":
                    page.evaluate("document.getElementById('state').textContent = 'Resting after a miss'")
                places[state] = page.evaluate(_PLACES)
                fits(page)
            first = places[AgentState.READY]
            assert len(first) == 4
            assert [state for state, each in places.items() if each != first] == []
            assert first[0][1:3] == first[1][1:3], "the two that ask for ready are at the same place"


_PLACES = """() => [...document.querySelectorAll("#states button")].map((each) => {
  const { x, y, width, height } = each.getBoundingClientRect();
  return [each.value, x, y, width, height];
})"""


def test_an_sos_cannot_be_missed(at_desk: Page, served: Served, elder_id: int) -> None:
    page, redis = at_desk, served.services.redis
    join(redis, CallerClass.SOS)
    banner = page.locator("#sos")
    expect(banner).to_contain_text("有紧急呼叫正在等待")
    ring(redis, elder_id, CallerClass.SOS)
    expect(banner).to_contain_text("请立即接听")
    assert "SOS" in page.title()
    served.services.cases.open("sos-c1", "sos", elder_id=elder_id, call_id="c1")
    answer(redis, elder_id)
    expect(page.locator("#state")).to_have_text("通话中")
    expect(banner).to_contain_text("请立即接听")


def test_the_banner_and_the_line_of_the_desk_say_nothing_twice(at_desk: Page, served: Served, elder_id: int) -> None:
    page, redis = at_desk, served.services.redis
    line, banner = page.locator("#sos"), page.locator("#sos-banner")
    join(redis, CallerClass.SOS)
    expect(line).to_contain_text("有紧急呼叫正在等待")  # Nothing is in the database: the line is all there is.
    case = served.services.cases.open("sos-c1", "sos", elder_id=elder_id, call_id="c1").id
    expect(banner).to_contain_text(f"个案 {case}")
    expect(line).to_be_hidden()
    assert "SOS" in page.title() or "紧急" in page.title()
    join(redis, CallerClass.SOS, "t2")
    expect(line).to_contain_text("正在等待！ ×1")  # Another one, which the banner does not know.
    ring(redis, elder_id, CallerClass.SOS)
    expect(line).to_have_text(page.locator("#sos").get_attribute("data-yours") or "-")
    expect(banner).to_be_visible()


def test_a_form_without_its_token_is_refused(at_desk: Page, served: Served, elder_id: int) -> None:
    page = at_desk
    page.goto(f"{served.address}/desk?elder={elder_id}")
    page.evaluate("() => document.querySelectorAll('[name=csrf_token]').forEach((field) => field.remove())")
    page.get_by_label("服务项目").select_option(label="送餐")
    page.get_by_role("button", name="下单").click()
    expect(page.locator("#pane").get_by_role("alert")).to_be_visible()
    with served.services.reading() as work:
        assert work.scalar(select(func.count()).select_from(Order)) == 0


def test_elders_are_found_without_a_number_in_any_address(at_desk: Page, served: Served) -> None:
    page = at_desk
    page.get_by_role("search").get_by_role("textbox").fill(DEMO.couple[0].phones[0][0])
    page.get_by_role("button", name="查找").click()
    for elder in DEMO.couple:
        expect(page.locator(".found")).to_contain_text(elder.name)
    page.get_by_role("link", name=DEMO.couple[1].name).click()
    expect(page.locator("#pane").get_by_role("heading", level=1)).to_contain_text(DEMO.couple[1].name)
    assert DEMO.couple[0].phones[0][0][-8:] not in served.log.read_text()
