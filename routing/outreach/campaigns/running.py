"""Group messages that run: calls are owed little by little, followed when they are over, and SMS are written.

Each step is one unit of work over rows that are locked: a worker that is killed leaves either all of it or nothing, and
who comes next goes on. That a call is made once is the matter of its cause (`routing.outreach.callbacks`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from db.models import Callback, Campaign, CampaignRecipient, Elder, SmsMessage
from db.session import UnitOfWork
from routing.outreach.campaigns.claims import URGENCY
from routing.outreach.campaigns.listing import list_for_people
from routing.outreach.campaigns.moving import finished
from routing.outreach.campaigns.policy import (
    FLOW,
    KIND,
    Moment,
    State,
    Then,
    Way,
    Why,
    after_call,
    moment,
    to_owe,
)
from routing.outreach.campaigns.views import OPEN, hours_of
from routing.outreach.consent import Channel, Purpose
from routing.outreach.owing import owe
from routing.outreach.policy import CallRules
from routing.outreach.reach import NumberIndex, number_for_sms
from routing.outreach.sms import texts
from routing.outreach.sms.outbox import Sms
from routing.outreach.standing import permission

log = structlog.get_logger(__name__)

A_ROUND = 100
"""Recipients that one sweep takes on of each thing; the next comes within seconds."""
SOON = timedelta(seconds=30)
NOT_SENT = ("failed", "expired")
RECEIPTS_COME_FOR = timedelta(days=3)
"""After the end of a message; carriers try for two days."""
_OVER = ("failed", "done", "cancelled", "listed", "closed")


class Runner:
    """Goes on with the messages that run. Safe to run at any time, by any number of processes."""

    def __init__(
        self, *, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], sms: Sms,
        number_index: NumberIndex, rules: CallRules, zone: ZoneInfo,
    ) -> None:  # fmt: skip
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._sms = sms
        self._number_index = number_index
        self._rules = rules
        self._zone = zone

    def sweep(self) -> int:
        """Do what is due of each message, warnings first; give how many recipients changed."""
        changed = 0
        for campaign_id in self._living():
            changed += self._followed(campaign_id)
            with self._unit_of_work() as session:
                row = session.get(Campaign, campaign_id, with_for_update=True, populate_existing=True)
                if row is not None and row.state in (State.RUNNING, State.PAUSED):
                    changed += self._go_on(session, row)
        return changed

    def _living(self) -> Sequence[int]:
        left = exists().where(CampaignRecipient.campaign_id == Campaign.id, CampaignRecipient.state.in_(OPEN))
        going = Campaign.state.in_((State.RUNNING, State.PAUSED))
        lately = (Campaign.ends_at > self._clock() - RECEIPTS_COME_FOR) & exists(unsent(Campaign.id))
        query = select(Campaign.id).where(Campaign.state != State.DRAFT, or_(going, left, lately))
        with self._reading() as session:
            return session.scalars(query.order_by(URGENCY.desc(), Campaign.id)).all()

    def _go_on(self, session: Session, row: Campaign) -> int:
        now, hours = self._clock(), hours_of(row, self._zone)
        at = moment(hours, now)
        changed = 0
        if at is Moment.OVER:
            changed = self._close(session, row, now)
        elif at is Moment.OPEN and row.state == State.RUNNING:
            changed = self._owe(session, row, now) + self._write(session, row, now)
        if not changed and not self._count(session, row, OPEN) and (row.state == State.RUNNING or at is Moment.OVER):
            finished(session, row, Why.TIME_OVER if at is Moment.OVER else Why.ALL_SETTLED, now)
            list_for_people(session, row, now)
        return changed

    def _owe(self, session: Session, row: Campaign, now: datetime) -> int:
        """Owe as many calls as keep the lines busy, each together with the word that it is owed."""
        soon = Callback.state.in_(("dialling", "answered")) | (
            (Callback.state == "due") & (Callback.due_at <= now + SOON)
        )
        open_calls = session.scalar(
            select(func.count())
            .select_from(CampaignRecipient)
            .join(Callback, Callback.cause == CampaignRecipient.cause)
            .where(CampaignRecipient.campaign_id == row.id, CampaignRecipient.state == "owed", soon)
        )
        most = min(A_ROUND, to_owe(row.lines, open_calls or 0))
        next_ones = self._of(session, row, "waiting", most)
        for each in next_ones:
            each.state = "owed"
            if each.number is None:  # Nobody without a number waits for a call; the database does not know that.
                each.state, each.reason, each.settled_at = "left_out", "no_number", now
                continue
            owe(
                session, now, cause=each.cause, kind=KIND, flow=FLOW, reference=str(each.id), number=each.number,
                elder_id=each.elder_id,
            )  # fmt: skip
        return len(next_ones)

    def _write(self, session: Session, row: Campaign, now: datetime) -> int:
        """Queue the SMS of those who are to be written to, at hours at which that is allowed."""
        changed = 0
        for each in self._of(session, row, "writing", A_ROUND):
            elder = session.scalar(select(Elder).where(Elder.id == each.elder_id).options(selectinload(Elder.phones)))
            number = number_for_sms(elder) if elder is not None else None
            if number is None:
                self._settle(session, each, "not_reached", each.reason or "no_number", now)
                changed += 1
                continue
            may = permission(
                session, Purpose.ANNOUNCEMENT, Channel.SMS, number_index=self._number_index(number),
                elder_id=each.elder_id, now=now, rules=self._rules,
            )  # fmt: skip
            if may.not_before is not None:
                continue
            if may.allowed and self._is_written_to(session, row, number):
                self._settle(session, each, "sent", each.reason, now)
            elif may.allowed:
                self._sms.enqueue(
                    session, key=each.cause, number=number, elder_id=each.elder_id, text=texts.group_message(row.text),
                    deadline=row.ends_at,
                )  # fmt: skip
                self._settle(session, each, "sent", each.reason, now)
            else:
                self._settle(session, each, "left_out", may.why.value, now)
            changed += 1
        return changed

    def _is_written_to(self, session: Session, row: Campaign, number: str) -> bool:
        """Whether the message went to this number for somebody else's sake."""
        theirs = select(CampaignRecipient.cause).where(CampaignRecipient.campaign_id == row.id)
        at_theirs = (SmsMessage.number_index == self._number_index(number)) & SmsMessage.state.not_in(NOT_SENT)
        return session.scalar(select(SmsMessage.id).where(at_theirs, SmsMessage.key.in_(theirs)).limit(1)) is not None

    def _close(self, session: Session, row: Campaign, now: datetime) -> int:
        """Its time is over: whoever still waits is listed, and so is whose next try would come too late."""
        changed = 0
        for state in ("waiting", "writing"):
            for each in self._of(session, row, state, A_ROUND):
                self._settle(session, each, "not_reached", "too_late", now)
                changed += 1
        return changed + self._too_late(session, row, now, now)

    def _followed(self, campaign_id: int) -> int:
        """Settle those whose calls are over, or can come no more in time; and those who share a telephone with them."""
        now = self._clock()
        with self._unit_of_work() as session:
            row = session.get(Campaign, campaign_id, with_for_update=True, populate_existing=True)
            if row is None:
                return 0
            changed = 0
            for each, call in self._over(session, row):
                self._after(session, row, each, call, now)
                changed += 1
            late = self._never_sent(session, row, now)
            if late and row.state == State.FINISHED:
                list_for_people(session, row, now)
            changed += late
            if row.state == State.RUNNING:
                changed += self._too_late(session, row, now, row.ends_at)
            return changed + self._share(session, row, now)

    def _over(self, session: Session, row: Campaign) -> list[tuple[CampaignRecipient, Callback]]:
        query = (
            select(CampaignRecipient, Callback)
            .join(Callback, Callback.cause == CampaignRecipient.cause)
            .where(CampaignRecipient.campaign_id == row.id, CampaignRecipient.state == "owed")
            .where(Callback.state.in_(_OVER))
            .order_by(CampaignRecipient.position)
            .limit(A_ROUND)
        )
        return [(each, call) for each, call in session.execute(query.with_for_update(of=CampaignRecipient))]

    def _never_sent(self, session: Session, row: Campaign, now: datetime) -> int:
        """Whose SMS the carrier refused, or did not deliver, was not told after all."""
        found = session.scalars(unsent(row.id).limit(A_ROUND).with_for_update(of=CampaignRecipient)).all()
        for each in found:
            self._settle(session, each, "not_reached", "sms_failed", now)
        return len(found)

    def _after(self, session: Session, row: Campaign, each: CampaignRecipient, call: Callback, now: datetime) -> None:
        outcome = "not_reached" if call.state == "done" else call.last_outcome  # Who was told has a state of their own.
        then = after_call(Way(row.way), outcome)
        if then is Then.WRITE and row.state in (State.RUNNING, State.PAUSED):
            each.state, each.reason = "writing", outcome
        elif then is Then.WRITE or then is Then.STOPPED:
            self._settle(session, each, "stopped", outcome, now)
        else:
            self._settle(session, each, then.value, outcome, now)

    def _too_late(self, session: Session, row: Campaign, now: datetime, after: datetime) -> int:
        """Take back calls that are due only after an instant: they would come too late."""
        query = (
            select(CampaignRecipient, Callback)
            .join(Callback, Callback.cause == CampaignRecipient.cause)
            .where(CampaignRecipient.campaign_id == row.id, CampaignRecipient.state == "owed")
            .where(Callback.state == "due", Callback.due_at >= after if after > now else Callback.id.is_not(None))
            .limit(A_ROUND)
        )
        changed = 0
        for each, call in session.execute(query.with_for_update()).all():
            outcome = call.last_outcome or "too_late"
            call.state, call.updated_at, call.last_outcome = "cancelled", now, "too_late"
            if Way(row.way).writes and after > now:
                each.state, each.reason = "writing", outcome
            else:
                self._settle(session, each, "not_reached", outcome, now)
            changed += 1
        return changed

    def _share(self, session: Session, row: Campaign, now: datetime) -> int:
        """Whoever shares a telephone was told by the same call; if it was never made for the other's sake, it is their
        turn."""
        changed = 0
        for each in self._of(session, row, "shared", A_ROUND):
            lead = session.scalar(
                select(CampaignRecipient).where(
                    CampaignRecipient.campaign_id == row.id, CampaignRecipient.lead_index == each.number_index
                )
            )
            if lead is not None and lead.state in OPEN:
                continue
            if lead is not None and lead.state in ("sent", "not_reached") and Way(row.way).writes:
                # Nobody spoke with anybody: they may have a telephone of their own that can be written to.
                if row.state == State.STOPPED:
                    self._settle(session, each, "stopped", "stopped", now)
                else:
                    each.state, each.reason = "writing", lead.reason
            elif lead is not None and (lead.state != "left_out" or row.state == State.STOPPED):
                self._settle(session, each, lead.state, lead.reason, now)
            else:
                if lead is not None:
                    lead.lead_index = None
                    session.flush()
                each.lead_index, each.state = each.number_index, "waiting" if Way(row.way).calls else "writing"
                session.flush()
            changed += 1
        return changed

    def _settle(self, session: Session, each: CampaignRecipient, state: str, why: str, now: datetime) -> None:
        each.state, each.reason, each.settled_at = state, why, now
        session.flush()

    def _of(self, session: Session, row: Campaign, state: str, most: int) -> Sequence[CampaignRecipient]:
        if most <= 0:
            return []
        query = select(CampaignRecipient).where(
            CampaignRecipient.campaign_id == row.id, CampaignRecipient.state == state
        )
        return session.scalars(query.order_by(CampaignRecipient.position).limit(most).with_for_update()).all()

    def _count(self, session: Session, row: Campaign, states: Sequence[str]) -> int:
        query = select(func.count()).where(CampaignRecipient.campaign_id == row.id, CampaignRecipient.state.in_(states))
        return session.scalar(query) or 0


def unsent(campaign_id: InstrumentedAttribute[int] | int) -> Select[CampaignRecipient]:
    """Select those of a message whose SMS did not come through."""
    return (
        select(CampaignRecipient)
        .join(SmsMessage, SmsMessage.key == CampaignRecipient.cause)
        .where(CampaignRecipient.campaign_id == campaign_id, CampaignRecipient.state == "sent")
        .where(SmsMessage.state.in_(NOT_SENT))
    )
