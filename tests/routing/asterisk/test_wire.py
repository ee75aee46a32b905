"""Bytes to packets, and what may be sent at all. Nothing here opens a socket."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.asterisk.stats import Tally
from routing.asterisk.wire import LINE_SENT_BYTES, PacketReader, refuse_unsafe

STREAM = (
    "Asterisk Call Manager/11.0.0\r\n"
    "Response: Success\r\nActionID: 1\r\nMessage: Authentication accepted\r\n\r\n"
    "Event: UserEvent\r\nElder: 张三丰\r\nEmpty: \r\n\r\n"
    "\r\n\r\n"
    "Event: Hangup\r\nCause: 16\r\n\r\n"
).encode()
PACKETS = [
    [b"Response: Success", b"ActionID: 1", b"Message: Authentication accepted"],
    [b"Event: UserEvent", "Elder: 张三丰".encode(), b"Empty: "],
    [b"Event: Hangup", b"Cause: 16"],
]


def reader(line_bytes: int = 100, packet_bytes: int = 400) -> tuple[PacketReader, Tally]:
    tally = Tally()
    return PacketReader(tally, line_bytes=line_bytes, packet_bytes=packet_bytes), tally


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_packets_are_the_same_wherever_tcp_cuts_the_stream(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    reads, tally = reader()
    packets = [packet for a, b in itertools.pairwise(edges) for packet in reads.feed(STREAM[a:b])]
    assert packets == PACKETS
    assert tally.discarded == 0


def test_packets_are_the_same_byte_by_byte() -> None:
    reads, _ = reader()
    assert [packet for byte in STREAM for packet in reads.feed(bytes([byte]))] == PACKETS


@given(st.binary(max_size=300))
def test_garbage_does_not_keep_the_next_packet_from_being_read(garbage: bytes) -> None:
    reads, _ = reader()
    reads.feed(garbage)
    reads.feed(b"\r\n\r\n")
    assert reads.feed(b"Event: Hangup\r\nCause: 16\r\n\r\n") == [[b"Event: Hangup", b"Cause: 16"]]


@pytest.mark.parametrize("size", [101, 102, 103, 5000])
@pytest.mark.parametrize("step", [1, 7, 100, 10_000])
def test_an_overlong_line_is_left_out_of_its_packet_and_counted_once(size: int, step: int) -> None:
    reads, tally = reader()
    stream = b"Event: Big\r\nA: " + b"x" * (size - 3) + b"\r\nB: 2\r\n\r\nEvent: Next\r\n\r\n"
    packets = [packet for at in range(0, len(stream), step) for packet in reads.feed(stream[at : at + step])]
    assert packets == [[b"Event: Big", b"B: 2"], [b"Event: Next"]]
    assert tally.discarded == 1


def test_a_line_of_exactly_the_bound_is_kept() -> None:
    reads, tally = reader()
    line = b"A: " + b"x" * 97
    assert reads.feed(line + b"\r\n\r\n") == [[line]]
    assert [packet for byte in line + b"\r\n\r\n" for packet in reads.feed(bytes([byte]))] == [[line]]
    assert tally.discarded == 0


def test_memory_stays_bounded_while_a_line_never_ends() -> None:
    reads, tally = reader()
    for _ in range(1000):
        reads.feed(b"x" * 60)
        assert len(reads._buffer) <= 160
    assert tally.discarded == 1


def test_an_overlong_packet_is_left_out_and_the_next_one_read() -> None:
    reads, tally = reader()
    endless = b"".join(b"Output: %040d\r\n" % number for number in range(1000))
    assert reads.feed(endless + b"\r\nEvent: Next\r\n\r\n") == [[b"Event: Next"]]
    assert tally.discarded == 1


@pytest.mark.parametrize("value", ["a\rb", "a\nb", "a\r\nb", "a\0b", "\n"])
def test_a_value_with_a_line_end_or_a_nul_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="line end or a NUL"):
        refuse_unsafe("Value", value)


@pytest.mark.parametrize("name", ["", "A B", "A: B", "A\r\nB", "1A", "名"])
def test_what_is_no_header_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a header name"):
        refuse_unsafe(name, "x")


def test_the_bound_on_a_line_counts_bytes_and_not_characters() -> None:
    fits = "王" * ((LINE_SENT_BYTES - len("Value: ")) // 3)
    refuse_unsafe("Value", fits)
    with pytest.raises(ValueError, match="longer than a node reads"):
        refuse_unsafe("Value", fits + "王")


@given(st.text())
def test_what_is_not_refused_is_one_line(value: str) -> None:
    try:
        refuse_unsafe("Value", value)
    except ValueError:
        return
    line = f"Value: {value}".encode()
    assert not re.search(rb"[\r\n\0]", line)
    assert len(line) <= LINE_SENT_BYTES
