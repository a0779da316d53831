"""Image files as phones and desktops make them, and what X gets of them."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pillow_heif
import pytest
from PIL import ImageOps

from tests import makers
from tests.stage import Stage
from tests.walks.test_photo import card

pillow_heif.register_heif_opener()


def peak_of(pid: int) -> int:
    """The most memory that a process ever had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (makers.encoded(makers.scene(128, 96), "HEIF", exif=makers.exif(6)), "image/jpeg"),
        (makers.encoded(makers.scene(128, 96), "AVIF", exif=makers.exif()), "image/jpeg"),
        (makers.encoded(makers.scene(128, 96), "TIFF", exif=makers.exif()), "image/png"),
        (makers.encoded(makers.scene(128, 96), "BMP"), "image/png"),
        (makers.encoded(makers.scene(128, 96), "JPEG", exif=makers.exif(6)), "image/jpeg"),
        (makers.encoded(makers.scene(128, 96), "JPEG", exif=makers.exif()), "image/jpeg"),
        (makers.encoded(makers.noise(1600, 1500), "PNG"), "image/jpeg"),
    ],
    ids="HEIC,AVIF,TIFF,BMP,turned JPEG,JPEG with EXIF,PNG of 7 MB".split(","),
)
async def test_an_image_file_goes_out_in_a_form_that_x_takes(
    signed_in: Stage, content: bytes, mime: str
) -> None:
    await card(
        signed_in, signed_in.owner.sends_document(content, "image.bin", "image/x-any", "look")
    )
    (post,) = signed_in.x.timeline()
    (medium,) = post.media
    assert medium.kind == mime
    shown = makers.decoded(medium.bytes)
    assert shown.size == ImageOps.exif_transpose(makers.decoded(content)).size
    assert makers.SECRET not in medium.bytes and dict(shown.getexif()) == {}
    for _ in range(100):
        if not list((signed_in.data / "media").iterdir()):
            break
        await asyncio.sleep(0.05)
    assert list((signed_in.data / "media").iterdir()) == []


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (makers.png_header(50_000, 50_000), "bomb.png", "2500 megapixels"),
        (
            makers.encoded(makers.noise(200, 200), "JPEG")[:-3000],
            "cut.jpg",
            "damaged or incomplete",
        ),
        (
            makers.encoded(makers.noise(200, 200), "HEIF")[:-3000],
            "cut.heic",
            "damaged or incomplete",
        ),
        (b"PK\x03\x04" + bytes(200), "picture.jpg", "a ZIP archive"),
        (makers.encoded(makers.scene(3, 90), "PNG"), "thin.png", "3 x 90 pixels"),
    ],
    ids=["a bomb", "a JPEG cut short", "a HEIC cut short", "a ZIP", "a line"],
)
async def test_a_file_that_cannot_go_out_is_told_with_the_reason_and_nothing_is_lost(
    signed_in: Stage, content: bytes, name: str, words: str
) -> None:
    shown = await card(
        signed_in, signed_in.owner.sends_document(content, name, "image/jpeg", "look"), words
    )
    assert "Not posted" in shown.text
    await card(
        signed_in, signed_in.owner.sends_photo(makers.encoded(makers.scene(), "JPEG"), "next")
    )
    assert [post.text for post in signed_in.x.timeline()] == ["next"]


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the memory of a process")
async def test_large_pictures_do_not_make_the_bot_large(signed_in: Stage) -> None:
    image = makers.scene(6000, 4000)
    image.paste(makers.noise(2000, 1500), (0, 0))
    content = makers.encoded(image, "PNG", compress_level=1)
    del image
    assert signed_in.bot is not None
    for text in ("one", "two"):
        await card(signed_in, signed_in.owner.sends_document(content, "a.png", "image/png", text))
    peak = peak_of(signed_in.bot.pid)
    print(f"the bot's peak: {peak / 1e6:.0f} MB")
    assert peak < 150_000_000, f"{peak / 1e6:.0f} MB"
