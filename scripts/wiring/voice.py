"""The voice process: texts that are spoken, and slow and loud versions that are made, while nobody waits for them."""

from __future__ import annotations

import os

import structlog
from redis import Redis
from rq import Queue, SimpleWorker

from ivr.prompts import own
from ivr.prompts.catalogue import SOUNDS_FOLDER
from ivr.prompts.rendering import Speaker
from ivr.prompts.spoken import NoVoiceError, SpokenTexts
from ivr.prompts.stretch import StretchError
from ivr.prompts.versions import bring_up_to_date
from ivr.prompts.wanted import VoiceSettings
from routing.settings import Settings
from routing.voice.jobs import QUEUE, VoiceWork, provide
from scripts.wiring.services import HotlineServices
from scripts.wiring.stores import open_stores

log = structlog.get_logger(__name__)

NICENESS = 10
"""Calls come first: a text may wait."""
IDLE_SECONDS = 3_600
"""Without work for so long the process ends and is started anew: a loaded voice takes 550 MB."""


def load_voice(settings: Settings, language: str) -> Speaker:
    """Load the voice of a language. Raises NoVoiceError."""
    if language != "zh-CN":
        raise NoVoiceError(f"there is no voice for {language}")
    from ivr.prompts.voice import Voice, VoiceMissingError  # noqa: PLC0415 - of the optional extra

    try:
        return Voice(VoiceSettings(), settings.var_dir / "voice" / "package" / "voices")
    except VoiceMissingError as missing:
        raise NoVoiceError(str(missing)) from missing


def work_of(settings: Settings) -> VoiceWork:
    """Join what the jobs do."""
    sayings = HotlineServices(open_stores(settings)).sayings
    texts = SpokenTexts(sayings, lambda language: load_voice(settings, language))

    def make_versions() -> int:
        try:
            made = bring_up_to_date(SOUNDS_FOLDER, settings.own_prompts)
        except StretchError as missing:
            log.warning("voice.no_versions", why=str(missing))
            return 0
        if made.made or made.removed:
            own.stamp(settings.own_prompts)
        return made.made

    return VoiceWork(texts.say, make_versions)


def run(settings: Settings) -> None:
    """Work until the process is asked to stop, or has long had nothing to do."""
    os.nice(NICENESS)
    provide(work_of(settings))
    connection = Redis.from_url(settings.redis)
    worker = SimpleWorker([Queue(QUEUE, connection=connection)], connection=connection)
    worker.work(logging_level="WARNING", max_idle_time=IDLE_SECONDS)
