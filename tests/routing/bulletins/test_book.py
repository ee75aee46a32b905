"""Notes to agents on both databases: shown and read once, however many pages ask at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

from sqlalchemy import func, select

from db.models import Agent, Bulletin, BulletinRead, User
from db.session import UnitOfWork
from routing.bulletins.book import MOST_STANDING, Bulletins
from routing.calls.bulletin_messages import BulletinChanged
from routing.errors import Conflict

NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
AT_ONCE = 6


def agent(unit_of_work: UnitOfWork, extension: str = "1001") -> int:
    with unit_of_work() as work:
        user = User(login=extension, name="Li", role="agent", password_hash="", active=True)
        work.add(user)
        work.flush()
        work.add(Agent(extension=extension, user_id=user.id, sip_secret="x", skills="medical,dialect:lanzhou"))
        return user.id


def test_pages_that_ask_at_once_leave_one_row(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    reader, told = agent(unit_of_work), list[BulletinChanged]()
    book = Bulletins(unit_of_work, reading, lambda: NOON, told.append)
    first = book.post("one", NOON + timedelta(hours=1), "user:9", important=True)
    book.post("two", NOON + timedelta(hours=1), "user:9", skill="medical")
    ready = Barrier(AT_ONCE)

    def look(_number: int) -> list[str]:
        ready.wait(10)
        return [each.words for each in book.on_desk(reader)]

    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert all(seen == ["one", "two"] for seen in threads.map(look, range(AT_ONCE)))
    for _ in range(2):
        book.read(first, reader)
    with reading() as work:
        assert work.scalar(select(func.count()).select_from(BulletinRead)) == 2
    assert [each.words for each in book.on_desk(reader)] == ["two"]
    assert len(told) == 2, "reading it wakes nobody else's desk"


def test_the_bound_holds_for_all_at_once(unit_of_work: UnitOfWork, reading: UnitOfWork) -> None:
    agent(unit_of_work)
    book = Bulletins(unit_of_work, reading, lambda: NOON, lambda _told: None)
    for number in range(MOST_STANDING - 1):
        book.post(f"{number}", NOON + timedelta(hours=1), "user:9")
    ready = Barrier(AT_ONCE)

    def post(_number: int) -> bool:
        ready.wait(10)
        try:
            book.post("last", NOON + timedelta(hours=1), "user:9")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert sum(threads.map(post, range(AT_ONCE))) == 1
    with reading() as work:
        assert work.scalar(select(func.count()).select_from(Bulletin)) == MOST_STANDING
