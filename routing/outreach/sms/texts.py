"""What our SMS say: one function a message. The words are data (texts_catalogue), ours or a deployment's own.

Who asked for nothing is told how to stop it (TD), and no text holds more of a person than its reader must know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import structlog

from routing.outreach.scales import USUAL, Scale
from routing.outreach.sms.encoding import Alphabet, write
from routing.outreach.sms.text_catalogue import BadTexts, TextCatalogue, load, problems

log = structlog.get_logger(__name__)

SIGNATURE = "【银龄热线】"
MOST_PARTS = 4
RATING = "rating-"
"""How the names of questions begin whose answer is a score; the scale comes after it, worst first."""
RATING_QUESTION = f"{RATING}{USUAL}"
"""Name of the question whose answer is a score from 1 (very dissatisfied) to 5 (very satisfied)."""


@dataclass
class _InUse:
    """The catalogue of this process: texts are written deep within units of work that know no settings."""

    catalogue: Callable[[], TextCatalogue] | None = None


_in_use = _InUse()


def use(language: str, own: Path | None = None) -> None:
    """Say these texts from now on in this process."""
    catalogue = chosen(language, own)
    follow(lambda: catalogue)


def follow(catalogue: Callable[[], TextCatalogue]) -> None:
    """Say from now on in this process what this gives at the moment when a text is written."""
    _in_use.catalogue = catalogue


def chosen(language: str, own: Path | None = None) -> TextCatalogue:
    """Give our texts, or a deployment's. A file that is not right is not used, and said so: a message in our words is
    better than half a one, or none."""
    catalogue = load(language)
    if own is not None:
        try:
            theirs = load(language, own)
        except BadTexts as error:
            log.warning("sms.texts_refused", why=str(error))
        else:
            if wrong := problems(theirs):
                log.warning("sms.texts_refused", why=wrong)
            else:
                catalogue = theirs
    return catalogue


def scale_of(question: str) -> str:
    """Give the scale that a question of this name asks on: the one that its text names."""
    return question.removeprefix(RATING) if question.startswith(RATING) else USUAL


def parts(text: str) -> int:
    """Count the parts in which a text is sent. Characters beyond the basic plane (emoji) take two places."""
    return len(write(text, Alphabet.GSM7).parts)


def moment(at: datetime, now: datetime) -> str:
    """Write a moment as people say it; both instants in local time: 今天14:30, 明天9:00, 3月5日14:30."""
    clock = f"{at.hour}:{at.minute:02}"
    word = {0: "today", 1: "tomorrow"}.get((at.date() - now.date()).days)
    return _texts().word(word, time=clock) if word else _texts().word("day", month=at.month, day=at.day, time=clock)


def accepted(item: str, worker: str, when: str, number: str) -> str:
    """Tell the elder who will come."""
    return _texts().say("accepted", item=item, worker=worker, when=when, number=number)


def assigned(*, item: str, number: str, when: str, elder: str, place: str, visits_did: str) -> str:
    """Tell the worker where to go."""
    return _texts().say(
        "assigned", item=item, number=number, when=when, elder=elder, place=place, visits_did=visits_did
    )


def cancelled(item: str, when: str, number: str) -> str:
    """Tell the worker, or the company, that an order that was theirs is cancelled."""
    return _texts().say("cancelled", item=item, when=when, number=number)


def late(item: str, number: str) -> str:
    """Tell the elder that somebody comes late."""
    return _texts().say("late", item=item, number=number)


def certificate(worker: str, kind: str, day: str, *, over: bool) -> str:
    """Tell a company that a certificate of its worker ends, or has ended."""
    return _texts().say("certificate_over" if over else "certificate_ends", worker=worker, kind=kind, day=day)


def pin_locked(worker: str) -> str:
    """Tell a company that the PIN of its worker is locked."""
    return _texts().say("pin_locked", worker=worker)


def taken_back(item: str, when: str, number: str) -> str:
    """Tell the worker, or the company, that others do an order that was theirs."""
    return _texts().say("taken_back", item=item, when=when, number=number)


def of_catalogue(key: str, **fields: object) -> str:
    """Write out a text that has no function of its own here."""
    return _texts().say(key, **fields)


def word(key: str) -> str:
    """Give a small word of the catalogue that takes no fields."""
    return _texts().word(key)


def offered_list(orders: int, until: str) -> str:
    """Tell a company of all the planned orders of a day at once."""
    return _texts().say("offered_list", orders=orders, until=until)


def rate(item: str, number: str, scale: str = USUAL) -> str:
    """Ask for the score when nobody answered the call. The question's name is `RATING` and the same scale.

    Raises ValueError for what is no scale.
    """
    asked = Scale.parse(scale)
    return _texts().say("rate", item=item, number=number, low=asked.low, high=asked.high, best=asked.best)


def group_message(text: str) -> str:
    """Tell many the same."""
    return _texts().say("group_message", text=text)


def thanks(score: int | str) -> str:
    """Acknowledge a score."""
    return _texts().say("thanks", score=score)


def sorry() -> str:
    """Acknowledge a low score or a service that was not done."""
    return _texts().say("sorry")


def tried_to_call() -> str:
    """Say that a promised call-back was made and not answered."""
    return _texts().say("tried_to_call")


def opted_out() -> str:
    """Acknowledge an opt-out: the last message that this number gets."""
    return _texts().say("opted_out")


def help_comes() -> str:
    """Acknowledge a cry for help."""
    return _texts().say("help_comes")


def unclear() -> str:
    """Say that a person reads what we could not."""
    return _texts().say("unclear")


def which(numbers: Sequence[str], items: Sequence[str] = ()) -> str:
    """Ask which of several orders a score is meant for; `items` are what was ordered, if there is room for them."""
    named = [f"{number}{item}" for number, item in zip(numbers, items, strict=True)] if items else list(numbers)
    between = _texts().word("between")
    whole = _texts().say("which", numbers=between.join(named), first=numbers[0])
    if parts(whole) <= MOST_PARTS:
        return whole
    return _texts().say("which", numbers=between.join(numbers), first=numbers[0])


def stranger() -> str:
    """Answer a number that we do not know."""
    return _texts().say("stranger")


def empty() -> str:
    """Answer a message without words."""
    return _texts().say("empty")


def _texts() -> TextCatalogue:
    return (_in_use.catalogue or _ours)()


@cache
def _ours() -> TextCatalogue:
    return load("zh-CN")
