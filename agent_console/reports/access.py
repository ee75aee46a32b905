"""Who may use the pages and resources of reports: a part of the table in agent_console.access."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agent_console.roles import LEADS, OVERSEERS, Roles

REPORTS_ACCESS: Final[Mapping[str, Roles]] = {
    "reports_page.index": OVERSEERS,
    "reports_page.show": OVERSEERS,
    "reports_page.picture": OVERSEERS,
    "reports_page.export": OVERSEERS,
    "report_schedules.add": LEADS,
    "report_schedules.change": LEADS,
    "report_schedules.switch": LEADS,
    "report_schedules.file": OVERSEERS,
    "report_schedules.again": LEADS,
}
REPORTS_API: Final[Mapping[str, Roles]] = {
    "api_reports.index": OVERSEERS,
    "api_reports.show": OVERSEERS,
}
