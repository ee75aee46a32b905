"""What callers said after the tone becomes a case, once, whatever is broken at that moment."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import DataError, IntegrityError

from routing.orders.cases import Cases

if TYPE_CHECKING:
    from redis import Redis

log = structlog.get_logger(__name__)

KINDS = ("complaint", "registration")
KEPT = "elderline:unwritten:notes"
"""Redis list of notes that the database has not got yet, as JSON."""
REFUSED = "elderline:unwritten:notes:refused"
"""Notes that the database will never take, for a person to look at; the latest thousand."""
_REFUSED_MOST = 1_000
WRITE_SECONDS = 1.0
"""A caller waits so long for the case to be written; after that the writing goes on beside the call."""


@dataclass(frozen=True)
class VoiceNote:
    """What somebody left: `kind` is of `KINDS`, times are epochs in seconds, the number is E.164."""

    kind: str
    call_id: str
    at: float
    due_at: float
    number: str | None = field(default=None, repr=False)
    elder_id: int | None = None
    order_id: int | None = None

    @property
    def key(self) -> str:
        """Of the case: one for each kind and call."""
        return f"{self.kind}-{self.call_id}"

    @property
    def recording(self) -> str:
        """Name of the file, without folder and ending."""
        return recording_name(self.kind, self.call_id)


def recording_name(kind: str, call_id: str) -> str:
    """Name the recording of a call; the flow records under it."""
    return f"{kind}-{call_id}"


class VoiceNotes:
    """Opens the case of a note. Threads may share one.

    A note goes to Redis first and is taken off when the database has it, so that a process that dies in between loses
    none; the worker writes what stays there (`write_kept`). The case's key is the call's, so it opens once. With Redis
    and the database away at the same time the file itself is what is left: `found_notes` opens its case afterwards.
    """

    def __init__(
        self, cases: Cases, redis: Redis, clock: Callable[[], datetime], due: Callable[[datetime], datetime]
    ) -> None:
        """`due` tells by when somebody must have called back, and never raises."""
        self._cases = cases
        self._redis = redis
        self._clock = clock
        self._due = due

    def due_at(self) -> datetime:
        """Tell by when whoever leaves a note now is called back."""
        return self._due(self._clock())

    def keep(self, note: VoiceNote) -> int | None:
        """Open the case and give its id; None when it is written later. Never raises, and takes a second at most
        when the database is slow."""
        written: list[int] = []
        thread = threading.Thread(target=self._keep, args=(note, written), name=f"note-{note.call_id}", daemon=True)
        thread.start()
        thread.join(WRITE_SECONDS)
        return written[0] if written else None

    def write_kept(self) -> int:
        """Write what was kept; give how many. Raises redis.RedisError or SQLAlchemyError while they are away.

        What the database refuses by itself is put aside, so that it holds up no other.
        """
        done = 0
        while (line := cast("bytes | None", self._redis.lindex(KEPT, 0))) is not None:
            try:
                self.write(VoiceNote(**json.loads(line)))
                done += 1
            except (IntegrityError, DataError, TypeError, ValueError) as error:
                log.error("notes.refused", error=type(error).__name__)  # noqa: TRY400  # The trace may hold a number.
                self._redis.rpush(REFUSED, line)
                self._redis.ltrim(REFUSED, -_REFUSED_MOST, -1)
            self._redis.lrem(KEPT, 1, cast(str, line))
        return done

    def write(self, note: VoiceNote) -> int:
        """Write the case now, once, and give its id. Raises SQLAlchemyError."""
        return self._cases.open(
            note.key, note.kind, elder_id=note.elder_id, order_id=note.order_id, call_id=note.call_id,
            opened_at=datetime.fromtimestamp(note.at, UTC), due_at=datetime.fromtimestamp(note.due_at, UTC),
            actor="caller", number=note.number, recording=note.recording,
        ).id  # fmt: skip

    def _keep(self, note: VoiceNote, written: list[int]) -> None:
        line = json.dumps(asdict(note))
        try:
            self._redis.rpush(KEPT, line)
        except RedisError as error:
            log.warning("notes.redis_away", error=type(error).__name__)
        try:
            written.append(self.write(note))
        except Exception:  # Whatever is broken, the caller's words are on file and their case opens later.
            log.exception("notes.written_later", kind=note.kind, call_id=note.call_id)
            return
        try:
            self._redis.lrem(KEPT, 1, line)
        except RedisError as error:  # Written again later, it changes nothing.
            log.warning("notes.not_taken_off", error=type(error).__name__)
