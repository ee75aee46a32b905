"""The practice telephone: whose accounts it gives, to whom, and that there is none outside the development profile."""

from __future__ import annotations

import re

from flask import g
from sqlalchemy import select

from agent_console.access import may
from agent_console.app import create_app
from agent_console.identity import Identity
from agent_console.roles import Role
from db.demo import DEMO
from db.models import AuditEntry
from routing.calls.demo_phones import demo_phones
from tests.agent_console.console import Desk, csrf, make_services


def test_each_invented_person_has_an_account_of_their_own(desk: Desk) -> None:
    client = desk.logged_in("agent")
    token = csrf(client, "/phone")
    given = {}
    for phone in demo_phones(desk.services.settings):
        answer = client.post("/phone/account", data={"person": phone.code}, headers={"X-CSRFToken": token})
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        given[phone.code] = answer.get_json()
    assert len({each["password"] for each in given.values()}) == len(given) == 9
    wang = given[DEMO.wang.code]
    assert wang["lines"]["sos"].startswith(f"sip:line-{desk.services.settings.did_sos}@")
    assert not any(re.fullmatch(r"sip:\+?\d+@.*", target) for target in wang["lines"].values()), "taken for a carrier's"


def test_nobody_else_has_one_and_each_look_is_on_record(desk: Desk) -> None:
    client = desk.logged_in("agent")
    token = csrf(client, "/phone")
    for code in ("", "1001", "E9999", "' or 1=1"):
        answer = client.post("/phone/account", data={"person": code}, headers={"X-CSRFToken": token})
        assert answer.status_code == 404, code
    assert client.post("/phone/account", data={"person": DEMO.wang.code}).status_code == 400, "no token"
    client.post("/phone/account", data={"person": DEMO.wang.code}, headers={"X-CSRFToken": token})
    with desk.services.reading() as session:
        subjects = session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "demo.phone")).all()
    assert list(subjects) == [f"demo:{DEMO.wang.code}"]


def test_there_is_none_in_production(desk: Desk) -> None:
    settings = desk.services.settings.model_copy(update={"profile": "production"})
    assert demo_phones(settings) == ()
    app = create_app(make_services(settings))
    client = app.test_client()
    assert client.get("/phone").status_code == 404
    with app.test_request_context():
        g.identity = Identity("user:1", "", Role.ADMINISTRATOR)
        assert not may("demo_phone_page.show")
        assert may("announcements_page.show")
