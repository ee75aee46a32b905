"""The agent's page in a real browser."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from db.demo import DEMO
from db.models import Elder
from routing.calls import keys
from routing.calls.messages import LIVE, AgentState, CallerClass, Intent, TicketOffered, encode
from routing.calls.records import AgentRecord, Ticket, TicketStage, to_json
from tests.agent_console.browser.conftest import Server, log_in

pytestmark = pytest.mark.browser

EXTENSION = DEMO.agent.extension or ""


def ring(server: Server, elder_id: int | None, caller_class: CallerClass = CallerClass.ELDER) -> None:
    """Do to Redis what the router does when it offers a ticket to the agent."""
    at = time.time()
    ticket = Ticket(
        "t1", "c1", "a", "PJSIP/trunk-1", Intent.ORDER, caller_class, at - 5, elder_id,
        stage=TicketStage.OFFERED, offered_to=EXTENSION,
    )  # fmt: skip
    agent = AgentRecord(
        EXTENSION, wanted=AgentState.READY, state=AgentState.RINGING, since=at, ticket_id="t1", call_id="c1"
    )
    redis = server.services.redis
    redis.hset(keys.TICKETS, "t1", to_json(ticket))
    redis.hset(keys.AGENTS, EXTENSION, to_json(agent))
    redis.publish(LIVE, encode(TicketOffered("t1", "c1", EXTENSION, "the longest idle", at, elder_id)))


def test_the_record_pops_while_it_rings(page: Page, server: Server) -> None:
    log_in(page, server, DEMO.agent.login)
    expect(page.locator("#pane")).to_contain_text("没有来电")
    expect(page.locator("body")).to_have_attribute("data-online", "yes")
    with server.services.reading() as work:
        elder_id = work.scalars(select(Elder.id).where(Elder.code == DEMO.wang.code)).one()
    ring(server, elder_id)
    pane = page.locator("#pane")
    expect(pane.get_by_role("heading", level=1)).to_contain_text(DEMO.wang.name)
    for shown in ("82 岁", "独居", DEMO.wang.health_notes, DEMO.wang.address, "王建国"):
        expect(pane).to_contain_text(shown)
    expect(page.locator("#state")).to_have_text("振铃中")
    page.screenshot(path="/tmp/desk.png")
