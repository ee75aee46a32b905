"""The page of talks follows the router by itself, and what is typed into a form meanwhile stays."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from db.demo import DEMO
from routing.calls import keys
from routing.calls.listening_messages import SupervisionChanged
from routing.calls.messages import COMMANDS, decode
from routing.calls.supervise_messages import Ear, Supervise
from routing.calls.talk_messages import TalkChanged, TalkStage
from tests.agent_console.browser.conftest import log_in
from tests.agent_console.desk.test_talks import PHONE, put_talk
from tests.agent_console.ringing import EXTENSION, tell
from tests.agent_console.served import Served
from tests.agent_console.supervision.test_talks_page import put

pytestmark = pytest.mark.browser


def test_the_page_says_what_is_on_as_it_changes(page: Page, served: Served) -> None:
    redis = served.services.redis
    log_in(page, served, DEMO.supervisor.login)
    page.goto(f"{served.address}/supervisor/talks")
    expect(page.locator("body")).to_have_attribute("data-online", "yes")
    expect(page.locator("#talks")).to_contain_text("没有坐席在通话")
    put_talk(redis)
    tell(redis, TalkChanged("c1", EXTENSION, TalkStage.TALKING, 0.0))
    form = page.locator(f"#talk-{EXTENSION} form")
    form.get_by_label("用分机").fill(PHONE)
    form.get_by_label("原因").fill("新人")
    put(redis, on=False)
    tell(redis, SupervisionChanged(PHONE, 0.0))
    expect(page.locator("#now")).to_contain_text("正在呼叫电话")
    expect(form.get_by_label("原因")).to_have_value("新人")
    put(redis)
    tell(redis, SupervisionChanged(PHONE, 0.0))
    expect(page.locator("#now")).to_contain_text("监听中")
    redis.hdel(keys.SUPERVISIONS, PHONE)
    tell(redis, SupervisionChanged(PHONE, 0.0, "not_answered"))
    expect(page.locator("#now")).to_contain_text("现在没有人监听")
    expect(page.locator("#trouble")).to_contain_text("没有接听")
    put_talk(redis)  # The phone is free once more.
    form.get_by_label("用分机").fill("1099")
    form.get_by_role("button", name="监听").click()
    expect(page.locator("#trouble")).to_contain_text("没有注册")
    expect(form.get_by_label("原因")).to_have_value("新人")
    form.get_by_label("用分机").fill(PHONE)
    form.get_by_role("button", name="耳语").click()
    expect(page.get_by_text("已要求呼叫分机")).to_be_visible()
    (command,) = [decode(fields[b"message"]) for _, fields in redis.xrange(COMMANDS)]
    assert isinstance(command, Supervise)
    assert (command.extension, command.at, command.ear) == (EXTENSION, PHONE, Ear.WHISPER)
