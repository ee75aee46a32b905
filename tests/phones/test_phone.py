"""The test phone itself, where its mistakes would take the other tests down with it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.phones.line import Line
from tests.phones.phone import Phone
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
