"""The network of an agent's page is cut, in a talk and between talks: nobody is lost, and no page lies."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from routing.calls.messages import AgentState, SetAgentState
from tests.agent_console.browser.browser_network import NETWORK, PAGES, Stopper
from tests.agent_console.browser.conftest import open_page
from tests.agent_console.browser.headset import PLAIN_SOUND, WITNESS, hears, speaking_browser
from tests.agent_console.browser.relay import Relay, running_relay
from tests.agent_console.browser.softphone_desk import (
    BROWSER_HZ,
    ELDER_HZ,
    EXTENSION,
    LATE,
    asks_for,
    browsers,
    connected,
    in_talk,
)
from tests.ears import RATE, tone_level
from tests.story.scene import LOUD_ENOUGH, Scene, open_scene

pytestmark = [
    pytest.mark.browser, pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(300),
]  # fmt: skip

OTHER, OTHER_HZ = "1002", 1400
AMBULANCE_HZ = 2100
A_TALK = 6  # Seconds of sound, with which a talk that breaks is kept for its agent (routing/calls/talks.py).
A_SLEEP = 16  # Seconds; a page that stood still for less has missed nothing (agent_console/static/wake.js).
SILENCE, ASKED = 3, 4  # Seconds: shorter than anybody would set them, and as true.


@pytest.fixture(scope="module")
def relay() -> Iterator[tuple[Relay, int]]:
    with running_relay() as made:
        yield made


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, relay: tuple[Relay, int]) -> Iterator[Scene]:
    folder, (between, port) = tmp_path_factory.mktemp("scene"), relay
    parts = ("redis", "asterisk", "ivr", "router", "console")
    settings = {"browser_phone_url": f"ws://127.0.0.1:{port}/ws", "wrap_up_seconds": 1, "rest_seconds": 1,
                "browser_silence_seconds": SILENCE, "phone_ask_seconds": ASKED}  # fmt: skip
    with open_scene(folder, *parts, session_key="s" * 40, **settings) as scene:
        between.target = lambda: ("127.0.0.1", scene.hotline.settings.http_port)
        yield scene


@pytest.fixture(scope="module")
def speaking(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with speaking_browser(playwright, tmp_path_factory.mktemp("only-network"), BROWSER_HZ) as browser:
        yield browser


@pytest.fixture
def network(speaking: Browser) -> Iterator[Stopper]:
    network = Stopper("only-network", NETWORK)
    yield network
    network.go_on()


@pytest.fixture
def page(scene: Scene, speaking: Browser, relay: tuple[Relay, int]) -> Iterator[Page]:
    yield from open_page(speaking, PLAIN_SOUND, WITNESS)
    relay[0].mend()
    scene.everybody_leaves()
    scene.assert_well("ivr", "router", "console")


def test_a_talk_goes_on_while_only_the_signalling_is_cut(scene: Scene, page: Page, relay: tuple[Relay, int]) -> None:
    between, phone = relay[0], page.locator("#phone")
    connected(scene, page)
    asks_for(scene, AgentState.READY)
    between.cut()
    expect(phone).to_contain_text("话机断线")
    scene.until("nobody is sent there", lambda: scene.state(EXTENSION) is AgentState.UNREACHABLE)
    expect(page.locator("#state")).to_have_attribute("data-state", "unreachable")
    between.mend()
    expect(phone).to_contain_text("话机已连接", timeout=LATE)
    scene.until("ready as before", lambda: scene.state(EXTENSION) is AgentState.READY)
    elder = in_talk(scene, page)
    between.cut()
    expect(phone).to_contain_text("话机断线")
    assert tone_level(elder.hears_within(2)[-RATE:], BROWSER_HZ) > LOUD_ENOUGH, "the talk goes on"
    expect(phone).to_have_attribute("data-call", "talking")
    assert scene.state(EXTENSION) is AgentState.TALKING
    between.mend()
    expect(phone).to_contain_text("话机已连接", timeout=LATE)
    assert tone_level(elder.hears_within(2)[-RATE:], BROWSER_HZ) > LOUD_ENOUGH, "and on"
    elder.phone.hang_up()
    expect(phone).to_have_attribute("data-call", "none")
    scene.until("ready again", lambda: scene.state(EXTENSION) is AgentState.READY)


def test_whom_the_network_cuts_off_gets_the_caller_back_and_else_a_colleague_does(
    scene: Scene, page: Page, network: Stopper
) -> None:
    phone = page.locator("#phone")
    connected(scene, page)
    asks_for(scene, AgentState.READY)
    before = scene.calls()
    elder = in_talk(scene, page)
    begun = time.monotonic()
    colleague = scene.agent(OTHER, tone_hz=OTHER_HZ)  # Who is free all the time, and is not asked at first.
    elder.hears_within(max(0.0, A_TALK - (time.monotonic() - begun)))
    network.stop()
    cut = time.monotonic()
    expect(phone).to_contain_text("声音断了")
    scene.until("nobody is sent there", lambda: not browsers(scene))
    expect(phone).to_contain_text("通话断了")
    network.go_on()
    expect(phone).to_have_attribute("data-call", "talking", timeout=LATE)
    elder.hears_tone(BROWSER_HZ)
    hears(page, ELDER_HZ)
    expect(page.locator("#state")).to_have_attribute("data-state", "talking")

    assert [each.at for each in colleague.phone.events if each.what == "ringing" and each.at > cut] == []

    # Cut again at once: no sound passes there, and the elder is not kept for it a second time.
    network.stop()
    asked = time.monotonic()
    colleague.phone.wait_for("ringing", 60, asked)
    elder.hears_tone(OTHER_HZ)
    network.go_on()
    expect(phone).to_contain_text("话机已连接", timeout=LATE)
    expect(phone).to_have_attribute("data-call", "none")
    scene.until("ready again", lambda: scene.state(EXTENSION) is AgentState.READY)
    expect(page.locator("#state")).to_have_attribute("data-state", "ready")
    elder.phone.hang_up()
    call = scene.new_calls(before, 1)[0]
    taken = [(each.agent_extension, "takes the talk up" in each.reason) for each in scene.tickets(call.id)]
    assert sorted(taken) == [(EXTENSION, False), (EXTENSION, True), (OTHER, False)]


def test_a_caller_on_hold_waits_for_the_agent_whose_network_is_cut(scene: Scene, page: Page, network: Stopper) -> None:
    phone, talk = page.locator("#phone"), page.locator("#talk")
    connected(scene, page)
    asks_for(scene, AgentState.READY)
    before = scene.calls()
    elder = in_talk(scene, page)
    begun = time.monotonic()
    colleague = scene.agent(OTHER, tone_hz=OTHER_HZ)
    talk.get_by_role("button", name="保持").click()
    expect(talk.get_by_role("button", name="恢复")).to_be_visible()
    elder.hears_within(max(1.0, A_TALK - (time.monotonic() - begun)))
    network.stop()
    cut = time.monotonic()
    expect(phone).to_contain_text("通话断了")
    network.go_on()
    expect(phone).to_have_attribute("data-call", "talking", timeout=LATE)
    elder.hears_tone(BROWSER_HZ)
    hears(page, ELDER_HZ)
    assert [each.at for each in colleague.phone.events if each.what == "ringing" and each.at > cut] == []
    elder.phone.hang_up()
    expect(phone).to_have_attribute("data-call", "none")
    call = scene.new_calls(before, 1)[0]
    taken = [(each.agent_extension, "takes the talk up" in each.reason) for each in scene.tickets(call.id)]
    assert sorted(taken) == [(EXTENSION, False), (EXTENSION, True)]


@pytest.mark.long
def test_whom_the_network_cuts_out_of_a_conference_comes_back_to_it(scene: Scene, page: Page, network: Stopper) -> None:
    phone, talk = page.locator("#phone"), page.locator("#talk")
    ambulance = scene.person("120", tone_hz=AMBULANCE_HZ)
    connected(scene, page)
    asks_for(scene, AgentState.READY)
    before = scene.calls()
    elder = in_talk(scene, page)
    talk.get_by_role("button", name="接通 120").click()
    ambulance.hears_tone(BROWSER_HZ)
    elder.hears_within(A_TALK)
    network.stop()
    scene.until("nobody is sent there", lambda: not browsers(scene))
    ambulance.hears_within(1)
    elder.hears_within(1)  # Whatever they heard of the agent is over.
    ambulance.hears_tone(ELDER_HZ)
    elder.hears_tone(AMBULANCE_HZ)
    assert tone_level(elder.hears_within(1), BROWSER_HZ) < LOUD_ENOUGH
    expect(phone).to_contain_text("通话断了")
    network.go_on()
    expect(phone).to_have_attribute("data-call", "talking", timeout=LATE)
    elder.hears_tone(BROWSER_HZ)
    ambulance.hears_tone(BROWSER_HZ)
    hears(page, ELDER_HZ, AMBULANCE_HZ)
    expect(talk.get_by_text("三方通话")).to_be_visible()
    expect(page.locator("#state")).to_have_attribute("data-state", "talking")
    gone = time.monotonic()
    ambulance.phone.hang_up()
    elder.hears_within(1)
    assert tone_level(elder.hears_within(1), BROWSER_HZ) > LOUD_ENOUGH, "two are left, as in any talk"
    page.keyboard.press("F9")
    elder.phone.wait_for("hung_up", 60, gone)
    call = scene.new_calls(before, 1)[0]
    steps = [each.partition(" ")[0] for each in scene.journey(call.id) if each.startswith("talk.")]
    assert steps[:5] == ["talk.confer", "talk.joined", "talk.agent_left", "talk.agent_back", "talk.guest_left"]
    assert [each.agent_extension for each in scene.tickets(call.id)] == [EXTENSION]


def test_a_tab_that_slept_registers_anew_and_shows_what_the_router_says(scene: Scene, page: Page) -> None:
    connected(scene, page)
    asks_for(scene, AgentState.READY)
    expect(page.locator("#state")).to_have_attribute("data-state", "ready")
    before, pages = browsers(scene), Stopper("only-network", PAGES)
    pages.stop()
    asleep = time.monotonic()
    try:
        scene.until("asleep: Asterisk asks in vain", lambda: scene.state(EXTENSION) is AgentState.UNREACHABLE)
        scene.until("it was no pause for breath", lambda: time.monotonic() - asleep > A_SLEEP)
        scene.hotline.services.agents.command(SetAgentState(EXTENSION, AgentState.PAUSED, by="supervisor"))
    finally:
        pages.go_on()
    expect(page.locator("#phone")).to_contain_text("话机断线")
    expect(page.locator("#phone")).to_contain_text("话机已连接")
    scene.until("another registration", lambda: browsers(scene) not in ([], before))
    expect(page.locator("#state")).to_have_attribute("data-state", "paused")


def test_a_page_whose_telephone_is_on_another_machine_says_so_and_leaves_it_there(
    scene: Scene, page: Page, speaking: Browser
) -> None:
    connected(scene, page)
    asks_for(scene, AgentState.READY)
    here = browsers(scene)
    for other in open_page(speaking, PLAIN_SOUND):
        connected(scene, other)
        scene.until("the other machine's", lambda: len(browsers(scene)) == 1 and browsers(scene) != here)
        there = browsers(scene)
        expect(page.locator("#phone")).to_contain_text("另一台电脑", timeout=LATE)
        assert scene.state(EXTENSION) is AgentState.READY
        assert browsers(scene) == there, "it is left there"
        page.get_by_role("button", name="拿回到这里").click()
        expect(page.locator("#phone")).to_contain_text("话机已连接")
        expect(other.locator("#phone")).to_contain_text("另一台电脑", timeout=LATE)
    scene.until("ready here", lambda: scene.state(EXTENSION) is AgentState.READY)
