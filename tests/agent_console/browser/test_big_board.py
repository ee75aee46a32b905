"""The large screen in a real browser: it follows, warns by colour, word and sound, and says when it is old."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from db.demo import DEMO
from routing.calls.messages import AgentState, CallerClass
from tests.agent_console.browser.conftest import log_in
from tests.agent_console.ringing import join, put_agent
from tests.agent_console.served import Served
from tests.routing.reports.happened import call, write

pytestmark = pytest.mark.browser


@pytest.fixture
def board(page: Page, served: Served) -> Page:
    """The screen, with a morning of calls behind it and four weeks before."""
    now = served.services.clock()
    for weeks in range(5):
        for at in range(6):
            when = now - timedelta(weeks=weeks, minutes=3 * at)
            write(served.services.unit_of_work, call(f"b{weeks}-{at}", when, wait=4, talk=60, outcome="answered"))
    put_agent(served.services.redis, AgentState.READY)
    log_in(page, served, DEMO.supervisor.login)
    page.goto(f"{served.address}/board")
    expect(page.locator("#waiting")).to_have_text("0")
    return page


def test_it_follows_and_warns_by_colour_word_and_sound(board: Page, served: Served) -> None:
    redis = served.services.redis
    expect(board.locator("#service")).to_have_text("100%")
    expect(board.locator("#agents")).to_contain_text(DEMO.agent.name)
    expect(board.locator("#day canvas")).to_be_visible()
    assert int(board.locator("#day").get_attribute("data-bars") or 0) >= 1
    expect(board.locator("#usual-hint")).to_have_text("")
    button = board.locator("#sound")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    before = int(board.locator("body").get_attribute("data-sounded") or 0)
    assert board.locator("#tile-waiting").get_attribute("data-level") == "calm"
    for at in range(5):
        join(redis, CallerClass.ELDER, f"t{at}")
    expect(board.locator("#waiting")).to_have_text("5")
    expect(board.locator("#tile-waiting")).to_have_attribute("data-level", "warn")
    expect(board.locator("#waiting-level")).to_contain_text("▲ 请注意")
    board.wait_for_function(f"Number(document.body.dataset.sounded) > {before}")
    join(redis, CallerClass.SOS, "t9")
    expect(board.locator("#sos")).to_be_visible()
    expect(board.locator("#classes tr.sos")).to_have_count(1)
    put_agent(redis, AgentState.TALKING, call=True)
    expect(board.locator('#agents li[data-state="talking"]')).to_have_count(1)


def test_old_figures_are_called_old_and_new_ones_come_again(board: Page, served: Served) -> None:
    expect(board.locator("#stale")).to_be_hidden()
    board.context.set_offline(True)
    board.evaluate("window.dispatchEvent(new Event('pagehide'))")  # The stream itself outlives an offline browser.
    expect(board.locator("#stale")).to_be_visible(timeout=20_000)
    expect(board.locator("#stale")).to_contain_text("不是现在的")
    board.context.set_offline(False)
    board.reload()
    join(served.services.redis)
    expect(board.locator("#waiting")).to_have_text("1")
    expect(board.locator("#stale")).to_be_hidden()


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1366, 768), (390, 844)])
def test_nothing_runs_over_the_edge(board: Page, width: int, height: int) -> None:
    board.set_viewport_size({"width": width, "height": height})
    expect(board.locator("#day canvas")).to_be_visible()
    assert board.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
