"""The photo of an elder in a page: its address names nobody, and tells which look at the record it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import current_app, url_for
from itsdangerous import BadData, URLSafeTimedSerializer

from agent_console.identity import Identity
from agent_console.services import ConsoleServices

LOOK_SECONDS: Final = 600
"""For so long the photo belongs to the look at the record in whose page it stands, which is in the audit already."""
_SALT: Final = "photo-in-a-record"


@dataclass(frozen=True)
class Shown:
    """How a page shows a photo."""

    address: str
    width: int
    height: int


def photo_in_record(services: ConsoleServices, who: Identity, elder_id: int) -> Shown | None:
    """Give the photo for a page whose look at the record is in the audit; None if there is none."""
    size = services.elder_photos.size(elder_id)
    if size is None:
        return None
    look = _looks().dumps([who.actor, elder_id])
    return Shown(url_for("photos_page.show", elder_id=elder_id, look=look), *size)


def belongs_to_a_look(look: str, who: Identity, elder_id: int) -> bool:
    """Tell whether `look` is of a page that this viewer was shown of this elder a moment ago."""
    try:
        return bool(_looks().loads(look, max_age=LOOK_SECONDS) == [who.actor, elder_id])
    except BadData:
        return False


def _looks() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=_SALT)
