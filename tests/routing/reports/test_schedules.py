"""Reports by schedule: each period once, whatever dies, and mailed through a real SMTP server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from itertools import pairwise
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from db.models import ReportRun
from db.session import UnitOfWork
from routing.errors import Conflict, Invalid, NotFound
from routing.report_settings import ReportSettings
from routing.reports import making
from routing.reports.book import Reports
from routing.reports.call_facts import Lines
from routing.reports.due import OWED_MOST, Every, owed
from routing.reports.mailing import Mail, NotMailed, SmtpMailer
from routing.reports.making import CLAIM, TRIES, ReportRunner
from routing.reports.schedules import Schedules, Wish
from scripts.wiring.reports import say_in
from tests.ports import free_port
from tests.routing.reports.happened import call, write
from tests.routing.reports.test_service import NOON, SHANGHAI

MORNING = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
"""Six o'clock on 3 March in Shanghai."""


class Letterbox:
    """What the server took; it refuses what it is told to."""

    def __init__(self) -> None:
        self.mails: list[Message[str, str]] = []
        self.refuses = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name.
        if self.refuses:
            self.refuses -= 1
            return "451 try again"
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 taken"


@dataclass
class House:
    """A database, a clock, a mail server, and as many runners as a test wants."""

    unit_of_work: UnitOfWork
    reading: UnitOfWork
    box: Letterbox
    port: int
    now: list[datetime] = field(default_factory=lambda: [NOON])

    @property
    def schedules(self) -> Schedules:
        return Schedules(self.unit_of_work, self.reading, lambda: self.now[0], SHANGHAI)

    def runner(self, **more: Any) -> ReportRunner:
        known = ReportSettings(
            smtp_host="127.0.0.1", smtp_port=self.port, smtp_security="none", smtp_sender="elderline@example.org"
        )
        reports = Reports(self.reading, lambda: self.now[0], SHANGHAI, Lines("12340"))
        parts: dict[str, Any] = {
            "unit_of_work": self.unit_of_work, "reading": self.reading, "clock": lambda: self.now[0], "zone": SHANGHAI,
            "reports": reports, "mailer": SmtpMailer(known), "say_in": say_in,
            "console_url": "https://desk.example.org/", "keep": timedelta(days=30),
        }  # fmt: skip
        return ReportRunner(**{**parts, **more})

    def add(self, report: str = "service", every: str = "day", to: str = "a@example.org b@example.org") -> int:
        return self.schedules.add(Wish(report, every, to, "en", "xlsx"), by="user:1")

    def runs(self) -> list[ReportRun]:
        with self.reading() as session:
            return list(session.scalars(select(ReportRun).order_by(ReportRun.id)))


@pytest.fixture
def house(unit_of_work: UnitOfWork, reading: UnitOfWork) -> Iterator[House]:
    """A house whose mail server listens."""
    box, port = Letterbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield House(unit_of_work, reading, box, port)
    server.stop()


def test_a_day_is_reported_once_with_figures_link_and_file(house: House) -> None:
    write(house.unit_of_work, call("one", NOON, asked=5, wait=3, talk=60, outcome="answered"))
    house.add()
    assert house.runner().sweep() == 0
    house.now[0] = MORNING
    for _ in range(3):
        house.runner().sweep()
    (run,) = house.runs()
    assert (run.state, run.first, run.last, run.file) == (
        "done", date(2026, 3, 2), date(2026, 3, 2), "elderline-service-2026-03-02-2026-03-02.xlsx",
    )  # fmt: skip
    (mail,) = house.box.mails
    assert isinstance(mail, EmailMessage)
    assert mail["Subject"] == "Elderline: Service, 2026-03-02 to 2026-03-02"
    assert (mail["To"], mail["Message-ID"]) == ("a@example.org, b@example.org", f"<report-{run.id}@example.org>")
    body = mail.get_body()
    assert body is not None
    assert "Connect rate: 100.0%" in body.get_content()
    assert f"https://desk.example.org/supervisor/reports/kept/{run.id}" in body.get_content()
    (attached,) = mail.iter_attachments()
    assert attached.get_content() == house.schedules.file(run.id)[1]


def test_a_report_with_names_is_linked_and_not_sent(house: House) -> None:
    house.add("agents")
    house.now[0] = MORNING
    house.runner().sweep()
    (mail,) = house.box.mails
    assert isinstance(mail, EmailMessage)
    assert list(mail.iter_attachments()) == []
    body = mail.get_body()
    assert body is not None
    assert "/supervisor/reports/kept/" in body.get_content()


class Died(BaseException):
    """The process is killed."""


@dataclass
class Deadly:
    """A mailer, or reports, that die in the middle."""

    ready: bool = True

    def send(self, _mail: Mail) -> str:
        raise Died

    def make(self, *_asked: Any) -> Any:
        raise Died


@pytest.mark.parametrize("part", ["reports", "mailer"])
def test_whoever_dies_in_the_middle_leaves_it_to_the_next(house: House, part: str) -> None:
    house.add()
    house.now[0] = MORNING
    with pytest.raises(Died):
        house.runner(**{part: Deadly()}).sweep()
    house.runner().sweep()
    assert house.box.mails == []  # It may be alive.
    house.now[0] += CLAIM
    house.runner().sweep()
    house.now[0] += CLAIM
    house.runner().sweep()
    assert ([run.state for run in house.runs()], len(house.box.mails)) == (["done"], 1)


