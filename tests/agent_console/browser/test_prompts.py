"""A supervisor uploads a recording on the page, listens to it, and takes it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from agent_console.texts import text, word
from db.demo import DEMO
from tests.agent_console.browser.conftest import fits, keep, log_in, weak_texts
from tests.agent_console.served import Served
from tests.ivr.prompts.voices import reading

pytestmark = pytest.mark.browser


def test_a_recording_is_uploaded_listened_to_and_taken_back(
    page: Page, served: Served, pictures: Path, tmp_path: Path
) -> None:
    log_in(page, served, DEMO.supervisor.login)
    page.get_by_text(text("nav.menu.line")).click()
    page.get_by_role("link", name=text("prompt.title")).click()
    page.get_by_label(text("prompt.find")).fill("welcome.person")
    page.get_by_role("button", name=text("prompt.go")).click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name=text("prompt.open")).click()
    expect(page.locator("#heard")).to_have_text(word("layer", "rendered"))

    file = tmp_path / "mine.mp3"
    file.write_bytes(reading(0.2, form="MP3", width="MPEG_LAYER_III"))
    page.get_by_label(text("prompt.file")).set_input_files(file)
    page.get_by_role("button", name=text("prompt.upload.go"), exact=True).click()
    expect(page.get_by_role("status")).to_contain_text(word("recording", "short"))

    file.write_bytes(reading(3.0, form="MP3", width="MPEG_LAYER_III"))
    page.get_by_label(text("prompt.file")).set_input_files(file)
    page.get_by_role("button", name=text("prompt.upload.go"), exact=True).click()
    expect(page.locator("#heard")).to_have_text(word("layer", "recorded"))
    heard = page.locator("#recorded")
    heard.evaluate("player => { player.muted = true; return player.play() }")
    page.wait_for_function("document.querySelector('#recorded').duration > 2.5")
    assert weak_texts(page) == []
    fits(page)
    keep(page, pictures, "prompts")

    page.get_by_role("button", name=text("prompt.drop")).click()
    expect(page.locator("#heard")).to_have_text(word("layer", "rendered"))
    page.goto(f"{served.address}/supervisor/prompts?find=hold.")
    assert weak_texts(page) == []
    fits(page)
    keep(page, tmp_path, "list")
