"""What pages say, in the language of whoever looks: templates and views name a key, `translations` has the texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from babel.dates import format_datetime
from flask import Flask

from agent_console.catalogue import CHINESE, ENGLISH, language_now, read_language, texts_now
from routing.numbers import as_dialled, masked
from routing.settings import Settings

_MOMENT: Final = {CHINESE: "yyyy-MM-dd HH:mm", ENGLISH: "d MMM yyyy HH:mm"}
"""English dates name the month: 03/04 is another day on each side of an ocean."""


def text(key: str, **values: object) -> str:
    """Give a text. Raises KeyError for a key that no catalogue has: a page with a hole is a fault."""
    said = texts_now().texts[key]
    return said.format(**values) if values else said


def word(group: str, value: str) -> str:
    """Give the word for a state, kind or code; one that we do not know shows as itself."""
    return words(group).get(value, value)


def words(group: str) -> Mapping[str, str]:
    """Give all words of a group, as for a script that chooses among them. Raises KeyError for an unknown group."""
    return texts_now().words[group]


def yuan(fen: int) -> str:
    """Write fen as yuan: 1250 is 12.50."""
    return f"{fen // 100}.{fen % 100:02d}"


def waited(seconds: float | None) -> str:
    """Write a duration: 1:05, or 1:02:03."""
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _moment(settings: Settings) -> Callable[[datetime | None], str]:
    """Make a filter that writes an instant in the zone of the service, as the language writes it."""

    def write(at: datetime | None) -> str:
        locale = language_now()
        return format_datetime(at.astimezone(settings.zone), _MOMENT[locale], locale=locale) if at else ""

    return write


def _clock(settings: Settings) -> Callable[[datetime | None], str]:
    """Make a filter that writes the time of day, to the second."""
    return lambda at: at.astimezone(settings.zone).strftime("%H:%M:%S") if at else ""


def equip_templates(app: Flask, settings: Settings) -> None:
    """Let templates say `t("nav.desk")` and `word("agent", state)`, hand scripts `words("dial")`, and write values."""
    for language in (CHINESE, ENGLISH):
        read_language(language)  # A catalogue that cannot be read shows at the start.
    app.jinja_env.globals.update(t=text, word=word, words=words)
    app.jinja_env.filters.update(
        local=_moment(settings),
        clock=_clock(settings),
        yuan=yuan,
        waited=waited,
        masked=lambda number: masked(number) if number else "",
        dialled=lambda number: as_dialled(number, settings.country) if number else "",
    )
