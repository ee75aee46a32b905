"""Settings of the agents' pages and telephones: maps, knowledge cards, claims of tasks, silent browsers."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from routing import setting_forms as forms


class DeskSettings(BaseSettings):
    """What the other settings inherit."""

    map_tiles: str = Field(
        "", description="map of an SOS, as https://tiles.example/{z}/{x}/{y}.png; empty: coordinates alone"
    )
    map_attribution: str = Field("", max_length=120, description="whose map it is, written below it")
    map_zoom: int = Field(17, ge=3, le=19, description="scale of that map: 17 shows about 600 m, one less twice that")
    map_datum: Literal["wgs84", "gcj02"] = Field(
        "wgs84", description="what the tiles are drawn in: gcj02 for maps published in China, else marks lie 500 m off"
    )
    cards_dir: Path | None = Field(
        None, description="folder of knowledge cards that replace ours or come besides (docs/cards.md)"
    )
    claim_minutes: float = Field(
        20, ge=1, le=480, description="a task of the work lists that somebody took is free again after so long"
    )

    quality_talks: int = Field(
        3, ge=1, le=20, description="talks of each agent and week that are proposed to be scored (docs/quality.md)"
    )

    browser_silence_seconds: int = Field(
        5, ge=2, le=20, description="an agent's browser that sends no sound in a talk for so long is taken for dead"
    )
    phone_ask_seconds: int = Field(
        15, ge=4, le=30, description="agents' telephones and browsers are asked so often whether they are there"
    )

    _tiles_form = field_validator("map_tiles")(forms.tiles)

    @property
    def map_origin(self) -> str:
        """Scheme and host of the tiles, for the pages' Content-Security-Policy; empty without a map."""
        parts = urlsplit(self.map_tiles)
        return f"{parts.scheme}://{parts.netloc}" if self.map_tiles else ""
