"""Logging in, being locked out, sessions that end, and the cookies and headers of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import select, update

from agent_console.app import create_app
from db.demo import DEMO
from db.models import AuditEntry, User, UserSession
from routing.staff.passwords import Passwords
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


def from_place(desk: Desk, address: str) -> FlaskClient:
    client = desk.anonymous()
    client.environ_base["REMOTE_ADDR"] = address
    return client


def audited(desk: Desk, action: str) -> int:
    with desk.services.reading() as work:
        return len(work.scalars(select(AuditEntry.id).where(AuditEntry.action == action)).all())


def test_five_failures_make_this_place_wait(desk: Desk) -> None:
    client = desk.anonymous()
    for _ in range(5):
        desk.log_in(client, LOGIN, "wrong")
    assert desk.log_in(client, LOGIN, PASSWORD).status_code == 401, "even the right password waits"
    assert desk.log_in(client, DEMO.supervisor.login, PASSWORD).status_code == 302, "others do not wait"
    assert desk.log_in(from_place(desk, "10.1.1.1"), LOGIN, PASSWORD).status_code == 302, "nor does the user elsewhere"
    assert audited(desk, "login.place_waits") == 1
    keys = desk.services.redis.keys("elderline:login:*")
    assert [0 < desk.services.redis.ttl(each) <= 900 for each in keys] == [True]
    desk.services.redis.delete(*keys)
    assert desk.log_in(client, LOGIN, PASSWORD).status_code == 302


def test_strangers_who_guess_keep_nobody_from_their_own_desk(desk: Desk) -> None:
    own = from_place(desk, "10.2.2.2")
    assert desk.log_in(own, LOGIN, PASSWORD).status_code == 302
    for number in range(20):
        assert desk.log_in(from_place(desk, f"10.9.0.{number}"), LOGIN, "guess").status_code == 401
    assert audited(desk, "login.guarded") == 1
    assert desk.log_in(from_place(desk, "10.3.3.3"), LOGIN, PASSWORD).status_code == 401, "a strange place waits"
    assert desk.log_in(from_place(desk, "10.2.2.2"), LOGIN, PASSWORD).status_code == 302, "the own desk does not"
    assert own.get("/desk").status_code == 200
    desk.services.users.lower_guard(desk.user_id(LOGIN), "user:1")
    assert desk.log_in(from_place(desk, "10.3.3.3"), LOGIN, PASSWORD).status_code == 302


def test_an_old_hash_is_made_anew_and_ends_no_session(desk: Desk) -> None:
    other = desk.logged_in("agent")
    with desk.services.unit_of_work() as work:
        older = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(PASSWORD)
        work.execute(update(User).where(User.login == LOGIN).values(password_hash=older))
    desk.logged_in("agent")
    with desk.services.reading() as work:
        now = work.scalars(select(User.password_hash).where(User.login == LOGIN)).one()
    assert "m=64,t=1,p=1" in now and now.startswith("$argon2id$")
    assert other.get("/desk").status_code == 200


def test_the_parameters_are_those_of_rfc_9106() -> None:
    hashed = Passwords().hash("x")
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert Passwords().fits(hashed, "x") and not Passwords().fits(hashed, "y") and not Passwords().fits(None, "x")


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


def aged(desk: Desk, **columns: datetime) -> None:
    """Let every session have begun, or been seen, at another time."""
    with desk.services.unit_of_work() as work:
        work.execute(update(UserSession).values(**columns))


def test_a_session_ends_without_requests(desk: Desk) -> None:
    client, now = desk.logged_in("agent"), desk.services.clock()
    idle = timedelta(minutes=desk.services.settings.session_minutes)
    aged(desk, seen_at=now - idle + timedelta(minutes=1))
    assert client.get("/live", buffered=False).status_code == 200
    with desk.services.reading() as work:
        assert work.scalars(select(UserSession.seen_at)).one() < now - idle + timedelta(minutes=2), "nobody asked"
    assert client.get("/desk").status_code == 200
    with desk.services.reading() as work:
        assert work.scalars(select(UserSession.seen_at)).one() >= now, "and this request keeps it alive"
    aged(desk, seen_at=now - idle - timedelta(minutes=1))
    assert client.get("/desk").status_code == 302


def test_a_session_ends_at_last_whatever_is_asked_for(desk: Desk) -> None:
    client = desk.logged_in("agent")
    aged(desk, began_at=desk.services.clock() - timedelta(hours=desk.services.settings.session_hours, minutes=1))
    assert client.get("/desk").status_code == 302
    with desk.services.reading() as work:
        assert work.scalars(select(UserSession.ended_why)).one() == "over"


def test_leaving_ends_the_session_for_a_copy_of_its_cookie_too(desk: Desk) -> None:
    client = desk.logged_in("agent")
    cookie = client.get_cookie(f"elderline-{desk.services.settings.web_port}")
    assert cookie is not None
    assert client.post("/logout", data={"csrf_token": csrf(client, "/desk")}).status_code == 302
    assert client.get("/desk").status_code == 302
    thief = desk.anonymous()
    thief.set_cookie(cookie.key, cookie.value)
    assert thief.get("/desk").status_code == 302


def test_the_eleventh_browser_ends_the_first(desk: Desk) -> None:
    browsers = [desk.logged_in("agent") for _ in range(11)]
    assert [each.get("/desk").status_code for each in browsers] == [302] + [200] * 10


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/desk?elder=1", "/desk?elder=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/desk\\..\\x", "/"),
        ("javascript:alert(1)", "/"),
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
