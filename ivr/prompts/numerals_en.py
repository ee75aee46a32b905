"""English numerals, as lists of recorded pieces and as text. Pure."""

from ivr.prompts.numerals import LARGEST, UnspeakableError

_SMALL = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_SMALL += ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth", "twenty": "twentieth", "thirty": "thirtieth",
}  # fmt: skip
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October"]
MONTHS += ["November", "December"]


def numeral_text(n: int) -> str:
    """0 to 99 in words: 35 is thirty-five."""
    if n < len(_SMALL):
        return _SMALL[n]
    tens, ones = divmod(n, 10)
    return _TENS[tens] + (f"-{_SMALL[ones]}" if ones else "")


def ordinal_text(n: int) -> str:
    """1 to 99 as a day is read: 21 is twenty-first."""
    head, hyphen, last = numeral_text(n).rpartition("-")
    return head + hyphen + _ORDINALS.get(last, f"{last}th")


def cardinal(n: int) -> list[str]:
    """The number as it is read: 105 is one hundred and five. Raises UnspeakableError."""
    if not 0 <= n <= LARGEST:
        raise UnspeakableError("the number is out of range", "generic.count")
    millions, thousands, rest = n // 1_000_000, n // 1_000 % 1_000, n % 1_000
    spoken: list[str] = []
    for group, unit in ((millions, "number.million"), (thousands, "number.thousand")):
        if group:
            spoken += [*_below_thousand(group), unit]
    if rest or not spoken:
        if spoken and rest < 100:
            spoken.append("number.and")
        spoken += _below_thousand(rest)
    return spoken


def counted_pieces() -> dict[str, str]:
    """Pieces made from numerals: numbers to 99, hours on the hour and half past, months, days, weekdays."""
    pieces = {f"number.{n}": numeral_text(n) for n in range(100)}
    pieces |= {f"hour.{h}": f"{numeral_text(h)} o'clock" for h in range(1, 13)}
    pieces |= {f"half.{h}": f"half past {numeral_text(h)}" for h in range(1, 13)}
    pieces |= {f"month.{n}": name for n, name in enumerate(MONTHS, start=1)}
    pieces |= {f"day.{d}": f"the {ordinal_text(d)}" for d in range(1, 32)}
    pieces |= {f"weekday.{n}": name for n, name in enumerate(WEEKDAYS, start=1)}
    return pieces


def _below_thousand(n: int) -> list[str]:
    hundreds, rest = divmod(n, 100)
    if not hundreds:
        return [f"number.{rest}"]
    return [f"number.{hundreds}", "number.hundred", *(["number.and", f"number.{rest}"] if rest else [])]
