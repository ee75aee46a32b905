"""The journal of a person: everything that was sent to them or came from them, in one list, the newest first.

Nothing is written for it: it is read from the calls, messages, scores and cases themselves, so that it cannot tell
another story than they do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from db.models import Company, CompanyPhone, Elder, ElderPhone, Worker
from db.session import UnitOfWork
from routing.errors import Invalid, NotFound
from routing.outreach.journal_sources import CHANNELS, SOURCES, Entry, Person, Source

MOST = 500
"""Entries of one page, whatever is asked for."""
_SEPARATOR = "~"


@dataclass(frozen=True)
class Asked:
    """What of a journal: these channels (none: all), from `since` on and before `until`, after the mark of a page."""

    channels: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    mark: str | None = None
    limit: int = 50


@dataclass(frozen=True)
class JournalPage:
    """Entries, the newest first, and the mark after which the next page begins, if there is one."""

    entries: tuple[Entry, ...] = field(repr=False)
    next_mark: str | None


@dataclass(frozen=True)
class _Mark:
    """The last entry of a page: instant, place of its source among all, and its id there."""

    at: datetime
    rank: int
    id: Any


class Journal:
    """Reads journals of elders, workers and companies."""

    def __init__(self, reading: UnitOfWork) -> None:
        self._reading = reading

    def of_elder(self, elder_id: int, asked: Asked) -> JournalPage:
        """Give a page of what passed between an elder and us.

        What came from a number that several elders share, and nobody knows of whom, is in the journal of each, marked
        as shared. Raises NotFound, and Invalid for a mark or a channel that is none.
        """
        with self._reading() as session:
            if session.get(Elder, elder_id) is None:
                raise NotFound(f"there is no elder {elder_id}")
            numbers = session.scalars(select(ElderPhone.number_index).where(ElderPhone.elder_id == elder_id)).all()
            return _read(session, Person("elder", elder_id, tuple(numbers)), asked)

    def of_worker(self, worker_id: int, asked: Asked) -> JournalPage:
        """The same for a care worker, by the worker's own telephone."""
        with self._reading() as session:
            worker = session.get(Worker, worker_id)
            if worker is None:
                raise NotFound(f"there is no worker {worker_id}")
            return _read(session, Person("worker", worker_id, (worker.phone_index,)), asked)

    def of_company(self, company_id: int, asked: Asked) -> JournalPage:
        """The same for a company, by all its telephones, and with the offers that it was made."""
        with self._reading() as session:
            company = session.get(Company, company_id)
            if company is None:
                raise NotFound(f"there is no company {company_id}")
            more = session.scalars(select(CompanyPhone.number_index).where(CompanyPhone.company_id == company_id)).all()
            own = (company.phone_index,) if company.phone else ()  # Those without a telephone have an index in common.
            return _read(session, Person("company", company_id, (*own, *more)), asked)


def _read(session: Session, person: Person, asked: Asked) -> JournalPage:
    """Take one page of each source, and the newest of all of them."""
    if unknown := set(asked.channels) - set(CHANNELS):
        raise Invalid(f"a channel is one of {', '.join(CHANNELS)}, and not {', '.join(sorted(unknown))}")
    limit = max(1, min(asked.limit, MOST))
    after = _unmark(asked.mark) if asked.mark else None
    found: list[tuple[datetime, int, Any, Entry]] = []
    for rank, source in enumerate(SOURCES):
        theirs = source.theirs(person)
        if theirs is None or (asked.channels and source.channel not in asked.channels):
            continue
        wanted = [theirs]
        wanted += [_after(source, rank, after)] if after else []
        wanted += [source.at >= asked.since] if asked.since else []
        wanted += [source.at < asked.until] if asked.until else []
        query = source.rows.where(*wanted).order_by(source.at.desc(), source.id.desc()).limit(limit + 1)
        for row in session.scalars(query):
            entry = source.entry(row, person)
            found.append((entry.at, rank, getattr(row, source.key), entry))
    found.sort(key=lambda each: each[:3], reverse=True)
    page, more = found[:limit], len(found) > limit
    return JournalPage(tuple(each[3] for each in page), _mark(*page[-1][:3]) if more else None)


def _after(source: Source, rank: int, after: _Mark) -> ColumnElement[bool]:
    """What comes after the mark, in the order of (instant, rank, id) from the newest to the oldest."""
    if rank > after.rank:
        return source.at < after.at
    if rank < after.rank:
        return source.at <= after.at
    return or_(source.at < after.at, and_(source.at == after.at, source.id < after.id))


def _mark(at: datetime, rank: int, row_id: object) -> str:
    return _SEPARATOR.join((at.astimezone(UTC).isoformat(), str(rank), str(row_id)))


def _unmark(mark: str) -> _Mark:
    """Raises Invalid for a mark that was not given out here."""
    refused = Invalid("this cursor was not given out here")
    at, rank, row_id = (*mark.split(_SEPARATOR, 2), "", "")[:3]
    if not (row_id and rank.isascii() and rank.isdigit() and len(rank) < 3 and int(rank) < len(SOURCES)):
        raise refused
    source = SOURCES[int(rank)]
    try:
        read = _Mark(datetime.fromisoformat(at), int(rank), row_id if source.named else int(row_id))
    except ValueError:
        raise refused from None
    if read.at.tzinfo is None or (not source.named and abs(read.id) >= 2**63):
        raise refused
    return read
