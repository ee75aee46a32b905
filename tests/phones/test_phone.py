"""The test phone itself, where its mistakes would take the other tests down with it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pjsua2 as pj
import pytest

from tests.phones.line import Line
from tests.phones.phone import Phone, _Ear, content
from tests.ports import free_port
from tests.waiting import until

pytestmark = pytest.mark.phones


@pytest.fixture
def phone() -> Iterator[Phone]:
    line = Line(free_port(socket.SOCK_DGRAM), rtp_first=36000)
    phone = Phone(line, "13900000001")
    phone.plug_in()
    try:
        yield phone
    finally:
        line.close()


def test_a_call_that_could_not_begin_is_no_call(phone: Phone) -> None:
    with pytest.raises(RuntimeError, match="URI"):
        phone.dial("this is no address")
    assert not phone.busy
    phone.hang_up()


@pytest.mark.parametrize("size", [0, 1, 320, 5000])
def test_what_a_frame_holds_is_read_as_the_library_would_tell_it(size: int) -> None:
    frame = pj.MediaFrame()
    vector = pj.ByteVector()
    for at in range(size):
        vector.append(at % 251)
    frame.buf = vector
    assert content(frame.buf) == bytes(frame.buf) == bytes(at % 251 for at in range(size))


def test_nothing_is_heard_any_more_while_phones_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """PJSIP's clock would call into phones that are going, and end the whole process."""
    heard: list[float] = []
    monkeypatch.setattr(_Ear, "onFrameReceived", lambda *_: heard.append(time.monotonic()))
    line = Line(free_port(socket.SOCK_DGRAM), rtp_first=36000)
    caller, called = Phone(line, "13900000001"), Phone(line, "13900000002")
    try:
        for phone in (caller, called):
            phone.plug_in()
        caller.dial(f"sip:13900000002@{line.address}:{line.port}")
        until(lambda: len(heard) > 10)
        counts: list[int] = []

        def let_go() -> None:
            before = len(heard)
            time.sleep(0.2)  # Ten packets' time.
            counts.append(len(heard) - before)

        line.closing.insert(0, let_go)
    finally:
        line.close()
    assert counts == [0]
