"""Where a place lies on a map of tiles."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.orders.map_tiles import piece_around, to_gcj02

LANZHOU = (36.0611, 103.8343)


def test_the_place_is_in_the_middle_and_in_the_tile_that_every_map_server_has_it_in() -> None:
    for latitude, longitude in (LANZHOU, (52.5163, 13.3777), (-33.8568, 151.2153)):
        piece = piece_around(latitude, longitude, 17, 640, 360)
        assert piece is not None
        assert piece.place_of(latitude, longitude) == (320, 180)
        under = next(each for each in piece.tiles if 64 < each.left <= 320 and -76 < each.top <= 180)
        tangent, secant = math.tan(math.radians(latitude)), 1 / math.cos(math.radians(latitude))
        row = int((1 - math.log(tangent + secant) / math.pi) / 2 * 2**17)  # As OpenStreetMap's wiki writes it.
        assert (under.zoom, under.column, under.row) == (17, int((longitude + 180) / 360 * 2**17), row)


@given(st.floats(-85, 85), st.floats(-180, 180), st.integers(3, 19))
def test_the_tiles_leave_no_hole_and_all_exist(latitude: float, longitude: float, zoom: int) -> None:
    piece = piece_around(latitude, longitude, zoom, 640, 360)
    assert piece is not None
    assert all(0 <= each.column < 2**zoom and 0 <= each.row < 2**zoom for each in piece.tiles)
    if abs(latitude) > 70:
        return  # Beyond the end of the map there are no tiles.
    for x, y in product((0, 1, 320, 638), (0, 1, 180, 358)):
        assert any(each.left <= x <= each.left + 256 and each.top <= y <= each.top + 256 for each in piece.tiles), (
            x,
            y,
        )


def test_a_place_outside_the_picture_has_no_mark_and_the_pole_no_map() -> None:
    piece = piece_around(*LANZHOU, 17, 640, 360)
    assert piece is not None and piece.place_of(36.2, 103.8343) is None
    assert piece_around(89.0, 0.0, 17, 640, 360) is None


@pytest.mark.parametrize(
    ("place", "drawn"),
    [
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),  # From the tests of eviltransform.
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ((52.5163, 13.3777), (52.5163, 13.3777)),
    ],
)
def test_maps_of_china_draw_elsewhere(place: tuple[float, float], drawn: tuple[float, float]) -> None:
    assert to_gcj02(*place) == pytest.approx(drawn, abs=1e-6)
