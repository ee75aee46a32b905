"""Notes and keys in a real browser: saved as they are typed, through a lost line and a reload; no mouse needed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from db.demo import DEMO
from db.models import CallRecord
from routing.calls.messages import AgentState
from tests.agent_console.browser.conftest import log_in
from tests.agent_console.ringing import put_agent
from tests.agent_console.served import Served
from tests.waiting import until

pytestmark = pytest.mark.browser


@pytest.fixture
def talking(page: Page, served: Served) -> Page:
    with served.services.unit_of_work() as work:
        work.add(CallRecord(id="c9", node="a", direction="inbound", started_at=served.services.clock()))
    put_agent(served.services.redis, AgentState.READY)
    log_in(page, served, DEMO.agent.login)
    page.goto(f"{served.address}/desk?call=c9")
    return page


def note(served: Served) -> str:
    with served.services.reading() as work:
        return work.get_one(CallRecord, "c9").agent_note


def test_what_is_typed_is_saved_without_a_press(talking: Page, served: Served) -> None:
    talking.locator("textarea[data-draft]").press_sequentially("老人头晕")
    expect(talking.locator("[data-saved]")).to_have_text("已保存")
    assert note(served) == "老人头晕"


def test_what_was_typed_without_a_line_survives_a_reload_and_is_saved_then(talking: Page, served: Served) -> None:
    talking.route("**/draft", lambda route: route.abort())
    talking.locator("textarea[data-draft]").press_sequentially("要换药")
    expect(talking.locator("[data-saved]")).to_contain_text("还没有保存上")
    assert note(served) == ""
    talking.unroute("**/draft")
    talking.reload()
    expect(talking.locator("textarea[data-draft]")).to_have_value("要换药")
    expect(talking.locator("[data-saved]")).to_have_text("已保存")
    assert note(served) == "要换药"


def test_two_who_write_at_once_keep_both(talking: Page, served: Served) -> None:
    talking.locator("textarea[data-draft]").press_sequentially("一")
    expect(talking.locator("[data-saved]")).to_have_text("已保存")
    with served.services.unit_of_work() as work:
        work.get_one(CallRecord, "c9").agent_note = "同事写的"
    talking.locator("textarea[data-draft]").press_sequentially("二")
    until(lambda: note(served) == "同事写的\n一二", 30)
    expect(talking.locator("textarea[data-draft]")).to_have_value("同事写的\n一二")


def test_keys_lead_to_what_is_done_most_and_are_told(talking: Page) -> None:
    talking.keyboard.press("Alt+s")
    expect(talking.get_by_label("查找老人")).to_be_focused()
    talking.keyboard.press("?")
    expect(talking.get_by_label("查找老人")).to_have_value("?")
    talking.keyboard.press("Alt+n")
    expect(talking.locator("textarea[data-draft]")).to_be_focused()
    talking.evaluate("document.activeElement.blur()")
    talking.keyboard.press("?")
    expect(talking.get_by_role("dialog", name="快捷键")).to_be_visible()
    expect(talking.get_by_role("dialog", name="快捷键")).to_contain_text("挂机或拒接")
    talking.keyboard.press("Escape")
    expect(talking.get_by_role("dialog", name="快捷键")).to_be_hidden()


def test_the_state_is_changed_without_a_mouse(talking: Page) -> None:
    with talking.expect_response("**/desk/state") as answer:
        talking.keyboard.press("Alt+p")
    assert answer.value.ok
