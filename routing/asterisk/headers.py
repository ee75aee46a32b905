"""The headers of one packet from the manager interface, as an unchanging mapping."""

from collections.abc import Iterable, Iterator, Mapping


class Headers(Mapping[str, str]):
    """Header names compare without regard to case; of a repeated header the first counts.

    The first counts because Asterisk writes a channel's own headers before those that a dialplan's UserEvent adds, so
    a value that came from a caller cannot pass for the channel's name. `all` gives every value of a repeated header.
    """

    __slots__ = ("_values",)

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name.lower(), []).append(value)

    @classmethod
    def from_lines(cls, lines: Iterable[str]) -> "Headers":
        """Read `Name: value` lines; a line without a colon is no header and is passed over."""
        split = (line.partition(":") for line in lines)
        return cls((name.strip(), value.removeprefix(" ")) for name, colon, value in split if colon and name.strip())

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __repr__(self) -> str:
        """Name the headers only: their values may be personal data, and this reaches logs."""
        return f"Headers({', '.join(self._values)})"

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a header that may come more than once (`Output`, `ChanVariable`); empty when absent."""
        return tuple(self._values.get(name.lower(), ()))

    def text(self, name: str) -> str:
        """The header's value, or an empty string, which is also how Asterisk writes "none"."""
        return self.get(name, "")

    def number(self, name: str) -> int:
        """The header's value as a whole number; 0 when absent or malformed, as Asterisk itself reads it."""
        try:
            return int(self.get(name, "0"))
        except ValueError:
            return 0

    def moment(self, name: str) -> float | None:
        """The header's value as an epoch in seconds; None when absent or malformed."""
        try:
            return float(self[name])
        except (KeyError, ValueError):
            return None
