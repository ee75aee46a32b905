"""Both languages: which one a page speaks, and that English pages are English but for what people have entered."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from agent_console.catalogue import CHINESE, ENGLISH, read_language, speaking
from agent_console.languages import COOKIE
from agent_console.texts import text, word
from db.models import Base, ServiceItem
from ivr.prompts.catalogue import TEXTS_FOLDER
from ivr.prompts.source import read_language as read_prompts
from routing.outreach.sms.text_examples import example
from routing.outreach.sms.text_rules import RULES
from tests.agent_console.console import Desk, csrf
from tests.agent_console.past import Past, live_through, pages_about
from tests.agent_console.test_texts import HAN

ALSO_CHINESE = ("中文",)
"""What is Chinese on English pages by intent: the button of the other language."""


class Shown(HTMLParser):
    """What a page shows or reads out: its texts, and the attributes that people meet."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append(data.strip())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = ("aria-label", "alt", "title", "placeholder")
        self.found += [value for name, value in attrs if value and (name in told or name.startswith("data-"))]


@pytest.fixture
def past(desk: Desk) -> Past:
    return live_through(desk.services)


def whose(desk: Desk) -> Callable[[str], FlaskClient]:
    """Give who may see a page: administrators see all but what is a company's own."""
    administrator, company = desk.logged_in("administrator"), desk.logged_in("company")
    return lambda path: company if path.startswith("/company") else administrator


def entered(desk: Desk) -> list[str]:
    """Every Chinese text that people have entered, and the words of prompts and SMS; the longest first."""
    found: set[str] = set(read_prompts(TEXTS_FOLDER / "zh-CN.yaml").spoken_texts.values())
    for each in desk.services.sms_texts.all():
        shown, longest = example(each.key, "zh-CN"), RULES[each.key].fields
        found |= {each.text, each.configured, each.text.format_map(shown), *shown.values(), *longest.values()}
    with desk.services.reading() as work:
        for mapper in Base.registry.mappers:
            for row in work.scalars(select(mapper.class_)):
                found |= {said for part in mapper.column_attrs if isinstance(said := getattr(row, part.key), str)}
    pieces = {piece for said in found for piece in re.split(r"[\s,，、]+", said)} | found
    return sorted((said for said in pieces if HAN.search(said)), key=len, reverse=True)


def in_english(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers={"Accept-Language": "en-GB,en;q=0.9,zh;q=0.5"}, follow_redirects=True)
    assert answer.status_code in (200, 404), path
    return answer.get_data(as_text=True)


def left_over(page: str, known: list[str]) -> Iterator[str]:
    for said in Shown(page).found:
        rest = said
        for each in known:
            rest = rest.replace(each, "")
        if HAN.search(rest):
            yield f"{said[:80]} -> {rest[:40]}"


def test_english_pages_are_english_but_for_what_people_have_entered(desk: Desk, past: Past) -> None:
    client, known = whose(desk), [*entered(desk), *ALSO_CHINESE]
    wrong = {path: list(left_over(in_english(client(path), path), known)) for path in pages_about(past)}
    assert {path: found for path, found in wrong.items() if found} == {}


def test_services_have_their_english_names_on_english_pages(desk: Desk, past: Past) -> None:
    with desk.services.reading() as work:
        chinese = set(work.scalars(select(ServiceItem.name).where(ServiceItem.name_en != "")))
        english = set(work.scalars(select(ServiceItem.name_en)))
    client, seen = whose(desk), set()
    for path in pages_about(past):
        shown = set(Shown(in_english(client(path), path)).found)
        assert shown & chinese == set(), path
        seen |= shown & english
    assert seen
    orders = client("/").get("/supervisor/orders").get_data(as_text=True)
    assert set(Shown(orders).found) & chinese


def test_no_page_shows_the_key_of_a_text(desk: Desk, past: Past) -> None:
    words = read_language(CHINESE).words
    steps = words["journey"].keys() | words["sos_step"].keys()  # Pages tell scripts of steps by the very word.
    keys = {f"word.{group}.{value}" for group in words for value in words[group]} | read_language(CHINESE).texts.keys()
    client = whose(desk)
    for path in pages_about(past):
        if not {"prompts", "audit"} & set(path.split("/")):  # These have names of their own, which are like keys.
            page = in_english(client(path), path)
            shown = {piece for said in Shown(page).found for piece in re.findall(r"[a-z_]+(?:\.[a-z_]+)+", said)}
            assert shown & keys - steps == set(), path


def test_a_page_says_which_language_it_is_in(desk: Desk) -> None:
    client = desk.logged_in("agent")
    assert '<html lang="en">' in in_english(client, "/desk")
    assert '<html lang="zh-CN">' in client.get("/desk").get_data(as_text=True)
    asked = {"Accept-Language": "fr,zh-TW;q=0.8,en;q=0.7"}
    assert '<html lang="zh-CN">' in client.get("/desk", headers=asked).get_data(as_text=True)


def test_the_button_keeps_the_language_and_leads_back(desk: Desk) -> None:
    client = desk.anonymous()
    form = {"csrf_token": csrf(client, "/login"), "language": ENGLISH, "next": "/login?next=%2Fdesk"}
    answer = client.post("/language", data=form)
    assert (answer.status_code, answer.location) == (302, "/login?next=%2Fdesk")
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith(COOKIE)]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    asked = {"Accept-Language": "zh-CN"}
    assert "Log in" in client.get("/login", headers=asked).get_data(as_text=True)
    for wrong in ("//elsewhere.example", "https://elsewhere.example/", "/\\elsewhere.example"):
        answer = client.post("/language", data={**form, "next": wrong, "language": "klingon"})
        assert answer.location == "/" and COOKIE not in str(answer.headers.getlist("Set-Cookie"))
    assert "Log in" in client.get("/login", headers=asked).get_data(as_text=True)


def test_refusals_are_in_the_language_of_the_page(desk: Desk) -> None:
    client = desk.logged_in("supervisor")
    token = csrf(client, "/supervisor")
    for asked, said in (("en", "Please fill in numbers and dates."), ("zh", "请填写数字和日期。")):
        answer = client.post(
            "/supervisor/prices/tariffs", data={"csrf_token": token, "yuan": "x"}, headers={"Accept-Language": asked}
        )
        assert said in html.unescape(answer.get_data(as_text=True))
        assert answer.status_code == 422


def test_a_language_can_be_spoken_outside_of_requests() -> None:
    assert (text("nav.leave"), word("agent", "ready")) == ("退出", "就绪")
    with speaking(ENGLISH):
        assert (text("nav.leave"), word("agent", "ready")) == ("Log out", "Ready")
    assert text("nav.leave") == "退出"
