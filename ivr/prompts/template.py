"""The text of a prompt, split at its placeholders: words recorded whole, and values put together when it plays."""

import re
from dataclasses import dataclass

VALUE_TYPES = frozenset(
    {
        "person",
        "word",
        "state",
        "digits",
        "phone",
        "tail",
        "count",
        "minutes",
        "money",
        "time",
        "date",
        "moment",
        "tone",
    }
)
WHOLE_SOUNDS = frozenset({"saying", "recording"})
"""Types of values that are one sound by themselves: a text that the background job speaks, a recording of a call."""
_PLACEHOLDER = re.compile(r"\{(?P<name>[a-z_]+):(?P<type>[a-z]+)\}")
_PUNCTUATION = "，。？！、；：,.?!;: \t\n"


class TemplateError(ValueError):
    """The text of a prompt cannot be read; the message says what is wrong with it."""


@dataclass(frozen=True)
class Segment:
    """Words that never change; one sound file each. `text` keeps the punctuation, which shapes the melody."""

    text: str

    @property
    def words(self) -> str:
        """The text without punctuation at its ends: what two segments must not have in common."""
        return self.text.strip(_PUNCTUATION)


@dataclass(frozen=True)
class Value:
    """A placeholder `{name:type}`; a tone takes no value, its name is the sound."""

    name: str
    type: str


Part = Segment | Value


def parse(text: str) -> tuple[Part, ...]:
    """Split `text` at its placeholders; pieces of nothing but punctuation fall away.

    Raises TemplateError for an unknown type, a stray brace, or a text that says nothing.
    """
    parts: list[Part] = []
    position = 0
    for match in _PLACEHOLDER.finditer(text):
        _add_segment(parts, text[position : match.start()])
        if match["type"] not in VALUE_TYPES | WHOLE_SOUNDS:
            raise TemplateError(f"unknown type {match['type']!r} in {text!r}")
        parts.append(Value(match["name"], match["type"]))
        position = match.end()
    _add_segment(parts, text[position:])
    if not parts:
        raise TemplateError(f"nothing to say in {text!r}")
    return tuple(parts)


def _add_segment(parts: list[Part], text: str) -> None:
    if "{" in text or "}" in text:
        raise TemplateError(f"a placeholder is not of the form {{name:type}} in {text!r}")
    # What follows a value begins with the comma that belongs to the value.
    segment = Segment(text.lstrip(_PUNCTUATION).rstrip(" \t\n"))
    if segment.words:
        parts.append(segment)
