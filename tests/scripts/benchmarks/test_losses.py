"""What makes a call a lost one."""

from __future__ import annotations

import math
import wave
from array import array
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.benchmarks.desks import Talk
from scripts.benchmarks.losses import Kept, Side, losses
from scripts.benchmarks.sound import Heard

TALK = Talk("1001", "09319001000", 10.0, 9.0, 10.2, 14.2, False, Heard())
KEPT = Kept("1.1", True, "answered", "1001", "1.1-1", ("answered",))


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """A folder with a recording of four seconds of sound."""
    record(tmp_path / "1.1-1.wav", 4.0)
    return tmp_path


def record(path: Path, seconds: float, loudness: int = 8000) -> None:
    """Write a recording of a tone."""
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        count = round(seconds * 8000)
        sound.writeframes(array("h", (int(loudness * math.sin(at / 3)) for at in range(count))).tobytes())


def reasons(recordings: Path, phones: Side, kept: Sequence[Kept] = (KEPT,)) -> dict[str, int]:
    """What was counted, for calls of one number."""
    return dict(losses(phones, {TALK.caller: kept}, recordings).counts)


def side(*talks: Talk, ended_well: bool = True) -> Side:
    """What the phones saw of one caller."""
    return Side([TALK.caller], {TALK.caller} if ended_well else set(), talks)


def test_a_whole_call_is_not_lost(recordings: Path) -> None:
    assert reasons(recordings, side(TALK)) == {}


def test_what_the_phones_saw(recordings: Path) -> None:
    assert reasons(recordings, side(TALK, ended_well=False)) == {"failed at the caller": 1}
    assert reasons(recordings, side()) == {"no talk with an agent": 1}
    assert reasons(recordings, side(replace(TALK, cut=True))) == {"cut off in the talk": 1}
    assert reasons(recordings, side(TALK, TALK)) == {"more than one talk": 1}
    assert reasons(recordings, replace(side(TALK), doubled=[TALK.caller])) == {
        "offered to an agent who had a call": 1
    }  # fmt: skip
    assert reasons(recordings, replace(side(TALK), missed=[TALK.caller])) == {"gone while a phone rang": 1}
    stranger = replace(TALK, caller="anonymous")
    assert reasons(recordings, side(TALK, stranger)) == {"a talk with somebody who did not call": 1}


@pytest.mark.parametrize(
    ("kept", "reason"),
    [
        ((), "no record"),
        ((KEPT, KEPT), "more than one record"),
        ((replace(KEPT, ended=False),), "a record without an end"),
        ((replace(KEPT, outcome="abandoned"),), "a record that tells otherwise"),
        ((replace(KEPT, agent="1002"),), "a record that tells otherwise"),
        ((replace(KEPT, ticket_ends=()),), "a ticket without its one end"),
        ((replace(KEPT, ticket_ends=(None,)),), "a ticket without its one end"),
        ((replace(KEPT, ticket_ends=("answered", "abandoned")),), "a ticket without its one end"),
        ((replace(KEPT, recording=None),), "no recording"),
        ((replace(KEPT, recording="gone"),), "no recording"),
    ],
)
def test_what_the_database_has(recordings: Path, kept: tuple[Kept, ...], reason: str) -> None:
    assert reasons(recordings, side(TALK), kept) == {reason: 1}


def test_what_is_recorded(recordings: Path) -> None:
    file = recordings / "1.1-1.wav"
    record(file, 2.1)
    assert reasons(recordings, side(TALK)) == {"a recording that is too short": 1}
    record(file, 4.0, loudness=20)
    assert reasons(recordings, side(TALK)) == {"a recording without sound": 1}
    file.write_bytes(b"")
    assert reasons(recordings, side(TALK)) == {"no recording": 1}


def test_a_call_is_lost_once(recordings: Path) -> None:
    found = losses(side(replace(TALK, cut=True), ended_well=False), {}, recordings)
    assert found.total == 1
