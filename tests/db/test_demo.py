"""The demo data: enough for the story, invented, and loaded as often as anybody likes."""

from __future__ import annotations

from datetime import date, timedelta

from argon2 import PasswordHasher
from sqlalchemy import func, select, update

from db import demo
from db.demo import DEMO
from db.demo_people import ELDERS
from db.demo_plans import PLANS, load_plans
from db.demo_services import COMPANIES, ITEMS, KINDS, LOGINS, WORKERS
from db.encryption import FieldCipher
from db.models import Agent, Base, Company, CompanyItem, Elder, OrderPlan, ServiceItem, ServiceKind, User, Worker
from db.session import UnitOfWork
from routing.orders.planning.policy import occurrences
from routing.orders.planning.rules import check_begins
from routing.orders.planning.views import pauses_of, rule_of

TODAY = date(2026, 3, 18)


def _load(unit_of_work: UnitOfWork, cipher: FieldCipher) -> int:
    return demo.load(unit_of_work, cipher, TODAY, range(1001, 1021), hash_password=lambda text: f"hash of {text}")


def test_the_people_of_the_story_are_there(unit_of_work: UnitOfWork, reading: UnitOfWork, cipher: FieldCipher) -> None:
    _load(unit_of_work, cipher)
    with reading() as session:
        wang = session.scalars(select(Elder).where(Elder.code == DEMO.wang.code)).one()
        assert (wang.name, wang.birth_date, wang.lives_alone, wang.caller_class) == (
            "王桂兰", date(1944, 1, 1), True, "frail")  # fmt: skip
        assert [contact.relation for contact in wang.contacts] == ["儿子", "邻居"]
        assert session.scalar(select(func.count()).select_from(Elder)) == len(ELDERS) == 40
        assert set(session.scalars(select(ServiceItem.name))) == {
            "送餐", "保洁", "助浴", "维修", "陪诊", "代买药", "陪聊",
        }  # fmt: skip
        assert [kind[:5] for kind in KINDS] == [
            tuple(row)
            for row in session.execute(
                select(
                    ServiceKind.code, ServiceKind.name, ServiceKind.name_en, ServiceKind.menu, ServiceKind.menu_key
                ).order_by(ServiceKind.menu.desc(), ServiceKind.menu_key)
            )
        ]
        assert set(session.scalars(select(ServiceItem.kind))) == {kind[0] for kind in KINDS}
        worker = session.scalars(select(Worker).where(Worker.pin_index == cipher.pin_index(DEMO.worker.pin))).one()
        assert (worker.name, worker.company.code) == (DEMO.worker.name, DEMO.company.code)
        assert "meal" in {each.item.code for each in worker.company.items}


def test_the_meals_of_the_story_can_only_go_to_its_company() -> None:
    district = DEMO.wang.district
    serving = [each for each in COMPANIES if "meal" in each.items and district in (each.districts or (district,))]
    assert serving == [DEMO.company]


def test_a_second_run_adds_nothing_and_changes_nothing(
    unit_of_work: UnitOfWork, reading: UnitOfWork, cipher: FieldCipher
) -> None:
    assert _load(unit_of_work, cipher) == len(ELDERS) + len(WORKERS) + len(LOGINS) + 20
    with unit_of_work() as session:
        session.execute(update(Elder).where(Elder.code == DEMO.wang.code).values(straight_to_person=True))

    def counts() -> dict[str, int | None]:
        with reading() as session:
            return {
                table.name: session.scalar(select(func.count()).select_from(table))
                for table in Base.metadata.sorted_tables
            }

    before = counts()
    assert _load(unit_of_work, cipher) == 0
    assert counts() == before
    with reading() as session:
        assert session.scalar(select(Elder.straight_to_person).where(Elder.code == DEMO.wang.code))
        secrets = session.scalars(select(Agent.sip_secret)).all()
    assert len(set(secrets)) == 20
    assert all(secret.isalnum() and len(secret) == 32 for secret in secrets)


def test_users_log_in_with_argon2_and_agents_belong_to_them(
    unit_of_work: UnitOfWork, reading: UnitOfWork, cipher: FieldCipher
) -> None:
    demo.load(unit_of_work, cipher, TODAY, hash_password=PasswordHasher(time_cost=1, memory_cost=64).hash)
    with reading() as session:
        user = session.scalars(select(User).where(User.login == DEMO.agent.login)).one()
        assert PasswordHasher().verify(user.password_hash, DEMO.agent.password)
        assert session.scalar(select(Agent.user_id).where(Agent.extension == DEMO.agent.extension)) == user.id
        assert set(session.scalars(select(User.role))) == {"administrator", "supervisor", "agent"}


def test_every_item_has_a_company_and_every_pin_its_worker() -> None:
    offered = {item for company in COMPANIES for item in company.items}
    assert offered == {item[0] for item in ITEMS}
    assert len({worker.pin for worker in WORKERS}) == len(WORKERS)
    assert {worker.company for worker in WORKERS} == {company.code for company in COMPANIES}


def test_companies_and_their_items_are_joined(
    unit_of_work: UnitOfWork, reading: UnitOfWork, cipher: FieldCipher
) -> None:
    _load(unit_of_work, cipher)
    with reading() as session:
        for company in COMPANIES:
            found = session.scalars(
                select(ServiceItem.code).join(CompanyItem).join(Company).where(Company.code == company.code)
            )
            assert set(found) == set(company.items)


def test_plans_are_loaded_once_and_give_no_order_in_the_days_of_the_story(
    unit_of_work: UnitOfWork, reading: UnitOfWork, cipher: FieldCipher
) -> None:
    _load(unit_of_work, cipher)
    for day in (TODAY, TODAY + timedelta(days=3)):
        load_plans(unit_of_work, day)
    with reading() as session:
        plans = session.scalars(select(OrderPlan)).all()
        assert len(plans) == len(PLANS) == 3
        assert load_plans(unit_of_work, TODAY) == 0
        for plan in plans:
            rule = rule_of(plan)
            check_begins(rule.rule, rule.starts_on)
            found = occurrences(rule, TODAY, TODAY + timedelta(days=90), pauses=pauses_of(plan))
            kept = [each.on for each in found if each.due_at is not None]
            assert len(kept) >= 2 and kept[0] >= TODAY + timedelta(days=8), plan.key
            served = {each.item_id for each in plan.company.items} if plan.company else {plan.item_id}
            assert plan.item_id in served
            assert plan.worker is None or plan.company_id in {None, plan.worker.company_id}
