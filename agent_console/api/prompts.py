"""Prompts: what callers hear of each, and recordings by people."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from marshmallow import Schema, fields, validate

from agent_console.access import identity
from agent_console.api.resource import Resource
from agent_console.api.schemas import Instant, Shown
from agent_console.desk import recording_requests
from agent_console.services import console_services
from routing.errors import Invalid
from routing.voice.studio import MOST_BYTES, Layer, Line

resource = Resource("prompts", "What callers hear, and recordings by people that come before the rendered sounds")

_REFUSED = {404: "no such words", 422: "no sound that callers could be given; the detail says why"}


class TagQuerySchema(Schema):
    """Which language or dialect."""

    tag = fields.String(load_default="", metadata={"description": "as zh-CN or zh-CN-x-lanzhou; empty: the hotline's"})


class RecordingSchema(Schema):
    """A recording by a person."""

    at = Instant()
    by = fields.String()
    seconds = fields.Float()
    stale = fields.Boolean(metadata={"description": "the words have changed since: it is not heard"})


class PromptSchema(Schema):
    """One fixed stretch of words of a prompt."""

    name = fields.String(metadata={"description": "of its sound, as welcome.menu.0"})
    tag = fields.String()
    key = fields.String()
    text = fields.String(metadata={"description": "the whole prompt, with its placeholders"})
    words = fields.String()
    heard = fields.String(metadata={"enum": [layer.value for layer in Layer]})
    seconds = fields.Float()
    recording = fields.Nested(RecordingSchema, allow_none=True)


class PromptListSchema(Schema):
    """All of a language, in order of the catalogue."""

    items = fields.List(fields.Nested(PromptSchema))
    next_cursor = fields.String(allow_none=True)


class NewRecordingSchema(Schema):
    """A recording: WAV, MP3, FLAC or OGG."""

    tag = fields.String(load_default="")
    audio = fields.String(
        required=True, validate=validate.Length(1, MOST_BYTES * 4 // 3 + 4), metadata={"description": "base64"}
    )


class TakeBackSchema(Schema):
    """Of which language or dialect."""

    tag = fields.String(load_default="")


@resource.get("", PromptListSchema, query=TagQuerySchema)
def index(asked: dict[str, Any]) -> Shown:
    """List what callers hear."""
    return {"items": [_shown(each) for each in console_services().studio.lines(_tag(asked))], "next_cursor": None}


@resource.get("/<name>", PromptSchema, query=TagQuerySchema, refuses={404: "no such words"})
def show(asked: dict[str, Any], name: str) -> Shown:
    """Show one stretch of words."""
    return _shown(console_services().studio.line(_tag(asked), name))


@resource.post("/<name>/recording", PromptSchema, body=NewRecordingSchema, refuses=_REFUSED)
def upload(asked: dict[str, Any], name: str) -> Shown:
    """Take a recording of these words, in the place of any before it; heard by the next call."""
    try:
        content = base64.b64decode(asked["audio"], validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("audio is no base64") from None
    return _shown(recording_requests.keep(console_services(), identity(), _tag(asked), name, content))


@resource.post("/<name>/recording/drop", PromptSchema, body=TakeBackSchema, refuses={404: "no such recording"})
def drop(asked: dict[str, Any], name: str) -> Shown:
    """Take a recording back: the rendered sound is heard again."""
    return _shown(recording_requests.drop(console_services(), identity(), _tag(asked), name))


def _tag(asked: dict[str, Any]) -> str:
    return str(asked["tag"] or console_services().settings.language)


def _shown(line: Line) -> Shown:
    own = line.recorded
    recording = own and {"at": own.at, "by": own.by, "seconds": own.seconds, "stale": own.stale}
    return {
        "name": line.name, "tag": line.tag, "key": line.key, "text": line.text, "words": line.words,
        "heard": line.heard.value, "seconds": line.seconds, "recording": recording,
    }  # fmt: skip
