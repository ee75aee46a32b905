"""A supervisor listens by the telephone of the page: by what the page, the agent and the caller hear of each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect
from sqlalchemy import select

from db.demo import DEMO
from db.models import Agent, User
from tests.agent_console.browser.conftest import fits, keep, log_in_at, open_page, weak_texts
from tests.agent_console.browser.headset import PLAIN_SOUND, hears_together, speaking_browser
from tests.agent_console.browser.softphone_desk import BROWSER_HZ, ELDER_HZ, EXTENSION, LATE, console, elder_calls
from tests.agent_console.browser.test_every_page import findings
from tests.ears import tone_level
from tests.routing.calls.hearing import sound_now
from tests.story.scene import LOUD_ENOUGH, Person, Scene, open_scene

pytestmark = [
    pytest.mark.browser, pytest.mark.asterisk, pytest.mark.phones, pytest.mark.slow, pytest.mark.timeout(240),
]  # fmt: skip

AGENT_HZ = 1400
TONES = (ELDER_HZ, BROWSER_HZ, AGENT_HZ)
DESK = "1003"
"""The extension that the supervisor was given."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("scene")
    parts = ("redis", "asterisk", "ivr", "router", "console")
    with open_scene(folder, *parts, session_key="s" * 40, wrap_up_seconds=1) as scene:
        with scene.hotline.stores.unit_of_work() as work:
            supervisor = work.scalars(select(User).where(User.login == DEMO.supervisor.login)).one()
            work.get_one(Agent, DESK).user_id = supervisor.id
        yield scene


@pytest.fixture
def talks(scene: Scene, playwright: Playwright, tmp_path: Path) -> Iterator[Page]:
    """The supervisor's page of talks with its telephone; its microphone hears a tone."""
    with speaking_browser(playwright, tmp_path, BROWSER_HZ) as browser:
        for page in open_page(browser, PLAIN_SOUND):
            log_in_at(page, console(scene), DEMO.supervisor.login, DEMO.supervisor.password)
            page.goto(f"{console(scene)}/supervisor/talks")
            expect(page.locator("#phone")).to_contain_text("话机已连接")
            scene.until("the router knows of it", lambda: registered(scene))
            yield page
    scene.everybody_leaves()
    scene.assert_well("ivr", "router", "console")


def registered(scene: Scene) -> bool:
    """Whether the router knows of a phone of the supervisor's."""
    record = scene.hotline.services.agents.get(DESK)
    return record is not None and bool(record.contacts)


def hears(scene: Scene, person: Person, *wanted: int) -> None:
    """Wait until somebody hears exactly these tones, and see that for a second and a half the others are not heard."""
    expected = {str(each) for each in wanted}
    scene.until(f"tones {wanted}", lambda: sound_now(person.phone, TONES) == expected)
    sound = person.hears_within(1.5)
    assert [each for each in TONES if tone_level(sound, each) > LOUD_ENOUGH] == sorted(wanted)


def test_a_supervisor_listens_whispers_and_barges_in_by_the_page(scene: Scene, talks: Page, pictures: Path) -> None:
    agent = scene.agent(EXTENSION, tone_hz=AGENT_HZ)
    elder = elder_calls(scene)
    elder.hears_tone(AGENT_HZ)
    form = talks.locator(f"#talk-{EXTENSION} form")
    expect(form.get_by_label("用分机")).to_have_value(DESK)
    form.get_by_label("原因").fill("新人")
    form.get_by_role("button", name="监听").click()
    expect(talks.locator("#phone")).to_have_attribute("data-call", "ringing", timeout=LATE)
    expect(talks.locator("#now")).to_contain_text("正在呼叫电话")
    talks.get_by_role("button", name="接听").click()

    def is_on(words: str, way: str, *, elder_hears: tuple[int, ...], agent_hears: tuple[int, ...]) -> None:
        expect(talks.locator("#now")).to_contain_text(words, timeout=LATE)
        expect(talks.locator("#now [aria-pressed=true]")).to_contain_text(way)
        hears_together(talks, ELDER_HZ, AGENT_HZ)
        hears(scene, elder, *elder_hears)
        hears(scene, agent, *agent_hears)

    alone: dict[str, tuple[int, ...]] = {"elder_hears": (AGENT_HZ,), "agent_hears": (ELDER_HZ,)}
    is_on("监听中：双方都听不到您", "监听", **alone)
    talks.locator("#now").get_by_role("button", name="耳语").click()
    is_on("耳语中：只有坐席听到您", "耳语", elder_hears=(AGENT_HZ,), agent_hears=(ELDER_HZ, BROWSER_HZ))
    assert weak_texts(talks) == []
    keep(talks, pictures, "talks-whispering")
    assert findings(talks) == []
    talks.set_viewport_size({"width": 390, "height": 844})
    fits(talks)
    talks.set_viewport_size({"width": 1366, "height": 768})
    talks.locator("#phone [data-part=keypad]").click()
    talks.locator("#phone [data-key='6']").click()
    is_on("插话中：双方都听到您", "强插", elder_hears=(BROWSER_HZ, AGENT_HZ), agent_hears=(ELDER_HZ, BROWSER_HZ))
    talks.locator("#now").get_by_role("button", name="监听").click()
    is_on("监听中：双方都听不到您", "监听", **alone)
    expect(talks.locator("#phone")).to_have_attribute("data-call", "talking")
    talks.get_by_role("button", name=f"结束（分机 {DESK}）").click()
    expect(talks.locator("#phone")).to_have_attribute("data-call", "none", timeout=LATE)
    expect(talks.locator("#now")).to_contain_text("现在没有人监听")
    hears(scene, elder, AGENT_HZ)
