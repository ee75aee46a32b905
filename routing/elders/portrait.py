"""A photo as it is kept: upright, small, and nothing in it but the picture. What is handed over may be anything."""

from __future__ import annotations

import io
import struct
import threading
import zlib
from dataclasses import dataclass, field
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from routing.errors import Invalid

MOST_BYTES: Final = 5_000_000
LARGEST: Final = 480
"""Pixels of the longer side that is kept: twice what the desk shows, for screens with fine pixels."""
SMALLEST: Final = 48
"""Pixels of the shorter side: in less nobody is recognised."""
MOST_PIXELS: Final = {"JPEG": 120_000_000, "PNG": 25_000_000, "WEBP": 25_000_000}
"""A JPEG is read at an eighth of its size, the others whole: at most 100 MB for a moment, and one at a time."""
LONGEST: Final = 20
"""The longer side may be so many times the shorter."""
_QUALITY: Final = 85
_BROKEN: Final = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error,
    zlib.error, Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip
"""What Pillow raises of files that are cut off, mutilated or made to harm."""
_one_at_a_time = threading.Lock()


class Unfit(Invalid):
    """This is no photo that can be kept. `why` is empty, large, kind, broken, pixels, tiny or long."""

    code = "photo_unfit"

    def __init__(self, why: str) -> None:
        super().__init__(f"this is no photo that can be kept: {why}")
        self.why = why


@dataclass(frozen=True)
class Portrait:
    """A photo as it is kept."""

    jpeg: bytes = field(repr=False)
    width: int
    height: int


def portrait(content: bytes) -> Portrait:
    """Make what is kept of a JPEG, PNG or WebP. Raises Unfit."""
    if not content:
        raise Unfit("empty")
    if len(content) > MOST_BYTES:
        raise Unfit("large")
    with _one_at_a_time:
        try:
            return _made(content)
        except UnidentifiedImageError:
            raise Unfit("kind") from None
        except Unfit:
            raise
        except _BROKEN:
            raise Unfit("broken") from None


def _made(content: bytes) -> Portrait:
    with Image.open(io.BytesIO(content), formats=tuple(MOST_PIXELS)) as image:
        width, height = image.size  # As its head says; nothing is unpacked yet.
        if width * height > MOST_PIXELS.get(image.format or "", 0):
            raise Unfit("pixels")
        if min(width, height) < SMALLEST:
            raise Unfit("tiny")
        if max(width, height) > LONGEST * min(width, height):
            raise Unfit("long")
        turned = image.getexif().get(0x0112)  # Orientation: how the camera was held.
        image.draft("RGB", (LARGEST, LARGEST))
        image.load()
        whole = image.convert("RGBA") if image.has_transparency_data else image.convert("RGB")
    whole.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    # A picture of its own, so that no comment, place or name that the camera wrote comes along.
    clean = Image.new("RGB", whole.size, "white")
    clean.paste(whole, mask=whole if whole.mode == "RGBA" else None)
    if turned:
        clean.getexif()[0x0112] = turned
        clean = ImageOps.exif_transpose(clean)
        clean.info.clear()
    kept = io.BytesIO()
    clean.save(kept, "JPEG", quality=_QUALITY, optimize=True)
    return Portrait(kept.getvalue(), *clean.size)
