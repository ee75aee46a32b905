"""The demo data set: a small town of invented people, loaded by ``./scripts/up`` and played by ``./scripts/demo``."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.demo_people import ELDERS, HUSBAND, ONE_KEY, QUIET, STRAIGHT, WANG, WIFE, DemoElder, fixed_line
from db.demo_prices import load_prices
from db.demo_services import COMPANIES, ITEMS, KINDS, LOGINS, TASKS, WORKERS, DemoCompany, DemoLogin, DemoWorker
from db.encryption import FieldCipher
from db.models import (
    Agent,
    Company,
    CompanyItem,
    Contact,
    Elder,
    ElderPhone,
    ItemTask,
    ServiceItem,
    ServiceKind,
    User,
    Worker,
    WorkerCertificate,
)
from db.session import UnitOfWork


@dataclass(frozen=True)
class Demo:
    """The people of the story, for the demonstration and the tests. Numbers are E.164."""

    wang: DemoElder
    """王桂兰, 82, lives alone: orders a meal by keys, is called back, gives a 5."""
    quiet: DemoElder
    """Presses nothing, and is put through."""
    couple: tuple[DemoElder, DemoElder]
    """Two elders on one number."""
    one_key: DemoElder
    """Has a phone with one key, that dials SOS. Its number is the first."""
    straight: DemoElder
    """Is put through without a menu."""
    stranger: str
    """A number that nobody is registered with."""
    company: DemoCompany
    """The one that delivers meals to 王桂兰."""
    worker: DemoWorker
    """Works for that company."""
    agent: DemoLogin
    supervisor: DemoLogin
    administrator: DemoLogin


DEMO = Demo(
    WANG, QUIET, (HUSBAND, WIFE), ONE_KEY, STRAIGHT, fixed_line(999), COMPANIES[0], WORKERS[0],
    agent=LOGINS[2], supervisor=LOGINS[1], administrator=LOGINS[0],
)  # fmt: skip


def load(
    unit_of_work: UnitOfWork,
    cipher: FieldCipher,
    today: date | None = None,
    extensions: range = range(1001, 1021),
    hash_password: Callable[[str], str] | None = None,
) -> int:
    """Put the demo data in, and give how many rows of people, companies and accounts were new.

    What is there already, by code, login or extension, stays as it is, also where somebody changed it: a second run
    adds nothing. `today` decides the birth dates; `hash_password` is Argon2id.
    """
    today = today or datetime.now(UTC).date()
    hashed = hash_password or PasswordHasher().hash
    with unit_of_work() as session:
        _kinds(session)
        items = _items(session)
        load_prices(session, items)
        companies = _companies(session, cipher, items)
        return sum(
            (
                _elders(session, cipher, today),
                _workers(session, cipher, companies, today),
                _accounts(session, hashed, extensions),
            )
        )


def _kinds(session: Session) -> None:
    known = set(session.scalars(select(ServiceKind.code)))
    for code, name, name_en, menu, key, day_and_night in KINDS:
        if code not in known:
            session.add(
                ServiceKind(
                    code=code,
                    name=name,
                    name_en=name_en,
                    menu=menu,
                    menu_key=key,
                    day_and_night=day_and_night,
                    urgent=day_and_night,
                )
            )
    session.flush()


def _items(session: Session) -> dict[str, ServiceItem]:
    known = {item.code: item for item in session.scalars(select(ServiceItem))}
    for code, kind, name, name_en, key, price, certificate in ITEMS:
        if code not in known:
            known[code] = ServiceItem(
                code=code, kind=kind, name=name, name_en=name_en, menu_key=key, price_fen=price,
                required_certificate=certificate,
            )  # fmt: skip
            session.add(known[code])
            session.flush()
            session.add_all(
                ItemTask(item_id=known[code].id, code=task, position=at, name=task_name, name_en=english)
                for at, (task, task_name, english) in enumerate(TASKS.get(code, ()), 1)
            )
    return known


def _companies(session: Session, cipher: FieldCipher, items: dict[str, ServiceItem]) -> dict[str, Company]:
    known = {company.code: company for company in session.scalars(select(Company))}
    for at, each in enumerate(COMPANIES):
        if each.code not in known:
            known[each.code] = Company(
                code=each.code, name=each.name, phone=each.number, phone_index=cipher.number_index(each.number),
                districts=",".join(each.districts), latitude=36.0 + at / 100, longitude=103.8 + at / 100,
                items=[CompanyItem(item=items[code]) for code in each.items],
            )  # fmt: skip
            session.add(known[each.code])
    return known


def _elders(session: Session, cipher: FieldCipher, today: date) -> int:
    known = set(session.scalars(select(Elder.code)))
    now = datetime.now(UTC)
    new = [each for each in ELDERS if each.code not in known]
    for each in new:
        session.add(
            Elder(
                code=each.code, name=each.name, name_index=cipher.name_index(each.name), sex=each.sex,
                birth_date=date(today.year - each.age, 1, 1), address=each.address or None, district=each.district,
                health_notes=each.health_notes or None, hearing=each.hearing, payer_class=each.payer_class,
                caller_class=each.caller_class, lives_alone=each.lives_alone,
                straight_to_person=each.straight_to_person, created_at=now, updated_at=now,
                phones=[
                    ElderPhone(number=number, number_index=cipher.number_index(number), kind=kind)
                    for number, kind in each.phones
                ],
                contacts=[
                    Contact(name=name, relation=relation, number=number, number_index=cipher.number_index(number),
                            priority=at)
                    for at, (name, relation, number) in enumerate(each.contacts, 1)
                ],
            )
        )  # fmt: skip
    return len(new)


def _workers(session: Session, cipher: FieldCipher, companies: dict[str, Company], today: date) -> int:
    known = set(session.scalars(select(Worker.code)))
    new = [each for each in WORKERS if each.code not in known]
    for each in new:
        session.add(
            Worker(
                code=each.code, company=companies[each.company], name=each.name, phone=each.number,
                phone_index=cipher.number_index(each.number), pin_index=cipher.pin_index(each.pin),
                vetting="cleared", vetted_by="demo",
            )
        )  # fmt: skip
        session.flush()
        if each.certificate:
            worker_id = session.scalars(select(Worker.id).where(Worker.code == each.code)).one()
            session.add(
                WorkerCertificate(
                    worker_id=worker_id, kind=each.certificate, expires=date(today.year + 2, 12, 31), state="valid",
                    checked_by="demo", added_at=datetime.now(UTC),
                )
            )  # fmt: skip
    return len(new)


def _accounts(session: Session, hashed: Callable[[str], str], extensions: range) -> int:
    users = {user.login: user for user in session.scalars(select(User))}
    agents = {agent.extension for agent in session.scalars(select(Agent))}
    new = 0
    for each in LOGINS:
        if each.login not in users:
            users[each.login] = User(
                login=each.login, name=each.name, role=each.role, password_hash=hashed(each.password)
            )
            session.add(users[each.login])
            new += 1
    session.flush()
    owners = {each.extension: users[each.login].id for each in LOGINS if each.extension}
    for extension in map(str, extensions):
        if extension not in agents:
            secret = secrets.token_hex(16)  # Letters and digits: it stands in pjsip.conf.
            session.add(Agent(extension=extension, user_id=owners.get(extension), sip_secret=secret))
            new += 1
    return new
