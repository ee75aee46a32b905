"""What many bring at one moment is done at once; one that fails costs no other, and each sender's order holds."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from db.demo import DEMO
from db.models import Rating, SmsMessage
from routing.errors import NotFound
from routing.outreach.sms.bursts import Bursts
from routing.outreach.sms.inbound import A_BURST, MOST_ANSWERS
from routing.outreach.sms.received import Came, Received, keep
from routing.outreach.sms.reports import DeliveryReport
from routing.outreach.sms.texts import RATING_QUESTION
from tests.routing.outreach.sms import asked_elders
from tests.routing.outreach.sms.test_inbound import HOME, answers, asked
from tests.routing.town import Town


def test_who_comes_meanwhile_is_done_in_one_go_and_in_order() -> None:
    began, go_on, done = threading.Event(), threading.Event(), list[list[int]]()

    def work(burst: Sequence[int]) -> list[int | Exception]:
        done.append(list(burst))
        if len(done) == 1:
            began.set()
            assert go_on.wait(10)
        return [ValueError("seven") if each == 7 else each * 10 for each in burst]

    bursts = Bursts[int, int](work, most=5)
    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(bursts.do, 0)
        assert began.wait(10)
        rest = []
        for each in range(1, 9):
            rest.append(threads.submit(bursts.do, each))
            while len(bursts._came) < each:
                threading.Event().wait(0.001)
        go_on.set()
        assert first.result(10) == 0
        assert [each.result(10) for each in rest if each is not rest[6]] == [10, 20, 30, 40, 50, 60, 80]
        with pytest.raises(ValueError, match="seven"):
            rest[6].result(10)
    assert done == [[0], [1, 2, 3, 4, 5], [6, 7, 8]]


def test_what_ends_a_whole_burst_is_told_to_each() -> None:
    def away(_burst: Sequence[int]) -> list[int | Exception]:
        raise OperationalError("", None, Exception())

    bursts = Bursts[int, int](away, most=5)
    for each in range(2):
        with pytest.raises(OperationalError):
            bursts.do(each)


def test_one_that_cannot_be_read_holds_up_no_other_of_its_burst(
    any_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = any_town
    asked(town, town.served())
    really = town.ratings.score_within

    def breaks(*things: object, **named: object) -> object:
        if named.get("score") == 1:
            raise ZeroDivisionError
        return really(*things, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(town.ratings, "score_within", breaks)
    brought = [("bad", HOME, "1分")] + [(f"m{at}", f"1390001{at:04d}", "请人工回电话") for at in range(9)]
    with ThreadPoolExecutor(10) as gateway, ExitStack() as stays:
        stays.enter_context(pytest.raises(ZeroDivisionError))
        got = [gateway.submit(town.inbox.received, name, sender, "12349", text) for name, sender, text in brought]
        assert [each.result(60).state for each in got[1:]] == ["stranger"] * 9
        got[0].result(60)
    assert len(answers(town)) == 9
    monkeypatch.undo()
    assert town.inbox.read_waiting() == 1
    assert [each.score for each in town.rows(Rating)] == [1]


def test_waiting_replies_are_read_in_the_order_in_which_they_came(
    any_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker finds a heap that nobody has read: the elder's last word is the one that counts."""
    town = any_town
    asked(town, town.served())
    with monkeypatch.context() as patch:
        patch.setattr(town.inbox, "_act", lambda ids: [ValueError("killed")] * len(ids))
        for at, score in enumerate((1, 5, 2, 4)):
            with pytest.raises(ValueError, match="killed"):
                town.inbox.received(f"w{at}", HOME, "12349", f"{score}分")
    assert town.inbox.read_waiting() == 4
    assert [each.score for each in town.rows(Rating)] == [4]
    assert {row.state for row in town.rows(SmsMessage) if row.direction == "in"} == {"understood"}
    assert A_BURST >= 4


