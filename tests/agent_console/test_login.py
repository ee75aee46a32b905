"""Logging in, being locked out, sessions that end, and the cookies and headers of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from itsdangerous import TimestampSigner
from sqlalchemy import select, update

from agent_console import create_app
from db.demo import DEMO
from db.models import AuditEntry, User
from tests.agent_console.console import PASSWORD, Desk, csrf, make_services, make_settings

LOGIN = DEMO.agent.login


def test_the_right_password_opens_the_own_page(desk: Desk) -> None:
    client = desk.anonymous()
    answer = desk.log_in(client, LOGIN, PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/")
    assert client.get("/").location == "/desk"
    assert DEMO.agent.name in client.get("/desk").get_data(as_text=True)


@pytest.mark.parametrize(
    ("login", "password"),
    [(LOGIN, "wrong"), (LOGIN, ""), ("nobody", PASSWORD), ("", ""), ("x" * 5000, "y" * 5000), ("a\x00b", "p")],
)
def test_whatever_does_not_fit_gets_one_answer(desk: Desk, login: str, password: str) -> None:
    client = desk.anonymous()
    answer = desk.log_in(client, login, password)
    assert answer.status_code == 401
    assert "用户名或密码不对" in answer.get_data(as_text=True)
    assert client.get("/desk").status_code == 302


def test_five_failures_lock_the_account_for_a_while(desk: Desk) -> None:
    client = desk.anonymous()
    for _ in range(5):
        desk.log_in(client, LOGIN, "wrong")
    assert desk.log_in(client, LOGIN, PASSWORD).status_code == 401, "even the right password waits"
    assert desk.log_in(client, DEMO.supervisor.login, PASSWORD).status_code == 302, "others are not locked"
    with desk.services.unit_of_work() as work:
        assert work.scalar(select(AuditEntry.action).where(AuditEntry.action == "login.locked"))
        past = desk.services.clock() - timedelta(seconds=1)
        work.execute(update(User).where(User.login == LOGIN).values(locked_until=past))
    assert desk.log_in(client, LOGIN, PASSWORD).status_code == 302


def test_a_success_forgets_failures(desk: Desk) -> None:
    client = desk.anonymous()
    for _ in range(2):
        for _ in range(4):
            desk.log_in(client, LOGIN, "wrong")
        assert desk.log_in(desk.anonymous(), LOGIN, PASSWORD).status_code == 302


def test_many_attempts_from_one_address_are_slowed_down(desk: Desk) -> None:
    client = desk.anonymous()
    answers = [desk.log_in(client, LOGIN, "guess").status_code for _ in range(31)]
    assert answers == [401] * 30 + [429]


def test_an_inactive_user_is_out_at_once(desk: Desk) -> None:
    client = desk.logged_in("agent")
    with desk.services.unit_of_work() as work:
        work.execute(update(User).where(User.login == LOGIN).values(active=False))
    assert client.get("/desk").status_code == 302
    assert desk.log_in(client, LOGIN, PASSWORD).status_code == 401


def test_a_new_password_ends_the_sessions_of_the_old(desk: Desk) -> None:
    client = desk.logged_in("agent")
    assert client.get("/desk").status_code == 200
    with desk.services.unit_of_work() as work:
        hashed = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("another")
        work.execute(update(User).where(User.login == LOGIN).values(password_hash=hashed))
    assert client.get("/desk").status_code == 302


def test_a_session_ends_without_requests(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    client = desk.logged_in("agent")
    minutes = desk.services.settings.session_minutes
    now = TimestampSigner("key").get_timestamp()
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self: now + minutes * 60 - 5)
    assert client.get("/desk").status_code == 200, "and this request keeps it alive"
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self: now + 2 * minutes * 60 + 5)
    assert client.get("/desk").status_code == 302


def test_leaving_ends_the_session(desk: Desk) -> None:
    client = desk.logged_in("agent")
    assert client.post("/logout", data={"csrf_token": csrf(client, "/desk")}).status_code == 302
    assert client.get("/desk").status_code == 302


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/desk?elder=1", "/desk?elder=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
    ],
)
def test_the_way_back_stays_inside(desk: Desk, wanted: str, leads_to: str) -> None:
    assert desk.log_in(desk.anonymous(), LOGIN, PASSWORD, wanted).location == leads_to


@pytest.mark.parametrize("path", ["/login", "/logout", "/desk/orders", "/desk/state", "/supervisor/cases/1/close"])
def test_no_form_without_its_token(desk: Desk, path: str) -> None:
    client = desk.logged_in("supervisor")
    assert client.post(path, data={"login": LOGIN, "password": PASSWORD}).status_code == 400


def test_cookies_and_headers(desk: Desk) -> None:
    answer = desk.log_in(desk.anonymous(), LOGIN, PASSWORD)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy and "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_production_sends_its_cookie_over_https_only(desk: Desk) -> None:
    known = desk.services.settings
    settings = make_settings(known.database_url, known.redis_url, known.var_dir, profile="production")
    answer = Desk(make_services(settings)).anonymous().get("/login")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_a_short_session_key_is_refused(desk: Desk) -> None:
    settings = desk.services.settings.model_copy(update={"session_key": type(desk.services.settings.session_key)("x")})
    with pytest.raises(ValueError, match="ELDERLINE_SESSION_KEY"):
        create_app(make_services(settings))
