"""The job that speaks a text. It has a queue and a process of its own: a sentence takes seconds of a processor.

Bounds: at most `MOST_WAITING` texts wait, and more are refused until there is room; a text has `JOB_SECONDS`; one that
nobody took within a day is dropped, since whoever meets it next asks again.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DuplicateJobError

log = structlog.get_logger(__name__)

QUEUE = "elderline-voice"
JOB_SECONDS = 600
"""The longest text takes a minute to say, about as long to make, and several times that beside much other work."""
MOST_WAITING = 200
WAITS_SECONDS = 86_400
FAILURE_SECONDS = 86_400


@dataclass(frozen=True)
class VoiceWork:
    """What the jobs do, made by the composition root of the voice's process."""

    say: Callable[[str, str], bool]
    """Speaks a text in a language into the instance's folder; tells whether it did."""
    make_versions: Callable[[], int]
    """Makes the slow and loud versions that are missing; gives how many."""


@dataclass
class _Provided:
    """Where the jobs find their work: RQ calls functions by name and can hand them nothing."""

    work: VoiceWork | None = field(default=None)


_provided = _Provided()


def provide(work: VoiceWork) -> None:
    """Tell the jobs of this process what does the work."""
    _provided.work = work


def _work() -> VoiceWork:
    if _provided.work is None:
        raise RuntimeError("the process was started without a voice: call routing.voice.jobs.provide first")
    return _provided.work


def speak_text(text: str, language: str) -> bool:
    """Speak a text, once: one that is there already is left alone."""
    return _work().say(text, language)


def make_versions() -> int:
    """Make the versions of sounds that are new or changed."""
    return _work().make_versions()


class VoiceJobs:
    """Puts texts into the queue; the form of `routing.voice.sayings.Ask`."""

    def __init__(self, redis: Redis) -> None:
        self._queue = Queue(QUEUE, connection=redis, default_timeout=JOB_SECONDS)

    def __call__(self, text: str, language: str) -> bool:
        """Queue a text unless it is queued, or too many are. Raises redis.RedisError."""
        return self._put(speak_text, "say-" + hashlib.sha256(f"{language}|{text}".encode()).hexdigest()[:32],
                         text, language)  # fmt: skip

    def changed(self) -> None:
        """Have the versions made of what is new. Without Redis they are made when somebody next asks for them."""
        try:
            self._put(make_versions, f"versions-{time.time_ns()}")
        except RedisError as error:
            log.warning("voice.versions_not_asked", error=type(error).__name__)

    def _put(self, job: Callable[..., object], job_id: str, *arguments: str) -> bool:
        if self._queue.count >= MOST_WAITING:
            log.warning("voice.queue_full", waiting=MOST_WAITING)
            return False
        try:
            # The description would otherwise repeat the text, which may be a name, in RQ's log.
            self._queue.enqueue_call(
                job, args=arguments, job_id=job_id, unique=True, ttl=WAITS_SECONDS, result_ttl=0,
                failure_ttl=FAILURE_SECONDS, description=job_id,
            )  # fmt: skip
        except DuplicateJobError:
            return False
        return True
