"""Chinese numerals, as lists of recorded pieces and as text. Pure."""

LARGEST = 99_999_999


class UnspeakableError(ValueError):
    """A value has no words. `instead` are the pieces to say in its place, so that nobody hears silence."""

    def __init__(self, reason: str, *instead: str) -> None:
        super().__init__(reason)
        self.instead = instead


def numeral_text(n: int) -> str:
    """0 to 99 as characters: 35 is 三十五, 10 is 十."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(n, 10)
    if tens == 0:
        return digits[ones]
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")


def cardinal(n: int) -> list[str]:
    """The number as it is read: 2 is 二, 200 is 两百, 2000 is 两千, 1010 is 一千零一十. Raises UnspeakableError."""
    if not 0 <= n <= LARGEST:
        raise UnspeakableError("the number is out of range", "generic.count")
    if n < 100:
        return [f"number.{n}"]
    ten_thousands, rest = divmod(n, 10_000)
    spoken: list[str] = []
    if ten_thousands:
        spoken += ["number.liang"] if ten_thousands == 2 else _below_ten_thousand(ten_thousands)
        spoken.append("number.wan")
    if rest:
        if ten_thousands and rest < 1_000:
            spoken.append("number.0")
        spoken += _below_ten_thousand(rest, follows=bool(ten_thousands))
    return spoken


def counting(n: int) -> list[str]:
    """The number before a measure word: 2 is 两 (两位), 12 is 十二. Raises UnspeakableError."""
    return ["number.liang"] if n == 2 else cardinal(n)


def _below_ten_thousand(n: int, *, follows: bool = False) -> list[str]:
    thousands, hundreds, rest = n // 1_000, n // 100 % 10, n % 100
    spoken: list[str] = []
    if thousands:
        spoken += ["number.liang" if thousands == 2 else f"number.{thousands}", "number.qian"]
    if hundreds:
        leading = not thousands and not follows
        spoken += ["number.liang" if hundreds == 2 and leading else f"number.{hundreds}", "number.bai"]
    if rest:
        if (thousands and not hundreds) or (hundreds and rest < 10):
            spoken.append("number.0")
        if (spoken or follows) and 10 <= rest < 20:
            spoken.append("number.1")
        spoken.append(f"number.{rest}")
    return spoken
