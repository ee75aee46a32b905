"""What the bench's phones say, and how they judge what they hear."""

from __future__ import annotations

import socket
import struct

import pytest

from scripts.benchmarks.sound import PACKET_SECONDS, Heard, Voices, speech
from tests.waiting import until


def hear(*packets: tuple[int, float]) -> Heard:
    """Take packets by their place in the stream and by how late they are, in seconds."""
    heard = Heard()
    for place, late in packets:
        heard.take((65_530 + place) & 0xFFFF, place * 160, 100 + place * PACKET_SECONDS + late)
    return heard


def test_all_came_in_time_also_over_the_turn_of_the_numbers() -> None:
    heard = hear(*((place, 0.001) for place in range(20)))
    assert (heard.expected, heard.came, heard.lost, heard.late) == (20, 20, 0, 0)
    assert heard.jitter_seconds == pytest.approx(0, abs=1e-9)


def test_what_is_missing_is_lost() -> None:
    heard = hear(*((place, 0.0) for place in range(20) if place not in (3, 7, 8)))
    assert (heard.expected, heard.lost) == (20, 3)


def test_what_comes_in_another_order_is_not_lost() -> None:
    assert hear((0, 0.0), (2, 0.0), (1, 0.03), (3, 0.0)).lost == 0


def test_what_is_too_late_to_be_played_is_late() -> None:
    heard = hear((0, 0.01), (1, 0.05), (2, 0.08), (3, 0.0))
    assert (heard.late, heard.lost) == (1, 0)
    assert 0 < heard.jitter_seconds < 0.08


def test_nothing_heard_is_nothing_expected() -> None:
    assert (Heard().expected, Heard().lost) == (0, 0)


def test_a_mark_begins_a_new_clock() -> None:
    heard = hear((0, 0.0), (1, 0.0))
    heard.take(65_532, 0, 200.0, mark=True)
    heard.take(65_533, 160, 200.02)
    assert (heard.late, heard.lost) == (0, 0)


def test_the_sound_is_loud_throughout() -> None:
    """A-law inverts every other bit; without that, the lower seven bits grow with the loudness (0x30: 1,056)."""
    sizes = [(each ^ 0x55) & 0x7F for each in speech(2.0)]
    assert len(sizes) == 16_000
    assert min(max(sizes[at : at + 400]) for at in range(0, 16_000, 400)) > 0x30


def test_who_answers_hears_and_is_heard() -> None:
    """The other side sends every packet back, as SIPp does."""
    voices = Voices()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        other.settimeout(10)
        voices.start()
        try:
            voice = voices.begin(other.getsockname())
            numbers = []
            for _ in range(10):
                data, sender = other.recvfrom(2048)
                assert sender == ("127.0.0.1", voices.port)
                numbers.append(struct.unpack_from("!H", data, 2)[0])
                other.sendto(data, sender)
            assert numbers == list(range(10))
            until(lambda: voice.heard.came == 10)
            assert voice.heard.lost == 0
        finally:
            voices.stop()
