"""The button that cancels a promised call-back, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from db.demo import DEMO
from routing.calls.messages import COMMANDS, decode
from routing.calls.promise_messages import CancelPromise
from tests.agent_console.browser.conftest import log_in
from tests.agent_console.desk.test_promises import CAUSE, put_callback
from tests.agent_console.served import Served

pytestmark = pytest.mark.browser


def test_a_promise_is_cancelled_with_a_reason(page: Page, served: Served) -> None:
    promise = put_callback(served.services)
    log_in(page, served, DEMO.agent.login)
    page.goto(f"{served.address}/desk?elder={promise.elder_id}")
    row = page.locator("form", has_text="已约定回电")
    row.locator("summary").click()
    row.get_by_role("button", name="取消回电").click()
    expect(row).to_be_visible()  # The browser asks for the reason first.
    assert served.services.redis.xlen(COMMANDS) == 0
    row.get_by_label("不再需要回电的原因").fill("女儿已经办好")
    row.get_by_role("button", name="取消回电").click()
    expect(page.get_by_role("status").filter(has_text="已交给系统取消")).to_be_visible()
    ((_, fields),) = served.services.redis.xrange(COMMANDS)
    command = decode(fields[b"message"])
    assert isinstance(command, CancelPromise)
    assert command.promise_id == CAUSE
