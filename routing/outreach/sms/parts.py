"""The carrier's ids of what it took, and its reports on them: one state for the whole message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import SmsMessage, SmsPart, SmsReport
from routing.outreach.sms.reports import DeliveryReport, state_after, whole
from routing.outreach.sms.smpp.receipts import Receipted, plain_id, same_ids
from routing.writing import insert_once

log = structlog.get_logger(__name__)

REPORTED_WITHIN = timedelta(days=4)
"""Networks keep a message for three days at most; an id that is named later was given anew."""


def note_parts(session: Session, message: SmsMessage, ids: Sequence[str], now: datetime) -> None:
    """Write which ids the carrier gave, and take up reports that overtook them."""
    for each in ids:
        part = SmsPart(message_id=message.id, carrier_id=plain_id(each), report=DeliveryReport.UNDER_WAY.value, at=now)
        session.add(part)
        session.flush()
        early = session.scalars(
            select(SmsReport)
            .where(SmsReport.number_index == message.number_index, SmsReport.part_id.is_(None))
            .where(SmsReport.received_at > now - timedelta(minutes=5))
            .order_by(SmsReport.id)
        )
        for report in early:
            sure, likely = same_ids(report.carrier_id)
            if part.carrier_id in sure or part.carrier_id in likely:
                report.part_id = part.id
                _apply(session, part, DeliveryReport(report.report), now)


def take_report(session: Session, receipt: Receipted, number_index: bytes, now: datetime) -> bool:
    """Write a report, once, and bring its message to the state that it tells; tell whether it was new.

    The number belongs to the proof: carriers count upwards, so that an id in hexadecimal is another's in decimal.
    """
    report = SmsReport(
        carrier_id=plain_id(receipt.carrier_id), number_index=number_index, report=receipt.report.value,
        said=receipt.said[:40], received_at=now,
    )  # fmt: skip
    same = (
        (SmsReport.carrier_id == report.carrier_id)
        & (SmsReport.number_index == number_index)
        & (SmsReport.report == report.report)
        & (SmsReport.received_at > now - REPORTED_WITHIN)
    )
    kept, new = insert_once(session, report, same)
    if not new:
        return False
    part = _part_of(session, receipt.carrier_id, number_index, now)
    if part is None:
        log.info("sms.report_of_nothing_known", report=receipt.report.value, said=receipt.said)
        return True
    kept.part_id = part.id
    _apply(session, part, receipt.report, now)
    return True


def _part_of(session: Session, carrier_id: str, number_index: bytes, now: datetime) -> SmsPart | None:
    for ids in same_ids(carrier_id):
        found = session.scalar(
            select(SmsPart)
            .join(SmsMessage, SmsMessage.id == SmsPart.message_id)
            .where(SmsPart.carrier_id.in_(ids), SmsMessage.number_index == number_index)
            .where(SmsPart.at > now - REPORTED_WITHIN)
            .order_by(SmsPart.id.desc())
            .limit(1)
        )
        if found is not None:
            return found
    return None


def _apply(session: Session, part: SmsPart, report: DeliveryReport, now: datetime) -> None:
    message = session.get_one(SmsMessage, part.message_id, with_for_update=True)
    part.report = state_report(part.report, report).value
    session.flush()
    told = [DeliveryReport(each) for each in session.scalars(
        select(SmsPart.report).where(SmsPart.message_id == message.id)
    )]  # fmt: skip
    apply_report(message, whole(told, max(message.parts, len(told))))


def state_report(before: str, report: DeliveryReport) -> DeliveryReport:
    """Give the last word on one part: it only ever goes forward, as the state of a message does."""
    states = {each.value: state_after("sent", each) for each in DeliveryReport}
    moved = state_after(states[before], report)
    return next(each for each in DeliveryReport if states[each.value] == moved)


def apply_report(message: SmsMessage, report: DeliveryReport) -> None:
    """Bring a message that was handed over to the state that a report tells."""
    after = state_after(message.state, report)
    if message.attempts and after != message.state:
        log.info("sms.reported", message_id=message.id, before=message.state, after=after)
        message.state = after
        message.understood = f"the carrier reports: {report.value}" if after in ("failed", "expired") else ""
