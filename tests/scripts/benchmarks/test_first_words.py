"""The bench's ears: what counts as the first word, and that they hear real packets."""

from __future__ import annotations

import socket
import struct

import pytest

from scripts.benchmarks.first_words import FirstWords, loudness
from scripts.benchmarks.sound import speech
from tests.ports import free_ports
from tests.waiting import until

SILENCE = b"\xd5" * 160
RTP = b"\x80\x08" + bytes(10)


def ok(port: int, call: str = "a@b", cseq: str = "1 INVITE") -> bytes:
    lines = (
        "SIP/2.0 200 OK", "Via: SIP/2.0/UDP 127.0.0.1", f"Call-ID: {call}", f"CSeq: {cseq}", "",
        "v=0", f"m=audio {port} RTP/AVP 8 96", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()


def packet(source: int, target: int, content: bytes) -> bytes:
    return bytes(14) + b"\x45" + bytes(19) + struct.pack("!HHHH", source, target, 8 + len(content), 0) + content


def test_the_first_word_is_the_first_packet_that_can_be_heard() -> None:
    ears = FirstWords(5061, 6000)
    ears.take(packet(5060, 5061, b"SIP/2.0 180 Ringing\r\nCSeq: 1 INVITE\r\n"), 9.0)
    ears.take(packet(7000, 6000, RTP + speech(0.1)[:160]), 9.5)  # Of a call that was not answered: nobody's.
    ears.take(packet(5060, 5061, ok(7000)), 10.0)
    ears.take(packet(7000, 6000, RTP + SILENCE), 10.03)
    ears.take(packet(5060, 5061, ok(7000)), 10.04)  # Said again, because our ACK was late.
    ears.take(packet(7000, 6000, RTP + speech(0.1)[160:320]), 10.05)
    ears.take(packet(7000, 6000, RTP + speech(0.1)[320:480]), 10.07)
    ears.take(packet(5060, 5061, ok(7002, cseq="2 BYE")), 11.0)
    (heard,) = ears.calls.values()
    assert (heard.packet_after, heard.sound_after) == (pytest.approx(0.03), pytest.approx(0.05))


def test_a_port_that_is_used_again_is_another_call() -> None:
    ears = FirstWords(5061, 6000)
    for at, call in ((10.0, "first"), (20.0, "second")):
        ears.take(packet(5060, 5061, ok(7000, call)), at)
        ears.take(packet(7000, 6000, RTP + speech(0.1)[160:320]), at + 0.1)
    assert [round(each.sound_after or 0, 3) for each in ears.calls.values()] == [0.1, 0.1]


def test_loudness_is_that_of_a_law() -> None:
    assert loudness(SILENCE) == loudness(b"") == 0
    assert 15_000 < loudness(b"\xa5") < 17_000  # Half of full height.
    assert loudness(b"\xaa") == loudness(b"\x2a") > 31_000


def test_it_hears_what_comes_over_loopback_once_and_nothing_else() -> None:
    sip_port, media_port, other, server = free_ports(4, socket.SOCK_DGRAM)
    ears = FirstWords(sip_port, media_port)
    ears.start()
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asterisk:
            asterisk.bind(("127.0.0.1", server))
            asterisk.sendto(ok(server, "elsewhere"), ("127.0.0.1", other))
            asterisk.sendto(ok(server, "here"), ("127.0.0.1", sip_port))
            until(lambda: bool(ears.calls))
            asterisk.sendto(RTP + speech(0.1)[160:320], ("127.0.0.1", media_port))
            until(lambda: all(each.sound_after is not None for each in ears.calls.values()))
    finally:
        ears.stop()
    assert list(ears.calls) == [b"here"]
    assert ears.missed == 0
