"""Debian's Chromium in front of the console."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.agent_console.console import PASSWORD
from tests.agent_console.served import Served

_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --lang=zh-CN"
)
PATIENCE = 30_000
"""Milliseconds until what should be seen must be seen, on a busy machine."""
expect.set_options(timeout=PATIENCE)
_MOST_BYTES = 100_000
_COLOURS = 96
"""Of a picture: pages have few, and a palette makes it a third as large."""
_CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """One driver for all browsers: a second one in the same process would find the first one's loop running."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One headless Chromium for all tests."""
    browser = launch(playwright)
    yield browser
    browser.close()


def launch(playwright: Playwright, *more: str) -> Browser:
    """Start Debian's Chromium, headless, with `more` flags."""
    return playwright.chromium.launch(executable_path=_CHROMIUM, args=[*_FLAGS.split(), *more])


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window of an agent's usual size. A script error, or anything the content policy stopped, fails the test."""
    yield from open_page(browser)


def open_page(browser: Browser, *scripts: str) -> Iterator[Page]:
    """Give a window, in which `scripts` run before those of each page, and look afterwards at what went wrong in it."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN", timezone_id="Asia/Shanghai")
    for script in scripts:
        context.add_init_script(script)
    faults: list[str] = []
    context.on("weberror", lambda error: faults.append(str(error.error)))
    context.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.set_default_navigation_timeout(PATIENCE)
    yield page
    context.close()
    assert faults == []


def log_in(page: Page, served: Served, login: str, password: str = PASSWORD) -> None:
    """Fill in the log-in form as a person does."""
    log_in_at(page, served.address, login, password)


def log_in_at(page: Page, address: str, login: str, password: str) -> None:
    """Fill in the log-in form of the console at `address`."""
    page.goto(address)
    page.get_by_label("用户名").fill(login)
    page.get_by_label("密码").fill(password)
    with page.expect_navigation():  # Else whoever goes on to another page may be quicker than the answer.
        page.get_by_role("button", name="登录").click()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures go: the test's own folder, or the one of the documents when they are to be made anew."""
    folder = Path(os.environ.get("ELDERLINE_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def fits(page: Page) -> None:
    """Check that nothing reaches beyond the window's sides."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def keep(page: Page, pictures: Path, name: str) -> None:
    """Take a picture of the window; it must be small enough to keep."""
    fits(page)
    path = pictures / f"{name}.png"
    page.screenshot(path=path, animations="disabled")
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    assert path.stat().st_size < _MOST_BYTES


def weak_texts(page: Page) -> list[str]:
    """Give the texts whose contrast is less than 4.5:1 (WCAG 2.2, success criterion 1.4.3)."""
    found: list[str] = page.evaluate(_WEAK_TEXTS)
    return found


_WEAK_TEXTS = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, place) => sum + value * [0.2126, 0.7152, 0.0722][place], 0);
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = parse(getComputedStyle(each).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const weak = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility()) continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground(element))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) weak.push(`${element.tagName} ${element.textContent.trim().slice(0, 20)}`);
  }
  return weak;
}"""
