"""What an agent must know to send help: where to go, how to get in, whom to ask, and what the device says."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent_console.desk.sos_map import Picture, picture_of
from agent_console.texts import text, word
from db.models import CaseEvent, Contact, Elder
from routing.orders.device_place import DevicePlace, read_geo


@dataclass(frozen=True)
class Whereabouts:
    """Where help is to go to. Everything here is personal data."""

    address: str = field(default="", repr=False)
    landmarks: str = field(default="", repr=False)
    way_in: str = field(default="", repr=False)
    coordinates: str = field(default="", repr=False)
    device: str = field(default="", repr=False)
    """Where the phone that calls is put up, if that is not the address."""
    reported: str = field(default="", repr=False)
    """Where the device says that it is, how far it may be wrong, and how far from home that is."""
    trouble: str = ""
    picture: Picture | None = None
    key_holders: tuple[Contact, ...] = ()

    @property
    def nowhere(self) -> bool:
        """Whether nothing at all is known."""
        return not (self.address or self.landmarks or self.coordinates or self.device or self.reported)


def whereabouts(elder: Elder | None, number: str | None, steps: tuple[CaseEvent, ...]) -> Whereabouts:
    """Gather what is known of the place of a caller who cried for help with the phone of this number."""
    place, trouble = _reported(steps)
    if elder is None:
        reported = _in_words(place, None, None) if place else ""
        return Whereabouts(reported=reported, trouble=trouble, picture=picture_of(_points(place, None)))
    phone = next((each for each in elder.phones if number and each.number == number), None)
    only = [each for each in elder.phones if each.place]
    device = phone.place if phone else only[0].place if len(only) == 1 and number is None else None
    address = elder.address or ""
    if not address.startswith(elder.district):
        address = f"{elder.district} {address}".strip()
    known = elder.latitude is not None and elder.longitude is not None
    return Whereabouts(
        address=address if elder.address else "", landmarks=elder.landmarks or "", way_in=elder.way_in or "",
        coordinates=f"{elder.latitude:.5f}, {elder.longitude:.5f}" if known else "", device=device or "",
        reported=_in_words(place, elder.latitude, elder.longitude) if place else "", trouble=trouble,
        picture=picture_of(_points(place, elder)),
        key_holders=tuple(sorted((each for each in elder.contacts if each.has_key), key=lambda each: each.priority)),
    )  # fmt: skip


def _reported(steps: tuple[CaseEvent, ...]) -> tuple[DevicePlace | None, str]:
    """What the device said last: its place, or why it is none."""
    for step in reversed(steps):
        if step.what == "located":
            return read_geo(step.detail).place, ""
        if step.what == "not_located":
            return None, word("place_trouble", step.detail)
    return None, ""


def _points(place: DevicePlace | None, elder: Elder | None) -> list[tuple[str, float, float]]:
    """What a map marks: where the device says that it is, and the home; the first is in the middle."""
    found = [("reported", place.latitude, place.longitude)] if place else []
    if elder is not None and elder.latitude is not None and elder.longitude is not None:
        found.append(("home", elder.latitude, elder.longitude))
    return found


def _in_words(place: DevicePlace, latitude: float | None, longitude: float | None) -> str:
    parts = [f"{place.latitude:.5f}, {place.longitude:.5f}"]
    if place.within_metres is not None:
        parts.append(text("sos.within", metres=round(place.within_metres)))
    if latitude is not None and longitude is not None:
        parts.append(text("sos.from_home", distance=_far(place.metres_from(latitude, longitude))))
    return " · ".join(parts)


def _far(metres: float) -> str:
    if metres < 1000:
        return text("sos.metres", metres=round(metres))
    return text("sos.kilometres", kilometres=f"{metres / 1000:.1f}")
