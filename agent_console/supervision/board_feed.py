"""One picture for all large screens: drawn by one thread of the web process, at once when something happens."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Final

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from agent_console.hub import LiveHub, TooManyListeners
from agent_console.supervision.board_picture import Artist

BEAT_SECONDS: Final = 0.8
"""Without an event the picture is drawn anew after so long: what changed in Redis or the database by itself."""
REST_SECONDS: Final = 0.2
"""Between two pictures, however much happens."""
SCREENS: Final = 12
"""Streams for each web process, out of its threads."""
_LINGER = 30.0
_PATIENCE = 5.0
"""Seconds after which a stream says that it lives, when there is no picture."""

log = logging.getLogger(__name__)


class BoardFeed:
    """Draws while somebody looks, and rests half a minute after the last screen went."""

    def __init__(self, hub: LiveHub, artist: Artist, inside: Callable[[], AbstractContextManager[object]]) -> None:
        """`inside` is what the thread draws within: the application's context."""
        self._hub = hub
        self._artist = artist
        self._inside = inside
        self._changed = threading.Condition()
        self._line = ""
        self._number = 0
        self._screens = 0
        self._left_at = 0.0
        self._closed = False
        self._thread: threading.Thread | None = None

    def follow(self, goes_on: Callable[[], bool]) -> tuple[Iterator[str], Callable[[], None]]:
        """Give each new picture as a server-sent event until `goes_on` says no, and what to call when the screen is
        gone, which may be before the first line was asked for. Raises TooManyListeners at once."""
        with self._changed:
            if self._screens >= SCREENS:
                raise TooManyListeners
            self._screens += 1
            if self._thread is None:
                self._number = 0  # What was drawn before it rested is old.
                self._thread = threading.Thread(target=self._run, name="board-feed", daemon=True)
                self._thread.start()
        gone = threading.Event()

        def leave() -> None:
            with self._changed:
                if not gone.is_set():
                    gone.set()
                    self._screens -= 1
                    self._left_at = time.monotonic()

        return self._lines(goes_on), leave

    def close(self) -> None:
        """End the thread, within two seconds; screens that look get no more pictures."""
        with self._changed:
            self._closed, thread = True, self._thread
        if thread is not None:
            thread.join(timeout=2)

    def _lines(self, goes_on: Callable[[], bool]) -> Iterator[str]:
        seen = 0
        yield "retry: 2000\n\n"
        while goes_on():
            with self._changed:
                fresh = self._changed.wait_for(lambda seen=seen: self._number != seen, _PATIENCE)  # type: ignore[misc]
                seen, line = self._number, self._line
            yield line if fresh else ": beat\n\n"

    def _run(self) -> None:
        listener = None
        while self._somebody_looks():
            began = time.monotonic()
            try:
                if listener is None:
                    listener = self._hub.listen()
                with self._inside():
                    self._show(f"event: board\ndata: {json.dumps(self._artist.draw(), separators=(',', ':'))}\n\n")
            except (RedisError, SQLAlchemyError, OSError, TooManyListeners) as error:
                log.warning("no picture for the large screens: %s", type(error).__name__)
                self._show("event: trouble\ndata: {}\n\n")
            except Exception:  # Whatever it is, the thread goes on: without it all screens would stand still.
                log.exception("a picture for the large screens could not be drawn")
                self._show("event: trouble\ndata: {}\n\n")
            time.sleep(max(0.0, REST_SECONDS - (time.monotonic() - began)))  # A bound to the work, and no waiting.
            if listener is not None and listener.take(BEAT_SECONDS) is None:
                listener.close()  # It fell behind: the next one begins anew.
                listener = None
        if listener is not None:
            listener.close()

    def _show(self, line: str) -> None:
        with self._changed:
            self._number += 1
            self._line = line
            self._changed.notify_all()

    def _somebody_looks(self) -> bool:
        with self._changed:
            if not self._closed and (self._screens or time.monotonic() - self._left_at < _LINGER):
                return True
            self._thread = None
            return False
