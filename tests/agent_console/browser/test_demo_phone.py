"""The practice telephone on a real Asterisk: the page calls as an invented person, and is heard by a real agent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from db.demo import DEMO
from tests.agent_console.browser.conftest import keep, log_in_at, open_page, weak_texts
from tests.agent_console.browser.headset import PLAIN_SOUND, hears, speaking_browser
from tests.story.scene import Scene, open_scene

pytestmark = [
    pytest.mark.browser, pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(300),
]  # fmt: skip

PAGE_HZ, AGENT_HZ = 1000, 1400
LATE = 60_000  # Milliseconds, on a busy machine.
_SPEECH = """async () => {  // Whether somebody speaks on the line: louder than -40 dBFS for a fifth of a second in all.
  const context = new AudioContext(), ear = context.createAnalyser(), samples = new Float32Array(2048);
  const deadline = performance.now() + 30_000;
  let source = null, loud = 0;
  while (performance.now() < deadline) {
    const stream = document.querySelector("#handset audio").srcObject;
    if (stream && !source) (source = context.createMediaStreamSource(stream)).connect(ear);
    ear.getFloatTimeDomainData(samples);
    if (Math.hypot(...samples) / Math.sqrt(samples.length) > 0.01 && ++loud >= 4) return true;
    await new Promise((done) => setTimeout(done, 50));
  }
  return false;
}"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    parts = ("redis", "asterisk", "ivr", "router", "console")
    with open_scene(tmp_path_factory.mktemp("scene"), *parts, session_key="s" * 40, wrap_up_seconds=1) as scene:
        yield scene


@pytest.fixture(scope="module")
def speaking(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with speaking_browser(playwright, tmp_path_factory.mktemp("microphone"), PAGE_HZ) as browser:
        yield browser


@pytest.fixture
def page(scene: Scene, speaking: Browser) -> Iterator[Page]:
    yield from open_page(speaking, PLAIN_SOUND)
    scene.everybody_leaves()
    scene.assert_well("ivr", "router", "console")


def test_a_newcomer_calls_as_an_elder_and_then_presses_sos(scene: Scene, page: Page, pictures: Path) -> None:
    log_in_at(page, f"http://127.0.0.1:{scene.hotline.settings.web_port}", DEMO.agent.login, DEMO.agent.password)
    page.goto(f"http://127.0.0.1:{scene.hotline.settings.web_port}/phone")
    agent = scene.agent("1001", tone_hz=AGENT_HZ)
    handset, before = page.locator("#handset"), scene.calls()
    page.get_by_label("谁来打").select_option(DEMO.wang.code)
    keep(page, pictures, "practice-telephone")
    assert weak_texts(page) == []
    page.get_by_role("button", name="拨打").click()
    expect(handset).to_have_attribute("data-state", "talking", timeout=LATE)
    assert page.evaluate(_SPEECH), "the greeting is heard in the page"
    page.get_by_role("button", name="0", exact=True).click()
    hears(page, AGENT_HZ)
    agent.hears_tone(PAGE_HZ)
    page.keyboard.press("Escape")
    expect(handset).to_have_attribute("data-state", "over", timeout=LATE)
    (call,) = scene.new_calls(before, 1)
    assert call.elder_id == scene.elder_id(DEMO.wang), "Asterisk says who calls, and not the page"

    scene.until("nobody in a talk", lambda: scene.state("1001") == "ready")
    page.get_by_label("谁来打").select_option(DEMO.one_key.code)
    page.get_by_role("button", name="SOS").click()
    hears(page, AGENT_HZ)
    scene.until("her case is open", lambda: scene.cases("sos"))
    assert [each.elder_id for each in scene.cases("sos")] == [scene.elder_id(DEMO.one_key)]
    page.get_by_role("button", name="挂机").click()
    expect(handset).to_have_attribute("data-state", "over", timeout=LATE)
