"""Names of payer classes as the price book has them: supervisors add classes, so no table of texts knows them all."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, g

from agent_console.languages import language
from agent_console.services import console_services
from routing.orders.pricing.reasons import read
from routing.orders.pricing.words import in_words


def payer_names() -> Mapping[str, str]:
    """Give the names by code, read once a request."""
    if "payer_names" not in g:
        g.payer_names = console_services().payer_classes.names(language())
    names: Mapping[str, str] = g.payer_names
    return names


def payer_name(code: str) -> str:
    """Give the name of a class; one that nobody wrote down shows as its code."""
    return payer_names().get(code, code)


def because(price_reasons: str) -> list[str]:
    """Say the reasons of a price, as they are stored with an order."""
    return [in_words(each, language(), payer_names()) for each in read(price_reasons)]


def name_payers(app: Flask) -> None:
    """Give templates these names."""
    app.jinja_env.globals["payer_name"] = payer_name
    app.jinja_env.filters["because"] = because
