"""Consents: what a person allows or forbids, written down with its history, and honoured at once everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, CursorResult, and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from db.models import AuditEntry, Callback, Consent, Elder, ElderPhone, OptOut, SmsMessage
from db.session import UnitOfWork
from routing.errors import Invalid, NotFound
from routing.outreach.consent import CHOICES, LEFT_IN_PEACE, Channel, Permission, Purpose, purpose_of
from routing.outreach.owing import CLAIMING
from routing.outreach.policy import CallRules
from routing.outreach.reach import NumberIndex
from routing.outreach.standing import permission
from routing.writing import insert_once, one_at_a_time

log = structlog.get_logger(__name__)

ALL = "all"
"""The channel as a whole, beside the single purposes."""
UNASKED = (Purpose.SURVEY, Purpose.ANNOUNCEMENT)
"""Calls that nobody asked for and nobody said yes to: who wants no more SMS wants none of these."""
HOW = frozenset({"phone_key", "sms", "desk", "paper", "import"})
LONGEST_NOTE = 500

Withdraw = Callable[[str], None]
"""Has the router not make a call, by the cause of its attempt, or end it while it rings. May raise RedisError."""


@dataclass(frozen=True)
class Word:
    """One word that a person gave, as the record shows it."""

    channel: str
    purpose: str
    given: bool
    at: datetime
    by: str
    how: str
    note: str = field(default="", repr=False)


class Consents:
    """Writes what people allow, and sees to it that nothing that is queued, claimed or ringing goes on against it."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        number_index: NumberIndex,
        rules: CallRules,
        withdraw: Withdraw,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._number_index = number_index
        self._rules = rules
        self._withdraw = withdraw

    def permission(
        self, purpose: Purpose, channel: Channel, *, number: str | None = None, elder_id: int | None = None
    ) -> Permission:
        """Decide whether somebody may be contacted now. `number` is E.164."""
        index = self._number_index(number) if number else None
        with self._reading() as session:
            return permission(
                session, purpose, channel, number_index=index, elder_id=elder_id, now=self._clock(), rules=self._rules
            )

    def note(
        self,
        *,
        channel: str,
        purpose: str,
        given: bool,
        by: str,
        how: str,
        elder_id: int | None = None,
        number: str | None = None,
        note: str = "",
    ) -> None:
        """Write down that somebody allows or forbids something; `purpose` is one of CHOICES, or "all" for a number.

        Forbidden: what is queued is not sent, what is owed is not dialled, and what rings stops ringing.
        Raises Invalid, and NotFound for an elder who is not there.
        """
        with self._unit_of_work() as session:
            causes = self.write(
                session, channel=channel, purpose=purpose, given=given, by=by, how=how, elder_id=elder_id,
                number=number, note=note,
            )  # fmt: skip
        self.stop_ringing(causes)

    def write(
        self,
        session: Session,
        *,
        channel: str,
        purpose: str,
        given: bool,
        by: str,
        how: str,
        elder_id: int | None = None,
        number: str | None = None,
        note: str = "",
    ) -> list[str]:
        """Do the same within a unit of work; when it is committed, `stop_ringing` what this gives. Raises as `note`."""
        _check(channel, purpose, how, note, nobody=elder_id is None and number is None, no_number=number is None)
        now = self._clock()
        index = self._number_index(number) if number else None
        one_at_a_time(session, CLAIMING)  # Nothing is claimed between the word and what it undoes.
        if elder_id is not None and session.get(Elder, elder_id) is None:
            raise NotFound(f"there is no elder {elder_id}")
        session.add(
            Consent(
                elder_id=elder_id, number=number, number_index=index, channel=channel, purpose=purpose, given=given,
                at=now, by=by[:60], how=how, note=note or None,
            )
        )  # fmt: skip
        if purpose == ALL and index is not None:
            _opt_out(session, index, channel, given, now)
        word = "given" if given else "withdrawn"
        subject = f"elder:{elder_id}" if elder_id is not None else "number"
        session.add(
            AuditEntry(at=now, actor=by[:60], action=f"consent.{word}", subject=subject, detail=f"{channel} {purpose}")
        )
        session.flush()
        if not given and channel == Channel.CALL:
            return self._let_go(session, index, elder_id, now)
        if not given and purpose in (ALL, Purpose.SURVEY):
            whose = SmsMessage.number_index == index if index is not None else SmsMessage.elder_id == elder_id
            asks = SmsMessage.question != "" if purpose == Purpose.SURVEY else SmsMessage.id.is_not(None)
            _drop(session, (SmsMessage.direction == "out") & whose & asks)
        return []

    def stop(self, session: Session, number: str) -> list[str]:
        """Write, within a unit of work, that whoever has this number wants no more: nothing by SMS, and no call that
        asks or tells what they did not ask for. Give what must stop ringing, as `write` does.

        What they asked for themselves, and the reminders and daily calls to which somebody said yes, go on: these end
        by a word about them.
        """
        causes = self.write(
            session, channel=Channel.SMS, purpose=ALL, given=False, by="caller", how="sms", number=number
        )
        for purpose in UNASKED:
            causes += self.write(
                session, channel=Channel.CALL, purpose=purpose, given=False, by="caller", how="sms", number=number
            )
        return list(dict.fromkeys(causes))

    def of_elder(self, elder_id: int) -> tuple[Word, ...]:
        """Give the history of an elder's words, the latest first."""
        with self._reading() as session:
            query = select(Consent).where(Consent.elder_id == elder_id).order_by(Consent.at.desc(), Consent.id.desc())
            return tuple(
                Word(row.channel, row.purpose, row.given, row.at, row.by, row.how, row.note or "")
                for row in session.scalars(query.limit(100))
            )

    def drop_forbidden(self) -> int:
        """Fail messages that were queued before their number opted out; give how many.

        The word itself withdraws them, in its own unit of work; this finds what was being queued at that moment. What
        was queued after the opt-out is its answer.
        """
        later = (OptOut.number_index == SmsMessage.number_index) & (OptOut.at > SmsMessage.created_at)
        out = exists().where(later, OptOut.channel == Channel.SMS.value)
        stale = (SmsMessage.direction == "out") & (SmsMessage.state == "queued") & out
        with self._reading() as session:
            if not session.scalar(select(exists().where(stale))):
                return 0
        with self._unit_of_work() as session:
            return _drop(session, stale)

    def stop_ringing(self, causes: Sequence[str]) -> None:
        """Have calls that are claimed not made, or ended while they ring."""
        for cause in causes:
            try:
                self._withdraw(cause)
            except RedisError:  # The claim is over in a minute; nobody is dialled after that.
                log.exception("consents.not_withdrawn", cause=cause)

    def _let_go(self, session: Session, index: bytes | None, elder_id: int | None, now: datetime) -> list[str]:
        """Cancel what is owed to whoever does not want it any more; give the attempts that are under way."""
        whose = [Callback.elder_id == elder_id] if elder_id is not None else []
        if index is not None:  # The number of a row is sealed: those that may have it are compared one by one.
            theirs = select(ElderPhone.elder_id).where(ElderPhone.number_index == index)
            whose += [Callback.elder_id.in_(theirs), Callback.elder_id.is_(None)]
        # "failed" was asked by SMS, and would come to a person's list for want of an answer.
        asked = and_(Callback.state == "failed", Callback.kind == "after_service")
        open_ones = or_(Callback.state.in_(("due", "dialling", "asking")), asked)
        query = select(Callback).where(open_ones, Callback.flow != "")
        under_way = []
        for row in session.scalars(query.where(or_(*whose)).order_by(Callback.id).with_for_update()):
            may = permission(
                session, purpose_of(row.kind), Channel.CALL, number_index=self._number_index(row.number),
                elder_id=row.elder_id, now=now, rules=self._rules,
            )  # fmt: skip
            if may.allowed or may.not_before is not None:
                continue
            if row.state == "dialling":
                under_way.append(f"{row.cause}.{row.attempts}")
            elif may.why in LEFT_IN_PEACE:
                row.state, row.last_outcome, row.updated_at = "cancelled", may.why.value, now
        return under_way


