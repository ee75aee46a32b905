"""The JSON push: whatever types a gateway uses, each message once, one bad one costs no other, and again on failure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from agent_console.outreach.sms_push import MOST, instant
from db.models import SmsMessage
from routing.outreach.sms.inbound import A_BURST
from routing.outreach.sms.received import Received
from tests.agent_console.console import Desk, make_services

ZONE = ZoneInfo("Asia/Shanghai")
ONE = {
    "phone_number": "13900000077", "content": "你好", "send_time": "2026-03-04 09:10:00", "dest_code": "12349",
    "sequence_id": 5001,
}  # fmt: skip


def push(desk: Desk, body: Any, **headers: str) -> TestResponse:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return desk.anonymous().post("/sms/push", data=data, headers=headers)


def kept(desk: Desk) -> list[tuple[str, str, str]]:
    with desk.services.reading() as work:
        rows = work.scalars(select(SmsMessage).where(SmsMessage.direction == "in").order_by(SmsMessage.id)).all()
        return [(row.number, row.number_to, row.text) for row in rows]


def test_an_array_of_messages_is_taken(desk: Desk) -> None:
    answer = push(desk, [ONE, {**ONE, "sequence_id": 5002, "content": "再见"}])
    assert (answer.status_code, answer.get_json()["code"]) == (200, 0)
    assert kept(desk) == [("+8613900000077", "12349", "你好"), ("+8613900000077", "12349", "再见")]


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"phone_number": 13900000077, "dest_code": 12349, "sequence_id": "5001"}, "你好"),
        ({"phone_number": 1.3900000077e10, "send_time": 1772586600000, "sequence_id": 5001.0}, "你好"),
        ({"content": None}, ""),
        ({"content": 5}, "5"),
        ({"content": 4.5}, "4.5"),
        ({"content": "😀\ud83d\0\u202e" + "字" * 5000}, "😀�\u202e" + "字" * 4997),
        ({"send_time": None, "dest_code": None, "more": {"of": ["it"]}}, "你好"),
        ({"send_time": "yesterday"}, "你好"),
    ],
)
def test_whatever_the_types_it_is_read(desk: Desk, changed: dict[str, Any], text: str) -> None:
    assert push(desk, {**ONE, **changed}).get_json()["code"] == 0  # One object, without an array around it.
    ((number, _to, got),) = kept(desk)
    assert (number, got) == ("+8613900000077", text)


def test_what_is_pushed_again_is_kept_once(desk: Desk) -> None:
    for sequence_id in (7, "7", 7.0):
        assert push(desk, [{**ONE, "sequence_id": sequence_id}]).get_json()["code"] == 0
    for _ in range(2):
        assert push(desk, [{name: value for name, value in ONE.items() if name != "sequence_id"}]).status_code == 200
    assert len(kept(desk)) == 2


def test_one_id_for_two_phones_is_two_messages(desk: Desk) -> None:
    push(desk, [ONE, {**ONE, "phone_number": "13900000078"}])
    assert len(kept(desk)) == 2


@pytest.mark.parametrize(
    "bad", [None, 5, [], {}, {**ONE, "phone_number": {"a": 1}}, {**ONE, "content": True}, {**ONE, "dest_code": "字"},
            {**ONE, "phone_number": float("1e300")}, {**ONE, "sequence_id": "x" * 61}],
)  # fmt: skip
def test_what_cannot_be_read_is_told_and_costs_no_other(desk: Desk, bad: Any) -> None:
    answer = push(desk, [bad, ONE])
    (refused,) = answer.get_json()["refused"]
    assert (answer.status_code, answer.get_json()["code"], refused["index"]) == (200, 0, 0)
    assert len(refused["reason"]) > 10
    assert len(kept(desk)) == 1


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"5", b"null", b"[" * 100_000, json.dumps([ONE] * (MOST + 1)).encode()]
)
def test_what_is_no_push_is_refused(desk: Desk, body: bytes) -> None:
    answer = push(desk, body)
    assert answer.status_code == 400
    assert answer.get_json()["code"] != 0
    assert not kept(desk)


def test_a_failure_of_ours_keeps_the_others_and_asks_for_it_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is away for the first burst, and back for the next."""
    take, pushed = desk.services.inbox._take, [{**ONE, "sequence_id": at, "content": f"第{at}"} for at in range(60)]

    def fails_once(burst: Sequence[SmsMessage]) -> Sequence[Received | Exception]:
        if burst[0].text == "第0":
            raise OperationalError("BEGIN", None, Exception("away"))
        return take(burst)

    with monkeypatch.context() as away:
        away.setattr(desk.services.inbox, "_take", fails_once)
        answer = push(desk, pushed)
    assert answer.status_code == 503
    assert answer.get_json()["message"].startswith(f"{A_BURST} of 60 ")
    assert [text for _number, _to, text in kept(desk)] == [f"第{at}" for at in range(A_BURST, 60)]
    assert push(desk, pushed).get_json()["code"] == 0
    assert sorted(text for _number, _to, text in kept(desk)) == sorted(f"第{at}" for at in range(60))


def test_one_of_a_push_that_cannot_be_read_is_told_and_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    really = desk.services.inbox._decide

    def breaks(session: Session, message: SmsMessage, *more: Any) -> Received:
        if message.text == "第3":
            raise ZeroDivisionError
        return really(session, message, *more)

    pushed = [{**ONE, "phone_number": 13900000070 + at, "sequence_id": at, "content": f"第{at}"} for at in range(6)]
    with monkeypatch.context() as patch:
        patch.setattr(desk.services.inbox, "_decide", breaks)
        assert push(desk, pushed).get_json()["message"].startswith("1 of 6 ")
    with desk.services.reading() as work:
        unread = work.scalars(select(SmsMessage.text).where(SmsMessage.state == "received")).all()
    assert unread == ["第3"]
    assert push(desk, pushed).get_json()["code"] == 0  # It was kept, and is read now; the others are not read again.
    with desk.services.reading() as work:
        rows = work.scalars(select(SmsMessage.state).where(SmsMessage.direction == "in")).all()
    assert rows == ["stranger"] * 6


def test_the_key_is_the_same_as_the_other_hooks(desk: Desk) -> None:
    settings = desk.services.settings.model_copy(update={"sms_inbound_secret": SecretStr("k")})
    locked = Desk(make_services(settings))
    assert push(locked, [ONE]).status_code == 401
    assert push(locked, [ONE], **{"X-Elderline-Key": "k"}).status_code == 200


@pytest.mark.parametrize(
    "written",
    [1772586600, "1772586600", 1772586600000, "1772586600000", "2026-03-04 09:10:00", "2026/03/04 09:10",
     "20260304091000", "202603040910", "260304091000", "2026-03-04T09:10:00+08:00", "2026-03-04T01:10:00Z"],
)  # fmt: skip
def test_times_are_read_in_many_forms(written: object) -> None:
    assert instant(written, ZONE) == datetime(2026, 3, 4, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("written", [None, "", "soon", True, "99999999999999999999", "2026-13-40 99:00:00", {}])
def test_what_is_no_time_is_unknown(written: object) -> None:
    assert instant(written, ZONE) is None
