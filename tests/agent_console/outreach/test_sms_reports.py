"""Delivery reports by the web hook: believed by their key, noted once, refused with a reason; and with Kannel."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from pydantic import SecretStr
from werkzeug.test import TestResponse

from db.demo import DEMO
from db.models import SmsMessage
from tests.agent_console.console import Desk, make_services
from tests.agent_console.served import Served
from tests.routing.outreach.sms.kannel_boxes import SECONDS, SECRET, run_kannel
from tests.waiting import until

NUMBER = DEMO.wang.phones[0][0]


def sent(desk: Desk) -> int:
    """A message that the development outbox has taken."""
    message = desk.services.sms.queue("key", NUMBER, "您好")
    assert desk.services.sms.send_due().accepted == 1
    return message


def bring(desk: Desk, message: int, said: str, **changed: str) -> TestResponse:
    """Bring a report as Kannel does."""
    query = dict(parse_qsl(urlsplit(desk.services.sms_reports.of(str(message), said)).query))
    return desk.anonymous().get("/sms/report", query_string={**query, **changed})


def state(desk: Desk, message: int) -> str:
    with desk.services.reading() as work:
        return work.get_one(SmsMessage, message).state


@pytest.mark.parametrize(
    ("status", "becomes"), [("1", "delivered"), ("2", "failed"), ("16", "failed"), ("34", "expired")]
)
def test_a_report_settles_its_message_however_often_it_comes(desk: Desk, status: str, becomes: str) -> None:
    message = sent(desk)
    for _ in range(2):
        answer = bring(desk, message, status)
        assert (answer.status_code, answer.get_data(), answer.mimetype) == (200, b"", "text/plain")
        assert state(desk, message) == becomes


def test_a_report_that_is_late_is_taken_and_changes_nothing(desk: Desk) -> None:
    message = sent(desk)
    for status in ("1", "8", "2"):
        assert bring(desk, message, status).status_code == 200
    assert state(desk, message) == "delivered"


def test_a_message_that_is_not_there(desk: Desk) -> None:
    answer = bring(desk, 4711, "1")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert "4711" in answer.get_json()["detail"]


@pytest.mark.parametrize("key", ["", "wrong", "钥匙"])
def test_a_report_without_our_key_is_not_believed(desk: Desk, key: str) -> None:
    message = sent(desk)
    assert bring(desk, message, "1", key=key).status_code == 401
    assert bring(desk, message + 1, "1", id=str(message)).status_code == 401
    assert state(desk, message) == "sent"


@pytest.mark.parametrize(
    "changed",
    [
        {"id": ""}, {"id": "x"}, {"id": "-1"}, {"id": "9" * 30}, {"id": "١"}, {"status": ""}, {"status": "3"},
        {"status": "delivered"}, {"status": "1\x00"},
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused_with_a_reason(desk: Desk, changed: dict[str, str]) -> None:
    message = sent(desk)
    assert bring(desk, message, "1", **changed).status_code == 400
    assert state(desk, message) == "sent"


def test_a_message_by_way_of_kannel_is_delivered_when_its_carrier_says_so(served: Served, tmp_path: Path) -> None:
    """Our outbox, Kannel, a carrier; back from the carrier by Kannel to the console under gunicorn."""
    with run_kannel(tmp_path) as kannel:
        gateway = {"sms_url": kannel.url, "sms_user": "elderline", "sms_password": SecretStr(SECRET)}
        reported = served.log.read_text().count("/sms/report")
        services = make_services(served.services.settings.model_copy(update={**gateway, "web_port": served.port}))
        message = services.sms.queue("key", NUMBER, "您好")
        assert services.sms.send_due().accepted == 1
        handed_on = kannel.handed_on()
        assert NUMBER[-7:] not in handed_on["dlr-url"]
        # Kannel knows a message that a report is about only once it has read the carrier's answer; then it says so.
        until(lambda: served.log.read_text().count("/sms/report") > reported, SECONDS)
        kannel.carrier_reports(handed_on, 1)

        def told() -> str:
            with services.reading() as work:
                return work.get_one(SmsMessage, message).state

        until(lambda: told() == "delivered", SECONDS)
        services.redis.close()
    log = served.log.read_text()
    assert "/sms/report" in log
    assert "key=" not in log
