"""The supervisor's page in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from db.demo import DEMO
from db.models import Case
from routing.calls import keys
from routing.calls.messages import AgentState, CallerClass, CaseOpened, TicketEnd, TicketEnded
from tests.agent_console.browser.conftest import log_in
from tests.agent_console.ringing import join, put_agent, tell
from tests.agent_console.served import Served
from tests.redis_server import RedisServer

pytestmark = pytest.mark.browser


@pytest.fixture
def wallboard(page: Page, served: Served) -> Page:
    """The supervisor is logged in, and the page is live."""
    put_agent(served.services.redis, AgentState.READY)
    log_in(page, served, DEMO.supervisor.login)
    expect(page.locator("body")).to_have_attribute("data-online", "yes")
    return page


def test_tickets_come_and_go_live(wallboard: Page, served: Served) -> None:
    redis = served.services.redis
    expect(wallboard.locator("#nobody")).to_be_visible()
    expect(wallboard.locator("#agents")).to_contain_text(DEMO.agent.name)
    join(redis)
    join(redis, CallerClass.FRAIL, "t2")
    rows = wallboard.locator("#tickets tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("重点老人")
    expect(wallboard.locator("#count")).to_have_text("2")
    redis.hdel(keys.TICKETS, "t1", "t2")
    tell(redis, TicketEnded("t1", "c1", TicketEnd.ABANDONED, 9.0, 0.0))
    expect(rows).to_have_count(0)


def test_a_state_follows_the_agent(wallboard: Page, served: Served) -> None:
    expect(wallboard.locator("#agents .pill")).to_have_text("就绪")
    put_agent(served.services.redis, AgentState.TALKING, call=True)
    tell(served.services.redis, TicketEnded("t1", "c1", TicketEnd.ANSWERED, 9.0, 0.0, DEMO.agent.extension))
    expect(wallboard.locator("#agents .pill")).to_have_text("通话中")


def test_a_case_appears_and_is_closed_with_an_outcome(wallboard: Page, served: Served) -> None:
    case = served.services.cases.open("sos-c7", "sos", note="按了一键呼叫器")
    tell(served.services.redis, CaseOpened(case.id, "sos", 0.0))
    shown = wallboard.locator(f"#case-{case.id}")
    expect(shown).to_contain_text("紧急呼叫")
    shown.locator("summary").click()
    shown.get_by_role("button", name="结案").click()
    expect(shown).to_be_visible()  # The browser asks for the outcome first.
    shown.get_by_label("结果（必选）").select_option("family_informed")
    shown.get_by_label("处理结果").fill("已联系家属，平安")
    shown.get_by_role("button", name="结案").click()
    expect(wallboard.get_by_role("status")).to_contain_text("已结案")
    with served.services.reading() as work:
        kept = work.scalars(select(Case)).one()
    assert (kept.state, kept.outcome) == ("closed", "已联系家属，平安")


def test_a_lost_line_is_shown_and_mends_itself(wallboard: Page, served: Served, redis_server: object) -> None:

    assert isinstance(redis_server, RedisServer)
    redis_server.stop()
    expect(wallboard.locator("#lost")).to_be_visible(timeout=60_000)
    redis_server.start()
    join(served.services.redis)
    expect(wallboard.locator("#tickets tbody tr")).to_have_count(1, timeout=60_000)
    expect(wallboard.locator("#lost")).to_be_hidden()
