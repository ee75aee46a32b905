"""What people write to us: kept first, then read, acted on and answered; whatever is unclear goes to a person."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db.models import OptOut, SmsMessage
from db.session import UnitOfWork
from routing.calls.messages import Message
from routing.orders.cases import open_case
from routing.outreach.ratings import EMPTY, Reading, ReplyKind, read
from routing.outreach.reach import NumberIndex
from routing.outreach.scores import Ratings
from routing.outreach.sms import texts
from routing.outreach.sms.bursts import Bursts
from routing.outreach.sms.company_replies import CompanyReplies
from routing.outreach.sms.outbox import Sms
from routing.outreach.sms.questions import Tie, tie
from routing.outreach.sms.received import Came, Received, as_it_was, in_turns, is_away, keep, last_of_each, unread
from routing.outreach.sms.scoring import Scoring, put_before_a_person
from routing.outreach.sms.senders import ANSWER, Sender, senders, spoken_of
from routing.writing import one_at_a_time

log = structlog.get_logger(__name__)

A_BURST = 50
"""Messages that are read in one unit of work: others wait for it, on SQLite all who write."""
LONGEST = 5000
"""Characters that are kept of one message."""
MOST_ANSWERS = 10
"""In `ANSWERS_WITHIN`: two machines that answer each other stop here."""
MOST_SHOWN = 500
"""Characters of a cry for help that its case shows; the message has all of them."""
MOST_TRIES = 5
"""A message that cannot be read so often is put before a person unread."""


class Refusals(Protocol):
    """Honours that a number wants no more (routing.outreach.consents.Consents)."""

    def stop(self, session: Session, number: str) -> list[str]:
        """Write it down within a unit of work, and let go of what is queued and owed; give the calls under way."""

    def stop_ringing(self, causes: Sequence[str]) -> None:
        """Have these calls not made, when the unit of work is committed. Raises nothing."""


class Inbox:
    """Takes what the carrier brings. `normalise` gives E.164 (or a short number), None for what is no number; `nudge`
    has what was queued sent at once, and never fails."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWork,
        reading: UnitOfWork,
        clock: Callable[[], datetime],
        publish: Callable[[Message], None],
        sms: Sms,
        ratings: Ratings,
        refusals: Refusals,
        number_index: NumberIndex,
        normalise: Callable[[str], str | None],
        companies: CompanyReplies | None = None,
        nudge: Callable[[], None] = lambda: None,
    ) -> None:
        """`refusals` are the consents; `companies` takes what answers an offer."""
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._publish = publish
        self._sms = sms
        self._scoring = Scoring(ratings, clock)
        self._refusals = refusals
        self._number_index = number_index
        self._normalise = normalise
        self._companies = companies
        self._nudge = nudge
        self._bursts = Bursts[SmsMessage, Received](self._take, A_BURST)

    def received(self, carrier_id: str, sender: str, to: str, text: str, ts: str = "") -> Received:
        """Take one message, once per carrier's id (without one: per sender, time and text), and act on it.

        It is written before it is read, so that nothing is lost should reading it fail; `read_waiting` then does it.
        What several threads bring at the same moment is written in one unit of work, and read in one.
        """
        return self._bursts.do(self._row(Came(carrier_id, sender, to, text, ts)))

    def received_all(self, came: Sequence[Came]) -> list[Received | Exception]:
        """Take messages that come together, in their order, as `received` does; give for each what became of it, or
        what went wrong with it."""
        outcomes = list[Received | Exception]()
        for at in range(0, len(came), A_BURST):
            burst = [self._row(each) for each in came[at : at + A_BURST]]
            try:
                outcomes += self._take(burst)
            except Exception as error:  # noqa: BLE001  # It is told of each of them; the next may be luckier.
                outcomes += [error] * len(burst)
        return outcomes

    def _row(self, came: Came) -> SmsMessage:
        sender, to = came.sender, came.to
        number = self._normalise(sender) or ""
        once = f"{sender}\0{to}\0{came.ts}\0{came.text}".encode()
        key = came.carrier_id.strip() or hashlib.sha256(once).hexdigest()[:32]
        return SmsMessage(
            key=f"in-{key}"[:120], direction="in", number=number or sender[:40],
            number_index=self._number_index(number or sender[:40]), text=came.text.replace("\0", "")[:LONGEST],
            state="received", created_at=self._clock(), number_to=to[:40], attempts=0,
        )  # fmt: skip

    def read_waiting(self, limit: int = A_BURST, came_before: datetime | None = None) -> int:
        """Act on messages that were written and not read, of those that came before the given moment; give how many.
        One that cannot be read does not stand in the way of the others, and is put before a person after `MOST_TRIES`.
        """
        with self._reading() as session:
            query = select(SmsMessage.id).where(SmsMessage.direction == "in", SmsMessage.state == "received")
            if came_before is not None:
                query = query.where(SmsMessage.created_at < came_before)
            waiting = list(session.scalars(query.order_by(SmsMessage.id).limit(limit)))
        for message_id, outcome in zip(waiting, self._act(waiting), strict=True):
            if isinstance(outcome, SQLAlchemyError):
                raise outcome  # The database is away, for this message and for all.
            if isinstance(outcome, Exception):
                # Its name alone: what went wrong may hold what was written.
                log.error("sms.not_read", message_id=message_id, error=type(outcome).__name__)
                self._tried(message_id)
        return len(waiting)

    def _take(self, burst: Sequence[SmsMessage]) -> Sequence[Received | Exception]:
        """Write what came, commit it, and act on it."""
        with self._unit_of_work() as session:
            ids = [kept.id for kept in keep(session, burst)]
        return self._act(ids)

    def _act(self, ids: Sequence[int]) -> Sequence[Received | Exception]:
        """Act on messages in one unit of work; if anything goes wrong, on each by itself, so that none suffers for
        another. Raises SQLAlchemyError if the database is away."""
        if len(ids) > 1:
            try:
                return self._act_on(ids)
            except SQLAlchemyError as error:
                if is_away(error):
                    raise
                log.warning("sms.one_by_one", messages=len(ids), error=type(error).__name__)
            except Exception as error:  # noqa: BLE001  # Whatever it is, it is told of the one that it comes from.
                log.warning("sms.one_by_one", messages=len(ids), error=type(error).__name__)
        return [self._act_alone(each) for each in ids]

    def _act_alone(self, message_id: int) -> Received | Exception:
        try:
            return self._act_on([message_id])[0]
        except Exception as error:  # noqa: BLE001  # It is raised to whoever brought this message.
            return error

    def _act_on(self, ids: Sequence[int]) -> list[Received]:
        """Read messages, each after those that its sender wrote before it: the latest word must be the last that is
        heard, whichever of two requests comes first. One sender's messages go one by one."""
        messages, withdrawn = list[Message](), list[str]()
        with self._unit_of_work() as session:
            last = {row.number_index: row.last for row in session.execute(last_of_each(ids))}
            for index in sorted(last):  # In one order, lest two bursts wait for each other.
                one_at_a_time(session, int.from_bytes(index[:7], "big"))
            outcomes = dict[int, Received]()
            unread_ones = session.scalars(unread(last, max(ids))).all()
            for turn in in_turns([each for each in unread_ones if each.id <= last[each.number_index]]):
                known, scored = senders(session, [each.number_index for each in turn], self._clock()), set[int]()
                _held = spoken_of(session, known.values())
                for each in turn:
                    sender = known[each.number_index]
                    if scored & {one.order_id for one in sender.asked}:  # Another telephone spoke of it just now.
                        sender = senders(session, [each.number_index], self._clock())[each.number_index]
                    done = self._of_company(session, each, sender, messages) or self._decide(
                        session, each, sender, messages, withdrawn
                    )
                    outcomes[each.id] = done
                    if done.order_id is not None:
                        scored.add(done.order_id)
            all_of_them = [
                outcomes.get(each) or as_it_was(session.get_one(SmsMessage, each, populate_existing=True))
                for each in ids
            ]
        self._refusals.stop_ringing(withdrawn)
        for told in messages:
            self._publish(told)
        if any(outcome.answered for outcome in outcomes.values()):
            self._nudge()
        for outcome in outcomes.values():
            log.info("sms.read", message_id=outcome.id, state=outcome.state, kind=outcome.reading.kind.value)
        return all_of_them

    def _tried(self, message_id: int) -> None:
        with self._unit_of_work() as session:
            message = session.get_one(SmsMessage, message_id, with_for_update=True)
            if message.state != "received":
                return
            message.attempts += 1
            if message.attempts >= MOST_TRIES:
                message.state = "unclear"
                put_before_a_person(session, message, self._clock(), "could not be read", [])

    def _of_company(
        self, session: Session, message: SmsMessage, sender: Sender, messages: list[Message]
    ) -> Received | None:
        """Take what answers a company's offer; it is answered there."""
        taken = self._companies.answer(session, message, sender, messages) if self._companies else None
        if taken is None:
            return None
        done = self._finish(session, message, sender, taken.reading, taken.state, "")
        return replace(done, answered=bool(taken.text))

    def _decide(
        self, session: Session, message: SmsMessage, sender: Sender, messages: list[Message], withdrawn: list[str]
    ) -> Received:
        message.elder_id = min(sender.elders) if len(sender.elders) == 1 else None
        with session.no_autoflush:  # What is asked here is nothing that was changed of this message.
            tied = tie(session, sender, message.text, self._clock(), message.number_to)
        reading = read(tied.text, tied.scale)
        if reading.kind is ReplyKind.SOS:
            return self._sos(session, message, sender, reading, messages)
        if reading.kind is ReplyKind.OPT_OUT:
            return self._opt_out(session, message, sender, reading, withdrawn)
        if reading.understood == EMPTY and not tied.named:
            return self._finish(session, message, sender, reading, "unclear", texts.empty())
        return self._score(session, message, sender, reading, tied, messages)

    def _score(  # noqa: PLR0917  # What a reply is made of.
        self, session: Session, message: SmsMessage, sender: Sender, reading: Reading, tied: Tie,
        messages: list[Message],
    ) -> Received:  # fmt: skip
        done = self._scoring.take(session, message, sender, reading, tied, messages)
        return self._finish(session, message, sender, done.reading, done.state, done.answer, case_id=done.case_id)

    def _sos(
        self, session: Session, message: SmsMessage, sender: Sender, reading: Reading, messages: list[Message]
    ) -> Received:
        case, opened = open_case(
            session, self._clock(), key=f"sos-sms-{message.id}", kind="sos", elder_id=message.elder_id,
            sms_id=message.id, number=message.number, actor="caller", note="sms",
            steps=(("written", message.text[:MOST_SHOWN]),),
        )  # fmt: skip
        if opened:
            messages.append(opened)
        return self._finish(session, message, sender, reading, "understood", texts.help_comes(), case_id=case.id)

    def _opt_out(
        self, session: Session, message: SmsMessage, sender: Sender, reading: Reading, withdrawn: list[str]
    ) -> Received:
        """Let go of all that is queued and owed to them in the same unit of work: it counts at once."""
        same = (OptOut.number_index == message.number_index) & (OptOut.channel == "sms")
        new = session.scalar(select(OptOut.id).where(same)) is None
        if new:
            withdrawn += self._refusals.stop(session, message.number)
        answer = texts.opted_out() if new else ""
        return self._finish(session, message, sender, reading, "understood", answer, last_word=True)

    def _finish(  # noqa: PLR0917  # As above.
        self, session: Session, message: SmsMessage, sender: Sender, reading: Reading, state: str, answer: str, *,
        case_id: int | None = None, last_word: bool = False,
    ) -> Received:  # fmt: skip
        """Write how it was read, and answer it, unless this number has had answers enough."""
        message.state = state
        message.understood = json.dumps(
            {"kind": reading.kind.value, "score": reading.score, "done": reading.done, "words": reading.understood},
            ensure_ascii=False,
        )
        answered = bool(answer) and message.number.startswith("+") and sender.answers < MOST_ANSWERS
        if answered:
            self._sms.enqueue(
                session, key=f"{ANSWER}{message.id}", number=message.number, text=answer, elder_id=message.elder_id,
                order_id=message.order_id, in_spite_of_opt_out=last_word, first=True,
            )  # fmt: skip
        return Received(message.id, state, reading, message.order_id, case_id, answered=answered)
