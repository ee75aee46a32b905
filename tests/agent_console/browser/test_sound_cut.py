"""The sound of a talk is cut while the signalling goes on: told within seconds, and mended if it can be."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from routing.calls.messages import AgentState
from tests.agent_console.browser.conftest import open_page
from tests.agent_console.browser.headset import PLAIN_SOUND, WITNESS, hears, speaking_browser
from tests.agent_console.browser.media_relay import MediaRelay, running_media_relay
from tests.agent_console.browser.softphone_desk import (
    BROWSER_HZ,
    ELDER_HZ,
    LATE,
    asks_for,
    browsers,
    connected,
    in_talk,
)
from tests.story.scene import Scene, open_scene

pytestmark = [
    pytest.mark.browser, pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(300),
]  # fmt: skip

SILENCE = 8  # Seconds until Asterisk ends a leg without sound; the page has noticed long before.
TOLD_WITHIN = 8_000  # Milliseconds, on a busy machine; it takes the page some 3 s.
A_TALK = 6  # Seconds of sound, with which a talk that breaks is kept for its agent.


@pytest.fixture(scope="module")
def sound() -> Iterator[MediaRelay]:
    with running_media_relay() as relay:
        yield relay


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, sound: MediaRelay) -> Iterator[Scene]:
    parts = ("redis", "asterisk", "ivr", "router", "console")
    settings = {"wrap_up_seconds": 1, "rest_seconds": 1, "browser_silence_seconds": SILENCE, **sound.settings}
    with open_scene(tmp_path_factory.mktemp("scene"), *parts, session_key="s" * 40, **settings) as scene:
        yield scene


@pytest.fixture(scope="module")
def speaking(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with speaking_browser(playwright, tmp_path_factory.mktemp("sound"), BROWSER_HZ) as browser:
        yield browser


@pytest.fixture
def page(scene: Scene, speaking: Browser, sound: MediaRelay) -> Iterator[Page]:
    yield from open_page(speaking, PLAIN_SOUND, WITNESS, sound.script)
    sound.mend()
    scene.everybody_leaves()
    scene.assert_well("ivr", "router", "console")


def test_a_way_that_is_dead_is_left_for_another_in_the_same_talk(scene: Scene, page: Page, sound: MediaRelay) -> None:
    phone = page.locator("#phone")
    connected(scene, page)
    asks_for(scene, AgentState.READY)
    before = scene.calls()
    elder = in_talk(scene, page)
    sound.forget_paths()
    expect(phone).to_contain_text("您听不到对方", timeout=TOLD_WITHIN)
    expect(phone).to_contain_text("声音恢复了")
    expect(phone).to_have_attribute("data-call", "talking")
    elder.hears_within(1)
    elder.hears_tone(BROWSER_HZ)
    hears(page, ELDER_HZ)
    assert len(page.evaluate("window.sockets")) == 1, "the signalling was never touched"
    elder.phone.hang_up()
    expect(phone).to_have_attribute("data-call", "none")
    call = scene.new_calls(before, 1)[0]
    assert len(scene.tickets(call.id)) == 1, "it was one talk"


@pytest.mark.long
def test_sound_that_comes_back_by_itself_is_told(scene: Scene, page: Page, sound: MediaRelay) -> None:
    phone = page.locator("#phone")
    connected(scene, page)
    asks_for(scene, AgentState.READY)
    elder = in_talk(scene, page)
    sound.cut()
    expect(phone).to_contain_text("您听不到对方", timeout=TOLD_WITHIN)
    sound.mend()
    expect(phone).to_contain_text("声音恢复了")
    expect(phone).to_have_attribute("data-call", "talking")
    elder.hears_within(1)
    elder.hears_tone(BROWSER_HZ)
    hears(page, ELDER_HZ)


@pytest.mark.parametrize(
    "way",
    [pytest.param("both", marks=pytest.mark.long), pytest.param("to_asterisk", marks=pytest.mark.long), "to_browser"],
)
def test_a_talk_without_sound_ends_and_its_caller_is_given_back(
    scene: Scene, page: Page, sound: MediaRelay, way: str
) -> None:
    """Asterisk ends it when nothing comes to it; the page does when it hears nothing though Asterisk hears it."""
    phone = page.locator("#phone")
    connected(scene, page)
    asks_for(scene, AgentState.READY)
    before = scene.calls()
    elder = in_talk(scene, page)
    elder.hears_within(A_TALK)
    here = browsers(scene)
    sound.to_browser, sound.to_asterisk = way == "to_asterisk", way == "to_browser"
    cut = time.monotonic()
    # The signalling is whole, so the page is back at once; without sound it would soon be gone again.
    scene.until("given up, and registered anew", lambda: browsers(scene) not in ([], here))
    assert time.monotonic() - cut < 2 * SILENCE
    sound.mend()
    expect(phone).to_have_attribute("data-call", "talking", timeout=LATE)
    elder.hears_tone(BROWSER_HZ)
    hears(page, ELDER_HZ)
    elder.phone.hang_up()
    expect(phone).to_have_attribute("data-call", "none")
    call = scene.new_calls(before, 1)[0]
    assert {"takes the talk up" in each.reason for each in scene.tickets(call.id)} == {False, True}
