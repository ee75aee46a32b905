"""An SOS on a real Asterisk: the page pops with the address, and keys bring a relative and 120 into the talk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect
from sqlalchemy import select

from db.demo import DEMO
from db.demo_services import LOGINS
from db.models import Case, CaseEvent, Contact, Elder
from routing.calls.messages import AgentState, SetAgentState
from tests.agent_console.browser.conftest import keep, log_in_at, open_page, weak_texts
from tests.agent_console.browser.headset import PLAIN_SOUND, WITNESS, hears, speaking_browser
from tests.story.scene import Scene, open_scene

pytestmark = [
    pytest.mark.browser, pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(300),
]  # fmt: skip

ELDER_HZ, AGENT_HZ, RELATIVE_HZ, AMBULANCE_HZ = 440, 1000, 1400, 2100
EXTENSION = "1001"
LATE = 60_000  # Milliseconds until a call that was just dialled has come through, on a busy machine.
_LOGIN = next(each for each in LOGINS if each.extension == EXTENSION)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    parts = ("redis", "asterisk", "ivr", "router", "console")
    with open_scene(tmp_path_factory.mktemp("scene"), *parts, session_key="s" * 40, wrap_up_seconds=1) as scene:
        yield scene


@pytest.fixture
def page(scene: Scene, playwright: Playwright, tmp_path: Path) -> Iterator[Page]:
    """The desk of agent 1001, who has a browser and a headset; everybody leaves afterwards."""
    with speaking_browser(playwright, tmp_path, AGENT_HZ) as browser:
        yield from _desk(scene, browser)
    scene.everybody_leaves()
    scene.assert_well("ivr", "router", "console")


def _desk(scene: Scene, browser: Browser) -> Iterator[Page]:
    for page in open_page(browser, PLAIN_SOUND, WITNESS):
        log_in_at(page, f"http://127.0.0.1:{scene.hotline.settings.web_port}", _LOGIN.login, _LOGIN.password)
        expect(page.locator("#phone")).to_contain_text("话机已连接")
        scene.hotline.services.agents.command(SetAgentState(EXTENSION, AgentState.READY, by="test"))
        scene.until("ready", lambda: scene.state(EXTENSION) is AgentState.READY)
        yield page


def test_an_sos_from_the_key_of_the_elder_to_the_word_of_the_agent(scene: Scene, page: Page, pictures: Path) -> None:
    with scene.hotline.stores.reading() as session:
        of_hers = select(Contact).join(Elder).where(Elder.code == DEMO.one_key.code).order_by(Contact.priority)
        contact = session.scalars(of_hers).first()
    assert contact is not None
    relative = scene.person(contact.number, tone_hz=RELATIVE_HZ)
    ambulance = scene.person("120", tone_hz=AMBULANCE_HZ)
    elder = scene.person(DEMO.one_key.phones[0][0], tone_hz=ELDER_HZ)
    scene.dial(elder, scene.hotline.settings.did_sos)
    expect(page.locator("#phone")).to_have_attribute("data-call", "ringing", timeout=LATE)
    expect(page.locator(".sos-where")).to_contain_text(DEMO.one_key.address)
    page.keyboard.press("F8")
    elder.hears_tone(AGENT_HZ)
    hears(page, ELDER_HZ)

    banner = page.locator("#sos-banner")
    expect(banner).to_contain_text("正在通话", timeout=LATE)
    expect(banner).to_have_attribute("data-sound", "no")
    with page.context.expect_page() as opened:
        banner.get_by_role("link").click()
    case = opened.value
    expect(case.locator(".sos-where")).to_contain_text(DEMO.one_key.address)
    expect(case.get_by_role("button", name="接通 120")).to_be_visible(timeout=LATE)
    expect(case.locator("body")).to_have_attribute("data-online", "yes")  # Its scripts run.
    with case.expect_response("**/desk/talk/*") as answer:
        case.keyboard.press("Alt+4")  # After 120, 110 and 119 comes the first contact.
    assert answer.value.status == 204, answer.value.text()
    relative.hears_tone(ELDER_HZ)
    relative.hears_tone(AGENT_HZ)
    hears(page, RELATIVE_HZ)
    expect(case.locator('button[value^="contact:"]').first).to_contain_text("已在通话中", timeout=LATE)
    case.keyboard.press("Alt+1")
    ambulance.hears_tone(ELDER_HZ)
    elder.hears_tone(AMBULANCE_HZ)
    hears(page, AMBULANCE_HZ)
    expect(case.locator('li[data-step="talk.joined"]')).to_have_count(2, timeout=LATE)
    assert weak_texts(case) == []
    keep(case, pictures, "sos-page")

    close = case.get_by_role("button", name="紧急呼叫结案")
    close.click()
    assert case.evaluate("document.querySelector('form.close select').matches(':invalid')"), "no result, no close"
    case.get_by_label("结果（必选）").select_option("ambulance_sent")
    case.get_by_label("说明（必填）").fill("120 已出车，女儿在路上")
    close.click()
    expect(case.get_by_text("120 已出车，女儿在路上").last).to_be_visible()
    with scene.hotline.stores.reading() as session:
        row = session.scalars(select(Case).where(Case.kind == "sos")).one()
        steps = set(session.scalars(select(CaseEvent.what).where(CaseEvent.case_id == row.id)))
    assert (row.state, row.result) == ("closed", "ambulance_sent")
    assert {"opened", "ticket.offered", "ticket.answered", "talk.confer", "talk.joined", "closed"} <= steps
