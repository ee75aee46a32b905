"""The prompts: what callers hear, who recorded it, and recordings uploaded or read into one's own phone."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from agent_console.access import identity
from agent_console.desk import recording_requests
from agent_console.services import console_services
from agent_console.texts import text, word
from routing.errors import Conflict, Invalid, NotFound
from routing.voice.studio import Unfit

blueprint = Blueprint("prompts_page", __name__, url_prefix="/supervisor/prompts")


@blueprint.get("")
def show() -> ResponseReturnValue:
    """Every prompt of a language or a dialect, with what is heard of it."""
    studio, wanted = console_services().studio, request.args.get("tag", "")
    tag = wanted or console_services().settings.language
    if dialect := request.args.get("dialect", "").strip().lower():
        return redirect(url_for("prompts_page.show", tag=f"{tag.partition('-x-')[0]}-x-{dialect}"))
    find = request.args.get("find", "").strip()[:60]
    lines = [line for line in studio.lines(tag) if find in line.name or find in line.text]
    sections = [(name, list(group)) for name, group in groupby(lines, key=lambda line: line.key.partition(".")[0])]
    tags = sorted({*studio.tags(), tag})
    return render_template("prompts.html", sections=sections, tag=tag, tags=tags, find=find, count=len(lines))


@blueprint.get("/<tag>/<name>")
def line(tag: str, name: str) -> str:
    """One stretch of words: listen, upload, record by phone, take back."""
    found = console_services().studio.line(tag, name)
    return render_template("prompt.html", line=found, extension=identity().extension or "")


@blueprint.get("/<tag>/<name>/<which>.wav")
def sound(tag: str, name: str, which: str) -> Response:
    """The recording, or the rendered sound that it stands for."""
    path = console_services().studio.sound(tag, name, which == "recorded")
    if path is None or which not in ("recorded", "rendered"):
        raise NotFound(f"{name} has no such sound")
    return send_file(path, mimetype="audio/wav", conditional=False, max_age=0)


@blueprint.post("/<tag>/<name>/upload")
def upload(tag: str, name: str) -> ResponseReturnValue:
    """Take a file."""
    file = request.files.get("recording")
    if file is None or not file.filename:
        raise Invalid(text("prompt.no_file"))
    try:
        recording_requests.keep(console_services(), identity(), tag, name, file.stream.read())
    except Unfit as unfit:
        flash(f"{text('prompt.refused')}{word('recording', unfit.trouble.value)}", "wrong")
    else:
        flash(text("prompt.kept"))
    return redirect(url_for("prompts_page.line", tag=tag, name=name))


@blueprint.post("/<tag>/<name>/phone")
def phone(tag: str, name: str) -> ResponseReturnValue:
    """Ring the phone of whoever wants to read it."""
    services, at = console_services(), request.form.get("at", "").strip()
    found = services.studio.line(tag, name)
    try:
        recording_requests.ring(services, identity(), found, at)
    except Conflict:
        flash(text("prompt.phone.not_free"), "wrong")
    else:
        flash(text("prompt.phone.rings"))
    return redirect(url_for("prompts_page.line", tag=tag, name=name))


@blueprint.post("/<tag>/<name>/drop")
def drop(tag: str, name: str) -> ResponseReturnValue:
    """Take a recording back."""
    recording_requests.drop(console_services(), identity(), tag, name)
    flash(text("prompt.dropped"))
    return redirect(url_for("prompts_page.line", tag=tag, name=name))
