"""How an elder is spoken with, on the desk's page and in the API: shown with its origin, changed, reset, audited."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from db.demo import DEMO
from db.models import AuditEntry, Elder, ElderManner, User
from routing.manners.fares import End, Fare, History, Ordered
from routing.manners.keeping import write_history
from routing.manners.manner import Source
from tests.agent_console.console import Desk
from tests.agent_console.desk.test_desk import post


def teach(desk: Desk, talks: int = 2) -> None:
    """王桂兰 pressed nothing in her last talks, and always orders meals."""
    today = desk.services.clock().astimezone(desk.services.settings.zone).date()
    silent = Fare(today, 1, silences=1, end=End.PERSON_BY_SILENCE)
    meals = tuple(Ordered(date.fromordinal(today.toordinal() - at), desk.item_id("meal")) for at in range(3))
    with desk.services.unit_of_work() as work:
        work.add(ElderManner(elder_id=desk.elder_id(), learnt=write_history(History((silent,) * talks, meals))))


def changes(desk: Desk) -> list[tuple[str, str, str]]:
    with desk.services.reading() as work:
        found = work.execute(select(AuditEntry).where(AuditEntry.action == "elder.manner")).scalars()
        return [(each.actor, each.subject, each.detail) for each in found]


def test_the_page_shows_each_part_and_where_it_comes_from(desk: Desk) -> None:
    teach(desk)
    page = desk.logged_in("agent").get(f"/desk?elder={desk.elder_id()}").get_data(as_text=True)
    assert "电话习惯" in page
    assert "不提醒，马上转人工" in page and "最近 2 次按键通话有 2 次" in page
    assert "3.7 秒" in page and "默认" in page
    assert "送餐" in page and "最近 3 单里有 3 单" in page


def test_an_agent_sets_parts_and_gives_them_back(desk: Desk) -> None:
    teach(desk, talks=3)
    client, path = desk.logged_in("agent"), f"/desk/elders/{desk.elder_id()}/manner"
    form = {
        "elder": desk.elder_id(),
        "hints": "2",
        "straight_to_person": "no",
        "slow": "yes",
        "loud": "",
        "dialect": "",
    }
    page = post(client, path, **form).get_data(as_text=True)
    with desk.services.reading() as work:
        name = work.scalar(select(User.name).where(User.login == DEMO.agent.login))
    assert "电话习惯已保存" in page and f"由{name}设置" in page
    manner = desk.services.manners.of(desk.elder_id())
    assert (manner.hints, manner.straight_to_person, manner.slow, manner.loud) == (2, False, True, False)
    actor = f"user:{desk.user_id(DEMO.agent.login)}"
    assert changes(desk) == [(actor, f"elder:{desk.elder_id()}", "slow=True, hints=2, straight_to_person=False")]
    post(client, path, **form)
    assert len(changes(desk)) == 1, "the same form again changes nothing"
    post(client, path, hints="", straight_to_person="", slow="")
    manner = desk.services.manners.of(desk.elder_id())
    assert (manner.hints, manner.straight_to_person, manner.slow) == (0, True, False)
    assert changes(desk)[1][2] == "slow=as learnt, hints=as learnt, straight_to_person=as learnt"


@pytest.mark.parametrize(
    "fields",
    [{"hints": "3"}, {"hints": "x"}, {"key_seconds": "60"}, {"key_seconds": "nan"}, {"slow": "1"}, {"language": "xx"},
     {"dialect": "x" * 21}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(desk: Desk, fields: dict[str, str]) -> None:
    refused = post(desk.logged_in("agent"), f"/desk/elders/{desk.elder_id()}/manner", **fields)
    assert refused.status_code == 422
    assert changes(desk) == []


def test_without_its_token_the_form_is_refused(desk: Desk) -> None:
    client, path = desk.logged_in("agent"), f"/desk/elders/{desk.elder_id()}/manner"
    assert client.post(path, data={"slow": "yes"}).status_code == 400
    assert not desk.services.manners.of(desk.elder_id()).slow


def test_the_record_s_own_columns_stay_the_truth(desk: Desk) -> None:
    post(desk.logged_in("agent"), f"/desk/elders/{desk.elder_id()}/manner", straight_to_person="yes", language="en")
    with desk.services.reading() as work:
        elder = work.get_one(Elder, desk.elder_id())
        assert (elder.straight_to_person, elder.language) == (True, "en")


def test_the_api_shows_and_sets_it(desk: Desk) -> None:
    teach(desk)
    client, path = desk.anonymous(), f"/api/v1/elders/{desk.elder_id()}/manner"
    headers = desk.bearer("agent")
    shown: dict[str, Any] = client.get(path, headers=headers).get_json()
    assert shown["hints"] == {"value": 0, "source": "learnt", "by": "", "why": "help", "count": 2, "of": 2}
    assert shown["favourite_item_id"]["value"] == desk.item_id("meal")
    after = client.patch(path, json={"hints": 1, "loud": True}, headers=headers).get_json()
    assert (after["hints"]["value"], after["hints"]["source"]) == (1, "set")
    assert after["hints"]["by"].startswith("token:")
    assert after["slow"]["source"] == "default"
    after = client.patch(path, json={"hints": None}, headers=headers).get_json()
    assert (after["hints"]["value"], after["hints"]["source"]) == (0, "learnt")
    assert desk.services.manners.of(desk.elder_id()).origin("loud").source is Source.SET
    assert [detail for _actor, _subject, detail in changes(desk)] == ["loud=True, hints=1", "hints=as learnt"]


@pytest.mark.parametrize(
    "body", [{"key_seconds": 60}, {"hints": 9}, {"hints": "many"}, {"language": "xx"}, {"slow": "?"}, {"id": 1}]
)
def test_the_api_refuses_what_makes_no_sense(desk: Desk, body: dict[str, Any]) -> None:
    path = f"/api/v1/elders/{desk.elder_id()}/manner"
    assert desk.anonymous().patch(path, json=body, headers=desk.bearer("agent")).status_code == 422
    assert changes(desk) == []


def test_an_elder_who_is_not_there(desk: Desk) -> None:
    client, headers = desk.anonymous(), desk.bearer("supervisor")
    assert client.get("/api/v1/elders/999/manner", headers=headers).status_code == 404
    assert client.patch("/api/v1/elders/999/manner", json={"slow": True}, headers=headers).status_code == 404
    assert post(desk.logged_in("agent"), "/desk/elders/999/manner", slow="yes").status_code == 404
