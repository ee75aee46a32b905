"""Users on the pages: made with a password that is shown once, changed, disabled, and never the last administrator."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from db.demo import DEMO
from db.models import Agent, ApiToken, AuditEntry, Company, User
from routing.calls.messages import COMMANDS
from tests.agent_console.console import PASSWORD, Desk, csrf

PAGE = "/admin/users"
NEW = {"login": "li.na", "name": "李娜", "role": "agent", "extension": "1019", "skills": "meal", "dialects": "minnan"}
OWN = "an-own-password-3"


def shown(page: str) -> str:
    found = re.search(r'id="told">([^<]+)<', page)
    assert found, page
    return found.group(1)


def made(desk: Desk, administrator: FlaskClient, **more: str) -> tuple[int, str]:
    """Make a user, and give the id and the password that was told."""
    answer = administrator.post(PAGE, data={"csrf_token": csrf(administrator, PAGE), **NEW, **more})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return desk.user_id({**NEW, **more}["login"]), shown(answer.get_data(as_text=True))


def act(client: FlaskClient, user_id: int, what: str) -> str:
    data = {"csrf_token": csrf(client, PAGE)}
    return client.post(f"{PAGE}/{user_id}/{what}", data=data, follow_redirects=True).get_data(as_text=True)


def actions(desk: Desk, user_id: int) -> list[str]:
    with desk.services.reading() as work:
        query = select(AuditEntry.action).where(AuditEntry.subject == f"user:{user_id}").order_by(AuditEntry.id)
        return list(work.scalars(query))


@pytest.fixture
def administrator(desk: Desk) -> FlaskClient:
    return desk.logged_in("administrator")


def test_a_new_user_changes_the_password_first(desk: Desk, administrator: FlaskClient) -> None:
    user_id, password = made(desk, administrator)
    with desk.services.reading() as work:
        assert password not in work.get_one(User, user_id).password_hash
        agent = work.get_one(Agent, "1019")
        assert (agent.user_id, agent.skills) == (user_id, "dialect:minnan,meal")
    assert password not in administrator.get(f"{PAGE}/{user_id}").get_data(as_text=True), "it is shown once"
    client = desk.anonymous()
    assert desk.log_in(client, "li.na", password).status_code == 302
    assert client.get("/desk").location == "/password", "nothing else is open"
    assert client.post("/desk/state", data={"csrf_token": csrf(client, "/password")}).status_code == 403
    form = {"csrf_token": csrf(client, "/password"), "present": password, "wanted": OWN, "again": OWN}
    assert client.post("/password", data={**form, "again": "another"}).status_code == 422
    assert client.post("/password", data={**form, "wanted": "short", "again": "short"}).status_code == 422
    assert client.post("/password", data={**form, "present": "wrong"}).status_code == 422
    assert client.post("/password", data=form).status_code == 302
    assert client.get("/desk").status_code == 200
    assert desk.log_in(desk.anonymous(), "li.na", password).status_code == 401
    assert desk.log_in(desk.anonymous(), "li.na", OWN).status_code == 302
    assert actions(desk, user_id) == ["user.added", "login", "user.password_chosen", "login"]


def test_a_password_that_was_told_is_good_for_three_days(desk: Desk, administrator: FlaskClient) -> None:
    user_id, password = made(desk, administrator)
    with desk.services.unit_of_work() as work:
        work.execute(update(User).where(User.id == user_id).values(one_time_until=desk.services.clock()))
    assert desk.log_in(desk.anonymous(), "li.na", password).status_code == 401


def test_a_new_password_ends_the_sessions_of_the_old(desk: Desk, administrator: FlaskClient) -> None:
    agent, user_id = desk.logged_in("agent"), desk.user_id(DEMO.agent.login)
    assert shown(act(administrator, user_id, "password"))
    assert agent.get("/desk").status_code == 302
    assert desk.log_in(desk.anonymous(), DEMO.agent.login, PASSWORD).status_code == 401


def test_disabling_ends_sessions_and_tokens_at_once(desk: Desk, administrator: FlaskClient) -> None:
    user_id = desk.user_id(DEMO.agent.login)
    agent, token = desk.logged_in("agent"), desk.bearer("agent", user_id=user_id)
    api = desk.anonymous()
    assert api.get("/api/v1/calls", headers=token).status_code == 200
    act(administrator, user_id, "disable")
    assert (agent.get("/desk").status_code, api.get("/api/v1/calls", headers=token).status_code) == (302, 401)
    sent = [fields for _, fields in desk.services.redis.xrange(COMMANDS)]
    assert any(b"logged_off" in b"".join(each.values()) for each in sent), "and the telephone gets no more calls"
    act(administrator, user_id, "enable")
    assert (agent.get("/desk").status_code, api.get("/api/v1/calls", headers=token).status_code) == (302, 401)
    assert desk.log_in(desk.anonymous(), DEMO.agent.login, PASSWORD).status_code == 302
    with desk.services.reading() as work:
        assert work.scalars(select(ApiToken.user_id)).all() == [user_id]


def test_the_last_administrator_stays(desk: Desk, administrator: FlaskClient) -> None:
    user_id = desk.user_id(DEMO.administrator.login)
    assert "请先设另一个管理员" in act(administrator, user_id, "disable")
    form = {"csrf_token": csrf(administrator, PAGE), "name": "x", "role": "agent"}
    assert administrator.post(f"{PAGE}/{user_id}", data=form).status_code == 409
    assert administrator.get(PAGE).status_code == 200
    other, _ = made(desk, administrator, role="administrator", extension="")
    act(administrator, user_id, "disable")
    assert administrator.get(PAGE).status_code == 302, "with another one, even oneself"
    assert actions(desk, other)[0] == "user.added"


def test_another_role_takes_tokens_and_an_extension_is_nobodys_twice(desk: Desk, administrator: FlaskClient) -> None:
    user_id = desk.user_id(DEMO.agent.login)
    token = desk.bearer("agent", user_id=user_id)
    form = {"csrf_token": csrf(administrator, PAGE), "name": "王", "role": "auditor"}
    assert administrator.post(f"{PAGE}/{user_id}", data=form).status_code == 302
    assert desk.anonymous().get("/api/v1/calls", headers=token).status_code == 401
    with desk.services.reading() as work:
        assert work.scalar(select(Agent).where(Agent.user_id == user_id)) is None
        taken = work.scalars(select(Agent.extension).where(Agent.user_id.is_not(None))).first()
    assert taken is not None
    answer = administrator.post(f"{PAGE}/{user_id}", data={**form, "role": "agent", "extension": taken})
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("login", "X Y"), ("login", ""), ("name", ""), ("role", "owner"), ("role", "company"), ("extension", "12a"),
        ("skills", "<b>"), ("dialects", "闽南"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(desk: Desk, administrator: FlaskClient, field: str, value: str) -> None:
    answer = administrator.post(PAGE, data={"csrf_token": csrf(administrator, PAGE), **NEW, field: value})
    assert answer.status_code == 422
    assert re.search(r"<p[^>]*>[^<]*[\u4e00-\u9fff]", answer.get_data(as_text=True)), "in Chinese"
    with desk.services.reading() as work:
        assert work.scalar(select(User.id).where(User.login == "li.na")) is None


def test_a_taken_login_is_a_conflict(desk: Desk, administrator: FlaskClient) -> None:
    made(desk, administrator)
    form = {"csrf_token": csrf(administrator, PAGE), **NEW, "extension": ""}
    assert administrator.post(PAGE, data=form).status_code == 409


def test_a_companys_user_belongs_to_one(desk: Desk, administrator: FlaskClient) -> None:
    with desk.services.reading() as work:
        company = work.scalars(select(Company).order_by(Company.id)).first()
    assert company is not None
    user_id, _ = made(desk, administrator, role="company", company=str(company.id), extension="", dialects="")
    page = administrator.get(f"{PAGE}/{user_id}").get_data(as_text=True)
    assert company.name in page
