"""The map of an SOS: tiles of whom the deployment has chosen, with the place marked. Coordinates do without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent_console.services import console_services
from routing.orders.map_tiles import TILE, piece_around, to_gcj02

_WIDTH, _HEIGHT = 640, 360
"""Pixels of the picture."""


@dataclass(frozen=True)
class TilePicture:
    """A tile: its address, and where its upper left corner lies."""

    address: str = field(repr=False)
    left: int
    top: int


@dataclass(frozen=True)
class Picture:
    """What the template draws."""

    tiles: tuple[TilePicture, ...] = field(repr=False)
    marks: tuple[tuple[str, int, int], ...] = field(repr=False)
    """What each marks (reported or home), and its pixel."""
    attribution: str
    width: int = _WIDTH
    height: int = _HEIGHT
    side: int = TILE


def picture_of(points: Sequence[tuple[str, float, float]]) -> Picture | None:
    """Draw the map around the first of the points (what, latitude, longitude in WGS 84); None without a point, or
    without tiles to draw it with. Only the browser asks for tiles, and only of the origin that is set."""
    settings = console_services().settings
    if not (points and settings.map_tiles):
        return None
    drawn = [(what, *_in_datum(settings.map_datum, latitude, longitude)) for what, latitude, longitude in points]
    piece = piece_around(drawn[0][1], drawn[0][2], settings.map_zoom, _WIDTH, _HEIGHT)
    if piece is None:
        return None
    tiles = tuple(
        TilePicture(_address(settings.map_tiles, each.zoom, each.column, each.row), each.left, each.top)
        for each in piece.tiles
    )
    placed = ((what, piece.place_of(latitude, longitude)) for what, latitude, longitude in drawn)
    marks = tuple((what, *at) for what, at in placed if at is not None)
    return Picture(tiles, marks, settings.map_attribution)


def _in_datum(datum: str, latitude: float, longitude: float) -> tuple[float, float]:
    return to_gcj02(latitude, longitude) if datum == "gcj02" else (latitude, longitude)


def _address(template: str, zoom: int, column: int, row: int) -> str:
    return template.replace("{z}", str(zoom)).replace("{x}", str(column)).replace("{y}", str(row))
