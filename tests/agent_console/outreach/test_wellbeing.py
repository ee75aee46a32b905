"""Daily calls on the pages and in the API: enrolled, paused, seen and audited."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from db.demo import DEMO
from db.models import AuditEntry, CaseEvent, Elder, WellBeingCheck, WellBeingEnrolment
from routing.outreach.wellbeing.policy import Looked
from tests.agent_console.console import Desk, csrf


def wang(desk: Desk) -> int:
    with desk.services.reading() as work:
        return work.scalars(select(Elder.id).where(Elder.code == DEMO.wang.code)).one()


def audited(desk: Desk, prefix: str = "wellbeing.") -> list[str]:
    with desk.services.reading() as work:
        rows = work.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith(prefix)))
        return list(rows)


def missed_today(desk: Desk) -> None:
    """She was to be called at one minute past midnight, and the hotline stood still all morning."""
    elder_id, now = wang(desk), desk.services.clock()
    today = now.astimezone(desk.services.settings.zone).date()
    with desk.services.unit_of_work() as work:
        work.add(
            WellBeingEnrolment(
                elder_id=elder_id, active_elder_id=elder_id, at="09:00", rule="FREQ=DAILY", starts_on=today,
                consent="elder", enrolled_at=now - timedelta(days=2), enrolled_by="user:2",
            )
        )  # fmt: skip
        work.add(
            WellBeingCheck(
                key=f"wellbeing-{elder_id}-{today}", elder_id=elder_id, day=today, state="alarm", attempts=3, rang=3,
                no_key=1, first_at=now, reason="no answer 3 times", looking_in="asking",
            )
        )  # fmt: skip


def test_an_agent_enrols_pauses_and_ends(desk: Desk) -> None:
    agent, page = desk.logged_in("agent"), f"/desk/elders/{wang(desk)}/wellbeing"
    assert "没有登记每日问候" in agent.get(page).get_data(as_text=True)

    def post(path: str, **form: str) -> str:
        return agent.post(path, data={"csrf_token": csrf(agent, page)} | form, follow_redirects=True).get_data(True)

    shown = post(page, at="09:30", consent="elder", note="电话里说好的")
    assert "09:30" in shown and "老人本人同意" in shown and "电话里说好的" in shown
    shown = post(f"{page}/pauses", first="2026-01-01", last="", reason="hospital")
    assert "住院" in shown and "恢复" in shown
    found = desk.services.enrolments.of_elder(wang(desk))
    assert found is not None
    assert "暂停 2026-01-01" not in post(f"{page}/pauses/{found.pauses[0].id}/end")
    assert "没有登记每日问候" in post(f"{page}/end")
    done = [each for each in audited(desk) if each not in ("wellbeing.record", "wellbeing.listed")]
    assert done == ["wellbeing.enrolled", "wellbeing.paused", "wellbeing.resumed", "wellbeing.ended"]


def test_what_is_wrong_is_said_in_words(desk: Desk) -> None:
    agent, page = desk.logged_in("agent"), f"/desk/elders/{wang(desk)}/wellbeing"
    form = {"csrf_token": csrf(agent, page), "at": "09:30"}
    answer = agent.post(page, data=form)
    assert answer.status_code == 422
    answer = agent.post(f"{page}/pauses", data=form | {"first": "soon", "reason": "away"})
    assert answer.status_code == 422
    assert agent.get("/desk/wellbeing?day=soon").status_code == 422
    assert agent.get("/desk/elders/99999/wellbeing").status_code == 404


def test_today_shows_who_did_not_answer_and_masks_names_for_auditors(desk: Desk) -> None:
    missed_today(desk)
    shown = desk.logged_in("agent").get("/desk/wellbeing").get_data(as_text=True)
    assert "王桂兰" in shown and "没有接听，已报警" in shown and "正在请亲友上门看" in shown
    masked = desk.logged_in("auditor").get("/desk/wellbeing").get_data(as_text=True)
    assert "王桂兰" not in masked and "王**" in masked
    assert "wellbeing.listed" in audited(desk)
    assert "每日问候" in desk.logged_in("agent").get(f"/desk/record?elder={wang(desk)}").get_data(as_text=True)


def test_the_case_tells_which_relative_said_what(desk: Desk) -> None:
    missed_today(desk)
    services, elder_id = desk.services, wang(desk)
    case = services.cases.open("wellbeing-case", "wellbeing", elder_id=elder_id, note="no answer 3 times")
    with services.unit_of_work() as work:
        check = work.scalars(select(WellBeingCheck)).one()
        check.case_id = case.id
        said = {"case_id": case.id, "at": services.clock(), "actor": "system"}
        work.add(CaseEvent(what="look_in.said", detail=f"contact:1 {Looked.WELL.value}", **said))
        work.add(CaseEvent(what="look_in.over", detail="nobody", **said))
    shown = desk.logged_in("agent").get(f"/desk/record?elder={elder_id}&case={case.id}").get_data(as_text=True)
    assert "亲友说平安" in shown and "没有联系上亲友" in shown


def test_the_api_enrols_lists_and_refuses(desk: Desk) -> None:
    client, headers, path = desk.app.test_client(), desk.bearer("agent"), f"/api/v1/wellbeing/elders/{wang(desk)}"
    assert client.get(path, headers=headers).status_code == 404
    made = client.post(path, json={"at": "8:30", "consent": "paper", "consent_note": "表在柜里"}, headers=headers)
    assert (made.status_code, made.get_json()["at"], made.get_json()["rule"]) == (201, "08:30", "FREQ=DAILY")
    for wrong in ({"at": "8:30"}, {"at": "8:30", "consent": "dog"}, {"at": "99", "consent": "elder"}):
        assert client.post(path, json=wrong, headers=headers).status_code == 422
    pause = {"first": "2030-01-01", "reason": "away"}
    paused = client.post(f"{path}/pauses", json=pause, headers=headers).get_json()["pauses"]
    assert [each["reason"] for each in paused] == ["away"]
    ended = client.post(f"{path}/pauses/{paused[0]['id']}/end", json={}, headers=headers)
    assert ended.status_code == 200
    seen = client.get(path, headers=desk.bearer("auditor")).get_json()
    assert "表" not in seen["consent_note"]
    assert client.post(f"{path}/end", json={}, headers=headers).status_code == 200
    assert client.get("/api/v1/wellbeing", headers=headers).get_json() == {"items": []}
    assert client.get(f"/api/v1/wellbeing?elder_id={wang(desk)}", headers=headers).get_json() == {"items": []}
