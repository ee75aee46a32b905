"""Where a place lies on a map of tiles ("slippy map": Web Mercator, squares of 256 pixels, z/x/y).

Pure. Formulas: OpenStreetMap wiki, "Slippy map tilenames". GCJ-02, in which maps published in China are drawn, has no
published definition; the formula here is the one that is in common use (as in eviltransform), good to a few metres.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

TILE: Final = 256
"""Pixels of a side."""
_FARTHEST: Final = 85.0511
"""Degrees of latitude where the square map ends."""
_MAJOR, _EE = 6_378_245.0, 0.006693421622965943
"""Of the Krasovsky ellipsoid: its half axis in metres, and the square of its eccentricity."""
_CHINA: Final = (0.8293, 55.8271, 72.004, 137.8347)
"""South, north, west, east: GCJ-02 shifts nothing outside."""


@dataclass(frozen=True)
class Tile:
    """One square of a map, and where its upper left corner lies in the picture, in pixels."""

    zoom: int
    column: int
    row: int
    left: int
    top: int


@dataclass(frozen=True)
class MapPiece:
    """A picture's tiles, and the place of its first pixel in the whole map."""

    tiles: tuple[Tile, ...]
    left: float
    top: float
    zoom: int
    width: int
    height: int

    def place_of(self, latitude: float, longitude: float) -> tuple[int, int] | None:
        """Give the pixel of a place in the picture; None if it is not in it."""
        x, y = _pixel(latitude, longitude, self.zoom)
        across, down = round(x - self.left), round(y - self.top)
        return (across, down) if 0 <= across < self.width and 0 <= down < self.height else None


def piece_around(latitude: float, longitude: float, zoom: int, width: int, height: int) -> MapPiece | None:
    """Give the piece of `width` x `height` pixels with the place in its middle; None beyond the ends of the map."""
    if not (abs(latitude) <= _FARTHEST and abs(longitude) <= 180):
        return None
    x, y = _pixel(latitude, longitude, zoom)
    left, top, count = x - width / 2, y - height / 2, 2**zoom
    tiles = tuple(
        Tile(zoom, column % count, row, round(column * TILE - left), round(row * TILE - top))
        for row in range(math.floor(top / TILE), math.ceil((top + height) / TILE))
        for column in range(math.floor(left / TILE), math.ceil((left + width) / TILE))
        if 0 <= row < count
    )
    return MapPiece(tiles, left, top, zoom, width, height)


def to_gcj02(latitude: float, longitude: float) -> tuple[float, float]:
    """Give the place that maps published in China draw at; outside China the same."""
    south, north, west, east = _CHINA
    if not (south <= latitude <= north and west <= longitude <= east):
        return latitude, longitude
    x, y = longitude - 105.0, latitude - 35.0
    xy, root = x * y, math.sqrt(abs(x))
    waves = 20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)
    north_by = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * xy + 0.2 * root
    north_by += (waves + _waves(y, 20.0, 40.0, 3.0) + _long_waves(y, 160.0, 320.0, 12.0, 30.0)) * 2 / 3
    east_by = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * xy + 0.1 * root
    east_by += (waves + _waves(x, 20.0, 40.0, 3.0) + _long_waves(x, 150.0, 300.0, 12.0, 30.0)) * 2 / 3
    radians = math.radians(latitude)
    magic = 1 - _EE * math.sin(radians) ** 2
    north_by = north_by * 180.0 / ((_MAJOR * (1 - _EE)) / (magic * math.sqrt(magic)) * math.pi)
    east_by = east_by * 180.0 / (_MAJOR / math.sqrt(magic) * math.cos(radians) * math.pi)
    return latitude + north_by, longitude + east_by


def _waves(value: float, first: float, second: float, slow: float) -> float:
    return first * math.sin(value * math.pi) + second * math.sin(value / slow * math.pi)


def _long_waves(value: float, first: float, second: float, fast: float, slow: float) -> float:
    return first * math.sin(value / fast * math.pi) + second * math.sin(value / slow * math.pi)


def _pixel(latitude: float, longitude: float, zoom: int) -> tuple[float, float]:
    size = TILE * 2**zoom
    down = math.asinh(math.tan(math.radians(max(-_FARTHEST, min(_FARTHEST, latitude)))))
    return (longitude + 180.0) / 360.0 * size, (1.0 - down / math.pi) / 2.0 * size
