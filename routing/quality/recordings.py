"""Recordings of talks: which a call has, who opened one and why, and the file for as long as that holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import select

from db.models import AuditEntry, CallRecord, JourneyEvent, RecordingPlay
from db.session import UnitOfWork
from routing.errors import Invalid, NotFound

REASONS: Final = ("quality", "complaint", "sos", "request", "training", "other")
"""Why somebody may listen: each hearing names one, and whoever says `other` says what."""
_OPEN_FOR: Final = timedelta(hours=1)
"""A browser fetches the sound in as many parts as it likes so long after it was opened; then it is opened anew."""
_NAME = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_ANSWERED = "ticket.answered"
_LONGEST = 500
_PLAYS_SHOWN = 200
_RECORDINGS_MOST = 40


@dataclass(frozen=True)
class TalkRecording:
    """What was recorded of one talk. `here` is false if this machine has no such file: another node's, or removed."""

    name: str
    extension: str
    at: datetime | None
    here: bool


@dataclass(frozen=True)
class Play:
    """That somebody opened one."""

    id: int
    call_id: str
    name: str
    actor: str
    reason: str
    remark: str = field(repr=False)
    at: datetime


class TalkRecordings:
    """Finds them, and writes down who listens before anything is heard."""

    def __init__(
        self, unit_of_work: UnitOfWork, reading: UnitOfWork, clock: Callable[[], datetime], folder: Path
    ) -> None:
        """`folder` is where Asterisk keeps what it recorded."""
        self._unit_of_work = unit_of_work
        self._reading = reading
        self._clock = clock
        self._folder = folder

    def of_call(self, call_id: str) -> tuple[TalkRecording, ...]:
        """Give the recordings of a call, one of each talk. Raises NotFound if there is no such call."""
        query = select(JourneyEvent).where(JourneyEvent.call_id == call_id, JourneyEvent.what == _ANSWERED)
        with self._reading() as session:
            call = session.get(CallRecord, call_id)
            if call is None:
                raise NotFound(f"there is no call {call_id}")
            events = session.scalars(query.order_by(JourneyEvent.at, JourneyEvent.id).limit(_RECORDINGS_MOST)).all()
        found: dict[str, TalkRecording] = {}
        for each in events:
            extension, _, name = each.detail.partition(" ")
            if name and _NAME.fullmatch(name):
                found.setdefault(name, TalkRecording(name, extension, each.at, self._path(name).is_file()))
        if call.recording and _NAME.fullmatch(call.recording) and call.recording not in found:
            here = self._path(call.recording).is_file()
            found[call.recording] = TalkRecording(call.recording, call.agent_extension or "", call.answered_at, here)
        return tuple(found.values())

    def open(self, call_id: str, name: str, reason: str, remark: str, actor: str) -> Play:
        """Let somebody listen, and write it down: in the list of the call and in the audit.

        Raises NotFound, and Invalid without a reason.
        """
        remark = remark.strip()[:_LONGEST]
        if reason not in REASONS:
            raise Invalid(f"say why you listen: {', '.join(REASONS)}")
        if reason == "other" and not remark:
            raise Invalid("say in words why you listen")
        if not any(each.name == name and each.here for each in self.of_call(call_id)):
            raise NotFound(f"there is no recording {name} of this call here")
        now = self._clock()
        with self._unit_of_work() as session:
            row = RecordingPlay(call_id=call_id, name=name, actor=actor[:60], reason=reason, remark=remark, at=now)
            session.add(row)
            session.add(
                AuditEntry(
                    at=now, actor=actor[:60], action="recording.heard", subject=f"call:{call_id}"[:60], detail=reason
                )
            )
            session.flush()
            return _play(row)

    def sound(self, play_id: int, actor: str) -> Path:
        """Give the file that `actor` opened. Raises NotFound: another's, an hour ago, or the file is gone."""
        with self._reading() as session:
            row = session.get(RecordingPlay, play_id)
            if row is None or row.actor != actor[:60] or self._clock() - row.at > _OPEN_FOR:
                raise NotFound("open the recording anew")
            path = self._path(row.name)
        if not path.is_file():
            raise NotFound("the file of this recording is not here any more")
        return path

    def play(self, play_id: int, call_id: str, actor: str) -> Play | None:
        """Give what `actor` opened of a call, if it may still be heard."""
        with self._reading() as session:
            row = session.get(RecordingPlay, play_id)
            good = row is not None and row.call_id == call_id and row.actor == actor[:60]
            return _play(row) if row and good and self._clock() - row.at <= _OPEN_FOR else None

    def log(self, call_id: str) -> Sequence[Play]:
        """Give who listened to the talks of a call, the latest first."""
        query = select(RecordingPlay).where(RecordingPlay.call_id == call_id)
        with self._reading() as session:
            rows = session.scalars(query.order_by(RecordingPlay.at.desc(), RecordingPlay.id.desc()).limit(_PLAYS_SHOWN))
            return tuple(_play(row) for row in rows)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.wav"


def _play(row: RecordingPlay) -> Play:
    return Play(row.id, row.call_id, row.name, row.actor, row.reason, row.remark, row.at)
