"""Certificates on both databases: nobody is offered or sent what they may not do, and what ends is told in time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from db.demo import DEMO
from db.models import AuditEntry, Case, Offer, ServiceItem, SmsMessage, VisitException, Worker, WorkerCertificate
from routing.errors import Conflict, Invalid, NotFound
from routing.orders.errors import NotQualified
from routing.orders.policy import OrderState
from tests.routing.orders.test_service import at_once
from tests.routing.town import Town

ME, TODAY = "user:2", date(2026, 3, 4)
CARERS = ("W03", "W04")


def ends(town: Town, day: date | None, *codes: str) -> None:
    """Have the certificates of these workers end on a day."""
    with town.unit_of_work() as session:
        for held in session.scalars(select(WorkerCertificate)):
            if held.worker.code in (codes or CARERS):
                held.expires = day


def certificate(town: Town, code: str = "W03") -> WorkerCertificate:
    return next(row for row in town.rows(WorkerCertificate) if row.worker_id == town.worker_id(code))


def test_it_is_the_day_of_the_visit_that_counts(any_town: Town) -> None:
    """Today everybody may; the visit is the day after tomorrow, and by then nobody may."""
    town = any_town
    ends(town, TODAY + timedelta(days=1))
    elder, item = town.elder_id(DEMO.wang), town.item_id("bathing")
    for days, state in ((1, OrderState.OFFERED), (2, OrderState.UNASSIGNED)):
        due = town.clock() + timedelta(days=days)
        order = town.orders.place(elder, item, key=f"in-{days}", source="desk", due_at=due)
        assert town.orders.get(order.id).state is state


def test_whoever_is_sent_is_the_one_who_may_on_that_day(town: Town) -> None:
    ends(town, TODAY - timedelta(days=1), "W03")
    order = town.accept(town.place(item="bathing"))
    assert order.worker_id == town.worker_id("W04")


def test_an_item_may_ask_for_several(town: Town) -> None:
    with town.unit_of_work() as session:
        item = session.get_one(ServiceItem, town.item_id("bathing"))
        item.required_certificate = "care,food,vetting"
    assert town.orders.get(town.place(item="bathing").id).state is OrderState.UNASSIGNED
    town.certificates.add(town.worker_id("W04"), "food", actor=ME, number="甘-1", expires=TODAY)
    order = town.accept(town.place(DEMO.quiet, "bathing"))
    assert order.worker_id == town.worker_id("W04")
    town.certificates.vet(town.worker_id("W04"), "refused", None, ME)
    assert town.orders.get(town.place(DEMO.couple[0], "bathing").id).state is OrderState.UNASSIGNED


def test_a_supervisor_cannot_assign_to_a_company_without_anybody_qualified(town: Town) -> None:
    order = town.place(item="bathing")
    (offer,) = town.rows(Offer)
    ends(town, TODAY - timedelta(days=1))
    with pytest.raises(NotQualified, match="care"):
        town.dispatch.assign(order.id, offer.company_id, actor=ME)
    with pytest.raises(NotQualified):
        town.accept(order)
    assert town.orders.get(order.id).state is OrderState.OFFERED


def test_revoking_while_offers_are_accepted_never_sends_the_unqualified(any_town: Town) -> None:
    """Whichever is first: who was sent held a valid certificate, or is listed as uncovered at once."""
    town = any_town
    orders = [town.place(who, "bathing") for who in (DEMO.wang, DEMO.quiet)]
    ids = [certificate(town, code).id for code in CARERS]

    def act(at: int) -> object:
        if at < 2:
            return town.accept(orders[at])
        return town.certificates.revoke(ids[at - 2], "the office took it back", ME)

    at_once(4, act)
    uncovered = {each.order_id for each in town.certificates.uncovered()}
    for order in map(town.orders.get, [order.id for order in orders]):
        assert (order.state is OrderState.ACCEPTED) == (order.id in uncovered)


def test_who_may_no_more_and_comes_all_the_same_is_flagged_to_the_desk(town: Town) -> None:
    order = town.accept(town.place(item="bathing"))
    code = "W03" if order.worker_id == town.worker_id("W03") else "W04"
    town.certificates.revoke(certificate(town, code).id, "forged", ME)
    assert [each.number for each in town.certificates.uncovered()] == [order.number]
    town.visits.check_in(order.worker_id or 0, DEMO.wang.number, "in")
    assert [row.kind for row in town.rows(VisitException)] == ["unqualified"]
    assert [case.kind for case in town.rows(Case)] == ["visit"]


def warnings(town: Town) -> tuple[int, int]:
    cases = [case for case in town.rows(Case) if case.kind == "certificate"]
    sms = [row for row in town.rows(SmsMessage) if row.key.startswith("sms-certificate")]
    return len(cases), len(sms)


def test_company_and_desk_are_told_at_30_7_and_0_days_once_each(any_town: Town) -> None:
    town = any_town
    ends(town, TODAY + timedelta(days=31), "W03")
    told = []
    for _day in range(34):
        told.append(sum(town.certificate_warnings.sweep() for _ in range(2)))
        town.clock.forward(days=1)
    assert [day for day, count in enumerate(told) if count] == [1, 24, 31]
    assert (max(told), warnings(town)) == (1, (3, 3))


def test_many_sweeps_at_once_tell_once(any_town: Town) -> None:
    ends(any_town, TODAY + timedelta(days=5), "W03")
    at_once(4, lambda _at: any_town.certificate_warnings.sweep())
    assert warnings(any_town) == (1, 1)


def test_a_certificate_that_was_renewed_is_not_warned_of(town: Town) -> None:
    ends(town, TODAY + timedelta(days=5), "W03")
    town.certificates.add(town.worker_id("W03"), "care", actor=ME, expires=TODAY + timedelta(days=400))
    assert town.certificate_warnings.sweep() == 0


def test_a_background_check_that_ends_is_warned_of(town: Town) -> None:
    town.certificates.vet(town.worker_id("W01"), "cleared", TODAY + timedelta(days=6), ME)
    assert (town.certificate_warnings.sweep(), warnings(town)) == (1, (1, 1))


def test_the_warning_names_the_orders_that_fall_after_the_end(town: Town) -> None:
    due = town.clock() + timedelta(days=4)
    order = town.accept(
        town.orders.place(town.elder_id(DEMO.wang), town.item_id("bathing"), key="k", source="desk", due_at=due)
    )
    ends(town, TODAY + timedelta(days=2))
    assert town.certificate_warnings.sweep() == 2
    with town.reading() as session:
        notes = [
            step.detail
            for case in session.scalars(select(Case).where(Case.kind == "certificate"))
            for step in case.timeline
        ]
    assert len([note for note in notes if order.number in note]) == 1
    assert "苏" not in "".join(notes) and "白雪梅" not in "".join(notes)


def test_what_cannot_be_is_refused(town: Town) -> None:
    worker, register = town.worker_id("W01"), town.certificates
    for kind, issued, expires in (
        ("", None, None), ("a,b", None, None), ("vetting", None, None), ("x" * 41, None, None),
        ("care", TODAY + timedelta(days=1), None), ("care", None, TODAY - timedelta(days=1)),
        ("care", TODAY, TODAY - timedelta(days=1)),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            register.add(worker, kind, actor=ME, issued=issued, expires=expires)
    with pytest.raises(NotFound):
        register.add(999, "care", actor=ME)
    with pytest.raises(Invalid):
        register.vet(worker, "perhaps", None, ME)
    with pytest.raises(Invalid):
        register.vet(worker, "refused", TODAY, ME)
    held = certificate(town)
    with pytest.raises(Invalid):
        register.revoke(held.id, " ", ME)
    register.revoke(held.id, "forged", ME)
    with pytest.raises(Conflict, match=ME):
        register.revoke(held.id, "forged", "user:3")
    with pytest.raises(NotFound):
        register.revoke(999, "forged", ME)
    assert [entry.action for entry in town.rows(AuditEntry)] == ["certificate.revoked"]


def test_the_number_is_sealed(town: Town) -> None:
    made = town.certificates.add(town.worker_id("W01"), "food", actor=ME, number="甘食-2026-001", issued=TODAY)
    assert made.number == "甘食-2026-001"
    with town.engine.connect() as connection:
        raw = connection.exec_driver_sql("SELECT number FROM worker_certificates WHERE kind = 'food'").scalar_one()
    assert b"2026" not in bytes(raw)
    assert [each.worker_code for each in town.certificates.all(expires_before=date(2100, 1, 1))] == ["W03", "W04"]
    assert len(town.certificates.all(worker_id=town.worker_id("W01"))) == 1
    with town.reading() as session:
        company_id = session.scalars(select(Worker.company_id).where(Worker.code == "W01")).one()
    assert len(town.certificates.all(company_id=company_id)) == 1
