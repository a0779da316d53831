"""What a file is, told from its bytes."""

from __future__ import annotations

import io
import struct
import warnings
from typing import Any

import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests import makers
from twitter_core import sniff
from twitter_core.formats import Broken, Picture, jpeg
from twitter_core.formats.mp4 import Video

pillow_heif.register_heif_opener()


def look(content: bytes) -> sniff.Seen:
    return sniff.look(io.BytesIO(content))


def picture(content: bytes) -> Picture:
    seen = look(content)
    assert isinstance(seen, Picture)
    return seen


@pytest.mark.parametrize(
    ("kind", "mime", "options"),
    [
        ("JPEG", "image/jpeg", {}),
        ("JPEG", "image/jpeg", {"progressive": True}),
        ("PNG", "image/png", {}),
        ("GIF", "image/gif", {}),
        ("WEBP", "image/webp", {}),
        ("WEBP", "image/webp", {"lossless": True}),
        ("WEBP", "image/webp", {"exif": makers.exif()}),
        ("HEIF", "image/heic", {}),
        ("AVIF", "image/avif", {}),
        ("TIFF", "image/tiff", {}),
        ("TIFF", "image/tiff", {"big_tiff": True}),
        ("BMP", "image/bmp", {}),
    ],
)
def test_a_picture_is_known_with_its_sides(kind: str, mime: str, options: dict[str, Any]) -> None:
    seen = picture(makers.encoded(makers.scene(96, 64), kind, **options))
    assert (seen.mime, seen.width, seen.height, seen.frames) == (mime, 96, 64, 1)


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_which_way_a_picture_is_turned_is_read(kind: str, turn: int) -> None:
    content = makers.encoded(makers.scene(), kind, exif=makers.exif(turn))
    assert picture(content).orientation == turn


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("turn", [0, 9, 77])
def test_a_turn_that_does_not_exist_is_none(order: str, turn: int) -> None:
    tiff = struct.pack(
        order + "2sHIHHHIHHI", b"II" if order == "<" else b"MM", 42, 8, 1, 274, 3, 1, turn, 0, 0
    )
    clean = makers.encoded(makers.scene(), "JPEG")
    content = clean[:2] + makers.jpeg_segment(0xE1, b"Exif\0\0" + tiff) + clean[2:]
    assert picture(content).orientation == 1


def test_the_colours_of_a_printer_are_known() -> None:
    for kind in ("JPEG", "TIFF"):
        assert picture(makers.encoded(makers.scene(mode="CMYK"), kind)).printed
        assert not picture(makers.encoded(makers.scene(), kind)).printed


@pytest.mark.parametrize("frames", [2, 5])
def test_the_frames_of_an_animation_are_counted(frames: int) -> None:
    assert picture(makers.gif(frames)).frames == frames
    images = [makers.scene().rotate(i * 9) for i in range(frames)]
    webp = makers.encoded(images[0], "WEBP", save_all=True, append_images=images[1:])
    assert picture(webp).frames == frames


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty"),
        (b"PK\x03\x04\x14\0\0\0", "a ZIP archive"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"Dear diary,\n", "a text"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a text"),
        (b"BMW is a car", "a text"),
        (b"8BPS\0\1\0\0", "a Photoshop file"),
        (b"ID3\3\0\0\0", "a sound file"),
        (makers.box(b"ftyp", b"M4A \0\0\0\0") + makers.box(b"mdat"), "a sound file"),
        (makers.box(b"ftyp", b"crx \0\0\0\1crx isom"), "a camera's raw file"),
        (b"\0\1\2\3\4\5\6\7\x08\x09", ""),
    ],
)
def test_what_is_no_picture_is_called_by_its_name(content: bytes, name: str) -> None:
    assert look(content) == sniff.Other(name)


def test_a_raw_file_is_not_taken_for_the_small_preview_that_it_begins_with() -> None:
    dng = makers.encoded(makers.scene(), "TIFF", tiffinfo={50706: b"\1\4\0\0"})
    assert look(dng) == sniff.Other("a camera's raw file")
    nef = makers.encoded(makers.scene(), "TIFF", tiffinfo={254: 1})
    assert look(nef) == sniff.Other("a camera's raw file")
    cr2 = b"II*\0\x10\0\0\0CR\2\0\0\0\0\0" + struct.pack(
        "<HHHIIHHIIHHII", 2, 256, 4, 1, 64, 257, 4, 1, 48, 0, 0, 0, 0
    )
    assert look(cr2) == sniff.Other("a camera's raw file")


@pytest.mark.parametrize("moov_first", [True, False])
@pytest.mark.parametrize(("brand", "mime"), [(b"isom", "video/mp4"), (b"qt  ", "video/quicktime")])
def test_a_video_is_known_with_its_sides_length_and_rate(
    brand: bytes, mime: str, moov_first: bool
) -> None:
    seen = look(makers.mp4(854, 480, 12.5, 25, brand=brand, moov_first=moov_first))
    assert isinstance(seen, Video)
    assert (seen.mime, seen.width, seen.height, seen.tracks) == (mime, 854, 480, 1)
    assert seen.seconds == 12.5
    assert seen.frame_rate == pytest.approx(25, abs=0.1)


def test_an_old_mov_needs_no_brand() -> None:
    seen = look(makers.mp4()[28:])
    assert isinstance(seen, Video) and seen.mime == "video/quicktime"


