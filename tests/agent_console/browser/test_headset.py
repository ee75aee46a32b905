"""Microphone, loudspeaker and ring of the telephone in the page: chosen, remembered, pulled out, silent, tested."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from routing.calls.messages import AgentState
from tests.agent_console.browser.conftest import fits, open_page, weak_texts
from tests.agent_console.browser.headset import PLAIN_SOUND, RING_TAP, hears, speaking_browser
from tests.agent_console.browser.softphone_desk import BROWSER_HZ, EXTENSION, LATE, asks_for, connected, in_talk
from tests.ears import RATE, tone_level
from tests.story.scene import LOUD_ENOUGH, Scene, open_scene

pytestmark = [
    pytest.mark.browser, pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(300),
]  # fmt: skip

HEADSET = "Fake Audio Input 1"
DEVICES = """
  // What is pulled out is on the list no more, its sound ends, and the page is told, as the browser does it.
  const devices = navigator.mediaDevices ?? {}; // An empty window has none.
  const all = devices.enumerateDevices?.bind(devices);
  const taken = [], given = devices.getUserMedia?.bind(devices);
  let gone = "";
  devices.enumerateDevices = async () => (await all()).filter(({ label }) => !gone || !label.includes(gone));
  devices.getUserMedia = async (wanted) => {
    const stream = await given(wanted);
    taken.push(...stream.getAudioTracks());
    window.asked = wanted.audio;
    return stream;
  };
  window.pull = (label) => {
    gone = label;
    for (const track of taken.filter((each) => each.label.includes(label))) {
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
    devices.dispatchEvent(new Event("devicechange"));
  };
"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("scene")
    parts = ("redis", "asterisk", "ivr", "router", "console")
    with open_scene(folder, *parts, session_key="s" * 40, wrap_up_seconds=1, rest_seconds=1) as scene:
        yield scene


def a_page(scene: Scene, playwright: Playwright, folder: Path, hertz: int) -> Iterator[Page]:
    with speaking_browser(playwright, folder, hertz) as browser:
        yield from open_page(browser, DEVICES, PLAIN_SOUND, RING_TAP)
    scene.everybody_leaves()
    scene.assert_well("ivr", "router", "console")


@pytest.fixture
def page(scene: Scene, playwright: Playwright, tmp_path: Path) -> Iterator[Page]:
    yield from a_page(scene, playwright, tmp_path, BROWSER_HZ)


@pytest.fixture
def mute_page(scene: Scene, playwright: Playwright, tmp_path: Path) -> Iterator[Page]:
    """A window of a browser whose microphone hears nothing at all."""
    yield from a_page(scene, playwright, tmp_path, 0)


def test_a_headset_that_is_pulled_out_in_mid_talk_is_told_and_another_one_taken(scene: Scene, page: Page) -> None:
    connected(scene, page)
    phone = page.locator("#phone")
    phone.get_by_text("耳机和音量").click()
    phone.get_by_label("麦克风").select_option(label=HEADSET)
    phone.get_by_label("听筒").select_option(label="Fake Audio Output 1")
    phone.get_by_label("铃声从哪里响").select_option(label="Fake Audio Output 2")
    phone.get_by_label("通话音量").fill("60")
    fits(page)
    assert weak_texts(page) == []
    page.reload()
    expect(phone).to_contain_text("话机已连接")
    phone.get_by_text("耳机和音量").click()
    expect(phone.get_by_label("麦克风").locator("option:checked")).to_have_text(HEADSET)
    expect(phone.get_by_label("通话音量")).to_have_value("60")
    asks_for(scene, AgentState.READY)
    elder = in_talk(scene, page)
    chosen = phone.get_by_label("麦克风").input_value()
    assert page.evaluate("window.asked.deviceId.exact") == chosen
    speaker = page.evaluate("(({ sinkId, volume }) => [sinkId, volume])(document.querySelector('#phone audio'))")
    assert speaker == [phone.get_by_label("听筒").input_value(), 0.6]
    for meter in ("您的声音大小", "对方的声音大小"):
        page.wait_for_function("(each) => each.value > 0.3", arg=phone.get_by_label(meter).element_handle())
    page.evaluate("(label) => window.pull(label)", HEADSET)
    expect(phone.get_by_role("alert").filter(has_text=HEADSET)).to_contain_text("断开了")
    assert tone_level(elder.hears_within(3)[-RATE:], BROWSER_HZ) > LOUD_ENOUGH, "the other microphone"
    page.evaluate("window.pull('')")
    expect(phone.get_by_role("alert").filter(has_text=HEADSET)).to_contain_text("接上了")
    assert tone_level(elder.hears_within(3)[-RATE:], BROWSER_HZ) > LOUD_ENOUGH, "the headset again"
    page.keyboard.press("F9")
    expect(phone).to_have_attribute("data-call", "none")
    page.evaluate("window.pull('Fake')")
    expect(phone).to_contain_text("没有找到麦克风")
    scene.until("no calls without a microphone", lambda: scene.state(EXTENSION) is AgentState.UNREACHABLE)
    page.evaluate("window.pull('')")
    expect(phone).to_contain_text("话机已连接")


def test_the_headset_is_tested_by_an_echo_and_never_while_calls_may_come(scene: Scene, page: Page) -> None:
    connected(scene, page)
    asks_for(scene, AgentState.READY)
    phone = page.locator("#phone")
    phone.get_by_text("耳机和音量").click()
    expect(phone.get_by_text("小休或离线时可以试耳机")).to_be_visible()
    expect(phone.get_by_role("button", name="试耳机")).to_be_hidden()
    # A page that is late, or a telephone without one, is refused by the router.
    page.evaluate("document.querySelector('#phone [data-part=test]').click()")
    expect(phone).to_contain_text("现在不能试耳机")
    expect(phone).to_have_attribute("data-call", "none")
    page.get_by_role("button", name="小休").click()
    test = phone.get_by_role("button", name="试耳机")
    test.focus()
    page.keyboard.press("Enter")
    expect(phone).to_contain_text("三秒后")
    scene.until("no call is offered meanwhile", lambda: scene.state(EXTENSION) is AgentState.TALKING)
    hears(page, BROWSER_HZ, ring=True)
    assert weak_texts(page) == []
    expect(phone).to_contain_text("试完了", timeout=LATE)
    scene.until("a break as before", lambda: scene.state(EXTENSION) is AgentState.PAUSED)


def test_a_microphone_that_gives_nothing_is_told(scene: Scene, mute_page: Page) -> None:
    page = mute_page
    connected(scene, page)
    asks_for(scene, AgentState.READY)  # Whatever the test before left behind.
    phone = page.locator("#phone")
    page.get_by_role("button", name="小休").click()
    phone.get_by_text("耳机和音量").click()
    phone.get_by_role("button", name="试耳机").click()
    expect(phone.get_by_role("alert").filter(has_text="检查麦克风")).to_be_visible()
    expect(phone).to_contain_text("没有听到您的声音", timeout=LATE)
