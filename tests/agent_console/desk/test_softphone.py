"""The account of the telephone in the agent's page: who gets it, and what is left behind."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from sqlalchemy import select, update

from agent_console.texts import words
from db.demo import DEMO
from db.models import Agent, AuditEntry
from routing.settings import Settings
from tests.agent_console.console import Desk, csrf, make_services
from tests.agent_console.ringing import EXTENSION

WEBSOCKET = "ws://127.0.0.1:8088/ws"


def secret_of(desk: Desk, extension: str) -> str:
    with desk.services.reading() as work:
        return work.get_one(Agent, extension).sip_secret


def test_an_agent_gets_the_own_account_and_no_other_can_be_named(desk: Desk) -> None:
    client = desk.logged_in("agent")
    token = csrf(client, "/desk")
    answer = client.post("/desk/phone?extension=1002", data={"csrf_token": token, "extension": "1002"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    user = f"{EXTENSION}-web"
    assert answer.get_json() == {
        "user": user, "uri": f"sip:{user}@127.0.0.1", "password": secret_of(desk, EXTENSION), "websocket": WEBSOCKET,
    }  # fmt: skip
    with desk.services.reading() as work:
        looks = work.execute(select(AuditEntry.actor, AuditEntry.subject).where(AuditEntry.action == "agent.phone"))
        assert [tuple(each) for each in looks] == [(f"user:{desk.user_id(DEMO.agent.login)}", f"agent:{EXTENSION}")]


def test_the_account_wants_a_session_with_an_extension_and_the_token_of_our_pages(desk: Desk) -> None:
    stranger, agent, supervisor = desk.anonymous(), desk.logged_in("agent"), desk.logged_in("supervisor")
    token = csrf(stranger, "/login")
    assert stranger.post("/desk/phone", data={"csrf_token": token}).status_code == 401
    assert agent.post("/desk/phone").status_code == 400, "without the form's token"
    assert agent.get("/desk/phone").status_code == 405, "a GET could be kept, or be made by another site"
    assert desk.anonymous().post("/desk/phone", headers=desk.bearer("agent")).status_code in {400, 401}
    token = csrf(supervisor, "/desk")
    assert supervisor.post("/desk/phone", data={"csrf_token": token}).status_code == 404, "without an extension"


def test_an_agent_who_has_left_gets_nothing(desk: Desk) -> None:
    client = desk.logged_in("agent")
    token = csrf(client, "/desk")
    with desk.services.unit_of_work() as work:
        work.execute(update(Agent).where(Agent.extension == EXTENSION).values(active=False))
    assert client.post("/desk/phone", data={"csrf_token": token}).status_code == 404


def test_no_page_holds_the_secret_and_the_desk_alone_may_open_the_websocket(desk: Desk) -> None:
    client = desk.logged_in("agent")
    for path, allowed in (("/desk", True), ("/desk/messages", False), ("/desk/record?call=c1", False)):
        answer = client.get(path)
        assert secret_of(desk, EXTENSION) not in answer.get_data(as_text=True)
        policy = answer.headers["Content-Security-Policy"]
        connect = next(each for each in policy.split("; ") if each.startswith("connect-src"))
        assert connect == ("connect-src 'self' " + WEBSOCKET if allowed else "connect-src 'self'"), path
        assert "script-src 'self';" in policy
    supervisor = desk.logged_in("supervisor").get("/desk")
    assert WEBSOCKET not in supervisor.headers["Content-Security-Policy"]
    assert 'id="phone"' not in supervisor.get_data(as_text=True), "no extension, no telephone"


def test_behind_a_proxy_the_phone_goes_by_its_address(settings: Settings) -> None:
    proxied = settings.model_copy(update={"browser_phone_url": "wss://desk.example.org/ws"})
    desk = Desk(make_services(proxied))
    try:
        client = desk.logged_in("agent")
        page = client.get("/desk")
        assert "connect-src 'self' wss://desk.example.org/ws;" in page.headers["Content-Security-Policy"]
        answer = client.post("/desk/phone", data={"csrf_token": csrf(client, "/desk")})
        assert (answer.get_json() or {})["websocket"] == "wss://desk.example.org/ws"
    finally:
        desk.close()


@pytest.mark.parametrize(
    "address", ["https://desk.example.org", "ws://a b", "ws://a;script-src *", "ws://a'", "wss://", "ws://a/ws\n"]
)
def test_an_address_that_would_widen_the_policy_is_no_setting(address: str) -> None:
    with pytest.raises(ValidationError, match="WebSocket"):
        Settings(browser_phone_url=address)


def test_every_state_that_the_page_can_be_in_has_its_words() -> None:
    assert set(words("softphone")) == {
        "asking", "refused", "no_microphone", "insecure", "off", "elsewhere", "connecting", "registered", "lost",
        "denied", "ringing", "talking", "muted", "taken", "no_sound", "cut", "testing", "test_speak", "test_not_now",
        "test_no_voice", "test_no_echo", "test_over", "sound_back",
    }  # fmt: skip
