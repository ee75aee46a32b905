"""The journal: all that passed with a person, nothing of others, page after page without a gap or a double."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from db.demo import DEMO
from db.models import (
    Announcement,
    AnnouncementHeard,
    CallRecord,
    Company,
    Consent,
    ElderPhone,
    MedicineDose,
    MedicineReminder,
    SmsMessage,
    WellBeingCheck,
)
from routing.errors import Invalid, NotFound
from routing.outreach.journal import Asked, Journal
from routing.outreach.journal_sources import CHANNELS, Entry
from tests.routing.town import Town


def everything(town: Town, limit: int = 500, **asked: object) -> list[Entry]:
    """The journal of an elder, page after page."""
    journal, mark, found = Journal(town.reading), None, []
    for _ in range(100):
        page = journal.of_elder(town.elder_id(DEMO.wang), Asked(mark=mark, limit=limit, **asked))  # type: ignore[arg-type]
        found += page.entries
        mark = page.next_mark
        if mark is None:
            return found
        assert len(page.entries) == limit
    raise AssertionError("the pages never end")


def call(town: Town, call_id: str, number: str, elder_id: int | None, direction: str = "inbound") -> None:
    with town.unit_of_work() as session:
        session.add(
            CallRecord(id=call_id, node="test", direction=direction, dialled="12349", number=number, elder_id=elder_id,
                       number_index=town.cipher.number_index(number), started_at=town.clock(), outcome="answered",
                       agent_note="")
        )  # fmt: skip


@pytest.fixture
def lived(any_town: Town) -> Town:
    """A town in which something of every kind has passed with Wang, and some with others."""
    town = any_town
    wang = town.elder_id(DEMO.wang)
    call(town, "wang-1", DEMO.wang.number, wang)
    order = town.served()
    town.inbox.received("c1", DEMO.wang.number, "12349", "我的鞋子找不到了在哪里")
    town.ratings.score(order.id, "call", score=2)
    town.cases.open("left", "message", elder_id=wang)
    with town.unit_of_work() as session:
        words = Announcement(district="", text="周三义诊", language="zh-CN", valid_from=town.clock(), active=True,
                             valid_until=town.clock(), created_at=town.clock(), created_by="user:1")  # fmt: skip
        session.add(words)
        session.flush()
        session.add(AnnouncementHeard(announcement_id=words.id, elder_id=wang, at=town.clock()))
    with town.unit_of_work() as session:
        session.add(
            WellBeingCheck(
                key="wellbeing-1", elder_id=wang, day=town.clock().date(), state="well", first_at=town.clock()
            )
        )
        reminder = MedicineReminder(
            elder_id=wang, at="08:00", rule="FREQ=DAILY", starts_on=town.clock().date(), text="", language="zh-CN",
            tell_contact=False, consent="elder", made_at=town.clock(), made_by="user:1",
        )  # fmt: skip
        session.add(reminder)
        session.flush()
        session.add(
            MedicineDose(key="medicine-1", reminder_id=reminder.id, elder_id=wang, day=town.clock().date(),
                         due_at=town.clock(), state="taken")
        )  # fmt: skip
        session.add(Consent(elder_id=wang, channel="call", purpose="survey", given=False, at=town.clock(),
                            by="user:1", how="desk"))  # fmt: skip
    town.clock.forward(minutes=5)
    town.served(DEMO.quiet)
    call(town, "quiet-1", DEMO.quiet.number, town.elder_id(DEMO.quiet))
    return town


def test_every_kind_is_told_and_nothing_of_others(lived: Town) -> None:
    found = everything(lived)
    assert {each.channel for each in found} == set(CHANNELS) - {"offer"}
    assert [each.at for each in found] == sorted((each.at for each in found), reverse=True)
    assert [each.reference for each in found if each.channel == "call"] == ["wang-1"]
    sms = [each for each in found if each.channel == "sms"]
    theirs = [row.id for row in lived.rows(SmsMessage) if row.number == DEMO.wang.number]
    assert sorted(int(each.reference) for each in sms) == sorted(theirs)
    assert {(each.way, each.state) for each in sms} == {("in", "unclear"), ("out", "queued")}
    score = next(each for each in found if each.channel == "score")
    assert (score.what, score.state, score.way) == ("call", "2", "in")
    assert {each.what for each in found if each.channel == "case"} >= {"complaint", "message"}


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_of_any_length_make_the_whole(lived: Town, limit: int) -> None:
    """Many entries have the same instant: the clock of the town stands still while things happen."""
    whole = everything(lived)
    assert len({each.at for each in whole}) < len(whole)
    assert everything(lived, limit) == whole


def test_it_is_narrowed_by_channel_and_time(lived: Town) -> None:
    whole = everything(lived)
    for channel in CHANNELS:
        assert everything(lived, channels=(channel,)) == [each for each in whole if each.channel == channel]
    middle = whole[len(whole) // 2].at
    later, earlier = everything(lived, since=middle), everything(lived, until=middle)
    assert [*later, *earlier] == whole and all(each.at >= middle for each in later)


def test_what_came_from_a_shared_number_is_in_both_journals_and_says_so(any_town: Town) -> None:
    town = any_town
    wang, quiet = town.elder_id(DEMO.wang), town.elder_id(DEMO.quiet)
    with town.unit_of_work() as session:
        session.add(ElderPhone(elder_id=quiet, number=DEMO.wang.number, kind="home",
                               number_index=town.cipher.number_index(DEMO.wang.number)))  # fmt: skip
    call(town, "whose", DEMO.wang.number, None)
    call(town, "wangs", DEMO.wang.number, wang)
    journal = Journal(town.reading)
    of_wang = {each.reference: each.shared for each in journal.of_elder(wang, Asked()).entries}
    of_quiet = {each.reference: each.shared for each in journal.of_elder(quiet, Asked()).entries}
    assert of_wang == {"whose": True, "wangs": False}
    assert of_quiet == {"whose": True}


def test_workers_and_companies_by_their_telephones(lived: Town) -> None:
    journal, worker = Journal(lived.reading), lived.worker_id(DEMO.worker.code)
    found = journal.of_worker(worker, Asked()).entries
    assert {(each.channel, each.way, each.number) for each in found} == {("sms", "out", DEMO.worker.number)}
    of_company = journal.of_company(lived.company_id(), Asked(channels=("offer",))).entries
    assert of_company and {each.state for each in of_company} == {"accepted"}
    assert not {each.channel for each in found} & {"case", "score"}


def test_companies_without_a_telephone_share_nothing(any_town: Town) -> None:
    """They all have the index of no number."""
    town = any_town
    nobody = town.cipher.number_index("")
    with town.unit_of_work() as session:
        session.execute(update(Company).where(Company.id == town.company_id()).values(phone="", phone_index=nobody))
    call(town, "withheld", "", None)
    assert Journal(town.reading).of_company(town.company_id(), Asked()).entries == ()


@pytest.mark.parametrize(
    "mark", ["", "x", "2026-03-04T01:10:00+00:00~0", "2026-03-04T01:10:00~0~a", "2026-03-04T01:10:00+00:00~99~1",
             "2026-03-04T01:10:00+00:00~1~x", "2026-03-04T01:10:00+00:00~-1~1", "~~",
             "2026-03-04T01:10:00+00:00~1~" + "9" * 5000, "2026-03-04T01:10:00+00:00~1~9223372036854775808"],
)  # fmt: skip
def test_a_mark_that_was_not_given_out_is_refused(town: Town, mark: str) -> None:
    journal, wang = Journal(town.reading), town.elder_id(DEMO.wang)
    if not mark:
        assert journal.of_elder(wang, Asked(mark=mark)).next_mark is None
        return
    with pytest.raises(Invalid, match="cursor"):
        journal.of_elder(wang, Asked(mark=mark))


def test_who_is_not_there_and_what_is_no_channel(town: Town) -> None:
    journal = Journal(town.reading)
    for read in (journal.of_elder, journal.of_worker, journal.of_company):
        with pytest.raises(NotFound):
            read(999_999, Asked())
    with pytest.raises(Invalid, match="fax"):
        journal.of_elder(town.elder_id(DEMO.wang), Asked(channels=("fax",)))


def test_what_is_long_ago_is_reached(town: Town) -> None:
    wang = town.elder_id(DEMO.wang)
    for number in range(120):
        call(town, f"c-{number}", DEMO.wang.number, wang)
        town.clock.forward(hours=-7)
    found = everything(town, 50)
    assert [each.reference for each in found] == [f"c-{number}" for number in range(120)]
    assert found[0].at - found[-1].at == timedelta(hours=7 * 119)
