"""Scorecards of companies: over the last 90 days, by month, and the standing that dispatch weighs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db.counting import recount
from db.models import Case, Company, CompanyStanding, CompanySuggestion
from db.session import UnitOfWork
from routing.calls.messages import Message
from routing.errors import NotFound
from routing.orders.cases import open_case
from routing.orders.providers.suspending import suspended_now
from routing.orders.scorecards.counts import answer_medians, count, declined_for
from routing.orders.scorecards.policy import (
    LATELY,
    PERIOD,
    Counts,
    Ground,
    Raised,
    Scorecard,
    SuspensionRules,
    grounds,
    is_news,
    scorecard,
    standing,
)
from routing.writing import one_at_a_time

log = structlog.get_logger(__name__)

MOST_MONTHS = 24
_REFRESH = 0x73636F7265  # "score" in ASCII: two who write the standings go one by one.


@dataclass(frozen=True)
class CompanyCard:
    """A company with its scorecard of the last 90 days, and what speaks for suspending it."""

    company_id: int
    code: str
    name: str
    active: bool
    card: Scorecard
    grounds: tuple[Ground, ...]
    suspended: bool


@dataclass(frozen=True)
class MonthCard:
    """A scorecard of one local month; `month` is its first day."""

    month: date
    card: Scorecard


class Scorecards:
    """Reads scorecards, and writes what follows from them."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        publish: Callable[[Message], None],
        zone: ZoneInfo,
        rules: SuspensionRules | None = None,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._publish = publish
        self._zone = zone
        self._rules = rules or SuspensionRules()

    def all(self) -> tuple[CompanyCard, ...]:
        """Give the cards of all companies over the last 90 days, by id."""
        with self._reading() as session:
            return self._cards(session, self._clock())

    def of_company(self, company_id: int) -> CompanyCard:
        """Give one company's card over the last 90 days. Raises NotFound."""
        with self._reading() as session:
            cards = self._cards(session, self._clock(), company_id)
        if not cards:
            raise NotFound(f"there is no company {company_id}")
        return cards[0]

    def months(self, company_id: int, number: int = 12) -> tuple[MonthCard, ...]:
        """Give a company's cards of the last months, this one included, the oldest first; 24 at most."""
        now = self._clock()
        firsts = _firsts(now.astimezone(self._zone).date(), min(max(number, 1), MOST_MONTHS))
        bounds = [datetime.combine(first, time(), self._zone) for first in firsts]
        with self._reading() as session:
            counted = count(session, bounds, now, company_id)
            medians = answer_medians(session, bounds, company_id)
            reasons = declined_for(session, bounds, company_id)
        return tuple(
            MonthCard(
                first, scorecard(counted.get(key, Counts()), medians.get(key), reasons.get(key))
            )
            for first, key in ((first, (company_id, at)) for at, first in enumerate(firsts[:-1]))
        )  # fmt: skip

    def refresh(self) -> int:
        """Write down how each company stands, and ask a person about those that the rule would suspend, once. Give how
        many were asked about. Safe to run at any time, by any number of processes."""
        now = self._clock()
        with self._reading() as session:
            cards = self._cards(session, now)
        with self._unit_of_work() as session:
            one_at_a_time(session, _REFRESH)
            session.execute(delete(CompanyStanding))
            rows = [{"company_id": each.company_id, "at": now, **vars(standing(each.card))} for each in cards]
            if rows:
                session.execute(insert(CompanyStanding), rows)
            # Yesterday is nobody's question any more, but a clock that is put back a little must not lose today.
            yesterday = now.astimezone(self._zone).date() - timedelta(days=1)
            wrong = recount(session, self._zone, yesterday, repair=True)
        if wrong:
            log.warning("company_days.repaired", differences=len(wrong), first=str(wrong[0]))
        return sum(self._ask_about(each, now) for each in cards if each.grounds and each.active)

    def _ask_about(self, each: CompanyCard, now: datetime) -> bool:
        with self._unit_of_work() as session:
            if not is_news(each.grounds, _last_raised(session, each.company_id, now), suspended=each.suspended):
                return False
            day = now.astimezone(self._zone).date().isoformat()
            reasons = "; ".join(ground.reason for ground in each.grounds)
            case, opened = open_case(
                session, now, key=f"provider-{each.company_id}-{day}", kind="provider",
                note=f"{each.code}: the rule suggests to suspend it: {reasons}",
            )  # fmt: skip
            if opened is None:
                return False
            session.add(
                CompanySuggestion(
                    company_id=each.company_id, day=day, raised_at=now, reasons=reasons, case_id=case.id,
                    codes=",".join(ground.code for ground in each.grounds),
                )
            )  # fmt: skip
        try:
            self._publish(opened)
        except Exception:  # What is written stands; a page that learns of it late is the lesser evil.
            log.warning("scorecards.not_published", exc_info=True)
        return True

    def _cards(self, session: Session, now: datetime, company_id: int | None = None) -> tuple[CompanyCard, ...]:
        query = select(Company.id, Company.code, Company.name, Company.active).order_by(Company.id)
        if company_id is not None:
            query = query.where(Company.id == company_id)
        counted = count(session, (now - PERIOD, now - LATELY, now), now, company_id)
        whole = (now - PERIOD, now)
        medians, reasons = answer_medians(session, whole, company_id), declined_for(session, whole, company_id)
        suspended = suspended_now(session, now)
        found = []
        for its_id, code, name, active in session.execute(query):
            before, lately = (counted.get((its_id, at), Counts()) for at in (0, 1))
            card = scorecard(before + lately, medians.get((its_id, 0)), reasons.get((its_id, 0)))
            found.append(
                CompanyCard(its_id, code, name, active, card, grounds(card, lately, self._rules), its_id in suspended)
            )
        return tuple(found)


def _last_raised(session: Session, company_id: int, now: datetime) -> Raised | None:
    query = (
        select(CompanySuggestion, Case.state)
        .outerjoin(Case, Case.id == CompanySuggestion.case_id)
        .where(CompanySuggestion.company_id == company_id)
        .order_by(CompanySuggestion.raised_at.desc())
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    last, state = row
    return Raised(frozenset(last.codes.split(",")), now - last.raised_at, state == "open")


def _firsts(today: date, number: int) -> list[date]:
    """Give the first days of the last `number` months, this one included, and of the next."""
    months = today.year * 12 + today.month - 1
    return [date(each // 12, each % 12 + 1, 1) for each in range(months - number + 1, months + 2)]
