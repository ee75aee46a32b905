"""An agent's page with its telephone, and elders who call, for tests of what becomes of both."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from db.demo import DEMO
from db.demo_services import LOGINS
from routing.calls.messages import AgentState, SetAgentState
from tests.agent_console.browser.conftest import log_in_at
from tests.agent_console.browser.headset import hears
from tests.story.scene import Person, Scene

EXTENSION = "1001"
ELDER_HZ, BROWSER_HZ = 440, 1000
LATE = 60_000  # Milliseconds until a call that was just dialled has come through, on a busy machine.
LOGIN = next(each for each in LOGINS if each.extension == EXTENSION)


def console(scene: Scene) -> str:
    return f"http://127.0.0.1:{scene.hotline.settings.web_port}"


def browsers(scene: Scene) -> list[str]:
    """The browsers' registrations of the agent that the router knows."""
    record = scene.hotline.services.agents.get(EXTENSION)
    return [each for each in record.contacts if f"|{EXTENSION}-web|" in each] if record else []


def connected(scene: Scene, page: Page) -> None:
    """Log in as the agent, and wait until the page and the router agree that there is a telephone."""
    log_in_at(page, console(scene), LOGIN.login, LOGIN.password)
    expect(page.locator("#phone")).to_contain_text("话机已连接")
    scene.until("the router knows of the browser", lambda: browsers(scene))


def asks_for(scene: Scene, state: AgentState) -> None:
    """Have the router put the agent in a state."""
    scene.hotline.services.agents.command(SetAgentState(EXTENSION, state, by="test"))
    scene.until(state.value, lambda: scene.state(EXTENSION) is state)


def elder_calls(scene: Scene) -> Person:
    """Somebody dials, and presses 0 over the greeting."""
    elder = scene.person(DEMO.wang.number, tone_hz=ELDER_HZ)
    scene.dial(elder)
    elder.hears_something()
    elder.phone.press("0")
    return elder


def in_talk(scene: Scene, page: Page) -> Person:
    """An elder and the page hear each other."""
    elder = elder_calls(scene)
    expect(page.locator("#phone")).to_have_attribute("data-call", "ringing", timeout=LATE)
    page.get_by_role("button", name="接听").click()
    elder.hears_tone(BROWSER_HZ)
    hears(page, ELDER_HZ)
    return elder
