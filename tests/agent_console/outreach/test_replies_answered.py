"""A reply and its answer as one way: carrier, Kannel, the console under gunicorn, a worker, Kannel, carrier."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from db.models import Case, Rating, SmsMessage
from routing.settings import Settings
from tests.agent_console.console import forget_what_happened
from tests.agent_console.served import Served
from tests.routing.outreach.sms import asked_elders
from tests.routing.outreach.sms.kannel_boxes import SECONDS, SECRET, Kannel, run_kannel
from tests.waiting import until

BOUND = 5.0
"""Seconds from the reply at the carrier to our answer at the carrier."""


@contextmanager
def run_worker(settings: Settings, kannel: Kannel, log: Path) -> Iterator[None]:
    """Run the worker as the supervisor does, sending through Kannel; it is there when it has taken a first job."""
    known = {
        "database_url": settings.database_url, "redis_url": settings.redis_url, "var_dir": str(settings.var_dir),
        "sms_url": kannel.url, "sms_user": "elderline", "sms_password": SECRET,
    }  # fmt: skip
    known |= {name: getattr(settings, name).get_secret_value() for name in ("field_key", "index_key", "session_key")}
    environment = {**os.environ, **{f"ELDERLINE_{name.upper()}": value for name, value in known.items()}}
    with log.open("wb") as output:
        worker = subprocess.Popen(
            [sys.executable, "-m", "scripts.cli", "run", "worker"],
            env=environment, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(SECONDS)


def text_of(path: str) -> str:
    """Read the text that Kannel hands on to the carrier, in UTF-16 as it asks for."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(path).query, encoding="latin-1").items()}
    text = query["text"].encode("latin-1")
    return text.decode("utf-16-be") if query.get("charset") == "UTF-16BE" else text.decode()


def still_sending(served: Served) -> int:
    """Count what was handed over and is not settled yet."""
    with served.services.reading() as work:
        query = select(func.count()).where(SmsMessage.direction == "out", SmsMessage.state.in_(("queued", "sending")))
        return work.scalar(query) or 0


def test_a_reply_is_answered_at_the_carrier_within_five_seconds(served: Served, tmp_path: Path) -> None:
    """The first finds the worker just begun; each of the next is one that it has waited for."""
    services, log = served.services, tmp_path / "worker.log"
    took = []
    with run_kannel(tmp_path, console=served.port) as kannel, run_worker(services.settings, kannel, log):
        for at, text in enumerate(("几号来？", "请人工回电话", "你们有什么服务", "救命")):
            sender = f"1390001{at:04d}"
            began = time.monotonic()
            kannel.carrier_says(**{"from": sender, "to": "12349", "text": text, "charset": "UTF-8", "coding": "2"})
            answer = text_of(kannel.next_request())
            took.append(time.monotonic() - began)
            assert answer.startswith("【银龄热线】"), log.read_text()
        until(lambda: still_sending(served) == 0, SECONDS)
    print("from the reply to the answer, at the carrier:", ", ".join(f"{each:.2f} s" for each in took))
    with services.reading() as work:
        rows = work.scalars(select(SmsMessage).order_by(SmsMessage.id)).all()
    assert [row.direction for row in rows].count("in") == 4
    assert [row.key.startswith("answer-") for row in rows].count(True) == 4
    assert {row.state for row in rows} <= {"sent", "delivered", "unclear", "understood", "stranger"}
    assert max(took[1:]) < BOUND, took  # The first waits for the worker's process to begin.


STRANGERS = {f"1390001{at:04d}": "几号来？" for at in range(500)}
SCORES = ("5分", "非常满意", "4", "五分", "挺好的，谢谢，5分", "3", "满意", "４分", "5", "2分，来得太晚")
"""What elders write who were asked; the last opens a complaint."""
ASKED = {f"1390002{at:04d}": SCORES[at % len(SCORES)] for at in range(500)}


@pytest.mark.long
@pytest.mark.parametrize("console", ["served", "served_on_postgresql"])
@pytest.mark.parametrize("replies", [STRANGERS, ASKED], ids=["questions of strangers", "scores of elders"])
def test_five_hundred_replies_at_once_are_each_answered_once(
    console: str, replies: dict[str, str], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """From five hundred telephones, by ten connections of the carrier's. The times are printed: how soon the last is
    answered is a matter of the machine, that none is lost and none answered twice is not."""
    served: Served = request.getfixturevalue(console)
    if replies is ASKED:
        services, numbers = served.services, [f"+86{each}" for each in replies]
        asked_elders.ask(services.unit_of_work, services.cipher.number_index, numbers, datetime.now(UTC))

        def let_go() -> None:
            forget_what_happened(services)
            asked_elders.let_go(services.unit_of_work)

        request.addfinalizer(let_go)
    log, began, answered = tmp_path / "worker.log", dict[str, float](), dict[str, float]()
    with run_kannel(tmp_path, console=served.port) as kannel, run_worker(served.services.settings, kannel, log):

        def write(sender: str, text: str) -> None:
            began[sender] = time.monotonic()
            kannel.carrier_says(**{"from": sender, "to": "12349", "text": text, "charset": "UTF-8", "coding": "2"})

        write("13900019999", "几号来？")  # The worker's process has begun when this is answered.
        assert parse_qs(urlsplit(kannel.next_request()).query)["to"][0] == "13900019999"
        began.clear()
        with ThreadPoolExecutor(10) as carrier:
            list(carrier.map(write, *zip(*replies.items(), strict=True)))
        brought = time.monotonic() - min(began.values())
        while len(answered) < len(replies):
            number = parse_qs(urlsplit(kannel.next_request()).query)["to"][0]
            assert number not in answered
            answered[number] = time.monotonic()
        until(lambda: still_sending(served) == 0, SECONDS)
        assert kannel.carrier.asked.empty()
    waited = sorted(answered[each] - began[each] for each in replies)
    times = f"answered after {waited[250]:.1f} s (median), {waited[-1]:.1f} s (the last)"
    print(f"{console}: brought in {brought:.1f} s; {times}")
    with served.services.reading() as work:
        states = work.scalars(select(SmsMessage.state).where(~SmsMessage.key.startswith("asked-"))).all()
        scores = Counter(work.scalars(select(Rating.score).where(Rating.channel == "sms")))
        complaints = work.scalar(select(func.count()).where(Case.kind == "complaint"))
    assert len(states) == 2 * len(replies) + 2
    assert set(states) <= {"stranger", "understood", "sent", "delivered"}
    if replies is ASKED:
        assert scores == {5: 250, 4: 150, 3: 50, 2: 50}
        assert complaints == 50
