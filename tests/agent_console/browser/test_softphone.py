"""The telephone in the agent's page, on a real Asterisk: what an elder at a real phone hears, what the page does."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from db.demo import DEMO
from db.demo_services import LOGINS
from routing.calls.messages import AgentState, SetAgentState
from routing.calls.records import Ticket, TicketStage
from tests.agent_console.browser.conftest import keep, log_in_at, open_page, weak_texts
from tests.agent_console.browser.headset import PLAIN_SOUND, RING_TAP, WITNESS, hears, speaking_browser
from tests.ears import RATE, tone_level
from tests.story.scene import LOUD_ENOUGH, Person, Scene, open_scene

pytestmark = [
    pytest.mark.browser, pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(400),
]  # fmt: skip

ELDER_HZ, BROWSER_HZ, OTHER_HZ = 440, 1000, 1400
RING_HZ = (523.25, 659.25)
EXTENSION, OTHER = "1001", "1002"
PARTS = ("redis", "asterisk", "ivr", "router", "console")
LATE = 60_000  # Milliseconds until a call that was just dialled has come through, on a busy machine.
RTP_TIMEOUT = 5  # Seconds without any sound from a browser after which its talk is taken for broken (pjsip.conf.j2).
_LOGIN = next(each for each in LOGINS if each.extension == EXTENSION)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("scene")
    with open_scene(folder, *PARTS, session_key="s" * 40, wrap_up_seconds=1, rest_seconds=1) as scene:
        yield scene


@pytest.fixture(scope="module")
def speaking(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with speaking_browser(playwright, tmp_path_factory.mktemp("microphone"), BROWSER_HZ) as browser:
        yield browser


@pytest.fixture
def page(scene: Scene, speaking: Browser) -> Iterator[Page]:
    """An empty window of a browser with a microphone; everybody leaves afterwards."""
    yield from open_page(speaking, PLAIN_SOUND, RING_TAP, WITNESS)
    scene.everybody_leaves()
    scene.assert_well("ivr", "router", "console")


@pytest.fixture
def desk(scene: Scene, page: Page) -> Page:
    """The page of agent 1001, whose phone is registered; the agent is ready."""
    log_in_at(page, console(scene), _LOGIN.login, _LOGIN.password)
    expect(page.locator("#phone")).to_contain_text("话机已连接")
    scene.until("the router knows of the browser", lambda: registered(scene))
    scene.hotline.services.agents.command(SetAgentState(EXTENSION, AgentState.READY, by="test"))
    scene.until("ready", lambda: scene.state(EXTENSION) is AgentState.READY)
    return page


def console(scene: Scene) -> str:
    return f"http://127.0.0.1:{scene.hotline.settings.web_port}"


def registered(scene: Scene) -> bool:
    """Whether the router knows of a browser of the agent's."""
    record = scene.hotline.services.agents.get(EXTENSION)
    return record is not None and any(f"|{EXTENSION}-web|" in each for each in record.contacts)


def elder_calls(scene: Scene, number: str = DEMO.wang.number) -> Person:
    """Somebody dials and asks for a person."""
    elder = scene.person(number, tone_hz=ELDER_HZ)
    wants_a_person(scene, elder)
    return elder


def wants_a_person(scene: Scene, elder: Person) -> None:
    """The elder dials and presses 0 over the greeting."""
    scene.dial(elder)
    elder.hears_something()
    elder.phone.press("0")


def in_talk(scene: Scene, desk: Page) -> Person:
    """An elder and the browser hear each other."""
    elder = elder_calls(scene)
    expect(desk.locator("#phone")).to_have_attribute("data-call", "ringing", timeout=LATE)
    desk.get_by_role("button", name="接听").click()
    elder.hears_tone(BROWSER_HZ)
    hears(desk, ELDER_HZ)
    return elder


