"""The real application under gunicorn, and Debian's Chromium in front of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from agent_console import ConsoleServices
from routing.settings import Settings
from tests.agent_console.console import PASSWORD, make_services, populate
from tests.ports import free_port

_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
_CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


@dataclass
class Server:
    """A console that runs: its address, its log, and the services behind it for the test to act through."""

    address: str
    log: Path
    services: ConsoleServices


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser window of an agent's usual screen. A script error on any page fails the test."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def server(settings: Settings, tmp_path: Path) -> Iterator[Server]:
    """The console under gunicorn, with the demo people."""
    services = make_services(settings)
    populate(services)
    port, log = free_port(), tmp_path / "console.log"
    command = [
        sys.executable, "-m", "gunicorn", "-c", "python:agent_console.gunicorn_conf",
        "--bind", f"127.0.0.1:{port}", "tests.agent_console.wsgi:make()",
    ]  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=_environment(settings), stdout=output, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(address, process, log)
        yield Server(address, log, services)
    finally:
        process.terminate()
        process.wait(20)
        services.redis.close()


def log_in(page: Page, server: Server, login: str, password: str = PASSWORD) -> None:
    """Fill in the log-in form as a person does."""
    page.goto(server.address)
    page.get_by_label("用户名").fill(login)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def _environment(settings: Settings) -> dict[str, str]:
    secrets = {name: getattr(settings, name).get_secret_value() for name in ("field_key", "index_key", "session_key")}
    known = {"database_url": settings.database_url, "redis_url": settings.redis_url, "var_dir": str(settings.var_dir)}
    return {**os.environ, **{f"ELDERLINE_{name.upper()}": value for name, value in {**secrets, **known}.items()}}


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the console answers. Raises AssertionError with its log when it does not within 30 seconds."""
    give_up = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=2).close()
        except (urllib.error.URLError, OSError):
            assert process.poll() is None and time.monotonic() < give_up, log.read_text()
            time.sleep(0.05)  # gunicorn tells nobody when it listens.
        else:
            return
