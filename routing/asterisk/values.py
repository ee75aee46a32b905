"""What may become a dialplan variable, an extension or a channel's name, so that no value turns into an expression."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

_KEPT_PUNCTUATION: Final = frozenset(" -_.+")

# Setting a variable does not evaluate its value, but a dialplan that puts it into $[...], into an application's
# arguments or into a quoted string does; and Originate splits its variables at commas.
_NEVER: Final = re.compile(r"""[$\[\]{}"'`,;\\\x00-\x1f\x7f]""")
_VARIABLE: Final = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9_]*")
_SETTABLE: Final = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9_]*|(?:CHANNEL|CALLERID|CONNECTEDLINE)\([a-z-]+\)")
PAGE_S_CALL: Final = "PJSIP_HEADER(add,X-Elderline-Call)"
"""The one function that a dial may set: by this header a page that was cut off in a call knows it for its own."""
_CONTEXT: Final = re.compile(r"[A-Za-z0-9_-]{1,79}")
_EXTENSION: Final = re.compile(r"[A-Za-z0-9_*#+-]{1,79}")
_OWN_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CHANNEL: Final = re.compile(r"[A-Za-z]+/[A-Za-z0-9_.+@:/*#;=-]{1,200}")


def safe_value(text: str, max_length: int = 80) -> str:
    """Keep what is harmless in any dialplan expression: letters and digits of any script, space, and `-_.+`.

    All else is dropped, and the rest is cut to `max_length` characters. For every value that came from outside.
    """
    kept = (
        character
        for character in text
        if character in _KEPT_PUNCTUATION or unicodedata.category(character) in {"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"}
    )
    return "".join(kept)[:max_length]


def check_value(name: str, value: str) -> str:
    """Give the value back; raise ValueError if it could be more than a value to a dialplan."""
    if _NEVER.search(value):
        raise ValueError(f"the value of {name} could be read as an expression; pass it through safe_value first")
    return value


def checked_variables(variables: Mapping[str, str]) -> list[str]:
    """The variables as `NAME=value` lines; raise ValueError for a name or a value that is not fit."""
    for name in variables:
        if not _VARIABLE.fullmatch(name) and name != PAGE_S_CALL:
            raise ValueError(f"not a variable's name: {name!r}")
    return [f"{name}={check_value(name, value)}" for name, value in variables.items()]


def check_settable(name: str) -> str:
    """Give back what Setvar may set: a variable, or one of the few functions that only describe the call."""
    if not _SETTABLE.fullmatch(name):
        raise ValueError(f"not to be set from here: {name!r}")
    return name


def check_channel(channel: str) -> str:
    """Give the channel's name or dial string back; raise ValueError for a pattern or anything odd."""
    if not _CHANNEL.fullmatch(channel):
        raise ValueError("not a channel's name")
    return channel


def check_channel_or_id(channel: str) -> str:
    """Give a channel's name, or the Uniqueid that we gave it when we dialled it, back; raise ValueError."""
    return channel if _OWN_ID.fullmatch(channel) else check_channel(channel)


def check_place(context: str, exten: str, priority: int) -> None:
    """Raise ValueError unless this can be a place in a dialplan."""
    if not _CONTEXT.fullmatch(context):
        raise ValueError(f"not a context: {context!r}")
    if not _EXTENSION.fullmatch(exten):
        raise ValueError("not an extension")
    if priority < 1:
        raise ValueError(f"not a priority: {priority}")
