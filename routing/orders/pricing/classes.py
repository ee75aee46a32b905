"""Classes of payers: who pays by which rule. A class is added with its first rule, and ends when its rules end.

Nothing that was ordered changes. Who is still of a class that has ended pays all, and the reason of the price says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from db.models import Elder, PayerClass, PayerRule
from db.session import UnitOfWork
from routing.errors import Conflict, NotFound
from routing.orders.pricing import bounds
from routing.orders.pricing.book import Written
from routing.orders.pricing.catalogue import ClassRules, rule_view
from routing.orders.pricing.errors import PriceRefused
from routing.orders.pricing.refusals import Absurd, absurd

CODE = re.compile(r"[a-z][a-z0-9_]{1,19}", re.ASCII)
"""Codes stand in files, in the API and in the ledger, and never change."""
LONGEST_NAME = 40


class ClassTaken(Conflict):
    """There is a class with this code or name."""

    code = "class_taken"


class ClassEnded(Conflict):
    """The class has no rule after that day already."""

    code = "class_ended"


class PayerClasses:
    """Adds classes, and ends them."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], zone: ZoneInfo
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._zone = zone

    def names(self, language: str = "zh-CN") -> Mapping[str, str]:
        """Give the names of all classes, also of those that have ended, by code."""
        name = PayerClass.name if language.startswith("zh") else PayerClass.name_en
        with self._reading() as session:
            return {row.code: row[1] for row in session.execute(select(PayerClass.code, name))}

    def add(  # noqa: PLR0917  # What a class is made of.
        self, code: str, name: str, name_en: str, elder_percent: int, monthly_fen: int | None, written: Written
    ) -> ClassRules:
        """Add a class with the rule that holds from a day on; `name_en` may be empty: then it is the code.

        Raises PriceRefused for what is absurd, and ClassTaken.
        """
        code, name, name_en = code.strip(), name.strip(), name_en.strip() or code.strip()
        _refuse(None if CODE.fullmatch(code) else absurd("class.code", given=code[:40]))
        _refuse(None if 0 < len(name) <= LONGEST_NAME and len(name_en) <= LONGEST_NAME else absurd(
            "class.name", most=LONGEST_NAME))  # fmt: skip
        _refuse(bounds.check_days(self._today(), written.first, written.last))
        _refuse(bounds.check_rule(elder_percent, monthly_fen))
        with self._unit_of_work() as session:
            # Two who add at once wait for each other here, on a row that is always there.
            session.execute(select(PayerClass.code).order_by(PayerClass.code).limit(1).with_for_update())
            taken = session.scalar(select(PayerClass).where(or_(PayerClass.code == code, PayerClass.name == name)))
            if taken is not None:
                raise ClassTaken(
                    f"there is a class {taken.code} ({taken.name}) already: give another code and name, or write a new "
                    "rule for that one"
                )
            session.add(PayerClass(code=code, name=name, name_en=name_en))
            session.flush()
            rule = PayerRule(
                payer_class=code, elder_percent=elder_percent, monthly_fen=monthly_fen, valid_from=written.first,
                valid_to=written.last, made_at=self._clock(), made_by=written.by,
            )  # fmt: skip
            session.add(rule)
            session.flush()
            return ClassRules(code, name, name_en, (rule_view(rule),))

    def end(self, code: str, last: date, by: str, *, sure: bool = False) -> int:
        """Let a class end: from the day after `last` on it has no rule. Give how many elders are of it still.

        Raises NotFound, ClassEnded, and PriceRefused for a day that is past, and while elders are of it: they would
        pay all from then on. Whoever says `sure` means that. A new rule for the class begins it anew.
        """
        _refuse(bounds.check_days(self._today(), last + timedelta(days=1), None))
        with self._unit_of_work() as session:
            if session.scalar(select(PayerClass.code).where(PayerClass.code == code).with_for_update()) is None:
                raise NotFound(f"there is no class of payers {code[:40]!r}")
            rules = _after(session, code, last)
            if not rules:
                raise ClassEnded(f"class {code} has no rule after {last} already")
            elders = session.scalar(
                select(func.count()).where(Elder.payer_class == code, Elder.state == "active")
            ) or 0  # fmt: skip
            if elders and not sure:
                raise PriceRefused(absurd("class.in_use", elders=elders, last=last.isoformat()))
            for rule in rules:
                if rule.valid_from > last:
                    rule.withdrawn_at, rule.made_by = self._clock(), f"{rule.made_by}; ended by {by}"[:200]
                else:
                    rule.valid_to = last
            return elders

    def _today(self) -> date:
        return self._clock().astimezone(self._zone).date()


def _after(session: Session, code: str, last: date) -> list[PayerRule]:
    later = or_(PayerRule.valid_to.is_(None), PayerRule.valid_to > last)
    held = select(PayerRule).where(PayerRule.payer_class == code, PayerRule.withdrawn_at.is_(None), later)
    return list(session.scalars(held))


def _refuse(why: Absurd | None) -> None:
    if why is not None:
        raise PriceRefused(why)
