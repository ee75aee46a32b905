"""Texts: every key that a page names is there in both languages, and no text waits for a page that is gone."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

import agent_console
from agent_console.catalogue import CHINESE, ENGLISH, read_language
from agent_console.catalogue import FOLDER as CATALOGUES
from agent_console.texts import text, waited, word, words, yuan
from routing import reports
from routing.calls.messages import AgentState, CallerClass, Intent, TicketEnd
from routing.calls.supervise_messages import Ear
from routing.orders.policy import OrderState

FOLDER = Path(agent_console.__file__).parent
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in (*FOLDER.rglob("*.html"), *FOLDER.rglob("*.py")))
HAN = re.compile("[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]")
"""Chinese characters, and the wide marks between them."""


def entries(language: str) -> dict[str, str]:
    """All texts and words of a language by their key, straight from the files."""
    found: dict[str, str] = {}
    for path in (CATALOGUES / language / "LC_MESSAGES").iterdir():
        with path.open("rb") as file:
            for entry in read_po(file, abort_invalid=True):
                if entry.id and entry.context is None:
                    assert entry.id not in found, f"{entry.id} is in {path.name} and elsewhere"
                    assert not entry.fuzzy, entry.id
                    found[str(entry.id)] = str(entry.string)
    return found


def fields(said: str) -> set[tuple[str, str]]:
    """The places for values in a text, with their forms."""
    return {(name, form or "") for _before, name, form, _kind in Formatter().parse(said) if name is not None}


def test_every_text_that_is_named_is_there_and_the_other_way_round() -> None:
    named = set(re.findall(r"""\b(?:t|text)\(\s*["']([a-z_.]+)["']""", SOURCES))
    named |= set(re.findall(r'(?:Link|Menu)\(\s*(?:"[a-z_.]+", )?"(nav\.[a-z_.]+)"', SOURCES))
    named |= set(re.findall(r'"(plan\.reason\.[a-z_]+)"', SOURCES))
    assert named == set(read_language(CHINESE).texts)


def test_every_group_of_words_is_named_somewhere() -> None:
    named = set(re.findall(r"""\bwords?\(\s*["']([a-z_]+)["']""", SOURCES))
    assert named <= set(read_language(CHINESE).words)
    columns = "\n".join(path.read_text(encoding="utf-8") for path in Path(reports.__file__).parent.glob("*.py"))
    sources = SOURCES + columns
    unnamed = {group for group in read_language(CHINESE).words if not re.search(rf"""["']{group}["']""", sources)}
    assert unnamed == set()


def test_both_languages_have_the_same_keys_and_the_same_values_in_them() -> None:
    chinese, english = entries(CHINESE), entries(ENGLISH)
    assert set(chinese) ^ set(english) == set()
    assert [key for key, said in (*chinese.items(), *english.items()) if not said.strip()] == []
    assert [key for key, said in chinese.items() if fields(said) != fields(english[key])] == []


def test_english_is_english_and_chinese_is_chinese() -> None:
    assert [key for key, said in entries(ENGLISH).items() if HAN.search(said)] == []
    plain = {key for key, said in entries(CHINESE).items() if not HAN.search(said)}
    assert plain <= {"company.of", "plan.times.hint", "join.said"}


def test_the_same_subjects_are_there_in_both_languages() -> None:
    subjects = [{path.name for path in (CATALOGUES / each / "LC_MESSAGES").iterdir()} for each in (CHINESE, ENGLISH)]
    assert subjects[0] == subjects[1]


def test_every_state_has_its_word() -> None:
    for group, states in (("agent", AgentState), ("class", CallerClass), ("intent", Intent), ("order", OrderState),
                          ("outcome", TicketEnd), ("lead", Ear)):  # fmt: skip
        assert {state.value for state in states} <= set(words(group)), group
    assert word("agent", "levitating") == "levitating"


def test_a_text_that_nobody_wrote_is_a_fault() -> None:
    with pytest.raises(KeyError):
        text("no.such.text")
    with pytest.raises(KeyError):
        word("no_such_group", "ready")


def test_forms() -> None:
    assert (yuan(0), yuan(5), yuan(1250)) == ("0.00", "0.05", "12.50")
    assert (waited(None), waited(0), waited(65.9), waited(3723)) == ("", "0:00", "1:05", "1:02:03")
    assert text("record.age", age=82) == "82 岁"


def test_pages_hold_no_script_and_no_style_of_their_own() -> None:
    for page in FOLDER.rglob("*.html"):
        content = page.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|https?://", content), page.name


def test_python_holds_no_texts_of_its_own() -> None:
    said = {
        node.value
        for path in FOLDER.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and HAN.search(node.value)
    }
    assert said == {"中文", "，", "Leave the first character of a name: 王**."}


def test_templates_and_scripts_hold_no_texts_of_their_own() -> None:
    pages = (*FOLDER.rglob("*.html"), *(path for path in FOLDER.rglob("*.js") if path.name != "jssip.js"))
    assert [page.name for page in pages if HAN.search(page.read_text(encoding="utf-8"))] == []
