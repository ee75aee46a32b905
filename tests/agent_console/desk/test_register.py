"""Whoever is unknown is registered while they are on the line, and not twice; notes are kept as they are typed."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from db.demo import DEMO
from db.models import AuditEntry, CallRecord, Case, Elder, ElderPhone
from tests.agent_console.console import Desk, csrf

NEW = {"name": "苏小梅", "sex": "female", "birth_date": "1944-01-05", "phone": "09319000901", "district": "清水湾街道",
       "address": "清水湾街道九号院101室", "health_notes": ""}  # fmt: skip


@pytest.fixture
def agent(desk: Desk) -> FlaskClient:
    with desk.services.unit_of_work() as work:
        call = CallRecord(
            id="c9", node="a", direction="inbound", number="+869319000901", started_at=desk.services.clock()
        )
        call.number_index = desk.services.cipher.number_index("+869319000901")
        work.add(call)
        work.add(
            Case(
                key="sos:c9", kind="sos", state="open", call_id="c9", number="+869319000901", opened_at=call.started_at
            )
        )
    return desk.logged_in("agent")


def send(client: FlaskClient, to: str, /, **form: str) -> tuple[int, str]:
    token = csrf(client, "/desk")
    answer = client.post(to, data={**form, "csrf_token": token}, follow_redirects=True)
    return answer.status_code, answer.get_data(as_text=True)


def elders(desk: Desk) -> int:
    with desk.services.reading() as work:
        return work.scalar(select(func.count()).select_from(Elder)) or 0


def test_an_unknown_caller_is_registered_in_place_and_found_at_once(desk: Desk, agent: FlaskClient) -> None:
    pane = agent.get("/desk/record?call=c9").get_data(as_text=True)
    assert "登记这位老人" in pane
    assert 'value="09319000901"' in pane
    status, record = send(agent, "/desk/elders", call="c9", **NEW)
    assert status == 200
    assert "苏小梅" in record and "已登记" in record and "九号院" in record
    with desk.services.reading() as work:
        elder = work.scalars(select(Elder).order_by(Elder.id.desc())).first()
        assert elder is not None
        phones = work.scalars(select(ElderPhone.number).where(ElderPhone.elder_id == elder.id)).all()
        audit = work.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"elder:{elder.id}")).all()
        tied = (
            work.get_one(CallRecord, "c9").elder_id,
            work.scalars(select(Case.elder_id).where(Case.call_id == "c9")).one(),
        )
    assert tied == (elder.id, elder.id), "the call and its case are now theirs"
    assert phones == ["+869319000901"]
    assert "elder.added" in audit
    assert "苏小梅" in send(agent, "/desk/search", wanted="sxm 九号院")[1]


def test_a_namesake_is_shown_first_and_a_second_yes_registers(desk: Desk, agent: FlaskClient) -> None:
    before = elders(desk)
    same = {**NEW, "name": DEMO.wang.name}
    _, asked = send(agent, "/desk/elders", call="c9", **same)
    assert "已经有同名的老人" in asked and DEMO.wang.code in asked
    assert elders(desk) == before
    _, record = send(agent, "/desk/elders", call="c9", sure="1", **same)
    assert "已登记" in record
    assert elders(desk) == before + 1


@pytest.mark.parametrize(("field", "wrong"), [("name", ""), ("phone", "110"), ("birth_date", "2030-01-01")])
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(
    desk: Desk, agent: FlaskClient, field: str, wrong: str
) -> None:
    before = elders(desk)
    status, form = send(agent, "/desk/elders", call="c9", **{**NEW, field: wrong})
    assert status == 200
    assert 'aria-invalid="true"' in form
    assert NEW["address"] in form
    assert elders(desk) == before


def test_a_note_is_kept_as_it_is_typed_and_whoever_writes_beside_is_told(desk: Desk, agent: FlaskClient) -> None:
    address = "/desk/calls/c9/draft"
    assert send(agent, address, note="头晕", known="")[0] == 204
    assert send(agent, address, note="头晕，", known="头晕")[0] == 204
    assert send(agent, address, note="头晕，", known="头晕")[0] == 204, "again, because the answer was lost"
    other = desk.logged_in("supervisor")
    token = csrf(other, "/desk")
    answer = other.post(address, data={"note": "要水", "known": "", "csrf_token": token})
    assert (answer.status_code, answer.get_json()) == (409, {"note": "头晕，"})
    assert send(agent, "/desk/calls/none/draft", note="x", known="")[0] == 404
    with desk.services.reading() as work:
        assert work.get_one(CallRecord, "c9").agent_note == "头晕，"
        looks = work.scalars(select(AuditEntry.subject).where(AuditEntry.action == "call.noted")).all()
    assert list(looks) == ["call:c9"], "not each key"
