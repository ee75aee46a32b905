"""What SMS say: each text with its fields, a look at how it arrives before it counts, and every version that was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.services import console_services
from agent_console.texts import text, words
from routing.errors import Invalid
from routing.outreach.sms.encoding import Alphabet, Written, write
from routing.outreach.sms.text_book import StandingText, TextChangedBefore, TextRefused, as_sent
from routing.outreach.sms.text_catalogue import TextFault, faults
from routing.outreach.sms.text_examples import example
from routing.outreach.sms.text_rules import RULES

blueprint = Blueprint("sms_texts_page", __name__, url_prefix="/admin/sms-texts")

_NAMES: Final = {Alphabet.GSM7: "GSM-7", Alphabet.LATIN1: "Latin-1", Alphabet.UCS2: "UCS-2"}
"""Alphabets are called so in every language."""


@dataclass(frozen=True)
class Look:
    """How a text would arrive."""

    preview: str
    written: Written
    longest: int
    """Parts that it takes with the longest values."""
    most: int

    @property
    def alphabet(self) -> str:
        return _NAMES[self.written.alphabet]


@blueprint.get("")
def index() -> ResponseReturnValue:
    """All texts as they are sent now."""
    book = console_services().sms_texts
    standing = [(each, _look(each.key, each.text)) for each in book.all()]
    return render_template("sms_texts.html", standing=standing, tongue=book.base.language)


@blueprint.get("/<key>")
def show(key: str) -> ResponseReturnValue:
    """One text: its fields, how it arrives, and its history."""
    standing = console_services().sms_texts.one(key)
    return _page(standing, standing.text)


@blueprint.post("/<key>")
def change(key: str) -> ResponseReturnValue:
    """Look at how a text would arrive, or send it from now on; an empty one is what is configured."""
    book, written = console_services().sms_texts, as_sent(request.form.get("text", ""))
    standing = book.one(key)
    if request.form.get("do") == "preview":
        written = written or standing.configured
        return _page(standing, written, wrong=faults(key, written), unsaved=True)
    try:
        book.change(key, "" if written == standing.configured else written, _seen(), identity().actor)
    except TextRefused as refused:
        return _page(standing, written, wrong=refused.faults, unsaved=True, status=422)
    except TextChangedBefore:
        return _page(book.one(key), written, before_you=True, unsaved=True, status=409)
    return _done(key)


@blueprint.post("/<key>/<int:change_id>/restore")
def restore(key: str, change_id: int) -> ResponseReturnValue:
    """Send an older version again."""
    book = console_services().sms_texts
    try:
        book.restore(key, change_id, _seen(), identity().actor)
    except TextRefused as refused:
        return _page(book.one(key), book.one(key).text, wrong=refused.faults, status=422)
    except TextChangedBefore:
        standing = book.one(key)
        return _page(standing, standing.text, before_you=True, status=409)
    return _done(key)


def _page(
    standing: StandingText,
    written: str,
    *,
    wrong: list[TextFault] | tuple[TextFault, ...] = (),
    before_you: bool = False,
    unsaved: bool = False,
    status: int = 200,
) -> ResponseReturnValue:
    book, key = console_services().sms_texts, standing.key
    examples, longest = example(key, book.base.language), RULES[key].fields
    return render_template(
        "sms_text.html", standing=standing, written=written, wrong=[_said(each) for each in wrong],
        before_you=before_you, unsaved=unsaved, look=_look(key, written), history=book.history(key),
        tongue=book.base.language, fields=[(name, examples[name], longest[name]) for name in longest],
    ), status  # fmt: skip


def _look(key: str, written: str) -> Look | None:
    """Fill in the example; nothing where the fields are not right."""
    rule, plain = RULES[key], Alphabet(console_services().settings.sms_plain)
    if any(each.code in ("braces", "plain", "unknown", "long") for each in faults(key, written)):
        return None
    preview = written.format_map(example(key, console_services().sms_texts.base.language))
    return Look(preview, write(preview, plain), len(write(written.format_map(rule.fields), plain).parts), rule.parts)


def _said(fault: TextFault) -> str:
    return words("sms_fault")[fault.code].format(what=fault.what, most=fault.most)


def _seen() -> int:
    given = request.form.get("seen", "")
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise Invalid(text("elder.form.bad"))
    return int(given)


def _done(key: str) -> ResponseReturnValue:
    flash(text("sms_text.done"))
    return redirect(url_for("sms_texts_page.show", key=key))
