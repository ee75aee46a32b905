"""Texts: every key that a page names is there, and no text waits for a page that is gone."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from pathlib import Path

import agent_console
from agent_console.texts import TEXTS, WORDS, text, waited, word, yuan
from routing.calls.messages import AgentState, CallerClass, Intent, TicketEnd
from routing.calls.supervise_messages import Ear
from routing.orders.policy import OrderState

FOLDER = Path(agent_console.__file__).parent
SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for path in (*FOLDER.rglob("*.html"), *FOLDER.rglob("*.py"))
    if path.name not in ("texts.py", "plan_texts.py", "company_texts.py", "journal_texts.py")
)


def test_every_text_that_is_named_is_there_and_the_other_way_round() -> None:
    named = set(re.findall(r"""\b(?:t|text)\(["']([a-z_.]+)["']""", SOURCES)) | set(
        re.findall(r'(?:Link|Menu)\(\s*(?:"[a-z_.]+", )?"(nav\.[a-z_.]+)"', SOURCES)
    )
    assert named == set(TEXTS)


def test_every_state_has_its_word() -> None:
    for group, states in (("agent", AgentState), ("class", CallerClass), ("intent", Intent), ("order", OrderState),
                          ("outcome", TicketEnd), ("lead", Ear)):  # fmt: skip
        assert {state.value for state in states} <= set(WORDS[group]), group
    assert word("agent", "levitating") == "levitating"


def test_forms() -> None:
    assert (yuan(0), yuan(5), yuan(1250)) == ("0.00", "0.05", "12.50")
    assert (waited(None), waited(0), waited(65.9), waited(3723)) == ("", "0:00", "1:05", "1:02:03")
    assert text("record.age", age=82) == "82 岁"


def test_pages_hold_no_script_and_no_style_of_their_own() -> None:
    for page in FOLDER.rglob("*.html"):
        content = page.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|https?://", content), page.name


def test_no_group_of_words_and_no_text_is_there_twice() -> None:
    """Each subject has words of its own; merged, one group would silently take the place of another."""
    groups, texts = Counter[str](), Counter[str]()
    for path in Path(agent_console.__file__).parent.glob("*texts.py"):
        module = importlib.import_module(f"agent_console.{path.stem}")
        for name, value in vars(module).items() if path.stem != "texts" else ():
            if name.endswith("_WORDS"):
                groups.update(value.keys())
            if name.endswith("_TEXTS"):
                texts.update(value.keys())
    assert {name: count for name, count in (groups + texts).items() if count > 1} == {}
