"""Recordings that no case knows of: the conversation died while somebody spoke, and the file is all that is left.

So it is when ivr is killed in the middle of a recording, or when neither the database nor Redis could be reached.
"""

from __future__ import annotations

import array
import sys
import wave
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import select

from db.models import CallRecord, Case
from db.session import UnitOfWork
from routing.orders.voice_notes import KINDS, VoiceNote, VoiceNotes

log = structlog.get_logger(__name__)

SETTLED_AFTER = timedelta(minutes=5)
"""Nobody records for longer than two minutes, so an older file is nobody's any more."""
LOOK_BACK = timedelta(days=3)
"""Older files were looked at before; after a longer outage call this with a longer one."""
_MOST = 200
"""Files looked at in one round, the oldest first."""
_WINDOW = 800
"""Samples, a tenth of a second at 8,000 a second."""
_SPEECH_LEVEL = 330
"""Root mean square of 32,767 (-40 dBFS): quiet rooms over a telephone line stay below, speech is some ten times it."""
_SPEECH_WINDOWS = 6
"""So many tenths of a second above it are words, fewer a cough or the receiver put down."""


class FoundNotes:
    """Looks through the folder of recordings of this machine's node."""

    def __init__(self, notes: VoiceNotes, reading: UnitOfWork, recordings: Path) -> None:
        self._notes = notes
        self._reading = reading
        self._recordings = recordings

    def open_cases(self, now: datetime, look_back: timedelta = LOOK_BACK) -> int:
        """Open the case of every recording with words in it that has none; give how many.

        What was said twice into silence, and led to a person, has no words. Raises SQLAlchemyError.
        """
        found = list(self._files(now, look_back))[:_MOST]
        if not found:
            return 0
        keys = [path.stem for path, _ in found]
        with self._reading() as session:
            known = set(session.scalars(select(Case.key).where(Case.key.in_(keys))))
            # A remark in the call after a service belongs to the complaint that its score opened.
            known |= set(session.scalars(select(Case.recording).where(Case.recording.in_(keys))))
        opened = 0
        for path, at in found:
            if path.stem not in known and has_words(path):
                self._open(path.stem, at)
                opened += 1
        return opened

    def _open(self, key: str, at: datetime) -> None:
        kind, _, call_id = key.partition("-")
        with self._reading() as session:
            call = session.get(CallRecord, call_id)
            number, elder_id = (call.number, call.elder_id) if call else (None, None)
        due_at = self._notes.due_at()
        self._notes.write(VoiceNote(kind, call_id, at.timestamp(), due_at.timestamp(), number, elder_id))
        log.warning("notes.found", kind=kind, call_id=call_id)

    def _files(self, now: datetime, look_back: timedelta) -> Iterator[tuple[Path, datetime]]:
        for kind in KINDS:
            for path in sorted(self._recordings.glob(f"{kind}-*.wav")):
                at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                if now - look_back < at < now - SETTLED_AFTER:
                    yield path, at


def has_words(path: Path) -> bool:
    """Tell whether more than silence is in a recording (16 bit, one channel); a broken file is for a person to hear."""
    try:
        with wave.open(str(path)) as file:
            samples = array.array("h", file.readframes(file.getnframes()))
    except (wave.Error, EOFError, ValueError):
        return path.stat().st_size > 0
    if sys.byteorder == "big":
        samples.byteswap()
    loud = 0
    for begin in range(0, len(samples) - _WINDOW + 1, _WINDOW):
        energy = sum(each * each for each in samples[begin : begin + _WINDOW]) / _WINDOW
        loud += energy > _SPEECH_LEVEL**2
        if loud >= _SPEECH_WINDOWS:
            return True
    return False