def test_one_that_dies_again_and_again_is_given_up(house: House) -> None:
    house.add()
    house.now[0] = MORNING
    for _ in range(TRIES + 2):
        try:
            house.runner(reports=Deadly()).sweep()
        except Died:
            house.now[0] += CLAIM
    (run,) = house.runs()
    assert (run.state, run.tries) == ("failed", TRIES)


def test_a_late_runner_does_not_undo_what_another_did(house: House) -> None:
    house.add()
    house.now[0] = MORNING
    slow = house.runner()
    taken = (slow._owe(), slow._take())[1]
    assert taken is not None
    house.now[0] += CLAIM
    house.runner().sweep()
    assert [run.state for run in house.runs()] == ["done"]
    slow._make(taken)
    slow._failed(taken, "late")
    assert ([run.state for run in house.runs()], len(house.box.mails)) == (["done"], 1)


def test_mail_is_tried_again_within_bounds_and_by_hand(house: House) -> None:
    house.add()
    house.now[0], house.box.refuses = MORNING, TRIES
    for _ in range(TRIES + 3):
        house.runner().sweep()
        house.now[0] += timedelta(minutes=90)
    (run,) = house.runs()
    assert (run.state, run.trouble, house.box.refuses) == ("unsent", "the server said 451", 0)
    assert house.schedules.file(run.id)[1][:2] == b"PK"
    house.schedules.again(run.id)
    house.runner().sweep()
    assert ([run.state for run in house.runs()], len(house.box.mails)) == (["done"], 1)
    with pytest.raises(Conflict):
        house.schedules.again(run.id)


def test_without_a_server_it_is_kept(house: House) -> None:
    house.add()
    house.now[0] = MORNING
    house.runner(mailer=SmtpMailer(ReportSettings())).sweep()
    (run,) = house.runs()
    assert (run.state, "ELDERLINE_SMTP_HOST" in run.trouble) == ("done", True)
    assert house.schedules.runs()[0].file


def test_a_server_that_is_away_is_said_so_without_addresses(house: House) -> None:
    away = ReportSettings(
        smtp_host="127.0.0.1", smtp_port=free_port(), smtp_security="none", smtp_sender="e@example.org"
    )
    with pytest.raises(NotMailed, match=r"no mail server \(ConnectionRefusedError\)"):
        SmtpMailer(away).send(Mail("k", ("a@example.org",), EmailMessage()))


def test_files_are_kept_for_so_long(house: House) -> None:
    house.add()
    house.now[0] = MORNING
    house.runner().sweep()
    (run,) = house.runs()
    house.schedules.switch(1, on=False, by="user:1")
    house.now[0] += timedelta(days=31)
    house.runner().sweep()
    with pytest.raises(NotFound):
        house.schedules.file(run.id)
    assert [each.file for each in house.runs()] == [""]


def test_a_schedule_that_rested_makes_nothing_up(house: House) -> None:
    schedule = house.add()
    house.schedules.switch(schedule, on=False, by="user:1")
    house.now[0] += timedelta(days=10)
    house.runner().sweep()
    house.schedules.switch(schedule, on=True, by="user:1")
    house.now[0] += timedelta(days=2)
    house.runner().sweep()
    assert [run.first for run in house.runs()] == [date(2026, 3, 12), date(2026, 3, 13)]


@pytest.mark.parametrize(
    "wish",
    [("weather", "day", "", "en", "csv"), ("service", "hour", "", "en", "csv"), ("service", "day", "", "fr", "csv"),
     ("service", "day", "", "en", "pdf"), ("service", "day", "a@b", "en", "csv"),
     ("service", "day", "a@example.org\r\nBcc:x@example.org:", "en", "csv"),
     ("service", "day", " ".join(f"a{n}@example.org" for n in range(11)), "en", "csv")],
)  # fmt: skip
def test_what_cannot_be_scheduled(house: House, wish: tuple[str, str, str, str, str]) -> None:
    with pytest.raises(Invalid):
        house.schedules.add(Wish(*wish), by="user:1")


@given(
    every=st.sampled_from(list(Every)), start=st.dates(date(2025, 1, 1), date(2026, 12, 31)), days=st.integers(0, 90)
)
def test_what_is_owed_are_whole_periods_that_follow_each_other(every: Every, start: date, days: int) -> None:
    now = datetime(start.year, start.month, start.day, 12, tzinfo=SHANGHAI) + timedelta(days=days)
    found = owed(every, start, now, SHANGHAI)
    assert len(found) <= OWED_MOST
    for first, last in found:
        assert start <= first <= last < now.date()
        if every is Every.WEEK:
            assert (first.weekday(), (last - first).days) == (0, 6)
        if every is Every.MONTH:
            assert (first.day, (last + timedelta(days=1)).day) == (1, 1)
    for later, earlier in pairwise(found):
        assert earlier[1] + timedelta(days=1) == later[0]


def test_nothing_is_owed_before_five() -> None:
    early = datetime(2026, 3, 3, 4, 59, tzinfo=SHANGHAI)
    assert owed(Every.DAY, date(2026, 3, 2), early, SHANGHAI) == []
    assert owed(Every.DAY, date(2026, 3, 2), early + timedelta(minutes=1), SHANGHAI) == [(date(2026, 3, 2),) * 2]
    assert making.A_ROUND < OWED_MOST
