"""Which language a page speaks: the one chosen in the bar, else what the browser asks for, else the hotline's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import Blueprint, Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel

from agent_console.catalogue import CHINESE, ENGLISH, Catalogue, language_now
from routing.settings import Settings

COOKIE: Final = "elderline-language"
"""Tells nothing but the language, so that it outlives the session and is there before logging in."""

_LASTS: Final = timedelta(days=365)


@dataclass(frozen=True)
class Language:
    """A language as pages name it."""

    tag: str
    """For `lang` attributes, and for services that speak several languages: zh-CN or en."""
    name: str
    """In its own words."""


LANGUAGES: Final[Mapping[str, Language]] = {
    CHINESE: Language("zh-CN", "中文"),
    ENGLISH: Language("en", "English"),
}

blueprint = Blueprint("languages", __name__)


@blueprint.post("/language")
def choose() -> ResponseReturnValue:
    """Keep the language that somebody chose, and show them the page where they were."""
    wanted, target = request.form.get("language", ""), request.form.get("next", "")
    inside = target.startswith("/") and not target.startswith(("//", "/\\"))
    answer = redirect(target if inside else url_for("home.show"))
    if wanted in LANGUAGES:
        secure = request.is_secure
        answer.set_cookie(COOKIE, wanted, max_age=_LASTS, httponly=True, secure=secure, samesite="Lax")
    return answer


def language() -> str:
    """Give the language of this request by its tag, as zh-CN; outside of requests the first one."""
    return LANGUAGES[language_now()].tag


def _select(first: str) -> str:
    """Choose the language of a request."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    spoken = {"zh": CHINESE, "en": ENGLISH}
    asked = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality > 0)  # Best first.
    return next((spoken[each] for each in asked if each in spoken), first)


def equip_languages(app: Flask, settings: Settings) -> None:
    """Let Flask-Babel know our languages, and templates which one they speak."""
    babel = Babel(configure_jinja=False)  # Templates name keys, by `t` of `texts`.
    first = ENGLISH if settings.language == "en" else CHINESE
    babel.init_app(app, default_locale=first, locale_selector=lambda: _select(first))
    babel.domain_instance = Catalogue()
    app.jinja_env.globals.update(language=language, languages=LANGUAGES)
