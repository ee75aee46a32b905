"""Thirty calls, of which ten talk, ten are in hold and ten in menus, while each part is killed, and all at once.

What the phones hear and what Asterisk has is the judge. The whole of it is one day of one hotline on PostgreSQL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from db.models import Case
from tests.story.crowd.course import Course, Outage
from tests.story.crowd.figures import quietest, table
from tests.story.crowd.house import DATABASE, KILLED, OURS, House, open_house
from tests.story.crowd.records import settled
from tests.story.crowd.supervised import supervised
from tests.story.scene import QUIET_MOST

pytestmark = [
    pytest.mark.asterisk, pytest.mark.phones, pytest.mark.postgresql, pytest.mark.slow, pytest.mark.timeout(420),
]  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture(scope="module")
def day() -> list[Outage]:
    """The outages that were played, in order."""
    return []


@pytest.mark.parametrize("killed", [(part,) for part in KILLED] + [KILLED], ids="-".join)
def test_nobody_is_lost_when_a_part_is_killed(house: House, day: list[Outage], killed: tuple[str, ...]) -> None:
    play(house, day, killed)


@pytest.mark.long
def test_nobody_is_lost_while_the_supervisor_brings_everything_back(house: House, day: list[Outage]) -> None:
    with supervised(house) as under_supervisor:
        play(under_supervisor, day, (*OURS, DATABASE))


def play(house: House, day: list[Outage], killed: tuple[str, ...]) -> None:
    """Play an outage, and judge it by what was heard."""
    outage = Course(house, *killed).play()
    day.append(outage)
    assert outage.channels_before == 40  # Ten talks have two channels each.
    assert not outage.dropped, "these talks ended before anybody hung up"
    assert [each.role for each in outage.callers if each.served_at is None] == [], "these reached no agent"
    # The two may be given away in the moment in which the SOS comes to hold; it gets the next.
    assert outage.freed_for_sos <= 3, "others reached an agent before the SOS"
    assert max(quietest(outage).values()) <= QUIET_MOST, f"somebody heard a long silence: {quietest(outage)}"
    assert len(outage.call_ids) == len(outage.callers) == 31


def test_every_call_of_the_day_has_its_record_once(
    house: House, day: list[Outage], capsys: pytest.CaptureFixture[str]
) -> None:
    if not day:  # This test was asked for alone.
        play(house, day, ("worker",))
    call_ids = {call_id for outage in day for call_id in outage.call_ids.values()}
    records = settled(house.hotline, call_ids)
    for outage in day:
        outage.recorded = sum(each in records and records[each].whole for each in outage.call_ids.values())
    with capsys.disabled():
        print(f"\n{table(day)}")
    assert records.keys() == call_ids
    assert {call_id: each for call_id, each in records.items() if not each.whole} == {}
    assert max(each.recoveries for each in records.values()) <= 1
    for outage in day:
        talks = [records[outage.call_ids[each.number]] for each in outage.callers if each.role == "talking"]
        assert [each.tickets for each in talks] == [("answered",)] * 10
    with house.hotline.stores.reading() as session:
        cases = Counter(session.scalars(select(Case.call_id).where(Case.kind == "sos")))
    assert cases == Counter(outage.call_ids[each.number] for outage in day for each in outage.callers[-1:])
