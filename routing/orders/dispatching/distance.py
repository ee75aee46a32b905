"""How far two places are from each other. Pure; no map is asked, and none is needed to compare companies of a town."""

from __future__ import annotations

from collections.abc import Callable
from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0088
"""Mean radius of the earth, in kilometres (IUGG)."""


def distance_km(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Give the great-circle distance of two places, by the haversine formula; degrees in, kilometres out."""
    return distances_from(latitude, longitude)(to_latitude, to_longitude)


def distances_from(latitude: float, longitude: float) -> Callable[[float, float], float]:
    """Give what measures from one place to many, in kilometres: what belongs to that place is worked out once."""
    from_lat, from_cos, half = radians(latitude), cos(radians(latitude)), radians(1) / 2
    twice = 2 * EARTH_KM

    def measure(to_latitude: float, to_longitude: float) -> float:
        to_lat = radians(to_latitude)
        chord = sin((to_lat - from_lat) / 2) ** 2 + from_cos * cos(to_lat) * sin((to_longitude - longitude) * half) ** 2
        return twice * asin(sqrt(chord if chord < 1.0 else 1.0))

    return measure
