"""Debian's Chromium in front of the console."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.agent_console.console import PASSWORD
from tests.agent_console.served import Served

_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --lang=zh-CN"
)
PATIENCE = 30_000
"""Milliseconds until what should be seen must be seen, on a busy machine."""
expect.set_options(timeout=PATIENCE)
_CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window of an agent's usual size. A script error, or anything the content policy stopped, fails the test."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN", timezone_id="Asia/Shanghai")
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
    page.goto(served.address)
    page.get_by_label("用户名").fill(login)
    page.get_by_label("密码").fill(password)
    with page.expect_navigation():  # Else whoever goes on to another page may be quicker than the answer.
        page.get_by_role("button", name="登录").click()
