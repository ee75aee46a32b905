"""The audit on its page: auditors and administrators find who did and saw what, and take it away as a file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from sqlalchemy import func, select

from db.models import AuditEntry
from tests.agent_console.console import Desk, csrf

PAGE = "/admin/audit"


def fill(desk: Desk) -> None:
    now = desk.services.clock()
    rows = [
        ("user:1", "elder.record", "elder:12", "", 0), ("user:2", "elder.record", "elder:123", "", 1),
        ("user:2", "elder.search", "list", "elder:11,elder:12,elder:13", 2),
        ("token:7", "order.placed", "order:12", "", 3),
        ("user:1", "elder.changed", "elder:12", "=1+1", 400),
    ]  # fmt: skip
    with desk.services.unit_of_work() as work:
        for actor, action, subject, detail, hours in rows:
            at = now - timedelta(hours=hours)
            work.add(AuditEntry(at=at, actor=actor, action=action, subject=subject, detail=detail))


def rows_of(desk: Desk, query: str) -> list[list[str]]:
    answer = desk.logged_in("auditor").get(f"{PAGE}/export.csv?{query}")
    assert answer.status_code == 200 and answer.mimetype == "text/csv"
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))[1:]


def test_a_person_is_found_in_lists_too_and_no_other(desk: Desk) -> None:
    fill(desk)
    found = rows_of(desk, "subject=elder:12")
    assert [(row[1], row[3]) for row in found] == [
        ("user:1", "elder.changed"), ("user:2", "elder.search"), ("user:1", "elder.record"),
    ]  # fmt: skip
    assert found[0][5] == "'=1+1", "no cell is a formula"


def test_it_is_narrowed_by_user_action_and_time(desk: Desk) -> None:
    fill(desk)
    assert {row[3] for row in rows_of(desk, "user=2")} >= {"elder.record", "elder.search"}
    assert len(rows_of(desk, "action=elder&subject=elder:12")) == 3
    assert rows_of(desk, "action=elde&subject=elder:12") == []
    day = (desk.services.clock() + timedelta(days=2)).date()
    assert rows_of(desk, f"from={day}") == []
    assert len(rows_of(desk, f"to={day}&subject=elder:12")) == 3


def test_the_page_goes_back_page_by_page_and_taking_the_file_is_in_it(desk: Desk) -> None:
    with desk.services.unit_of_work() as work:
        now = desk.services.clock()
        work.add_all([AuditEntry(at=now, actor="user:1", action="x.y", subject=f"z:{n}") for n in range(120)])
    client = desk.logged_in("administrator")
    page = client.get(f"{PAGE}?action=x").get_data(as_text=True)
    assert page.count("<td>x.y</td>") == 50 and 'rel="next"' in page
    rows_of(desk, "action=x")
    with desk.services.reading() as work:
        taken = select(func.count()).where(AuditEntry.action == "audit.exported")
        assert work.scalar(taken) == 1


def test_what_cannot_be_asked_is_refused(desk: Desk) -> None:
    client = desk.logged_in("auditor")
    for query in ("subject=王", "subject=elder%2512", "user=x", "user=" + "9" * 30, "action=A%20B", "from=yesterday",
                  "from=9999-12-31", "cursor=xx"):  # fmt: skip
        assert client.get(f"{PAGE}?{query}").status_code == 422, query
    assert csrf(client, PAGE)