def test_an_elder_is_answered_in_the_browser_and_then_the_next(scene: Scene, desk: Page, pictures: Path) -> None:
    phone = desk.locator("#phone")
    desk.get_by_role("button", name="小休").click()
    scene.until("paused", lambda: scene.state(EXTENSION) is AgentState.PAUSED)
    desk.get_by_role("button", name="就绪").click()
    scene.until("ready", lambda: scene.state(EXTENSION) is AgentState.READY)
    expect(desk.locator("#state")).to_have_text("就绪")
    keep(desk, pictures, "softphone-registered")
    elder = elder_calls(scene)
    expect(phone).to_have_attribute("data-call", "ringing", timeout=LATE)
    expect(phone.get_by_role("alert")).to_contain_text("来电")
    expect(desk.locator("#pane").get_by_role("heading", level=1)).to_contain_text(DEMO.wang.name)
    hears(desk, *RING_HZ, ring=True)
    assert weak_texts(desk) == []
    keep(desk, pictures, "softphone-ringing")
    desk.get_by_role("button", name="接听").dblclick()
    elder.hears_tone(BROWSER_HZ)
    hears(desk, ELDER_HZ)
    expect(desk.get_by_role("button", name="静音")).to_have_attribute("aria-pressed", "false")
    expect(desk.get_by_role("button", name="咨询")).to_be_visible(timeout=LATE)
    assert weak_texts(desk) == []
    keep(desk, pictures, "softphone-talking")
    ends = time.monotonic()
    desk.get_by_role("button", name="挂机").click()
    elder.phone.wait_for("hung_up", 60, ends)
    expect(phone).to_have_attribute("data-call", "none")
    scene.until("ready again after the notes", lambda: scene.state(EXTENSION) is AgentState.READY)

    wants_a_person(scene, elder)
    expect(phone).to_have_attribute("data-call", "ringing", timeout=LATE)
    expect(desk.get_by_role("button", name="接听")).to_be_focused()
    desk.keyboard.press("F8")
    hears(desk, ELDER_HZ)
    elder.hears_tone(BROWSER_HZ)
    elder.phone.hang_up()
    expect(phone).to_have_attribute("data-call", "none", timeout=LATE)
    scene.until("ready again", lambda: scene.state(EXTENSION) is AgentState.READY)


def test_the_buttons_of_a_talk_hold_for_a_browser_too(scene: Scene, desk: Page) -> None:
    elder = in_talk(scene, desk)
    colleague = scene.agent(OTHER, tone_hz=OTHER_HZ)
    desk.get_by_role("button", name="保持").click(timeout=LATE)
    expect(desk.get_by_role("button", name="恢复")).to_be_visible(timeout=LATE)
    assert tone_level(elder.hears_within(2)[RATE:], BROWSER_HZ) < LOUD_ENOUGH, "music, and not the agent"
    desk.get_by_role("button", name="恢复").click()
    elder.hears_tone(BROWSER_HZ)
    hears(desk, ELDER_HZ)
    expect(desk.get_by_role("button", name="保持")).to_be_visible(timeout=LATE)
    desk.get_by_label("转给谁").select_option(f"agent:{OTHER}")
    asked = time.monotonic()
    with desk.expect_response("**/desk/talk/*") as answer:
        desk.get_by_role("button", name="转接").click()
    assert answer.value.status == 204, answer.value.text()
    colleague.phone.wait_for("ringing", 60, asked)
    elder.hears_tone(OTHER_HZ)
    colleague.hears_tone(ELDER_HZ)
    expect(desk.locator("#phone")).to_have_attribute("data-call", "none", timeout=LATE)


