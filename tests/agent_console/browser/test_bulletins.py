"""A supervisor's note comes to the desk by itself, and goes when it is read or over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from db.demo import DEMO
from tests.agent_console.browser.conftest import log_in
from tests.agent_console.served import Served

pytestmark = pytest.mark.browser


def test_a_note_comes_by_itself_and_goes_when_it_is_read(page: Page, served: Served) -> None:
    log_in(page, served, DEMO.agent.login)
    expect(page.locator("body")).to_have_attribute("data-online", "yes")
    board, until = page.locator("#bulletins"), served.services.clock() + timedelta(hours=1)
    expect(board.locator("form")).to_have_count(0)
    note = served.services.bulletins.post("<b>高温</b>，请提醒多喝水", until, "user:2", important=True)
    expect(board).to_contain_text("<b>高温</b>，请提醒多喝水", timeout=5_000)
    other = served.services.bulletins.post("送餐推迟半小时", until, "user:2")
    expect(board.locator("form")).to_have_count(2, timeout=5_000)
    board.get_by_role("button", name=f"知道了：通知 {note}").click()
    expect(board.locator("form")).to_have_count(1)
    expect(board).not_to_contain_text("高温")
    served.services.bulletins.end(other, "user:2")
    expect(board.locator("form")).to_have_count(0, timeout=5_000)
    (read,) = [each for each in served.services.bulletins.posted() if each.id == note]
    assert read.read == 1