def test_a_webm_is_a_video_of_which_no_more_is_known() -> None:
    assert look(b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01") == Video("video/webm", 0, 0)


def test_what_a_phone_leaves_behind_the_last_box_is_no_damage() -> None:
    assert isinstance(look(makers.mp4() + b"\xff\xff\xff\xff\0\0\0\0garbage"), Video)


def test_the_largest_picture_of_a_heic_counts_not_its_thumbnail() -> None:
    def ispe(width: int, height: int) -> bytes:
        return makers.box(b"ispe", struct.pack(">III", 0, width, height))

    ipco = makers.box(b"ipco", ispe(320, 240), ispe(50_000, 50_000), ispe(512, 512))
    meta = makers.box(b"meta", b"\0\0\0\0", makers.box(b"iprp", ipco))
    seen = picture(makers.box(b"ftyp", b"mif1\0\0\0\0mif1heic") + meta)
    assert (seen.mime, seen.width, seen.height) == ("image/heic", 50_000, 50_000)


def _samples() -> dict[str, bytes]:
    image = makers.scene(40, 24)
    return {
        "jpeg": makers.spiced_jpeg(makers.encoded(image, "JPEG")),
        "progressive": makers.encoded(image, "JPEG", progressive=True, exif=makers.exif(6)),
        "png": makers.spiced_png(image),
        "gif": makers.gif(3, comment=makers.SECRET),
        "webp": makers.encoded(image, "WEBP", exif=makers.exif(3), xmp=b"<x/>"),
        "webp lossless": makers.encoded(image, "WEBP", lossless=True),
        "heic": makers.encoded(image, "HEIF"),
        "avif": makers.encoded(image, "AVIF"),
        "tiff": makers.encoded(image, "TIFF"),
        "bmp": makers.encoded(image, "BMP"),
        "mp4": makers.mp4(),
        "mov": makers.mp4(brand=b"qt  ", moov_first=False),
    }


SAMPLES = _samples()
WHOLE = ("jpeg", "progressive", "png", "gif", "webp", "webp lossless", "heic", "avif", "mp4", "mov")


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_that_was_cut_short_is_never_taken_for_whole(name: str) -> None:
    whole = SAMPLES[name]
    end = len(whole)
    if name == "jpeg":
        end = whole.rindex(b"\xff\xd9") + 2
    elif name == "png":
        end = whole.rindex(b"IEND") + 8
    for size in (*range(1, min(end, 600)), *range(600, end, 37), end - 1):
        try:
            seen = look(whole[:size])
        except Broken:
            continue
        if isinstance(seen, Picture):
            assert seen.parts is None, f"{size} of {end} bytes"
        else:
            assert isinstance(seen, sniff.Other), f"{size} of {end} bytes"


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_a_damaged_file_is_read_or_is_broken_and_nothing_else(
    name: str, data: st.DataObject
) -> None:
    content = bytearray(SAMPLES[name])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(st.binary(min_size=1, max_size=8))
        content[at : at + len(piece)] = piece
    del content[data.draw(st.integers(0, len(content))) :]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            seen = look(bytes(content))
        except Broken:
            return
    if isinstance(seen, Picture):
        assert seen.width > 0 and seen.height > 0 and 1 <= seen.orientation <= 8
        for part in seen.parts or ():
            assert isinstance(part, bytes) or 0 <= part[0] < part[1] <= len(content)


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"", *(c[:12] for c in SAMPLES.values())]))
def test_bytes_that_mean_nothing_do_no_harm(rest: bytes, start: bytes) -> None:
    try:
        look(start + rest)
    except Broken:
        pass


def test_a_large_file_is_not_read_as_a_whole() -> None:
    class Counting(io.BytesIO):
        taken = 0

        def read(self, size: int | None = -1) -> bytes:
            found = super().read(size)
            self.taken += len(found)
            return found

    heavy = makers.png_chunk(b"IDAT", b"\0" * 30_000_000)
    png = makers.png_header(9, 9)
    file = Counting(png[:33] + heavy + png[33:])
    assert isinstance(sniff.look(file), Picture)
    assert file.taken < 200_000
    file = Counting(makers.encoded(makers.noise(4200, 3200), "JPEG", quality=95))
    assert sniff.look(file).parts is None  # type: ignore[union-attr]
    assert file.taken < 7_000_000  # it is over 5 MB: where it ends does not matter


@pytest.mark.parametrize("off", [-2, -1, 0, 1])
def test_the_end_of_a_jpeg_is_found_wherever_it_stands(off: int) -> None:
    """It is looked for in steps; the two bytes of a marker may fall into two of them."""
    whole = makers.encoded(makers.scene(), "JPEG")
    scan = whole.index(b"\xff\xda")
    behind = scan + 2 + int.from_bytes(whole[scan + 2 : scan + 4], "big")
    filled = whole[:behind] + b"\1" * (jpeg._STEP + off) + b"\xff\xd9"
    assert picture(filled).parts == ((0, len(filled)),)
    assert picture(filled + b"\xff\xd9").parts == ((0, len(filled)),)


@pytest.mark.parametrize("name", ["jpeg", "png", "gif", "webp", "tiff", "bmp", "avif"])
def test_pillow_agrees_on_the_sides(name: str) -> None:
    with Image.open(io.BytesIO(SAMPLES[name])) as image:
        seen = picture(SAMPLES[name])
        assert image.size == (seen.width, seen.height)
