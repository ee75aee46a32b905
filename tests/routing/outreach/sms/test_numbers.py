"""Numbers that are none of ours to write to or ring, and texts that nobody means: refused in words, and counted."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import update

from db.demo import DEMO
from db.models import Callback, SmsMessage
from routing.errors import Invalid
from routing.numbers import normalise, why_not
from routing.outreach.sms.outbox import Sent
from tests.routing.outreach.sms.test_inbound import answers, write
from tests.routing.town import Town

REFUSED = {
    "10086": "a short number, which is no telephone",
    "12345": "a short number, which is no telephone",
    "95588": "a short number, which is no telephone",
    "+12025550123": "a foreign number",
    "+85221234567": "a foreign number",
    "+8616812345": "a number of premium or shared rates",
    "+864001234567": "a number of premium or shared rates",
}


@pytest.mark.parametrize(("number", "why"), REFUSED.items())
def test_what_is_sent_there_is_refused_in_words(town: Town, number: str, why: str) -> None:
    assert why_not(number) == why
    town.sms.queue("key", number, "news")
    assert town.sms.send_due() == Sent()
    (row,) = town.rows(SmsMessage)
    assert (row.state, row.understood) == ("failed", why)


@pytest.mark.parametrize("number", [DEMO.wang.number, "+8613900000077", "+8614599990401", "+8619912345678"])
def test_telephones_and_mobiles_of_the_country_are_written_to(number: str) -> None:
    assert why_not(number) == ""


@pytest.mark.parametrize("number", ["10086", "+12025550123", "+864001234567"])
def test_an_elder_with_such_a_number_is_not_rung_and_comes_before_a_person(town: Town, number: str) -> None:
    def owed() -> Callback:
        return next(each for each in town.rows(Callback) if each.kind == "after_service")

    town.served()
    with town.unit_of_work() as session:
        session.execute(update(Callback).where(Callback.id == owed().id).values(number=number))
    town.clock.now = max(town.clock.now, owed().due_at)
    town.callbacks.dial_due()
    assert number not in [each.number for each in town.placed]
    assert (owed().attempts, owed().last_outcome) == (0, "not_dialable")
    assert owed().state in {"failed", "listed"}  # Asked by SMS at another number of hers, or on the list.


@pytest.mark.parametrize("sender", ["10086", "12345", "0012025550123", "4001234567"])
def test_what_such_a_number_writes_is_kept_and_not_answered(town: Town, sender: str) -> None:
    write(town, "您的话费余额不足", sender)
    town.sms.send_due()
    assert town.carrier.handed == []
    assert all(row.state == "failed" for row in town.rows(SmsMessage) if row.key.startswith("answer-"))
    assert normalise(sender).number is not None


@pytest.mark.parametrize(
    "text",
    ["5\x00分", "\u202e5分", "\u200f5分\u200f", "5分\u202c", "\u2066" + "字" * 5000, "\x00", "字" * 5000 + "5分"],
)
def test_marks_and_length_in(any_town: Town, text: str) -> None:
    """NUL and marks of direction do not hide a score, and never make one; 5,000 characters are kept."""
    any_town.served()
    got = write(any_town, text)
    row = next(row for row in any_town.rows(SmsMessage) if row.id == got.id)
    assert "\x00" not in row.text
    assert len(row.text) <= 5000
    assert got.reading.score in (None, 5)
    assert len(answers(any_town)) == 1


def test_marks_and_length_out(any_town: Town) -> None:
    """What cannot be sent is refused when it is written; what can goes as it is."""
    with pytest.raises(Invalid, match="parts"):
        any_town.sms.queue("long", DEMO.wang.number, "字" * 5000)
    any_town.sms.queue("marks", DEMO.wang.number, "\u202e5\u200f")
    any_town.sms.queue("nul", DEMO.wang.number, "a\x00b")
    any_town.sms.send_due()
    assert Counter(each.text for each in any_town.carrier.handed) == {"\u202e5\u200f": 1, "ab": 1}
