"""From an answered call to an order: how many presses it takes by mouse and by keys, counted in the page itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from db.demo import DEMO
from db.models import CallRecord, Elder, Order
from routing.calls.messages import AgentState
from tests.agent_console.browser.conftest import log_in, open_page
from tests.agent_console.ringing import answer, put_agent, ring
from tests.agent_console.served import Served

pytestmark = pytest.mark.browser

MOST = 3
COUNT = """
window.presses = [];
const kept = ["Alt", "Control", "Shift", "Meta"]; // Held down with another, they are no press of their own.
for (const kind of ["click", "keydown"]) addEventListener(kind, (event) => {
  if (event.isTrusted && event.detail !== 0 || kind === "keydown" && !kept.includes(event.key)) {
    window.presses.push(kind === "click" ? "click" : `${event.altKey ? "Alt " : ""}${event.key}`);
  }
}, true);
"""


@pytest.fixture
def counted(browser: Browser) -> Iterator[Page]:
    yield from open_page(browser, COUNT)


@pytest.fixture
def elder_id(served: Served) -> int:
    with served.services.reading() as work:
        return work.scalars(select(Elder.id).where(Elder.code == DEMO.wang.code)).one()


@pytest.fixture
def talking(counted: Page, served: Served, elder_id: int) -> Page:
    """An elder has called, the call is answered, and the record stands there. Nothing was pressed since."""
    with served.services.unit_of_work() as work:
        work.add(
            CallRecord(id="c1", node="a", direction="inbound", elder_id=elder_id, started_at=served.services.clock())
        )
    put_agent(served.services.redis, AgentState.READY)
    log_in(counted, served, DEMO.agent.login)
    expect(counted.locator("body")).to_have_attribute("data-online", "yes")
    ring(served.services.redis, elder_id)
    answer(served.services.redis, elder_id)
    expect(counted.locator("#state")).to_have_text("通话中")
    expect(counted.locator("#pane").get_by_role("heading", level=1)).to_contain_text(DEMO.wang.name)
    counted.evaluate("window.presses.length = 0")
    return counted


def presses(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.presses")
    return found


def told(page: Page) -> None:
    """What it costs, what the elder pays, and who would be asked first stand there before anything is ordered."""
    quote = page.locator("#quote")
    expect(quote).to_contain_text("老人自付")
    expect(quote.locator("[data-slot=price]")).to_have_text("15.00")
    expect(quote.locator("[data-slot=first]")).to_contain_text("会先问")
    expect(quote.locator("[data-slot=first]")).to_be_in_viewport()
    expect(page.get_by_role("button", name="下单")).to_be_in_viewport()


def ordered(page: Page, served: Served, elder_id: int) -> None:
    expect(page.get_by_role("status").filter(has_text="已下单")).to_be_visible()
    with served.services.reading() as work:
        order = work.scalars(select(Order)).one()
    assert (order.elder_id, order.call_id, order.source, order.price_fen) == (elder_id, "c1", "desk", 1500)


def test_three_presses_of_the_mouse_from_an_answered_call_to_an_order(
    talking: Page, served: Served, elder_id: int
) -> None:
    items = talking.get_by_label("服务项目")
    expect(items).to_be_in_viewport()
    items.click()
    items.select_option(label="送餐")  # The list is the browser's own, outside the page: its press is counted by hand.
    told(talking)
    talking.get_by_role("button", name="下单").click()
    ordered(talking, served, elder_id)
    assert presses(talking) == ["click"] * (MOST - 1), "and one in the browser's own list"


def test_three_keys_and_no_mouse_make_the_same_order(talking: Page, served: Served, elder_id: int) -> None:
    talking.keyboard.press("Alt+b")
    expect(talking.get_by_label("服务项目")).to_be_focused()
    talking.keyboard.press("ArrowDown")
    expect(talking.get_by_label("服务项目").locator("option:checked")).to_have_text("送餐")
    told(talking)
    talking.keyboard.press("Alt+o")
    ordered(talking, served, elder_id)
    assert presses(talking) == ["Alt b", "ArrowDown", "Alt o"]


def test_the_same_order_is_walked_to_with_tab_and_enter(talking: Page, served: Served, elder_id: int) -> None:
    """Who knows no key of ours gets there with those that every form has, and sees where they are."""
    talking.keyboard.press("Alt+b")
    talking.keyboard.press("ArrowDown")
    told(talking)
    button = talking.get_by_role("button", name="下单")
    for _ in range(20):
        talking.keyboard.press("Tab")
        if button.evaluate("each => each === document.activeElement"):
            break
    expect(button).to_be_focused()
    assert button.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
    talking.keyboard.press("Enter")
    ordered(talking, served, elder_id)
    assert "click" not in presses(talking)


def test_a_key_places_nothing_that_was_not_chosen(talking: Page, served: Served) -> None:
    talking.keyboard.press("Alt+o")
    expect(talking.get_by_label("服务项目")).to_be_focused()  # The browser says what is missing.
    with served.services.reading() as work:
        assert work.scalars(select(Order)).all() == []
