"""Every way in which a call ends under us: what pyst2 makes of it, and that with us it is one CallerHungUp.

The bare library is asserted to show its defect, so that a release which mends it makes itself known here.
"""

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from asterisk.agi import AGIAppError, AGIUnknownError

from ivr.agi_protocol import CommandRefused
from ivr.call import CallerHungUp, HangupKind
from tests.ivr.agi_sides import DEAD, PLACE, Pair, bare, cured, received
from tests.ivr.scripted_asterisk import header_bytes


def test_a_bare_hangup_line_is_a_hangup(session: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        session(bare, b"HANGUP\n").execute("NOOP")


@pytest.mark.parametrize(
    ("place", "kind"), [(PLACE, HangupKind.HUNG_UP), (b"200 result=1 (connect|1001|1)\n", HangupKind.CALLED_AWAY)]
)
def test_a_bare_hangup_line_tells_which(session: Callable[..., Any], place: bytes, kind: HangupKind) -> None:
    agi = session(cured, b"HANGUP\n" + DEAD + place)
    with pytest.raises(CallerHungUp) as gone:
        agi.execute("WAIT FOR DIGIT", 1000)
    assert gone.value.kind is kind


def test_a_hangup_that_is_not_explained_is_a_hangup(session: Callable[..., Any]) -> None:
    agi = session(cured, b"HANGUP\n")
    began = time.monotonic()
    with pytest.raises(CallerHungUp) as gone:
        agi.execute("NOOP")
    assert gone.value.kind is HangupKind.HUNG_UP
    assert time.monotonic() - began < 4.0  # ENDING_SECONDS, generously.


def test_the_end_of_the_stream_is_a_hangup(pair: Pair, session: Callable[..., Any]) -> None:
    library = session(bare)
    pair[0].shutdown(socket.SHUT_WR)
    with pytest.raises(ValueError, match="invalid literal"):
        library.execute("NOOP")


@pytest.mark.parametrize("half_a_line", [b"", b"200 resu"])
def test_the_end_of_the_stream_within_a_session(pair: Pair, half_a_line: bytes) -> None:
    theirs, ours = pair
    theirs.sendall(header_bytes() + half_a_line)
    agi = cured(ours)
    theirs.shutdown(socket.SHUT_WR)
    with pytest.raises(CallerHungUp):
        agi.execute("NOOP")


def test_a_broken_pipe_is_a_hangup(pair: Pair) -> None:
    theirs, ours = pair
    theirs.sendall(header_bytes())
    agi = cured(ours)
    ours.shutdown(socket.SHUT_WR)
    with pytest.raises(CallerHungUp) as gone:
        agi.execute("NOOP")
    assert isinstance(gone.value.__cause__, BrokenPipeError)


def test_a_reset_connection_is_a_hangup(pair: Pair, session: Callable[..., Any]) -> None:
    theirs, _ = pair
    library = session(bare)
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    theirs.close()
    with pytest.raises(ConnectionResetError):
        library.execute("NOOP")


def test_a_reset_connection_is_a_hangup_with_us(pair: Pair, session: Callable[..., Any]) -> None:
    theirs, _ = pair
    agi = session(cured)
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    theirs.close()
    with pytest.raises(CallerHungUp):
        agi.execute("NOOP")


def test_511_is_a_hangup(session: Callable[..., Any]) -> None:
    with pytest.raises(AGIUnknownError):
        session(bare, DEAD).execute("ANSWER")


def test_511_is_a_hangup_with_us(session: Callable[..., Any]) -> None:
    agi = session(cured, DEAD + PLACE)
    with pytest.raises(CallerHungUp):
        agi.execute("ANSWER")
    with pytest.raises(CallerHungUp):
        agi.execute("ANSWER")


def test_minus_one_with_hangup_is_a_hangup(session: Callable[..., Any]) -> None:
    agi = session(cured, b"200 result=-1 (hangup) endpos=16000\nHANGUP\n" + PLACE)
    with pytest.raises(CallerHungUp):
        agi.execute("RECORD FILE")


@pytest.mark.parametrize("says", [b"200 result=-1 endpos=0\n200 result=6\n", b"200 result=-1\nHANGUP\n" + DEAD + PLACE])
def test_the_bare_library_cannot_tell_a_failure_from_a_hangup(session: Callable[..., Any], says: bytes) -> None:
    with pytest.raises(AGIAppError, match="or hangup"):
        session(bare, says).execute("STREAM FILE", "nosuch")


def test_a_failure_is_no_hangup(session: Callable[..., Any]) -> None:
    agi = session(cured, b"200 result=-1 endpos=0\n200 result=6\n200 result=0\n")
    with pytest.raises(CommandRefused):
        agi.execute("STREAM FILE", '"nosuch"')
    assert agi.execute("NOOP")["result"] == ("0", "")


def test_a_late_hangup_is_no_failure(session: Callable[..., Any]) -> None:
    agi = session(cured, b"200 result=-1 endpos=800\nHANGUP\n" + DEAD + PLACE)
    with pytest.raises(CallerHungUp):
        agi.execute("STREAM FILE", '"greet"')


def test_the_question_waits_for_the_answer_before_it(pair: Pair, session: Callable[..., Any]) -> None:
    """Asterisk reads both commands into its buffer and never looks at the second."""
    theirs, _ = pair
    agi = session(cured)
    ended: list[HangupKind] = []

    def ask() -> None:
        with pytest.raises(CallerHungUp) as gone:
            agi.execute("WAIT FOR DIGIT", 1000)
        ended.append(gone.value.kind)

    asking = threading.Thread(target=ask)
    asking.start()
    theirs.settimeout(5)
    assert theirs.recv(100) == b"WAIT FOR DIGIT 1000\n"
    theirs.sendall(b"HANGUP\n")
    assert received(theirs) == b""
    theirs.sendall(DEAD)
    theirs.settimeout(5)
    assert theirs.recv(200).startswith(b"GET FULL VARIABLE")
    theirs.sendall(b"200 result=1 (connect|1001|1)\n")
    asking.join(5)
    assert ended == [HangupKind.CALLED_AWAY]
