"""What services refuse: each English sentence of theirs has its Chinese, and pages say it so."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator
from pathlib import Path

import agent_console
import routing
from agent_console.catalogue import CHINESE, ENGLISH, read_language, speaking
from agent_console.sentences import in_words
from tests.agent_console.console import Desk, csrf
from tests.agent_console.test_texts import HAN

_FOR_MACHINES = ("api", "paging.py")
"""What only the API refuses: it speaks English."""


def template(said: ast.expr) -> str:
    """A sentence with its places numbered; empty for what is put together elsewhere."""
    if isinstance(said, ast.Constant):
        return str(said.value)
    if not isinstance(said, ast.JoinedStr):
        return ""
    places = iter(range(1, 99))
    return "".join(str(each.value) if isinstance(each, ast.Constant) else f"{{{next(places)}}}" for each in said.values)


def places(sentence: str) -> list[str]:
    """The numbers of the places in a sentence."""
    return re.findall(r"{([0-9])}", sentence)


def refusals() -> Iterator[str]:
    """Every sentence of `raise Invalid(...)`."""
    folders = [Path(next(iter(package.__path__))) for package in (routing, agent_console)]
    for folder in folders:
        for path in folder.rglob("*.py"):
            if any(each in path.relative_to(folder).parts for each in _FOR_MACHINES):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Invalid":
                    yield template(node.args[0])


def test_every_refusal_is_there_in_the_other_language() -> None:
    said = {each for each in refusals() if each}
    assert len(said) > 100
    assert {each for each in said if not HAN.search(each)} - set(read_language(CHINESE).sentences) == set()
    assert {each for each in said if HAN.search(each)} - set(read_language(ENGLISH).sentences) == set()


def test_they_are_chinese_and_keep_what_they_name() -> None:
    for english, chinese in read_language(CHINESE).sentences.items():
        assert HAN.search(chinese), english
        assert chinese.endswith("。"), chinese
        assert set(places(chinese)) <= set(places(english)), english
    for chinese, english in read_language(ENGLISH).sentences.items():
        assert not HAN.search(english) and HAN.search(chinese), chinese
        assert set(places(chinese)) == set(places(english)), chinese


def test_a_sentence_is_found_with_its_values() -> None:
    with speaking(CHINESE):
        assert in_words("a note has 500 characters at most") == "说明最多 500 个字。"
        assert in_words("a pause ends on 2026-03-02, before it begins on 2026-03-05: give a later day, or none") == (
            "暂停到 2026-03-02 结束，早于开始的 2026-03-05：请填晚一些的日期，或者不填。"
        )
        assert in_words("something new") == "填写的内容不对。"
        assert in_words("请填写数字和日期。") == "请填写数字和日期。"
    with speaking(ENGLISH):
        assert in_words("a note has 500 characters at most") == "A note has 500 characters at most."
        assert in_words("请填写姓名。") == "Please fill in the name."
        assert in_words("It now stands at “Done”.") == "It now stands at “Done”."
        assert in_words("新的话。") == "Something was not filled in correctly. (新的话。)"


def test_a_page_says_it_in_its_language(desk: Desk) -> None:
    client = desk.logged_in("agent")
    page = f"/desk/elders/{desk.elder_id()}/wellbeing"
    form = {"csrf_token": csrf(client, page), "at": "09:30"}
    for asked, said in (("zh", "请选择谁同意每日问候的"), ("en", "Say who agreed to the daily call")):
        answer = client.post(page, data=form, headers={"Accept-Language": asked})
        assert said in html.unescape(answer.get_data(as_text=True))