def test_a_browser_consults_a_colleague_returns_and_makes_it_a_conference(scene: Scene, desk: Page) -> None:
    elder = in_talk(scene, desk)
    colleague = scene.agent(OTHER, tone_hz=OTHER_HZ)
    consults(desk)
    colleague.hears_tone(BROWSER_HZ)
    hears(desk, OTHER_HZ)
    assert tone_level(elder.hears_within(2)[RATE:], BROWSER_HZ) < LOUD_ENOUGH, "music, and not the agent"
    asked = time.monotonic()
    desk.get_by_role("button", name="回到老人").click()
    elder.hears_tone(BROWSER_HZ)
    hears(desk, ELDER_HZ)
    colleague.phone.wait_for("hung_up", 60, asked)
    scene.until("the colleague is ready again", lambda: scene.state(OTHER) is AgentState.READY)
    consults(desk)
    colleague.hears_tone(BROWSER_HZ)
    desk.get_by_role("button", name="三方").click(timeout=LATE)
    for hears_both, tones in ((elder, (BROWSER_HZ, OTHER_HZ)), (colleague, (BROWSER_HZ, ELDER_HZ))):
        for hertz in tones:
            hears_both.hears_tone(hertz)
    hears(desk, ELDER_HZ, OTHER_HZ)
    desk.keyboard.press("F9")
    expect(desk.locator("#phone")).to_have_attribute("data-call", "none")
    colleague.hears_tone(ELDER_HZ)
    assert tone_level(elder.hears_within(3)[2 * RATE :], BROWSER_HZ) < LOUD_ENOUGH, "the two talk on"
    elder.hears_tone(OTHER_HZ)


def consults(desk: Page) -> None:
    """Ask a colleague while the elder hears music."""
    expect(desk.get_by_role("button", name="咨询")).to_be_visible(timeout=LATE)
    desk.get_by_label("转给谁").select_option(f"agent:{OTHER}", timeout=LATE)
    desk.get_by_role("button", name="咨询").click()
    expect(desk.locator("#talk-form")).to_have_attribute("data-stage", "consulting", timeout=LATE)


def test_whoever_is_muted_is_not_heard_and_not_taken_for_dead_and_keys_arrive(scene: Scene, desk: Page) -> None:
    elder = in_talk(scene, desk)
    desk.get_by_role("button", name="静音").click()
    expect(desk.locator("#phone")).to_contain_text("已静音")
    heard = elder.hears_within(RTP_TIMEOUT + 3)
    assert tone_level(heard[-2 * RATE :], BROWSER_HZ) < LOUD_ENOUGH
    desk.get_by_role("button", name="静音").click()
    elder.hears_tone(BROWSER_HZ)
    desk.get_by_role("button", name="拨号键").click()
    pressed = time.monotonic()
    desk.get_by_role("button", name="5", exact=True).click()
    assert elder.phone.wait_for("key", 30, pressed).detail == "5"
    pressed = time.monotonic()
    desk.keyboard.press("7")
    elder.phone.wait_for("key", 30, pressed)
    expect(desk.locator("#phone-keys output")).to_have_text("57")
    desk.keyboard.press("F9")
    expect(desk.locator("#phone")).to_have_attribute("data-call", "none")


def test_a_page_that_closes_is_not_routed_to_until_it_is_open_again(scene: Scene, desk: Page) -> None:
    again = desk.context.new_page()
    desk.close()
    scene.until("unreachable", lambda: scene.state(EXTENSION) is AgentState.UNREACHABLE)
    elder = elder_calls(scene)
    scene.until("the elder waits", lambda: [each.stage for each in tickets(scene)] == [TicketStage.HELD])
    elder.hears_within(2)  # Time enough for an offer, which takes milliseconds.
    assert [(each.stage, each.attempts) for each in tickets(scene)] == [(TicketStage.HELD, 0)]
    again.goto(f"{console(scene)}/desk")
    expect(again.locator("#phone")).to_have_attribute("data-call", "ringing", timeout=LATE)
    again.keyboard.press("Enter")
    elder.hears_tone(BROWSER_HZ)


def tickets(scene: Scene) -> list[Ticket]:
    return scene.hotline.services.tickets.waiting()


