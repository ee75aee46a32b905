"""The test phone itself, where its mistakes would take the other tests down with it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pjsua2 as pj
import pytest

from tests.phones.line import Line
from tests.phones.phone import Phone, content
from tests.ports import free_port

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
