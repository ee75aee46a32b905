"""The journal on its page, in the API and as a file: whole for the desk, masked for auditors, every look on record."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import select

from agent_console.texts import words
from db.demo import DEMO
from db.models import AuditEntry
from routing.outreach.consent import PURPOSES
from routing.outreach.journal_sources import CHANNELS
from tests.agent_console.console import Desk

WORDS = "请把我的鞋子带回来吧"


@pytest.fixture
def page(desk: Desk) -> str:
    """The address of an elder who has written to us and called."""
    desk.services.inbox.received("j1", DEMO.wang.number, "12349", WORDS)
    return f"/journal/elders/{desk.elder_id()}"


def looks(desk: Desk) -> list[tuple[str, str]]:
    with desk.services.reading() as work:
        rows = work.scalars(select(AuditEntry).where(AuditEntry.action.startswith("journal.")).order_by(AuditEntry.id))
        return [(each.action, each.subject) for each in rows]


def test_the_desk_reads_it_whole_and_that_is_on_record(desk: Desk, page: str) -> None:
    content = desk.logged_in("agent").get(page).get_data(as_text=True)
    assert WORDS in content and "已转人工" in content and DEMO.wang.number[-4:] in content
    assert looks(desk) == [("journal.read", f"elder:{desk.elder_id()}")]
    record = desk.logged_in("agent").get(f"/desk/record?elder={desk.elder_id()}").get_data(as_text=True)
    assert f'href="{page}"' in record


def test_auditors_see_that_and_not_what(desk: Desk, page: str) -> None:
    content = desk.logged_in("auditor").get(page).get_data(as_text=True)
    assert WORDS not in content and "短信" in content and DEMO.wang.number[-11:-4] not in content


def test_it_is_narrowed_and_paged(desk: Desk, page: str) -> None:
    client = desk.logged_in("supervisor")
    assert WORDS not in client.get(page + "?channel=call").get_data(as_text=True)
    assert WORDS not in client.get(page + "?to=2020-01-01").get_data(as_text=True)
    assert WORDS in client.get(page + "?channel=sms&from=2020-01-01").get_data(as_text=True)
    for wrong in ("?channel=fax", "?from=tomorrow", "?to=9999-12-31", "?cursor=x~y~z"):
        assert client.get(page + wrong).status_code == 422, wrong
    for other in ("workers/999999", "companies/999999", "elders/999999"):
        assert client.get(f"/journal/{other}").status_code == 404


def test_the_file_holds_all_and_no_formula(desk: Desk, page: str) -> None:
    desk.services.inbox.received("j2", DEMO.wang.number, "12349", "=1+1 我的鞋子找不到了")
    answer = desk.logged_in("supervisor").get(page + "/export.csv?channel=sms")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    texts = [each["text"] for each in rows if each["way"] == "in"]
    assert texts == ["'=1+1 我的鞋子找不到了", WORDS]
    assert looks(desk) == [("journal.exported", f"elder:{desk.elder_id()}")]
    masked = desk.logged_in("auditor").get(page + "/export.csv").get_data(as_text=True)
    assert WORDS not in masked


def test_the_api_gives_pages(desk: Desk, page: str) -> None:
    del page
    client, path = desk.anonymous(), f"/api/v1/journal/elders/{desk.elder_id()}"
    whole = client.get(path, headers=desk.bearer("agent")).get_json()
    assert [each["channel"] for each in whole["items"]].count("sms") == 2 and whole["next_cursor"] is None
    first = client.get(path + "?limit=1", headers=desk.bearer("agent")).get_json()
    rest = client.get(path, query_string={"cursor": first["next_cursor"]}, headers=desk.bearer("agent")).get_json()
    assert [*first["items"], *rest["items"]] == whole["items"]
    masked = client.get(path, headers=desk.bearer("auditor")).get_json()["items"]
    assert {each["text"] for each in masked} <= {"***", ""} and DEMO.wang.number not in str(masked)
    assert client.get(path + "?channel=fax", headers=desk.bearer("agent")).status_code == 422


def test_every_channel_and_kind_has_its_word() -> None:
    assert set(CHANNELS) <= set(words("journal_channel"))
    assert {*PURPOSES, "message"} <= set(words("journal_owed"))
