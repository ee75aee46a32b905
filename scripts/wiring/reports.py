"""The maker of scheduled reports, joined. The worker alone wants it, and the texts of the console that it speaks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from agent_console.catalogue import speaking
from agent_console.texts import word
from routing.reports.book import Reports
from routing.reports.mailing import SmtpMailer
from routing.reports.making import ReportRunner
from routing.reports.sheets import Say
from scripts.wiring.stores import Stores


def say_in(language: str) -> Say:
    """Give the words of a language."""

    def say(group: str, code: str) -> str:
        with speaking(language):
            return word(group, code)

    return say


def report_runner(stores: Stores, clock: Callable[[], datetime], reports: Reports) -> ReportRunner:
    """Join the maker of scheduled reports."""
    known = stores.settings
    return ReportRunner(
        unit_of_work=stores.unit_of_work, reading=stores.reading, clock=clock, zone=known.zone, reports=reports,
        mailer=SmtpMailer(known), say_in=say_in, console_url=known.console_url,
        keep=timedelta(days=known.report_keep_days),
    )  # fmt: skip
