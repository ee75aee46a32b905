"""The journal of an elder, a worker or a company: what was sent to them and what came from them, in one list."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request, url_for

from agent_console.access import identity, may
from agent_console.asked_days import day_of
from agent_console.privacy import Lens, audit, write_down
from agent_console.services import console_services
from agent_console.texts import text, word
from routing.orders.evv.export import BOM, safe
from routing.outreach.journal import MOST, Asked, Journal, JournalPage
from routing.outreach.journal_sources import CHANNELS, Entry

Read = Callable[[int, Asked], JournalPage]

MOST_EXPORTED: Final = 20_000
"""Rows of one file; a person has some hundreds in a year."""
_STATE_WORDS: Final = {"call": "outcome", "sms": "journal_sms", "owed": "journal_owed_state", "case": "case_state",
                       "offer": "offer", "daily": "daily_state", "dose": "dose",
                       "consent": "journal_consent"}  # fmt: skip
_WHAT_WORDS: Final = {"sms": "journal_asked", "owed": "journal_owed", "score": "channel", "case": "case",
                      "offer": "decline", "daily": "daily_looking", "consent": "purpose"}  # fmt: skip

blueprint = Blueprint("journal_page", __name__, url_prefix="/journal")


@blueprint.get("/elders/<int:elder_id>")
def of_elder(elder_id: int) -> str:
    """What passed between an elder and us."""
    return _page("elder", elder_id, Journal(console_services().reading).of_elder)


@blueprint.get("/workers/<int:worker_id>")
def of_worker(worker_id: int) -> str:
    """What passed between a care worker and us."""
    return _page("worker", worker_id, Journal(console_services().reading).of_worker)


@blueprint.get("/companies/<int:company_id>")
def of_company(company_id: int) -> str:
    """What passed between a company and us."""
    return _page("company", company_id, Journal(console_services().reading).of_company)


@blueprint.get("/elders/<int:elder_id>/export.csv")
def export(elder_id: int) -> Response:
    """The same as a file, for the elder who asks what is kept of them, or whoever looks into a complaint."""
    services, who = console_services(), identity()
    lens, asked = Lens(who), _asked()
    journal = Journal(services.reading)
    first = journal.of_elder(elder_id, _of(asked, None, MOST))
    write_down(services, who, "journal.exported", f"elder:{elder_id}", "whole" if lens.clear else "masked")
    return Response(
        _lines(first, lambda mark: journal.of_elder(elder_id, _of(asked, mark, MOST)), lens, services.settings.zone),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename=journal-{elder_id}.csv"},
    )


def what_of(entry: Entry) -> str:
    """Say in words what an entry is about; empty where the channel says it all."""
    return word(_WHAT_WORDS[entry.channel], entry.what) if entry.channel in _WHAT_WORDS else entry.what


def state_of(entry: Entry) -> str:
    """Say in words how it ended or stands."""
    if entry.channel == "score":
        return (
            text("journal.points", score=entry.state) if entry.state.isdigit() else word("journal_score", entry.state)
        )
    return word(_STATE_WORDS[entry.channel], entry.state) if entry.channel in _STATE_WORDS else entry.state


def _page(kind: str, person_id: int, read: Read) -> str:
    services, who = console_services(), identity()
    asked = _asked()
    page = read(person_id, asked)
    audit(services, who, "journal.read", f"{kind}:{person_id}")
    return render_template(
        "journal.html", kind=kind, person_id=person_id, page=page, channels=("", *CHANNELS), lens=Lens(who),
        what_of=what_of, state_of=state_of, given=request.args, newest=_link() if asked.mark else "",
        older=_link(cursor=page.next_mark) if page.next_mark else "",
        file=_link("journal_page.export") if kind == "elder" and may("journal_page.export") else "",
    )  # fmt: skip


def _link(endpoint: str = "", **more: str) -> str:
    """The address of the same person's journal, narrowed as it is here."""
    values: dict[str, Any] = {**(request.view_args or {}), **more}
    values |= {name: value for name in ("channel", "from", "to") if (value := request.args.get(name, ""))}
    return url_for(endpoint or str(request.endpoint), **values)


def _lines(page: JournalPage, following: Callable[[str], JournalPage], lens: Lens, zone: ZoneInfo) -> Iterator[str]:
    """Write page after page, the names of the columns first, at most `MOST_EXPORTED` rows."""
    written = 0
    yield BOM + _line(["at", "channel", "way", "what", "state", "reference", "order_id", "shared", "number", "text"])
    while True:
        for entry in page.entries:
            yield _line(
                [entry.at.astimezone(zone).isoformat(), entry.channel, entry.way, entry.what, entry.state,
                 entry.reference, entry.order_id, "yes" if entry.shared else "", lens.number(entry.number),
                 lens.text(entry.text)]
            )  # fmt: skip
        written += len(page.entries)
        if page.next_mark is None or written >= MOST_EXPORTED:
            return
        page = following(page.next_mark)


def _line(cells: list[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([safe(cell) for cell in cells])
    return line.getvalue()


def _asked() -> Asked:
    """Read what the address asks for; the days are of the hotline's clocks, the last one included. Raises Invalid."""
    zone = console_services().settings.zone
    first, last = day_of(request.args, "from"), day_of(request.args, "to")
    channel = request.args.get("channel", "")
    return Asked(
        (channel,) if channel else (),
        datetime.combine(first, time.min, zone) if first else None,
        datetime.combine(last + timedelta(days=1), time.min, zone) if last else None,
        request.args.get("cursor") or None,
    )


def _of(asked: Asked, mark: str | None, limit: int) -> Asked:
    return Asked(asked.channels, asked.since, asked.until, mark, limit)
