"""Every page in both languages, on an agent's screen and on a phone: what axe-core finds of WCAG 2.2 A and AA, whether
it fits, and how small its letters are. The pictures of all pages are made here when they are asked for."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, ViewportSize, expect

from agent_console.catalogue import CHINESE, ENGLISH
from agent_console.languages import COOKIE
from db.demo import DEMO
from routing.calls.messages import AgentState, CallerClass
from tests.agent_console.browser.conftest import keep, log_in, open_page
from tests.agent_console.past import Past, live_through, pages_about
from tests.agent_console.ringing import join, put_agent
from tests.agent_console.served import Served

pytestmark = pytest.mark.browser

SCREEN: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
PIECES = ("/desk/record", "/desk/talk", "/desk/cards/pane")
"""Parts of a page that a script puts into it."""
SMALLEST = 16
"""Pixels of the smallest letters."""
_RUN = """() => axe.run(document, {
  resultTypes: ["violations"],
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}).then((found) => found.violations
  .filter((each) => each.impact === "serious" || each.impact === "critical")
  .map((each) => `${each.id}: ${each.nodes.map((node) => node.target.join(" ")).slice(0, 4)}`))"""
_SIZES = """() => {
  const own = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  const shown = [...document.querySelectorAll("body *")].filter((each) => own(each) && each.checkVisibility());
  const size = (each) => parseFloat(getComputedStyle(each).fontSize);
  const small = shown.filter((each) => size(each) < SMALLEST).map((each) => each.textContent.trim());
  return { wide: document.documentElement.scrollWidth, small: small.slice(0, 4) };
}""".replace("SMALLEST", str(SMALLEST))


def findings(page: Page) -> list[str]:
    """Serious and critical findings of axe-core."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(_RUN)
    return found


def measured(page: Page, size: ViewportSize) -> list[str]:
    """What does not fit, and letters that are too small."""
    seen: dict[str, Any] = page.evaluate(_SIZES)
    wide = [f"{seen['wide']} pixels wide"] if seen["wide"] > size["width"] else []
    return wide + [f"small letters: {each}" for each in seen["small"]]


@pytest.mark.parametrize(
    ("language", "size"),
    [
        (CHINESE, SCREEN),
        (ENGLISH, PHONE),
        pytest.param(CHINESE, PHONE, marks=pytest.mark.long),
        pytest.param(ENGLISH, SCREEN, marks=pytest.mark.long),
    ],
    ids=lambda each: each if isinstance(each, str) else str(each["width"]),
)
def test_every_page_can_be_used_by_everybody(
    browser: Browser, served: Served, language: str, size: ViewportSize
) -> None:
    """axe-core looks at each page in one language and size, and both sizes are measured; `long` has the rest."""
    redis, past = served.services.redis, live_through(served.services)
    put_agent(redis, AgentState.WRAP_UP)
    for number, kind in enumerate((CallerClass.SOS, CallerClass.FRAIL, CallerClass.ELDER), 2):
        join(redis, kind, f"t{number}")
    wrong: dict[str, list[str]] = {}
    for page in open_page(browser):
        log_in(page, served, DEMO.administrator.login)
        page.context.add_cookies([{"name": COOKIE, "value": language, "url": served.address}])
        for path in _paths(past):
            page.set_viewport_size(size)
            page.goto(f"{served.address}{path}")
            if "data-live" in page.content():
                expect(page.locator("body")).to_have_attribute("data-online", "yes")
            wrong[path] = findings(page)
            for each in (size, PHONE if size == SCREEN else SCREEN):
                page.set_viewport_size(each)
                wrong[path] += measured(page, each)
                _take(page, path, each, language)
        page.context.clear_cookies(name=re.compile("^elderline-[0-9]+$"))
        page.goto(f"{served.address}/login")
        wrong["/login"] = [*findings(page), *measured(page, SCREEN)]
    assert {at: found for at, found in wrong.items() if found} == {}


def _paths(past: Past) -> list[str]:
    """Whole pages, once each, and the long list of prompts narrowed: axe-core takes eight seconds for 600 sounds."""
    short = {"/supervisor/prompts": "/supervisor/prompts?find=bye"}
    whole = [path for path in pages_about(past) if path != "/" and not path.startswith(PIECES)]
    return [short.get(path, path) for path in whole if not path.endswith("/now")]  # A piece of the SOS page.


def _take(page: Page, path: str, size: ViewportSize, language: str) -> None:
    """Keep the picture of a page, if pictures are wanted: each on the screen in Chinese, two on a phone in English."""
    folder = os.environ.get("ELDERLINE_SCREENSHOTS")
    name = re.sub(r"[^a-z]+", "-", re.sub(r"/(\d+|c0)$", "/one", re.sub(r"\?find=.*|zh-CN", "", path))).strip("-")
    if folder is None or (size, language) not in ((SCREEN, CHINESE), (PHONE, ENGLISH)):
        return
    if language == ENGLISH and name not in ("supervisor", "desk-elder", "supervisor-orders"):
        return
    (Path(folder) / "pages").mkdir(parents=True, exist_ok=True)
    keep(page, Path(folder) / "pages", f"{name}-phone-en" if language == ENGLISH else name)


def test_the_bar_folds_on_a_phone(page: Page, served: Served) -> None:
    log_in(page, served, DEMO.supervisor.login)
    burger = page.get_by_role("button", name="菜单")
    expect(burger).to_be_hidden()
    page.set_viewport_size(PHONE)
    expect(page.get_by_role("link", name="来电", exact=True)).to_be_hidden()
    burger.click()
    expect(burger).to_have_attribute("aria-expanded", "true")
    page.get_by_role("link", name="来电", exact=True).click()
    expect(page).to_have_url(re.compile("/supervisor/calls$"))
    expect(page.get_by_role("link", name="来电", exact=True)).to_be_hidden()


def test_the_language_is_changed_by_its_button(page: Page, served: Served) -> None:
    page.goto(f"{served.address}/login")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_label("User name").fill(DEMO.supervisor.login)
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_the_keyboard_goes_past_the_bar(page: Page, served: Served) -> None:
    log_in(page, served, DEMO.supervisor.login)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_nothing_moves_for_those_who_asked_for_that(page: Page, served: Served) -> None:
    page.emulate_media(reduced_motion="reduce")
    log_in(page, served, DEMO.supervisor.login)
    assert page.evaluate("getComputedStyle(document.getElementById('sos')).animationName") == "none"