def test_the_database_is_away_for_all_of_a_burst(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def away(ids: Sequence[int]) -> list[object]:
        tried.append(list(ids))
        raise OperationalError("", None, Exception("away"))

    for at in range(3):
        town.inbox.received(f"m{at}", f"1390001{at:04d}", "12349", "好")
    with town.unit_of_work() as session:
        for row in session.query(SmsMessage).filter(SmsMessage.direction == "in"):
            row.state = "received"
    monkeypatch.setattr(town.inbox, "_act_on", away)
    with pytest.raises(OperationalError):
        town.inbox.read_waiting()
    assert len(tried) == 1


def test_another_process_was_faster_with_one_of_a_burst(any_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another wrote after we looked is found by its key; the others of the burst are written all the same."""
    town = any_town

    def row(key: str) -> SmsMessage:
        return SmsMessage(
            key=key, direction="in", number="+8613900010001", number_index=b"x" * 32, text="好", state="received",
            created_at=town.clock(), number_to="", attempts=0,
        )  # fmt: skip

    with town.unit_of_work() as session:
        (first,) = keep(session, [row("in-b")])
    with town.unit_of_work() as session:
        monkeypatch.setattr(session, "scalars", lambda _asked: iter(()))  # We looked before the other wrote.
        kept = keep(session, [row("in-a"), row("in-b"), row("in-c"), row("in-a")])
        ids = [each.id for each in kept]
    assert ids[1] == first.id
    assert ids[0] == ids[3]
    assert len({*ids}) == 3
    assert sorted(each.key for each in town.rows(SmsMessage)) == ["in-a", "in-b", "in-c"]


def test_what_is_known_of_many_senders_is_asked_at_once(any_town: Town, engine: Engine) -> None:
    """Some twenty statements a reply were most of what 500 replies cost."""
    asked_for = list[str]()
    event.listen(engine, "before_cursor_execute", lambda *things: asked_for.append(things[2]))
    came = [Came(f"m{at}", f"1390001{at:04d}", "12349", "几号来？") for at in range(A_BURST)]
    outcomes = any_town.inbox.received_all(came)
    assert all(isinstance(each, Received) and each.state == "stranger" for each in outcomes)
    assert len(asked_for) / A_BURST < 8


def test_scores_that_come_together_share_what_they_are_about(any_town: Town, engine: Engine) -> None:
    """A score writes more than a question does; what it reads is read for the whole burst."""
    town, numbers = any_town, [f"1390002{at:04d}" for at in range(A_BURST)]
    asked_elders.ask(town.unit_of_work, town.cipher.number_index, [f"+86{each}" for each in numbers], town.clock())
    asked_for = list[str]()
    event.listen(engine, "before_cursor_execute", lambda *things: asked_for.append(things[2]))
    outcomes = town.inbox.received_all([Came(each, each, "12349", "5分") for each in numbers])
    assert all(isinstance(each, Received) and each.state == "understood" for each in outcomes)
    assert [each.score for each in town.rows(Rating)] == [5] * A_BURST
    assert len(asked_for) / A_BURST < 18


def test_what_another_telephone_said_in_the_same_burst_is_known(any_town: Town) -> None:
    """Her daughter was asked about two visits; she scores the first herself, and so the daughter means the other."""
    town, daughter = any_town, "13900020001"
    hers, other = town.served(), town.served(item="cleaning")
    asked(town, hers)
    with town.unit_of_work() as session:
        for order in (hers, other):
            question = SmsMessage(
                key=f"daughter-{order.id}", direction="out", number=f"+86{daughter}", text="请回复1到5分", attempts=1,
                number_index=town.cipher.number_index(f"+86{daughter}"), state="sent", order_id=order.id,
                question=RATING_QUESTION, created_at=town.clock(), sent_at=town.clock(), number_to="12349",
            )  # fmt: skip
            session.add(question)
    outcomes = town.inbox.received_all([Came("a", HOME, "12349", "5"), Came("b", daughter, "12349", "4")])
    assert [each.order_id for each in outcomes if isinstance(each, Received)] == [hers.id, other.id]


def test_a_senders_second_word_of_a_burst_finds_what_the_first_did(any_town: Town) -> None:
    """She mistyped: both come at once, the later one counts; and after ten answers no machine gets more of us."""
    town = any_town
    asked(town, town.served())
    came = [Came("a", HOME, "12349", "2分"), Came("b", HOME, "12349", "不是2分是5分")]
    came += [Came(f"m{at}", "13900010001", "12349", "几号来？") for at in range(12)]
    outcomes = town.inbox.received_all(came)
    assert [each.reading.score for each in outcomes[:2] if isinstance(each, Received)] == [2, 5]
    assert [each.score for each in town.rows(Rating)] == [5]
    answered = [row for row in town.rows(SmsMessage) if row.key.startswith("answer-")]
    assert sum(row.number == "+8613900010001" for row in answered) == MOST_ANSWERS


def test_reports_that_come_together_are_written_together(any_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """What changes nothing is not written at all."""
    town, bursts = any_town, list[int]()
    ids = [town.sms.queue(f"n{at}", DEMO.wang.number, f"n{at}") for at in range(12)]
    town.sms.send_due()
    note = town.sms._note_reports

    def counts(burst: Sequence[tuple[int, DeliveryReport]]) -> Sequence[str | Exception]:
        bursts.append(len(burst))
        return note(burst)

    monkeypatch.setattr(town.sms._reports, "_work", counts)
    assert town.sms.report(ids[0], DeliveryReport.UNDER_WAY) == "sent"
    assert not bursts
    with ThreadPoolExecutor(12) as gateway:
        said = gateway.map(lambda each: town.sms.report(each, DeliveryReport.DELIVERED), ids)
        assert list(said) == ["delivered"] * 12
    assert sum(bursts) == 12
    assert {row.state for row in town.rows(SmsMessage)} == {"delivered"}
    with pytest.raises(NotFound):
        town.sms.report(10_000, DeliveryReport.DELIVERED)
