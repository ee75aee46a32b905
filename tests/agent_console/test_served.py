"""The console as gunicorn serves it: what its log holds, how long a request may be, and streams beside pages."""

from __future__ import annotations

import logging
import socket
import time
from urllib.parse import quote

from sqlalchemy import select

from agent_console.access_log import WithoutQuery
from db.demo import DEMO
from db.models import SmsMessage
from tests.agent_console.served import Served

NUMBER = DEMO.wang.phones[0][0]


def logged(served: Served, before: int, wanted: str) -> str:
    """Give what was logged since, once `wanted` is in it: gunicorn writes a line after it has answered."""
    give_up = time.monotonic() + 20
    while wanted not in (log := served.log.read_text()[before:]):
        assert time.monotonic() < give_up, log
        time.sleep(0.05)  # A file tells nobody when it grows.
    return log


def test_no_query_reaches_the_log(served: Served) -> None:
    before = len(served.log.read_text())
    answer, _ = served.get(f"/sms/inbound?from={quote(NUMBER)}&to=12349&text={quote('保密')}&ts=1&id=s1")
    assert answer.status == 200
    log = logged(served, before, "GET /sms/inbound 200")
    for secret in (NUMBER[-8:], "保密", quote("保密"), "text="):
        assert secret not in log


def test_a_message_of_two_thousand_emoji_passes(served: Served) -> None:
    text = "😀" * 2000
    answer, body = served.get(f"/sms/inbound?from={quote(NUMBER)}&to=12349&text={quote(text)}&ts=2&id=s2")
    assert (answer.status, body) == (200, b"")
    with served.services.reading() as work:
        assert work.scalars(select(SmsMessage.text).where(SmsMessage.key == "in-s2")).one() == text


def test_a_broken_request_does_not_reach_the_log_either(served: Served) -> None:
    before = len(served.log.read_text())
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as line:
        line.sendall(b"GET /sms/inbound?from=13900001234&text=geheim HTTP/banana\r\n\r\n")
        assert b"400" in line.recv(1000)
    log = logged(served, before, "Invalid request")
    assert "13900001234" not in log and "geheim" not in log


def test_health_tells_of_every_part_and_is_not_well_without_them(served: Served) -> None:
    answer, body = served.get("/healthz")
    assert answer.status == 503
    for part in (b"asterisk", b"redis", b"database", b"router", b"ivr", b"worker"):
        assert part in body


def test_the_filter_keeps_everything_else() -> None:
    def filtered(message: str, *args: object) -> str:
        record = logging.LogRecord("x", logging.INFO, "", 0, message, args, None)
        assert WithoutQuery().filter(record)
        return record.getMessage()

    assert filtered("Listening at: %s (%d)", "http://127.0.0.1:8000", 7) == "Listening at: http://127.0.0.1:8000 (7)"
    assert filtered("Error handling request %s", "/sms/inbound?from=1&text=2 x") == (
        "Error handling request /sms/inbound?... x"
    )
