"""The buttons of a talk, and the supervisor's forms, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from db.demo import DEMO
from routing.calls import keys
from routing.calls.messages import COMMANDS, decode
from routing.calls.supervise_messages import Ear, Supervise
from routing.calls.talk_messages import ControlTalk, TalkAction, TalkChanged, TalkStage
from tests.agent_console.browser.conftest import log_in
from tests.agent_console.desk.test_talks import OTHER, PHONE, put_talk
from tests.agent_console.ringing import EXTENSION, tell
from tests.agent_console.served import Served

pytestmark = pytest.mark.browser


def sent(served: Served) -> list[object]:
    return [decode(fields[b"message"]) for _, fields in served.services.redis.xrange(COMMANDS)]


def changed(served: Served, stage: TalkStage, trouble: str = "") -> None:
    """The router tells where the talk stands."""
    put_talk(served.services.redis, stage=stage)
    tell(served.services.redis, TalkChanged("c1", EXTENSION, stage, 0.0, trouble=trouble))


def test_the_buttons_follow_the_talk(page: Page, served: Served) -> None:
    log_in(page, served, DEMO.agent.login)
    expect(page.locator("body")).to_have_attribute("data-online", "yes")
    expect(page.locator("#talk")).to_be_hidden()
    changed(served, TalkStage.TALKING)
    with page.expect_response("**/desk/talk/c1"):
        page.get_by_role("button", name="保持").click()
    changed(served, TalkStage.PARKED)
    expect(page.get_by_role("button", name="恢复")).to_be_visible()
    expect(page.get_by_role("button", name="保持")).to_be_hidden()
    page.get_by_label("转给谁").select_option(f"agent:{OTHER}")
    with page.expect_response("**/desk/talk/c1"):
        page.get_by_role("button", name="咨询").click()
    changed(served, TalkStage.TALKING, trouble="noanswer")
    expect(page.locator("#talk .wrong")).to_contain_text("没有做到")
    with page.expect_response("**/desk/talk/c1"):
        page.get_by_role("button", name="挂断").click()
    served.services.redis.hdel(keys.TALKS, "c1")
    tell(served.services.redis, TalkChanged("c1", EXTENSION, TalkStage.OVER, 0.0))
    expect(page.locator("#talk")).to_be_hidden()
    held, consulted, _ = sent(served)
    assert isinstance(held, ControlTalk)
    assert isinstance(consulted, ControlTalk)
    assert (held.action, consulted.action, consulted.agent) == (TalkAction.HOLD, TalkAction.CONSULT, OTHER)


def test_a_supervisor_listens_from_the_wallboard(page: Page, served: Served) -> None:
    log_in(page, served, DEMO.supervisor.login)
    expect(page.locator("body")).to_have_attribute("data-online", "yes")
    changed(served, TalkStage.TALKING)
    form = page.locator("form.lead").first
    form.get_by_label("分机", exact=True).select_option(EXTENSION)
    form.get_by_label("做什么").select_option("whisper")
    form.get_by_label("用分机").fill(PHONE)
    form.get_by_label("原因").fill("新人")
    form.get_by_role("button", name="执行").click()
    expect(page.get_by_text("已交给系统处理")).to_be_visible()
    (command,) = sent(served)
    assert isinstance(command, Supervise)
    assert (command.extension, command.at, command.ear) == (EXTENSION, PHONE, Ear.WHISPER)
