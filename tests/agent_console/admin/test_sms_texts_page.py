"""The page of SMS texts: a look before it counts, faults in words, two at once, back again, and what a phone gets."""

from __future__ import annotations

import html
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from db.models import SmsMessage
from routing.outreach.sms import texts
from routing.outreach.sms.text_rules import RULES
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import open_stores
from tests.agent_console.console import Desk, csrf

PAGE = "/admin/sms-texts"
OWN = "【幸福养老】空短信收到了，要帮忙请拨12349。"


@pytest.fixture(autouse=True)
def _ours_again() -> Iterator[None]:
    yield
    texts.use("zh-CN")


def send(client: FlaskClient, key: str, text: str, seen: int = 0, do: str = "save") -> tuple[int, str]:
    form = {"csrf_token": csrf(client, f"{PAGE}/{key}"), "text": text, "seen": str(seen), "do": do}
    answer = client.post(f"{PAGE}/{key}", data=form)
    return answer.status_code, html.unescape(answer.get_data(as_text=True))


def shown(client: FlaskClient, path: str) -> str:
    return html.unescape(client.get(path).get_data(as_text=True))


def test_every_text_is_listed_and_has_a_page(desk: Desk) -> None:
    client = desk.logged_in("administrator")
    listed = shown(client, PAGE)
    for key, rule in RULES.items():
        assert f"{PAGE}/{key}" in listed
        page = shown(client, f"{PAGE}/{key}")
        assert all(f"<code>{{{name}}}</code>" in page for name in rule.fields)
        assert "<blockquote" in page
    assert client.get(f"{PAGE}/nothing").status_code == 404


def test_a_look_tells_parts_and_saves_nothing(desk: Desk) -> None:
    client = desk.logged_in("administrator")
    status, page = send(client, "thanks", "【银龄】{score}分。" + "谢" * 70, do="preview")
    assert status == 200
    assert "【银龄】5分。谢谢" in page
    assert "77字位，2条（UCS-2）；按最长的内容2条，最多1条" in page
    assert "按最长的内容要发2条，最多1条" in page
    status, page = send(client, "thanks", "【银龄】{name}分", do="preview")
    assert "没有这个字段：name。" in page and "少了字段：score。" in page and "<blockquote" not in page
    assert desk.services.sms_texts.history("thanks") == []


def test_what_is_wrong_is_told_in_words_and_what_was_written_stays(desk: Desk) -> None:
    client = desk.logged_in("administrator")
    status, page = send(client, "thanks", "【银龄】谢谢您<b>")
    assert status == 422
    assert "少了字段：score。" in page and "【银龄】谢谢您<b></textarea>" in page
    form = {"csrf_token": csrf(client, PAGE), "text": OWN, "seen": "x", "do": "save"}
    assert client.post(f"{PAGE}/empty", data=form).status_code == 422


def test_of_two_administrators_the_second_is_told(desk: Desk) -> None:
    client = desk.logged_in("administrator")
    assert send(client, "empty", OWN)[0] == 302
    status, page = send(client, "empty", "【别的】空短信。")
    assert status == 409
    assert "别人已经改了这一条" in page and OWN in page and "【别的】空短信。</textarea>" in page
    assert desk.services.sms_texts.one("empty").text == OWN


def test_an_older_version_comes_back(desk: Desk) -> None:
    client, book = desk.logged_in("administrator"), desk.services.sms_texts
    assert send(client, "empty", OWN)[0] == 302
    first = book.one("empty").last
    assert send(client, "empty", "【银龄】第二版。", first)[0] == 302
    token = csrf(client, PAGE)
    back = f"{PAGE}/empty/{first}/restore"
    assert client.post(back, data={"csrf_token": token, "seen": str(first)}).status_code == 409
    assert client.post(back, data={"csrf_token": token, "seen": str(book.one("empty").last)}).status_code == 302
    assert book.one("empty").text == OWN
    assert send(client, "empty", "", book.one("empty").last)[0] == 302
    assert not book.one("empty").changed
    page = shown(client, f"{PAGE}/empty")
    assert "【银龄】第二版。" in page and "（系统配置的文字）" in page


def test_a_phone_gets_the_words_of_the_page_from_services_that_run_on(desk: Desk) -> None:
    """The services of a worker, made before the change; only their clock is told that two seconds went by."""
    joined = HotlineServices(open_stores(desk.services.settings))
    joined.sms  # noqa: B018  # Made when first asked for; from then on it follows the page.
    assert send(desk.logged_in("administrator"), "empty", OWN)[0] == 302
    joined.inbox.received("empty-1", "13800000099", "12349", "   ")
    with desk.services.reading() as work:
        sent = [each.text for each in work.scalars(select(SmsMessage)) if each.text]
    assert OWN in sent
