"""One subscription to Redis for all browsers of a web process, shared out over bounded queues."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError

from routing.calls.messages import LIVE, Message, MessageError, decode

LISTENERS: Final = 48
"""Streams for each web process. gunicorn_conf gives it 64 threads, so that pages and the API always find some free."""
BACKLOG: Final = 500
"""Events that one browser may lag behind; then its stream ends and it starts over with a whole picture."""
_GATHER = 0.1  # Seconds in which events are gathered into one batch: a busy minute redraws ten times a second, no more.
_RETRY = 1.0  # Seconds between attempts to reach Redis again.

log = logging.getLogger(__name__)


class TooManyListeners(Exception):
    """The process serves as many streams as it may."""


class Listener:
    """One browser's share of the events. Made by `LiveHub.listen`."""

    def __init__(self, hub: LiveHub, urgent: Callable[[Message], bool]) -> None:
        self._hub = hub
        self._urgent = urgent
        self._queue: queue.Queue[Message | None] = queue.Queue(BACKLOG)
        self._lost = threading.Event()

    def put(self, message: Message | None) -> None:
        """Hand over an event (None: look anew); a browser that lags too far behind is cut off."""
        try:
            self._queue.put_nowait(message)
        except queue.Full:
            self._lost.set()

    def take(self, seconds: float) -> list[Message] | None:
        """Wait for events for at most `seconds`; an empty list if there were none, None if this listener is cut off.

        What is urgent to this listener ends the batch: nothing is gathered behind it.
        """
        if self._lost.is_set():
            return None
        batch: list[Message] = []
        until = time.monotonic() + seconds
        while len(batch) < BACKLOG:
            try:
                message = self._queue.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            until = min(until, time.monotonic() + _GATHER)
            if message is not None:
                batch.append(message)
                if self._urgent(message):
                    break
        return batch

    def close(self) -> None:
        """Stop listening; safe to repeat."""
        self._hub.leave(self)


class LiveHub:
    """Reads the channel in a thread of its own, which starts with the first listener and ends with the process."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._subscribed = threading.Event()
        self._thread: threading.Thread | None = None

    def listen(self, urgent: Callable[[Message], bool] = lambda _message: False) -> Listener:
        """Begin to listen. What is published after this returns is heard, if Redis can be reached.

        `urgent` tells what this listener is not to wait for, a tenth of a second as for all else; it should be rare.
        Raises TooManyListeners.
        """
        listener = Listener(self, urgent)
        with self._lock:
            if len(self._listeners) >= LISTENERS:
                raise TooManyListeners
            self._listeners.add(listener)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live-hub", daemon=True)
                self._thread.start()
        self._subscribed.wait(timeout=2)
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget a listener."""
        with self._lock:
            self._listeners.discard(listener)

    def close(self) -> None:
        """End the thread, within two seconds."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=2)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._read()
            except (RedisError, OSError) as error:
                self._subscribed.clear()
                log.warning("live events interrupted: %s", type(error).__name__)
                self._share(None)
                self._stop.wait(_RETRY)

    def _read(self) -> None:
        with self._redis.pubsub() as channel:  # type: ignore[no-untyped-call]  # redis-py leaves it untyped.
            channel.subscribe(LIVE)
            while not self._stop.is_set():
                raw: dict[str, Any] | None = channel.get_message(timeout=1.0)
                if raw is None:
                    continue
                if raw["type"] == "subscribe":
                    self._subscribed.set()
                    self._share(None)  # Whatever was missed meanwhile shows in a new picture.
                elif raw["type"] == "message":
                    self._hear(raw["data"])

    def _hear(self, line: bytes | str) -> None:
        try:
            self._share(decode(line))
        except MessageError:
            log.warning("a live event was no message of ours")

    def _share(self, message: Message | None) -> None:
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener.put(message)
