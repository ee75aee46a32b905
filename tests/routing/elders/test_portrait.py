"""Photos as people hand them over: what is kept is upright, small and says nothing but what they look like."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from routing.elders.portrait import LARGEST, MOST_BYTES, Unfit, portrait

LEFT, RIGHT = (220, 30, 30), (30, 30, 220)


def picture(form: str, size: tuple[int, int] = (1200, 900), mode: str = "RGB", **how: Any) -> bytes:
    """Red on the left and blue on the right."""
    image = Image.new("RGB", size, LEFT)
    image.paste(RIGHT, (size[0] // 2, 0, *size))
    file = io.BytesIO()
    image.convert(mode).save(file, form, **how)
    return file.getvalue()


def kept(content: bytes) -> Image.Image:
    made = portrait(content)
    image = Image.open(io.BytesIO(made.jpeg))
    image.load()
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (made.width, made.height))
    return image


def near(seen: Any, wanted: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 30 for one, other in zip(seen, wanted, strict=True))


@pytest.mark.parametrize(
    ("form", "mode"),
    [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("WEBP", "RGB")],
)
def test_each_kind_becomes_a_small_jpeg(form: str, mode: str) -> None:
    image = kept(picture(form, mode=mode))
    assert image.size == (480, 360)
    if mode not in ("L", "1"):
        assert near(image.getpixel((40, 180)), LEFT) and near(image.getpixel((440, 180)), RIGHT)


def test_a_small_photo_is_not_blown_up_and_a_transparent_one_is_on_white() -> None:
    assert kept(picture("PNG", (200, 100))).size == (200, 100)
    file = io.BytesIO()
    Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(file, "PNG")
    assert near(kept(file.getvalue()).getpixel((50, 50)), (255, 255, 255))


def test_it_is_turned_upright_and_what_the_camera_wrote_is_gone() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x9286] = 6, "SECRETCAMERA", "SECRETNOTE"  # Turn by a quarter to the right.
    exif.get_ifd(0x8825)[1] = "N"
    content = picture("JPEG", exif=exif, comment=b"SECRETCOMMENT", icc_profile=b"SECRETPROFILE" * 20)
    assert b"SECRET" in content
    made = portrait(content)
    image = kept(content)
    assert image.size == (360, LARGEST)
    assert near(image.getpixel((180, 40)), LEFT) and near(image.getpixel((180, 440)), RIGHT), "what was left is on top"
    assert b"SECRET" not in made.jpeg and b"Exif" not in made.jpeg and not image.getexif()


def why(content: bytes) -> str:
    with pytest.raises(Unfit) as refused:
        portrait(content)
    return refused.value.why


def huge_png(width: int, height: int) -> bytes:
    """A few hundred bytes that would unpack to gigabytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + rows + chunk(b"IEND", b"")


def test_what_is_no_photo_is_refused_and_says_why() -> None:
    assert why(b"") == "empty"
    assert why(b"x" * (MOST_BYTES + 1)) == "large"
    for nonsense in (b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + bytes(50), b"%PDF-1.7\n"):
        assert why(nonsense) == "kind"
    assert why(picture("GIF")) == why(picture("TIFF")) == "kind"
    assert why(picture("JPEG")[:3000]) == "broken"
    assert why(huge_png(30_000, 30_000)) in {"pixels", "broken"}
    assert why(huge_png(6_000, 6_000)) == "pixels"
    assert why(huge_png(100, 100)) == "broken"
    assert why(picture("PNG", (20, 20))) == "tiny"
    assert why(picture("PNG", (2_000, 60))) == "long"


def test_mutilated_photos_are_kept_or_refused_and_nothing_else_is_raised() -> None:
    chance = random.Random(11)
    originals = [picture(form, (160, 120)) for form in ("JPEG", "PNG", "WEBP")]
    for _ in range(400):
        content = bytearray(chance.choice(originals))
        for _ in range(chance.randrange(1, 8)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        try:
            made = portrait(bytes(content[: chance.choice((len(content), chance.randrange(1, len(content))))]))
        except Unfit:
            continue
        assert max(made.width, made.height) <= LARGEST
