"""What people write to us: kept first, then read, acted on and answered; whatever is unclear goes to a person."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Company, Contact, ElderPhone, OptOut, SmsMessage, Worker
from db.session import UnitOfWork
from routing.calls.messages import Message
from routing.orders.cases import open_case
from routing.outreach.ratings import EMPTY, Reading, ReplyKind, read
from routing.outreach.reach import NumberIndex
from routing.outreach.scores import LOW, Ratings
from routing.outreach.sms import texts
from routing.outreach.sms.company_replies import CompanyReplies
from routing.outreach.sms.outbox import Sms
from routing.outreach.sms.questions import Question, tie
from routing.writing import insert_once

log = structlog.get_logger(__name__)

LONGEST = 5000
"""Characters that are kept of one message."""
MOST_ANSWERS, ANSWERS_WITHIN = 10, timedelta(days=1)
"""Two machines that answer each other stop here."""


@dataclass(frozen=True)
class Received:
    """What became of a message. `repeated`: it was here before, and nothing was done again."""

    id: int
    state: str
    reading: Reading
    order_id: int | None = None
    case_id: int | None = None
    repeated: bool = False


class Inbox:
    """Takes what the carrier brings. `normalise` gives E.164 (or a short number), None for what is no number."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        publish: Callable[[Message], None],
        sms: Sms,
        ratings: Ratings,
        number_index: NumberIndex,
        normalise: Callable[[str], str | None],
        companies: CompanyReplies | None = None,
    ) -> None:
        """`companies` takes what answers an offer."""
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._publish = publish
        self._sms = sms
        self._ratings = ratings
        self._number_index = number_index
        self._normalise = normalise
        self._companies = companies

    def received(self, carrier_id: str, sender: str, to: str, text: str, ts: str = "") -> Received:
        """Take one message, once per carrier's id (without one: per sender, time and text), and act on it.

        It is written before it is read, so that nothing is lost should reading it fail; `read_waiting` then does it.
        """
        number = self._normalise(sender) or ""
        key = carrier_id.strip() or hashlib.sha256(f"{sender}\0{to}\0{ts}\0{text}".encode()).hexdigest()[:32]
        with self._unit_of_work() as session:
            message = SmsMessage(
                key=f"in-{key}"[:120], direction="in", number=number or sender[:40],
                number_index=self._number_index(number or sender[:40]), text=text.replace("\0", "")[:LONGEST],
                state="received", created_at=self._clock(), number_to=to[:40], attempts=0,
            )  # fmt: skip
            kept, _new = insert_once(session, message, SmsMessage.key == message.key)
            message_id = kept.id
        return self._act(message_id)

    def read_waiting(self, limit: int = 50) -> int:
        """Act on messages that were written and not read; give how many."""
        with self._reading() as session:
            query = select(SmsMessage.id).where(SmsMessage.direction == "in", SmsMessage.state == "received")
            waiting = list(session.scalars(query.order_by(SmsMessage.id).limit(limit)))
        for message_id in waiting:
            self._act(message_id)
        return len(waiting)

    def _act(self, message_id: int) -> Received:
        messages: list[Message] = []
        with self._unit_of_work() as session:
            message = session.get_one(SmsMessage, message_id, with_for_update=True)
            if message.state != "received":
                return _as_it_was(message)
            outcome = self._of_company(session, message, messages) or self._decide(session, message, messages)
        for each in messages:
            self._publish(each)
        log.info("sms.read", message_id=message_id, state=outcome.state, kind=outcome.reading.kind.value)
        return outcome

    def _of_company(self, session: Session, message: SmsMessage, messages: list[Message]) -> Received | None:
        """Take what answers a company's offer; it is answered there."""
        taken = self._companies.answer(session, message, messages) if self._companies else None
        return self._finish(session, message, taken.reading, taken.state, "") if taken else None

    def _decide(self, session: Session, message: SmsMessage, messages: list[Message]) -> Received:
        now = self._clock()
        elders = set(
            session.scalars(select(ElderPhone.elder_id).where(ElderPhone.number_index == message.number_index))
        )
        message.elder_id = min(elders) if len(elders) == 1 else None
        tied = tie(session, message.number_index, message.text, now)
        reading = read(tied.text)
        if reading.kind is ReplyKind.SOS:
            return self._sos(session, message, reading, messages)
        if reading.kind is ReplyKind.OPT_OUT:
            return self._opt_out(session, message, reading)
        if reading.understood == EMPTY:
            return self._finish(session, message, reading, "unclear", texts.empty())
        if reading.kind is ReplyKind.SCORE and tied.question is not None:
            return self._score(session, message, reading, tied.question, messages)
        if reading.done is False and tied.question is not None:
            return self._score(session, message, reading, tied.question, messages)
        known = elders or self._known(session, message.number_index)
        answer = texts.unclear() if known else texts.stranger()
        if reading.kind is ReplyKind.SCORE and tied.candidates:
            answer = texts.which(tuple(question.number for question in tied.candidates[:4]))
        case, opened = open_case(
            session, now, key=f"sms-{message.id}", kind="sms", elder_id=message.elder_id, sms_id=message.id,
            note=reading.understood,
        )  # fmt: skip
        if opened:
            messages.append(opened)
        state = "unclear" if known else "stranger"
        return self._finish(session, message, reading, state, answer, case_id=case.id)

    def _sos(self, session: Session, message: SmsMessage, reading: Reading, messages: list[Message]) -> Received:
        case, opened = open_case(
            session, self._clock(), key=f"sos-sms-{message.id}", kind="sos", elder_id=message.elder_id,
            sms_id=message.id, note="a cry for help by SMS",
        )  # fmt: skip
        if opened:
            messages.append(opened)
        return self._finish(session, message, reading, "understood", texts.help_comes(), case_id=case.id)

    def _opt_out(self, session: Session, message: SmsMessage, reading: Reading) -> Received:
        row = OptOut(number_index=message.number_index, channel="sms", at=self._clock())
        same = (OptOut.number_index == message.number_index) & (OptOut.channel == "sms")
        _row, new = insert_once(session, row, same)
        return self._finish(session, message, reading, "understood", texts.opted_out() if new else "", last_word=True)

    def _score(
        self, session: Session, message: SmsMessage, reading: Reading, question: Question, messages: list[Message]
    ) -> Received:
        scored = self._ratings.score_within(
            session, question.order_id, "sms", messages, score=reading.score, done=reading.done,
            remark=None if reading.kind is ReplyKind.SCORE else message.text, actor=f"elder:{question.elder_id}",
        )  # fmt: skip
        message.order_id, message.elder_id = question.order_id, question.elder_id
        good = reading.score is not None and reading.score >= LOW
        answer = texts.thanks(reading.score) if good and reading.score is not None else texts.sorry()
        return self._finish(session, message, reading, "understood", answer, case_id=scored.complaint_case_id)

    def _known(self, session: Session, index: bytes) -> bool:
        """Tell whether the number is a relative's, a worker's or a company's."""
        indexes = (Contact.number_index, Worker.phone_index, Company.phone_index)
        return any(session.scalar(select(func.count()).where(column == index)) for column in indexes)

    def _finish(
        self, session: Session, message: SmsMessage, reading: Reading, state: str, answer: str, *,
        case_id: int | None = None, last_word: bool = False,
    ) -> Received:  # fmt: skip
        """Write how it was read, and answer it, unless this number has had answers enough."""
        message.state = state
        message.understood = json.dumps(
            {"kind": reading.kind.value, "score": reading.score, "done": reading.done, "words": reading.understood},
            ensure_ascii=False,
        )
        if answer and message.number.startswith("+") and self._may_answer(session, message.number_index):
            self._sms.enqueue(
                session, key=f"answer-{message.id}", number=message.number, text=answer, elder_id=message.elder_id,
                order_id=message.order_id, in_spite_of_opt_out=last_word,
            )  # fmt: skip
        session.flush()
        return Received(message.id, state, reading, message.order_id, case_id)

    def _may_answer(self, session: Session, index: bytes) -> bool:
        answers = session.scalar(
            select(func.count()).where(
                SmsMessage.number_index == index,
                SmsMessage.key.startswith("answer-"),
                SmsMessage.created_at > self._clock() - ANSWERS_WITHIN,
            )
        )
        return (answers or 0) < MOST_ANSWERS


def _as_it_was(message: SmsMessage) -> Received:
    understood: dict[str, Any] = json.loads(message.understood) if message.understood else {"kind": "unclear"}
    reading = Reading(
        ReplyKind(understood["kind"]), understood.get("score"), understood.get("words", ""), understood.get("done")
    )
    return Received(message.id, message.state, reading, message.order_id, repeated=True)
