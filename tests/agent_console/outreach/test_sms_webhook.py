"""What the carrier's gateway brings: taken once, refused with a reason, never lost without one."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from agent_console.app import create_app
from db.demo import DEMO
from db.models import Case, SmsMessage
from tests.agent_console.console import Desk, make_services

NUMBER = DEMO.wang.phones[0][0]


def send(desk: Desk, **query: str) -> TestResponse:
    """Bring a message as Kannel does. `from` is a word of Python, so it is called `sender` here."""
    values = {"from": query.pop("sender", NUMBER), "to": "12349", "text": "5", "ts": "1770000000", "id": "a1", **query}
    return desk.anonymous().get(
        "/sms/inbound", query_string={key: value for key, value in values.items() if value != "-"}
    )


def kept(desk: Desk) -> list[SmsMessage]:
    """Messages that came in."""
    with desk.services.reading() as work:
        return list(work.scalars(select(SmsMessage).where(SmsMessage.direction == "in").order_by(SmsMessage.id)))


@pytest.mark.parametrize(
    "text", ["5", "", "非常满意", "中" * 2000, "😀" * 2000, "5分\n谢谢", "<b>'; DROP TABLE elders;--", "\ufffd"]
)
def test_any_text_is_taken_whole_and_answered_with_nothing(desk: Desk, text: str) -> None:
    answer = send(desk, text=text)
    assert (answer.status_code, answer.get_data(), answer.mimetype) == (200, b"", "text/plain")
    (message,) = kept(desk)
    assert (message.text, message.number, message.number_to) == (text, NUMBER, "12349")


def test_the_same_message_is_taken_once(desk: Desk) -> None:
    for _ in range(3):
        assert send(desk).status_code == 200
    assert len(kept(desk)) == 1
    send(desk, id="a2")
    assert len(kept(desk)) == 2


def test_without_an_id_sender_time_and_text_tell_messages_apart(desk: Desk) -> None:
    for query in ({}, {}, {"ts": "1770000001"}, {"text": "4"}, {"sender": "+8613900000009"}):
        assert send(desk, id="-", **query).status_code == 200
    assert len(kept(desk)) == 4


def test_a_stranger_gets_to_a_person(desk: Desk) -> None:
    assert send(desk, sender=DEMO.stranger, text="你好").status_code == 200
    (message,) = kept(desk)
    assert message.state == "stranger"
    with desk.services.reading() as work:
        assert work.scalar(select(func.count()).select_from(Case).where(Case.kind == "sms")) == 1


@pytest.mark.parametrize("stamp", ["-", "1770000000", "2026-02-02 10:40:00", "2026-02-02T10:40:00+08:00"])
def test_times_of_every_form(desk: Desk, stamp: str) -> None:
    assert send(desk, ts=stamp).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        {"sender": ""}, {"sender": "-"}, {"sender": "x" * 41}, {"sender": "<script>"}, {"to": "?" * 10},
        {"text": "x" * 4001}, {"text": "a\x00b"}, {"ts": "yesterday"}, {"ts": "9" * 30}, {"id": "a b"},
        {"id": "x" * 81},
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused_with_a_reason(desk: Desk, query: dict[str, str]) -> None:
    answer = send(desk, **query)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert not kept(desk)


def test_bytes_that_are_no_utf8_are_refused(desk: Desk) -> None:
    answer = desk.anonymous().get("/sms/inbound?from=10086&text=%CE%E5%B7%D6&ts=1&id=1")  # 五分 in GBK
    assert answer.status_code == 400


def test_a_refusal_repeats_nothing_of_the_message(desk: Desk) -> None:
    answer = send(desk, sender="13900000009x!", text="秘密")
    assert "13900000009" not in answer.get_data(as_text=True)


def test_a_plus_that_was_not_escaped(desk: Desk) -> None:
    assert desk.anonymous().get(f"/sms/inbound?from={NUMBER}&text=5&ts=1&id=1").status_code == 200
    assert kept(desk)[0].number == NUMBER


def test_the_key_of_the_webhook(desk: Desk) -> None:
    settings = desk.services.settings.model_copy(update={"sms_inbound_secret": SecretStr("geheim")})
    client = create_app(make_services(settings)).test_client()
    query: dict[str, Any] = {"from": NUMBER, "text": "5", "id": "1"}
    assert client.get("/sms/inbound", query_string=query).status_code == 401
    assert client.get("/sms/inbound", query_string=query, headers={"X-Elderline-Key": "wrong\xff"}).status_code == 401
    assert client.get("/sms/inbound", query_string=query, headers={"X-Elderline-Key": "geheim"}).status_code == 200
