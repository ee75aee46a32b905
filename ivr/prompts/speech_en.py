"""Spoken values in English, as lists of recorded pieces. Pure, as ivr.prompts.speech, which chooses by language."""

from datetime import date, datetime, time, timedelta

from ivr.prompts.numerals_en import cardinal

_RELATIVE_DAYS = {-1: "day.yesterday", 0: "day.today", 1: "day.tomorrow"}


def count(n: int) -> list[str]:
    """How many. Raises UnspeakableError."""
    return cardinal(n)


def minutes(n: int) -> list[str]:
    """A length of time in whole minutes: one minute, two minutes. Raises UnspeakableError."""
    return [*cardinal(n), "unit.minute" if n == 1 else "unit.minutes"]


def money(fen_in_all: int) -> list[str]:
    """An amount in fen: 1205 is twelve yuan and five fen. Raises UnspeakableError."""
    yuan, fen = divmod(fen_in_all, 100)
    spoken = [*cardinal(yuan), "unit.yuan"] if yuan or not fen else []
    if fen:
        spoken += [*(["number.and"] if spoken else []), f"number.{fen}", "unit.fen"]
    return spoken


def clock(at: time) -> list[str]:
    """A time of day: half past nine in the morning, two oh five in the afternoon, noon, midnight."""
    if at.minute == 0 and at.hour % 12 == 0:
        return ["part.noon" if at.hour else "part.midnight"]
    hour, part = at.hour % 12 or 12, _part_of_day(at.hour)
    if at.minute == 0:
        return [f"hour.{hour}", part]
    if at.minute == 30:
        return [f"half.{hour}", part]
    return [f"number.{hour}", *(["number.oh"] if at.minute < 10 else []), f"number.{at.minute}", part]


def calendar(day: date, today: date) -> list[str]:
    """A day: today, tomorrow, yesterday, else "March the twentieth", within a week after its weekday. No year."""
    ahead = (day - today).days
    if ahead in _RELATIVE_DAYS:
        return [_RELATIVE_DAYS[ahead]]
    spoken = [f"month.{day.month}", f"day.{day.day}"]
    return [f"weekday.{day.isoweekday()}", *spoken] if 0 < ahead < timedelta(days=7).days else spoken


def moment(at: datetime, today: date) -> list[str]:
    """A day and a time: tomorrow at half past nine in the morning."""
    return [*calendar(at.date(), today), "unit.at", *clock(at.time())]


def _part_of_day(hour: int) -> str:
    for until, part in ((1, "night"), (12, "morning"), (18, "afternoon"), (21, "evening")):
        if hour < until:
            return f"part.{part}"
    return "part.night"