def _drop(session: Session, which: ColumnElement[bool]) -> int:
    dropped = session.execute(
        update(SmsMessage)
        .where(which, SmsMessage.state == "queued")
        .values(state="failed", understood="opted out")
        .execution_options(synchronize_session=False)
    )
    return dropped.rowcount if isinstance(dropped, CursorResult) else 0


def _opt_out(session: Session, index: bytes, channel: str, given: bool, now: datetime) -> None:
    """Keep the row that says that a number wants nothing by a channel: it is the truth, for whoever writes it."""
    same = (OptOut.number_index == index) & (OptOut.channel == channel)
    if given:
        session.execute(delete(OptOut).where(same))
    else:
        insert_once(session, OptOut(number_index=index, channel=channel, at=now), same)


def _check(channel: str, purpose: str, how: str, note: str, *, nobody: bool, no_number: bool) -> None:
    if channel not in list(Channel):
        raise Invalid("the channel is call or sms")
    if purpose != ALL and purpose not in CHOICES:
        raise Invalid(f"the purpose is one of {', '.join(CHOICES)}, or all")
    if how not in HOW:
        raise Invalid(f"how it was said is one of {', '.join(sorted(HOW))}")
    if nobody:
        raise Invalid("say whose word it is: an elder's, or a number's")
    if purpose == ALL and no_number:
        raise Invalid("a channel as a whole is of a number: say which")
    if len(note) > LONGEST_NOTE:
        raise Invalid(f"a note has {LONGEST_NOTE} characters at most")
