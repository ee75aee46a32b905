"""What becomes of replies when something is in the way, and how soon one is answered."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue, SimpleWorker

from db.demo import DEMO
from db.models import Case, Rating, SmsMessage
from routing.calls.messages import CaseOpened
from routing.numbers import normalise
from routing.outreach import jobs
from routing.outreach.jobs import QUEUE, Jobs
from routing.outreach.scores import NotDoneYet
from routing.outreach.sms.inbound import MOST_TRIES, Inbox, Received
from routing.outreach.sms.outbox import Sms
from tests.routing.outreach.sms.gateway import run_gateway
from tests.routing.outreach.sms.test_carriers import carrier_of
from tests.routing.outreach.sms.test_inbound import HOME, write
from tests.routing.outreach.sms.test_tying import open_cases
from tests.routing.town import Town


def test_an_order_that_moves_on_meanwhile_brings_the_reply_to_a_person(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.served()

    def refuses(*_anything: object, **_named: object) -> None:
        raise NotDoneYet("order 304112 is cancelled")

    monkeypatch.setattr(town.ratings, "score_within", refuses)
    assert write(town, "5").state == "unclear"
    assert open_cases(town) == ["sms"]


def test_a_message_that_cannot_be_read_stops_no_other_and_comes_to_a_person(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.served()

    def breaks(*_anything: object, **_named: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(town.ratings, "score_within", breaks)
        with pytest.raises(ZeroDivisionError):
            write(town, "5")
        for _ in range(MOST_TRIES):
            assert town.inbox.read_waiting() == 1
        assert town.inbox.read_waiting() == 0
    assert open_cases(town) == ["sms"]


def test_a_cry_for_help_tells_number_and_words(town: Town) -> None:
    town.served()
    got = write(town, "我摔倒了，起不来")
    (case,) = town.rows(Case)
    assert (case.id, case.kind, case.sms_id, case.number) == (got.case_id, "sos", got.id, DEMO.wang.number)
    (opened,) = [each for each in town.published if isinstance(each, CaseOpened)]
    assert (opened.kind, opened.elder_id) == ("sos", town.elder_id(DEMO.wang))


def test_an_answer_reaches_the_gateway_without_waiting_for_the_clock(
    town: Town, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.served()
    with run_gateway() as gateway:
        sms = Sms(town.unit_of_work, town.reading, town.clock, carrier_of(gateway.url), town.cipher.number_index)
        inbox = Inbox(
            unit_of_work=town.unit_of_work, reading=town.reading, clock=town.clock, publish=town.published.append,
            sms=sms, ratings=town.ratings, refusals=town.consents, number_index=town.cipher.number_index,
            normalise=lambda raw: normalise(raw).number, nudge=Jobs(redis).send_sms_now,
        )  # fmt: skip
        sms.send_due()
        before = len(gateway.got)
        began: list[float] = []

        consents = SimpleNamespace(drop_forbidden=lambda: 0)
        services = SimpleNamespace(clock=town.clock, sms=sms, inbox=inbox, consents=consents)
        monkeypatch.setattr(jobs._provided, "factory", lambda: services)

        def receive() -> Received:
            began.append(time.monotonic())
            return inbox.received("one", HOME, "12349", "5分", "")

        writer = threading.Thread(target=receive)
        worker = SimpleWorker([Queue(QUEUE, connection=redis)], connection=redis)
        writer.start()
        worker.work(max_jobs=1, logging_level="WARNING")
        took = time.monotonic() - began[0]
        writer.join(10)
        texts_got = [each["text"] for each in gateway.got[before:]]
    print(f"from the reply to the answer at the gateway: {took:.2f} s")
    assert any("收到您打的5分" in text for text in texts_got)
    assert took < 5


def test_without_redis_the_reply_is_taken_all_the_same() -> None:
    Jobs(Redis(port=1, retry=Retry(NoBackoff(), 0))).send_sms_now()


@pytest.mark.long
def test_five_hundred_replies_of_one_second_are_all_kept_read_and_answered_once(town: Town) -> None:
    """From as many telephones, some of them twice, brought by ten threads as a gateway brings them."""
    orders = [town.served() for _ in range(2)]
    senders = [f"1390001{at:04d}" for at in range(480)]
    brought = [(f"m{at}", each, "几号来？请人工回电话") for at, each in enumerate(senders)]
    brought += [(f"home{at}", HOME, f"{orders[at % 2].number} {at % 5 + 1}分") for at in range(10)]
    brought += brought[:10]
    began = time.monotonic()
    with ThreadPoolExecutor(10) as gateway:
        got = list(gateway.map(lambda each: town.inbox.received(each[0], each[1], "12349", each[2]), brought))
    took = time.monotonic() - began
    print(f"500 replies were taken, read and answered in {took:.1f} s: {len(brought) / took:.0f} a second")
    came = [row for row in town.rows(SmsMessage) if row.direction == "in"]
    assert len(came) == 490
    assert {row.state for row in came} <= {"understood", "unclear", "stranger"}
    assert sum(each.repeated for each in got) >= 10
    answers = {row.key for row in town.rows(SmsMessage) if row.key.startswith("answer-")}
    assert len(answers) == 490
    assert {each.score for each in town.rows(Rating)} <= {1, 2, 3, 4, 5}
    assert len(town.rows(Rating)) == 2
