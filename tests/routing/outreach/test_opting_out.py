"""Who writes TD gets nothing more, from that unit of work on: nothing queued, owed, claimed or ringing outlives it."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from sqlalchemy import select

from db.demo import DEMO
from db.models import AuditEntry, Callback, Consent, SmsMessage
from routing.errors import DomainError
from routing.outreach import jobs
from routing.outreach.consent import Channel, Purpose, Why
from routing.outreach.jobs import QUEUE, Jobs
from routing.outreach.sms.carrier import UNWANTED, HandOver, OutgoingSms, Receipt
from routing.outreach.sms.outbox import Sms
from tests.routing.outreach.sms.gateway import run_gateway
from tests.routing.outreach.sms.test_carriers import carrier_of
from tests.routing.town import Town

WANG, OTHER = DEMO.wang.number, DEMO.quiet.number


def out(town: Town) -> dict[str, str]:
    """State of each outgoing message, by its key."""
    return {row.key: row.state for row in town.rows(SmsMessage) if row.direction == "out"}


def asked(town: Town) -> str:
    (row,) = [each for each in town.rows(Callback) if each.kind == "after_service"]
    return row.state


def says(town: Town, text: str = "TD", name: str = "td") -> None:
    assert town.inbox.received(name, WANG, "12349", text).state == "understood"


def test_what_is_queued_and_owed_is_withdrawn_with_the_word_itself(any_town: Town) -> None:
    town = any_town
    town.served()
    town.sms.send_due()
    town.sms.queue("q", WANG, "几分?", elder_id=town.elder_id(DEMO.wang), question="rating-1-5")
    town.sms.queue("news", WANG, "明天来")
    town.sms.queue("others", OTHER, "明天来")
    assert asked(town) == "due"
    says(town)
    states = out(town)
    assert (states["q"], states["news"], states["others"]) == ("failed", "failed", "queued")
    assert asked(town) == "cancelled"
    words = [(row.channel, row.purpose, row.given, row.how) for row in town.rows(Consent)]
    assert words == [
        ("sms", "all", False, "sms"), ("call", "survey", False, "sms"), ("call", "announcement", False, "sms"),
    ]  # fmt: skip
    assert [row.action for row in town.rows(AuditEntry)] == ["consent.withdrawn"] * 3
    town.sms.send_due()
    assert [each.number for each in town.carrier.handed][-2:] == [OTHER, WANG], "the last one says that it is stopped"


def test_what_they_asked_for_themselves_and_said_yes_to_goes_on(town: Town) -> None:
    says(town)
    may = town.consents.permission
    assert may(Purpose.SERVICE, Channel.CALL, number=WANG).allowed
    assert may(Purpose.WELL_BEING, Channel.CALL, number=WANG).why is Why.NO_CONSENT
    town.enrolments.enrol(town.elder_id(DEMO.wang), "09:30", consent="elder", by="user:1")
    assert may(Purpose.WELL_BEING, Channel.CALL, number=WANG, elder_id=town.elder_id(DEMO.wang)).allowed
    assert may(Purpose.SURVEY, Channel.CALL, number=WANG).why is Why.WITHDRAWN


def test_what_rings_stops_ringing(town: Town) -> None:
    town.served()
    town.clock.forward(minutes=31)
    assert town.callbacks.dial_due() == 1
    says(town)
    assert town.withdrawn == [town.placed[-1].cause]


def test_who_was_asked_by_sms_is_not_put_on_a_persons_list_either(town: Town) -> None:
    town.served()
    with town.unit_of_work() as session:
        row = session.scalars(select(Callback).where(Callback.kind == "after_service")).one()
        row.state = "failed"
    says(town)
    assert asked(town) == "cancelled"


def test_it_is_written_wholly_or_not_at_all(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.served()
    town.sms.queue("news", WANG, "明天来")

    def breaks(*_words: object, **_more: object) -> None:
        raise DomainError("the answer cannot be queued")

    with monkeypatch.context() as broken:
        broken.setattr(town.sms, "enqueue", breaks)
        with pytest.raises(DomainError):
            town.inbox.received("td", WANG, "12349", "TD")
    assert (out(town)["news"], asked(town), town.rows(Consent)) == ("queued", "due", [])
    assert town.inbox.read_waiting() == 1
    assert (out(town)["news"], asked(town)) == ("failed", "cancelled")


class WaitsForItsTurn:
    """A carrier at which each message waits: meanwhile `meanwhile` happens, once."""

    def __init__(self, town: Town) -> None:
        self.town, self.handed = town, list[str]()

    def hand_over(self, message: OutgoingSms) -> Receipt:
        if message.number == WANG and not self.handed:
            says(self.town)
        if not message.wanted():
            return UNWANTED
        self.handed.append(message.text)
        return Receipt(HandOver.ACCEPTED)


def test_a_message_that_is_claimed_and_not_sent_yet_does_not_go(any_town: Town) -> None:
    town = any_town
    carrier = WaitsForItsTurn(town)
    sms = Sms(town.unit_of_work, town.reading, town.clock, carrier, town.cipher.number_index)
    sms.queue("claimed", WANG, "明天来")
    assert sms.send_due().failed == 1
    assert carrier.handed == []
    (row,) = [each for each in town.rows(SmsMessage) if each.key == "claimed"]
    assert (row.state, row.understood) == ("failed", "opted out")


def test_a_worker_in_the_midst_of_its_round_sends_nothing_more(
    any_town: Town, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real worker, Redis, and a gateway that answers the first message only when the word is written."""
    town, first, written = any_town, threading.Event(), threading.Event()

    def waits() -> None:
        first.set()
        written.wait(30)

    with run_gateway() as gateway:
        gateway.before_answer = waits
        sms = Sms(town.unit_of_work, town.reading, town.clock, carrier_of(gateway.url), town.cipher.number_index)
        for at in range(5):
            sms.queue(f"to-her-{at}", WANG, f"消息{at}")
        sms.queue("other", OTHER, "给别人")
        services = SimpleNamespace(clock=town.clock, sms=sms, inbox=town.inbox, consents=town.consents)
        monkeypatch.setattr(jobs._provided, "factory", lambda: services)
        Jobs(redis).send_sms_now()

        def writes() -> None:
            assert first.wait(30)
            town.inbox.received("td", WANG, "12349", "TD")
            written.set()

        writer = threading.Thread(target=writes)
        writer.start()
        SimpleWorker([Queue(QUEUE, connection=redis)], connection=redis).work(max_jobs=1, logging_level="WARNING")
        writer.join(30)
        got = [each["text"] for each in gateway.got]
    assert written.is_set()
    assert got == ["消息0", "给别人"]
    assert [out(town)[f"to-her-{at}"] for at in range(5)] == ["sent", *["failed"] * 4]
