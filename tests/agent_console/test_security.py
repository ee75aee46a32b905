"""What holds for every route and page: tokens of forms, the policy of scripts, headers, limits, and what logs hold."""

from __future__ import annotations

import logging
import re

import pytest
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import select

from agent_console.identity import Identity
from agent_console.privacy import Lens
from agent_console.roles import SEES, Personal, Role
from db.demo import DEMO
from db.models import Contact, Elder, ElderPhone, Worker
from routing.numbers import as_dialled
from tests.agent_console.console import Desk, csrf
from tests.agent_console.test_access import address

_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
_OWN_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)|\son[a-z]+\s*=|javascript:", re.IGNORECASE)
_LINK = re.compile(r'(?:href|src|action)="(/[^"#]*)"')
MACHINES = {"sms_push.push"}
"""Routes that take a POST without a form's token: a machine calls them, without a session that could be misused."""


def personal(desk: Desk) -> set[str]:
    """Whatever tells of a person in the demo's register, as it is stored and as it is shown."""
    with desk.services.reading() as work:
        elders = work.scalars(select(Elder)).all()
        numbers = [*work.scalars(select(ElderPhone.number)), *work.scalars(select(Contact.number)),
                   *work.scalars(select(Worker.phone))]  # fmt: skip
        names = [*(each.name for each in elders), *work.scalars(select(Contact.name))]
        homes = [each.address for each in elders] + [each.identity_number for each in elders]
    return {each for each in (*numbers, *(as_dialled(each, "CN") for each in numbers), *names, *homes) if each}


def pages(client: FlaskClient, first: str, most: int = 150) -> dict[str, str]:
    """Walk every page that links lead to, as a person could, and give what each shows."""
    found: dict[str, str] = {}
    waiting = [first]
    while waiting and len(found) < most:
        path = waiting.pop(0).replace("&amp;", "&")
        if path in found or path.startswith("/static") or ".svg" in path:
            continue  # Pictures take a second each, and their scripts are nobody's.
        answer = client.get(path)
        assert answer.status_code < 500, path
        found[path] = answer.get_data(as_text=True) if answer.mimetype in {"text/html", "text/csv"} else ""
        if answer.location:
            waiting.append(answer.location)
        waiting += _LINK.findall(found[path]) if answer.mimetype == "text/html" else []
    return found


def test_every_post_wants_its_token(desk: Desk) -> None:
    client = desk.logged_in("administrator")
    walked = 0
    for rule in desk.app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.rule.startswith("/api/") or rule.endpoint in MACHINES:
            continue
        _, path = address(f"POST {rule.rule}")
        assert client.post(path).status_code == 400, rule.rule
        walked += 1
    assert walked > 60


@pytest.mark.parametrize("role", ["agent", "administrator", "auditor", "company"])
def test_no_page_has_a_script_of_its_own_nor_a_form_without_token_nor_people_for_those_who_see_masks(
    desk: Desk, role: str
) -> None:
    desk.services.orders.place(desk.elder_id(), desk.item_id(), key="k", source="voice")
    known = personal(desk) if role in {"auditor", "company"} else set()
    seen = pages(desk.logged_in(role), "/")
    assert len(seen) > (4 if role == "company" else 8)
    for path, page in seen.items():
        assert not _OWN_SCRIPT.search(page), path
        assert {each for each in known if each in page} == set(), path
        for form in _FORM.findall(page):
            if 'method="post"' in form:
                assert 'name="csrf_token"' in form, path


def test_the_api_masks_for_auditors_whatever_they_ask(desk: Desk) -> None:
    desk.services.orders.place(desk.elder_id(), desk.item_id(), key="k", source="voice")
    known, headers, client = personal(desk), desk.bearer("auditor"), desk.anonymous()
    walked = 0
    for rule in desk.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or not rule.rule.startswith("/api/v1/"):
            continue
        path = re.sub("<int:elder_id>", str(desk.elder_id()), rule.rule)
        path = re.sub("<[a-z]+:[a-z_]+>|<[a-z_]+>", "1", path)
        text = client.get(path, headers=headers).get_data(as_text=True)
        assert {each for each in known if each in text} == set(), path
        walked += 1
    assert walked > 30


def test_no_address_and_no_log_holds_a_person(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Addresses are what access logs hold; what the application itself logs is caught from its lowest level on."""
    placed = desk.services.orders.place(desk.elder_id(), desk.item_id(), key="k", source="voice")
    known = personal(desk)
    with caplog.at_level(logging.DEBUG):
        for role in ("agent", "supervisor"):
            client = desk.logged_in(role)
            seen = pages(client, f"/desk?elder={desk.elder_id()}")
            token = csrf(client, "/desk")
            for wanted in (DEMO.wang.name, DEMO.wang.phones[0][0]):
                answer = client.post("/desk/search", data={"csrf_token": token, "wanted": wanted})
                assert answer.status_code == 200 and answer.location is None
            client.get(f"/supervisor/orders/{placed.id}")
            assert {path for path in seen for each in known if each in path} == set()
        client.post("/login", data={"login": DEMO.wang.name})
    assert {each for each in known if each in caplog.text} == set()


def test_headers_of_every_kind_of_answer(desk: Desk) -> None:
    client = desk.logged_in("administrator")
    for path in ("/desk", "/login", "/nowhere", "/api/v1/calls", "/static/console.css", "/healthz"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin", path
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert headers["X-Frame-Options"] == "DENY", path
        assert "microphone=(self)" in headers["Permissions-Policy"], path
        assert "no-store" in headers["Cache-Control"] or path.startswith("/static"), path
        assert "Python" not in headers.get("Server", ""), path
        assert "Strict-Transport-Security" not in headers, "development is plain http"


def used_up(redis: Redis, limit: int) -> None:
    """Let what is counted against a limit have reached it."""
    keys = [each for each in redis.keys("*") if str(limit).encode() in each]
    assert keys, "limits are counted in Redis, for all processes"
    for each in keys:
        redis.set(each, limit, keepttl=True)


def test_the_webhook_takes_a_burst_and_says_when_to_come_back(desk: Desk, redis: Redis) -> None:
    client = desk.anonymous()
    assert {client.get("/sms/inbound?from=").status_code for _ in range(500)} == {400}, "500 replies are taken"
    used_up(redis, 1000)
    answer = client.get("/sms/inbound?from=")
    if answer.status_code != 429:  # The second was over.
        client.get("/sms/inbound?from=")
        used_up(redis, 1000)
        answer = client.get("/sms/inbound?from=")
    assert (answer.status_code, answer.content_type) == (429, "application/problem+json")
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_limit_of_the_api_is_a_problem_document(desk: Desk, redis: Redis) -> None:
    client, headers = desk.anonymous(), desk.bearer("agent")
    assert client.get("/api/v1/calls", headers=headers).status_code == 200
    used_up(redis, 6000)
    answer = client.get("/api/v1/calls", headers=headers)
    assert (answer.status_code, answer.content_type) == (429, "application/problem+json")
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("role", list(Role))
def test_a_lens_shows_what_the_table_says_and_nothing_else(role: Role) -> None:
    lens = Lens(Identity("user:1", "x", role))
    shown = {
        Personal.NAME: lens.name(DEMO.wang.name) == DEMO.wang.name,
        Personal.NUMBER: lens.number("+8613900000001") == "+8613900000001",
        Personal.TEXT: lens.text("糖尿病") == "糖尿病",
    }
    assert {each for each, clear in shown.items() if clear} == SEES[role]
    assert (role in {"agent", "supervisor", "administrator"}) == bool(SEES[role])