def test_after_a_reload_in_mid_talk_the_talk_goes_on_by_itself(scene: Scene, desk: Page) -> None:
    """The elder waits for this very page, and nobody presses anything."""
    before = scene.calls()
    elder = in_talk(scene, desk)
    desk.on("dialog", lambda asked: asked.accept())
    desk.reload()
    expect(desk.locator("#phone")).to_have_attribute("data-call", "talking", timeout=LATE)
    elder.hears_tone(BROWSER_HZ)
    hears(desk, ELDER_HZ)
    desk.get_by_role("button", name="挂机").click()
    call = scene.new_calls(before, 1)[0]
    assert sum(step.startswith("talk.broken ") for step in scene.journey(call.id)) == 1
    taken = [ticket.reason for ticket in scene.tickets(call.id) if ticket.agent_extension == EXTENSION]
    assert sorted("takes the talk up again" in reason for reason in taken) == [False, True]


def test_the_phone_comes_back_by_itself_and_never_in_a_hurry(scene: Scene, desk: Page) -> None:
    scene.hotline.kill("asterisk")
    expect(desk.locator("#phone")).to_contain_text("话机断线")
    desk.wait_for_function("() => window.sockets.length > 2")
    scene.hotline.start("asterisk")
    expect(desk.locator("#phone")).to_contain_text("话机已连接", timeout=LATE)
    tries = desk.evaluate("window.sockets")
    assert min(later - earlier for earlier, later in itertools.pairwise(tries)) > 1900, tries
    scene.until("routed to again", lambda: scene.state(EXTENSION) is AgentState.READY)


def test_a_page_that_slept_looks_whether_its_line_still_stands(scene: Scene, page: Page) -> None:
    page.clock.install()
    log_in_at(page, console(scene), _LOGIN.login, _LOGIN.password)
    expect(page.locator("#phone")).to_contain_text("话机已连接")
    page.clock.fast_forward(120_000)
    page.wait_for_function("() => window.lines.join().endsWith('lost,registered')")
    scene.until("registered", lambda: registered(scene))


def test_an_account_that_is_refused_says_so_and_is_asked_for_anew(scene: Scene, page: Page) -> None:
    wrong = {"user": f"{EXTENSION}-web", "uri": f"sip:{EXTENSION}-web@127.0.0.1", "password": "wrong"}
    websocket = scene.hotline.settings.browser_phones
    page.route("**/desk/phone", lambda route: route.fulfill(json={**wrong, "websocket": websocket}), times=1)
    log_in_at(page, console(scene), _LOGIN.login, _LOGIN.password)
    page.wait_for_function("() => window.lines.join().endsWith('denied,registered')")
    expect(page.locator("#phone")).to_contain_text("话机已连接")


def test_a_second_page_waits_for_the_telephone_and_says_so(scene: Scene, desk: Page) -> None:
    second = desk.context.new_page()
    second.goto(f"{console(scene)}/desk")
    expect(second.locator("#phone")).to_contain_text("另一个标签页")
    expect(desk.locator("#phone")).to_contain_text("话机已连接")
    desk.close()
    expect(second.locator("#phone")).to_contain_text("话机已连接", timeout=LATE)
    scene.until("routed to there", lambda: scene.state(EXTENSION) is AgentState.READY)


def test_without_a_microphone_there_is_no_registration(scene: Scene, browser: Browser) -> None:
    for page in open_page(browser, WITNESS):
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        log_in_at(page, console(scene), _LOGIN.login, _LOGIN.password)
        phone = page.locator("#phone")
        expect(phone).to_contain_text("麦克风")
        expect(phone.get_by_role("button", name="重试")).to_be_visible()
        expect(page.locator("body")).to_have_attribute("data-online", "yes")
        assert page.evaluate("window.sockets") == []
        assert not any(each.endswith("/desk/phone") for each in asked)
        assert not registered(scene)
