"""Spoken values: what a caller is told, as a list of recorded pieces. Pure: whoever calls says what day it is.

Written by ourselves because packaged normalisers read 9:30, 2026-03-18 and telephone numbers wrongly.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from ivr.prompts import speech_en
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
        case "digits":
            return digits(value)
    return (_english if vocabulary.language == "en" else _chinese)(kind, value, today)


def _chinese(kind: str, value: object, today: date) -> list[str]:
    match kind:
        case "date":
            return calendar(value, today)
        case "moment":
            return moment(value, today)
    return _PLAIN[kind](value)


def _english(kind: str, value: object, today: date) -> list[str]:
    match kind:
        case "date":
            return speech_en.calendar(_day(value), today)
        case "moment":
            return speech_en.moment(_moment(value), today)
        case "time":
            return speech_en.clock(_time_of_day(value))
        case "phone":
            return phone(value, one="number.1")
        case "tail":
            return tail(value, one="number.1")
    return _or_instead(_ENGLISH_AMOUNTS[kind], _whole(value, f"generic.{kind}"), f"generic.{kind}")


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


def phone(value: object, one: str = "number.yao") -> list[str]:
    """Telephone numbers: 1 is 幺, as everybody in China says it; a leading + is left out."""
    return _one_by_one(str(value).removeprefix("+"), one=one, instead="generic.phone")


def tail(value: object, one: str = "number.yao") -> list[str]:
    """The last four digits of a telephone number, one by one: enough to know it by, and nobody else's to overhear."""
    return _one_by_one(str(value)[-TAIL_DIGITS:], one=one, instead="generic.tail")


def count(value: object) -> list[str]:
    """How many, before a measure word: 两, 十二."""
    return counting(_whole(value, "generic.count"))


def minutes(value: object) -> list[str]:
    """A length of time in whole minutes, with its unit: 两分钟."""
    return [*_or_instead(counting, _whole(value, "generic.minutes"), "generic.minutes"), "unit.minutes"]


def money(value: object) -> list[str]:
    """An amount in fen: 1205 is 十二元零五分, 200 is 两元."""
    return _or_instead(_chinese_money, _whole(value, "generic.money"), "generic.money")


def _chinese_money(fen_in_all: int) -> list[str]:
    yuan, jiao, fen = fen_in_all // 100, fen_in_all // 10 % 10, fen_in_all % 10
    spoken: list[str] = []
    if yuan or not fen_in_all:
        spoken += [*counting(yuan), "unit.yuan"]
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
    at = _time_of_day(value)
    spoken = [_part_of_day(at.hour), f"hour.{at.hour if at.hour <= 12 else at.hour - 12}"]
    if at.minute == 30:
        return [*spoken, "unit.half"]
    if at.minute:
        if at.minute < 10:
            spoken.append("number.0")
        spoken += [f"number.{at.minute}", "unit.fen"]
    return spoken


def calendar(value: object, today: date) -> list[str]:
    """A day: 今天, 明天, 后天, 昨天, else "三月十八号", within a week with its weekday. No year."""
    day = _day(value)
    ahead = (day - today).days
    if ahead in _RELATIVE_DAYS:
        return [_RELATIVE_DAYS[ahead]]
    spoken = [f"month.{day.month}", f"day.{day.day}"]
    return [*spoken, f"weekday.{day.isoweekday()}"] if 0 < ahead < timedelta(days=7).days else spoken


def moment(value: object, today: date) -> list[str]:
    """A day and a time: 明天上午九点半."""
    at = _moment(value)
    return [*calendar(at, today), *clock(at)]


def _time_of_day(value: object) -> time:
    if isinstance(value, datetime):
        return value.time()
    if not isinstance(value, time):
        raise UnspeakableError("not a time of day", "generic.time")
    return value


def _day(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if not isinstance(value, date):
        raise UnspeakableError("not a day", "generic.date")
    return value


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise UnspeakableError("not a moment", "generic.moment")
    return value


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
    "phone": phone,
    "tail": tail,
    "count": count,
    "minutes": minutes,
    "money": money,
    "time": clock,
}
_ENGLISH_AMOUNTS: dict[str, Callable[[int], list[str]]] = {
    "count": speech_en.count,
    "minutes": speech_en.minutes,
    "money": speech_en.money,
}
