"""Spoken values: what a caller is told, as a list of recorded pieces. Pure: whoever calls says what day it is.

Written by ourselves because packaged normalisers read 9:30, 2026-03-18 and telephone numbers wrongly.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from ivr.prompts.numerals import UnspeakableError, cardinal, counting
from ivr.prompts.vocabulary import Vocabulary

LONGEST_DIGITS = 20  # The longest number anyone can follow by ear; E.164 numbers have at most 15.
TAIL_DIGITS = 4  # By the end of a number people know it: 尾号 5678.
_RELATIVE_DAYS = {-1: "day.yesterday", 0: "day.today", 1: "day.tomorrow", 2: "day.after_tomorrow"}


def spoken(kind: str, value: object, vocabulary: Vocabulary, today: date) -> list[str]:
    """The pieces that say `value` in a placeholder of type `kind`. Raises UnspeakableError."""
    match kind:
        case "person":
            return person(value, vocabulary)
        case "word" | "state":
            return listed(value, vocabulary, f"generic.{kind}")
        case "date":
            return calendar(value, today)
        case "moment":
            return moment(value, today)
    return _PLAIN[kind](value)


def person(value: object, vocabulary: Vocabulary) -> list[str]:
    """One piece for 王奶奶. An unknown surname keeps the form of address ("奶奶"). Raises UnspeakableError."""
    text = value if isinstance(value, str) else ""
    for address, ending in vocabulary.addresses.items():
        if text.endswith(address):
            surname = text.removesuffix(address)
            if not surname:
                return [f"person.{ending}"]
            if surname in vocabulary.surnames:
                return [f"person.{vocabulary.surnames[surname]}.{ending}"]
            raise UnspeakableError("the surname has no recording", f"person.{ending}")
    raise UnspeakableError("no form of address is known", "generic.person")


def listed(value: object, vocabulary: Vocabulary, instead: str) -> list[str]:
    """A service or a state of an order, by its name (送餐) or its code ("accepted"). Raises UnspeakableError."""
    if not isinstance(value, str) or value not in vocabulary.words:
        raise UnspeakableError("the word has no recording", instead)
    return [vocabulary.words[value]]


def digits(value: object) -> list[str]:
    """Order numbers and keys: one digit after the other, 1 is 一."""
    return _one_by_one(value, one="number.1", instead="generic.digits")


def phone(value: object) -> list[str]:
    """Telephone numbers: 1 is 幺, as everybody says it; a leading + is left out."""
    return _one_by_one(str(value).removeprefix("+"), one="number.yao", instead="generic.phone")


def tail(value: object) -> list[str]:
    """The last four digits of a telephone number, one by one: enough to know it by, and nobody else's to overhear."""
    return _one_by_one(str(value)[-TAIL_DIGITS:], one="number.yao", instead="generic.tail")


def count(value: object) -> list[str]:
    """How many, before a measure word: 两, 十二."""
    return counting(_whole(value, "generic.count"))


def minutes(value: object) -> list[str]:
    """A length of time in whole minutes, with its unit: 两分钟."""
    n = _whole(value, "generic.minutes")
    return [*_or_instead(counting, n, "generic.minutes"), "unit.minutes"]


def money(value: object) -> list[str]:
    """An amount in fen: 1205 is 十二元零五分, 200 is 两元."""
    fen_in_all = _whole(value, "generic.money")
    yuan, jiao, fen = fen_in_all // 100, fen_in_all // 10 % 10, fen_in_all % 10
    spoken: list[str] = []
    if yuan or not fen_in_all:
        spoken += [*_or_instead(counting, yuan, "generic.money"), "unit.yuan"]
    if jiao:
        spoken += [*counting(jiao), "unit.jiao"]
    if fen:
        if yuan and not jiao:
            spoken.append("number.0")
        # 两分 stands alone; after another unit people say 二分.
        spoken += [*(cardinal(fen) if spoken else counting(fen)), "unit.fen"]
    return spoken


def clock(value: object) -> list[str]:
    """A time of day as people say it: 9:30 is 上午九点半, 14:05 is 下午两点零五分. Takes a time or a datetime."""
    if isinstance(value, datetime):
        value = value.time()
    if not isinstance(value, time):
        raise UnspeakableError("not a time of day", "generic.time")
    spoken = [_part_of_day(value.hour), f"hour.{value.hour if value.hour <= 12 else value.hour - 12}"]
    if value.minute == 30:
        return [*spoken, "unit.half"]
    if value.minute:
        if value.minute < 10:
            spoken.append("number.0")
        spoken += [f"number.{value.minute}", "unit.fen"]
    return spoken


def calendar(value: object, today: date) -> list[str]:
    """A day: 今天, 明天, 后天, 昨天, else "三月十八号", within a week with its weekday. No year."""
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date):
        raise UnspeakableError("not a day", "generic.date")
    ahead = (value - today).days
    if ahead in _RELATIVE_DAYS:
        return [_RELATIVE_DAYS[ahead]]
    spoken = [f"month.{value.month}", f"day.{value.day}"]
    return [*spoken, f"weekday.{value.isoweekday()}"] if 0 < ahead < timedelta(days=7).days else spoken


def moment(value: object, today: date) -> list[str]:
    """A day and a time: 明天上午九点半."""
    if not isinstance(value, datetime):
        raise UnspeakableError("not a moment", "generic.moment")
    return [*calendar(value, today), *clock(value)]


def _part_of_day(hour: int) -> str:
    for until, part in ((6, "dawn"), (12, "morning"), (13, "noon"), (18, "afternoon")):
        if hour < until:
            return f"part.{part}"
    return "part.evening"


def _one_by_one(value: object, *, one: str, instead: str) -> list[str]:
    text = "" if isinstance(value, bool) else str(value)
    # str.isdigit() takes ² and ٣ for digits as well.
    if not 0 < len(text) <= LONGEST_DIGITS or not (text.isascii() and text.isdigit()):
        raise UnspeakableError("not a string of digits", instead)
    return [one if digit == "1" else f"number.{digit}" for digit in text]


def _whole(value: object, instead: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise UnspeakableError("not a whole number", instead)
    return value


def _or_instead(say: Callable[[int], list[str]], n: int, instead: str) -> list[str]:
    try:
        return say(n)
    except UnspeakableError as problem:
        raise UnspeakableError(str(problem), instead) from problem


_PLAIN: dict[str, Callable[[object], list[str]]] = {
    "digits": digits,
    "phone": phone,
    "tail": tail,
    "count": count,
    "minutes": minutes,
    "money": money,
    "time": clock,
}
