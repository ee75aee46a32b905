"""Where a device says that it is: read strictly, or not at all."""

from __future__ import annotations

import random

import pytest

from routing.orders.device_place import (
    NO_FIX,
    OUT_OF_BOUNDS,
    UNREADABLE,
    DevicePlace,
    Reading,
    read_geo,
    read_geolocation,
)


@pytest.mark.parametrize(
    ("header", "place"),
    [
        ("<geo:36.0611,103.8343>", DevicePlace(36.0611, 103.8343)),
        ("<geo:36.0611,103.8343;u=20>", DevicePlace(36.0611, 103.8343, 20)),
        ("<GEO:36.0611,103.8343;crs=WGS84;U=2.5>", DevicePlace(36.0611, 103.8343, 2.5)),
        ("<geo:36.0611,103.8343,1520;u=0>;inserted-by=server.example.org", DevicePlace(36.0611, 103.8343, 0)),
        ("<cid:a@example.org>, <geo:-33.8688,151.2093;u=15>;routing-allowed=yes", DevicePlace(-33.8688, 151.2093, 15)),
        ("  <geo:90,-180>  ", DevicePlace(90, -180)),
    ],
)  # fmt: skip
def test_a_place_is_read(header: str, place: DevicePlace) -> None:
    assert read_geolocation(header) == Reading(place)
    assert read_geo(place.address) == Reading(place)


@pytest.mark.parametrize(
    ("header", "trouble"),
    [
        ("<geo:91,103>", OUT_OF_BOUNDS), ("<geo:36,180.1>", OUT_OF_BOUNDS), ("<geo:0,0;u=9999>", NO_FIX),
        ("<geo:0.0,-0.0>", NO_FIX), ("<geo:36>", UNREADABLE), ("<geo:36,>", UNREADABLE), ("<geo:,103>", UNREADABLE),
        ("<geo:36,103,1,2>", UNREADABLE), ("<geo:36,103;u=-5>", UNREADABLE), ("<geo:36,103;u=>", UNREADABLE),
        ("<geo:36,103;u=1e9>", UNREADABLE), ("<geo:36,103;u=1;u=2>", UNREADABLE), ("<geo:1e1,103>", UNREADABLE),
        ("<geo:36,103;crs=gcj02>", UNREADABLE), ("<geo:nan,inf>", UNREADABLE), ("geo:36,103", UNREADABLE),
        ("<cid:36@103>", UNREADABLE), ("<https://example.org/geo:36,103>", UNREADABLE), ("<geo:36 ,103>", UNREADABLE),
        ("<geo:３６,103>", UNREADABLE), ("<geo:36,103> " + "x" * 300, UNREADABLE),
        ("<geo:0036,103>", UNREADABLE), ("<geo:+36,103>", UNREADABLE),
    ],
)  # fmt: skip
def test_whatever_is_no_place_is_none_and_says_why(header: str, trouble: str) -> None:
    assert read_geolocation(header) == Reading(trouble=trouble)


def test_without_a_header_nothing_is_wrong() -> None:
    assert read_geolocation(" ") == Reading()


def test_no_rubbish_is_ever_an_error() -> None:
    dice = random.Random(7)  # Not for secrets.
    letters = "<>geo:0123456789.,;=u-+crswgs84 \t\x00é\"'${}"
    for _ in range(20_000):
        text = "".join(dice.choice(letters) for _ in range(dice.randrange(40)))
        reading = read_geolocation(f"<geo:{text}")
        if reading.place is not None:
            assert -90 <= reading.place.latitude <= 90
            assert -180 <= reading.place.longitude <= 180


def test_the_distance_to_a_home() -> None:
    """From Lanzhou to Beijing it is about 1,186 km."""
    assert DevicePlace(36.0611, 103.8343).metres_from(39.9042, 116.4074) == pytest.approx(1_186_000, rel=0.01)
