"""What is done with a reply that is no cry for help and no opt-out: scored, asked back, or put before a person."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Case, CaseEvent, SmsMessage
from routing.calls.messages import Message
from routing.errors import DomainError
from routing.orders.cases import open_case
from routing.outreach.ratings import Reading, ReplyKind, read
from routing.outreach.scales import Scale
from routing.outreach.scores import LOW, Ratings
from routing.outreach.sms import texts
from routing.outreach.sms.choices import Listed, choose
from routing.outreach.sms.questions import Question, Tie, answered_last
from routing.outreach.sms.senders import SAID_WITHIN, Sender

MOST_LISTED = 4


@dataclass(frozen=True)
class Done:
    """What became of a reply; `answer` is what its sender is told."""

    reading: Reading
    state: str
    answer: str
    case_id: int | None = None


@dataclass(frozen=True)
class _Word:
    """One word on one order."""

    question: Question
    reading: Reading
    text: str


class Scoring:
    """Ties words to orders and writes them. All within the unit of work of whoever asks."""

    def __init__(self, ratings: Ratings, clock: Callable[[], datetime]) -> None:
        self._ratings = ratings
        self._clock = clock

    def take(  # noqa: PLR0917  # What a reply is made of.
        self, session: Session, message: SmsMessage, sender: Sender, reading: Reading, tied: Tie,
        messages: list[Message],
    ) -> Done:  # fmt: skip
        """Do what a reply asks for. `reading` is that of `tied.text` on `tied.scale`."""
        if tied.question is not None:  # Also of a reply that nobody can read it is known that it is one.
            message.answers, message.scale = tied.question.asked_id, tied.question.scale
        with session.no_autoflush:
            before = _said_before(session, sender)
            words = self._words(session, message, sender, reading, tied, before)
        if words:
            try:
                with session.begin_nested():
                    done, told = self._write(session, message, words)
            except (
                DomainError
            ) as refused:  # The order was moved on in the meantime: nothing of this is a score any more.
                return self._to_a_person(
                    session, message, sender, reading, f"{reading.understood}; {refused}", messages
                )
            messages += told
            first = words[0].question
            message.order_id, message.elder_id = first.order_id, first.elder_id
            message.answers, message.scale = first.asked_id, first.scale
            if before is not None:
                _answered(session, before, self._clock())
            return done
        if tied.candidates and before is None and _counts(reading):
            return self._ask_which(session, message, reading, tied.candidates, messages)
        return self._to_a_person(session, message, sender, reading, reading.understood, messages)

    def _words(  # noqa: PLR0917  # As above.
        self, session: Session, message: SmsMessage, sender: Sender, reading: Reading, tied: Tie,
        before: SmsMessage | None,
    ) -> list[_Word]:  # fmt: skip
        """Give which orders are scored and how; nothing when that is not sure."""
        if reading.corrects and not tied.named:
            last = answered_last(session, sender, self._clock(), message.number_to)
            if last is not None:
                return _counting([_Word(last, read(tied.text, last.scale), message.text)])
        if tied.question is not None:
            if tied.only_names and before is not None:
                return _counting([_Word(tied.question, read(before.text, tied.question.scale), before.text)])
            return _counting([_Word(tied.question, reading, message.text)])
        listed = [Listed(each.number, each.item) for each in tied.candidates]
        chosen = choose(tied.text, listed)
        if not chosen and before is not None and not _counts(reading):
            return []
        words = []
        for choice in chosen:
            question = tied.candidates[choice.at]
            said = choice.text or (before.text if before is not None and len(chosen) == 1 else "")
            words.append(_Word(question, read(said, question.scale), said))
        return words if all(_counts(word.reading) for word in words) else []

    def _write(
        self, session: Session, message: SmsMessage, words: Sequence[_Word]
    ) -> tuple[Done, list[Message]]:  # fmt: skip
        told: list[Message] = []
        cases, scores = [], []
        for word in words:
            scale, said = Scale.parse(word.question.scale), word.reading
            score = scale.on_five(said.score) if said.score is not None else None
            scored = self._ratings.score_within(
                session, word.question.order_id, "sms", told, score=score, done=said.done,
                remark=word.text if said.more or said.kind is not ReplyKind.SCORE else None,
                actor=_who(session, message, word.question),
            )  # fmt: skip
            scores.append((score, said.score))
            if scored.complaint_case_id is not None:
                cases.append(scored.complaint_case_id)
        good = all(score is not None and score >= LOW for score, _said in scores)
        answer = texts.thanks("、".join(str(said) for _score, said in scores)) if good else texts.sorry()
        return Done(words[0].reading, "understood", answer, cases[0] if cases else None), told

    def _ask_which(
        self, session: Session, message: SmsMessage, reading: Reading, candidates: Sequence[Question],
        messages: list[Message],
    ) -> Done:  # fmt: skip
        """Ask which order is meant. A person sees it, too; the answer closes the case."""
        shown = candidates[:MOST_LISTED]
        case = put_before_a_person(
            session, message, self._clock(), f"{reading.understood}; asked for which order", messages,
            due_at=self._clock() + SAID_WITHIN,
        )  # fmt: skip
        answer = texts.which([each.number for each in shown], [each.item for each in shown])
        return Done(reading, "unclear", answer, case.id)

    def _to_a_person(  # noqa: PLR0917  # As above.
        self, session: Session, message: SmsMessage, sender: Sender, reading: Reading, note: str,
        messages: list[Message],
    ) -> Done:  # fmt: skip
        case = put_before_a_person(session, message, self._clock(), note, messages)
        answer = texts.unclear() if sender.is_known else texts.stranger()
        return Done(reading, "unclear" if sender.is_known else "stranger", answer, case.id)


def put_before_a_person(
    session: Session, message: SmsMessage, now: datetime, note: str, messages: list[Message],
    *, due_at: datetime | None = None,
) -> Case:  # fmt: skip
    """Open the case of a message that a person must read. Whoever asks holds the message, and it has none yet."""
    case, opened = open_case(
        session, now, key=f"sms-{message.id}", kind="sms", elder_id=message.elder_id, sms_id=message.id, note=note,
        due_at=due_at, first=True,
    )  # fmt: skip
    if opened:
        messages.append(opened)
    return case


def _counts(reading: Reading) -> bool:
    return reading.kind is ReplyKind.SCORE or reading.done is False


def _counting(words: list[_Word]) -> list[_Word]:
    return words if all(_counts(word.reading) for word in words) else []


def _who(session: Session, message: SmsMessage, question: Question) -> str:
    """Say who spoke: the elder whose telephone it is, or a relative."""
    return f"elder:{question.elder_id}" if question.own else "contact"


def _said_before(session: Session, sender: Sender) -> SmsMessage | None:
    """Give the last score of this telephone of which was asked to which order it belongs, if nobody answered yet."""
    found = session.get(SmsMessage, sender.undecided) if sender.undecided is not None else None
    if found is None:
        return None
    understood = json.loads(found.understood)
    return found if understood["kind"] == ReplyKind.SCORE or understood["done"] is False else None


def _answered(session: Session, before: SmsMessage, now: datetime) -> None:
    """Close the case of a score whose order is known now, unless a person was faster."""
    case = session.scalar(select(Case).where(Case.sms_id == before.id, Case.kind == "sms").with_for_update())
    if case is not None and case.state == "open":
        case.state, case.closed_at, case.outcome = "closed", now, "the sender said for which order"
        session.add(CaseEvent(case_id=case.id, at=now, actor="system", what="closed", detail=case.outcome))
    before.state = "understood"
