"""Where a device says that it is: the Geolocation header (RFC 6442) with a geo: address (RFC 5870), read strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from routing.orders.dispatching.distance import distance_km

UNREADABLE: Final = "unreadable"
OUT_OF_BOUNDS: Final = "out_of_bounds"
NO_FIX: Final = "no_fix"
"""A receiver that has found no satellites yet tells of 0, 0: a place in the Atlantic where nobody lives."""

_NUMBER = r"-?[0-9]{1,3}(?:\.[0-9]{1,12})?"
_GEO: Final = re.compile(
    rf"geo:(?P<latitude>{_NUMBER}),(?P<longitude>{_NUMBER})(?:,-?[0-9]{{1,5}}(?:\.[0-9]{{1,12}})?)?"
    r"(?P<parameters>(?:;[A-Za-z0-9-]{1,30}(?:=[A-Za-z0-9.+-]{1,30})?){0,8})"
)
_LOCATION: Final = re.compile(r"<([^<>]*)>")
_METRES: Final = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,6})?")
_LONGEST: Final = 200
"""Letters; the dialplan hands on no more."""


@dataclass(frozen=True)
class DevicePlace:
    """A place on the earth: degrees of WGS 84, and by how many metres it may be wrong, if the device says so."""

    latitude: float
    longitude: float
    within_metres: float | None = None

    @property
    def address(self) -> str:
        """The same as a geo: address, by which it is kept."""
        within = "" if self.within_metres is None else f";u={self.within_metres:g}"
        return f"geo:{self.latitude:.6f},{self.longitude:.6f}{within}"

    def metres_from(self, latitude: float, longitude: float) -> float:
        """Give the great-circle distance to another place, in metres."""
        return distance_km(self.latitude, self.longitude, latitude, longitude) * 1000


@dataclass(frozen=True)
class Reading:
    """What a header says: a place, or why it says none (a word); neither if there was no header."""

    place: DevicePlace | None = None
    trouble: str = ""


def read_geolocation(header: str) -> Reading:
    """Read a Geolocation header's value. Whatever is not exactly such an address is no place; nothing is guessed.

    Of several locations the first geo: address counts; references to elsewhere (cid:, https:) are not followed.
    """
    header = header.strip()
    if not header:
        return Reading()
    if len(header) > _LONGEST:
        return Reading(trouble=UNREADABLE)
    locations = [each.strip() for each in _LOCATION.findall(header)]
    address = next((each for each in locations if each[:4].lower() == "geo:"), "")
    return read_geo(address)


def read_geo(address: str) -> Reading:
    """Read a geo: address in WGS 84."""
    found = _GEO.fullmatch("geo:" + address[4:]) if address[:4].lower() == "geo:" else None
    if found is None:
        return Reading(trouble=UNREADABLE)
    pairs = [each.partition("=") for each in found["parameters"].split(";")[1:]]
    parameters = {name.lower(): value for name, _, value in pairs}
    if len(parameters) != len(pairs) or parameters.get("crs", "wgs84").lower() != "wgs84":
        return Reading(trouble=UNREADABLE)
    within = None
    if "u" in parameters:
        if not _METRES.fullmatch(parameters["u"]):
            return Reading(trouble=UNREADABLE)
        within = float(parameters["u"])
    latitude, longitude = float(found["latitude"]), float(found["longitude"])
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return Reading(trouble=OUT_OF_BOUNDS)
    if latitude == 0 and longitude == 0:
        return Reading(trouble=NO_FIX)
    return Reading(DevicePlace(latitude, longitude, within))
