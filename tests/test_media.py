"""What has to be done to a file before X takes it, and what X would not take whatever is done."""

from __future__ import annotations

import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pillow_heif
import pytest

from tests import makers
from twitter_core import limits, media
from twitter_core.errors import Refusal
from twitter_core.formats import length
from twitter_core.media import Fit, Redraw, Strip, Unusable

pillow_heif.register_heif_opener()
MB = 1024 * 1024


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file.bin"


def plan(file: Path, content: bytes) -> media.Plan:
    file.write_bytes(content)
    return media.plan(file)


def refusal(file: Path, content: bytes) -> tuple[Refusal, str]:
    with pytest.raises(Unusable) as told:
        plan(file, content)
    return told.value.refusal, told.value.detail


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("JPEG", "RGB", {}),
        ("JPEG", "RGB", {"progressive": True, "icc_profile": makers.profile()}),
        ("JPEG", "L", {}),
        ("PNG", "RGB", {}),
        ("PNG", "RGBA", {"icc_profile": makers.profile()}),
        ("PNG", "P", {"dpi": (72, 72)}),
        ("GIF", "P", {}),
        ("WEBP", "RGB", {}),
        ("WEBP", "RGBA", {"icc_profile": makers.profile()}),
    ],
)
def test_a_picture_that_fits_and_tells_nothing_is_left_as_it_is(
    file: Path, kind: str, mode: str, options: dict[str, Any]
) -> None:
    content = makers.encoded(makers.scene(mode=mode), kind, **options)
    assert plan(file, content) == Fit(file, f"image/{kind.lower()}", "tweet_image")
    assert file.read_bytes() == content


@pytest.mark.parametrize(
    "content",
    [
        makers.spiced_jpeg(makers.encoded(makers.scene(), "JPEG")),
        makers.spiced_png(makers.scene()),
        makers.encoded(makers.scene(), "WEBP", exif=makers.exif()),
        makers.encoded(makers.scene(), "GIF", comment=makers.SECRET),
    ],
    ids=["jpeg", "png", "webp", "gif"],
)
def test_what_tells_of_its_maker_is_only_left_out(file: Path, content: bytes) -> None:
    todo = plan(file, content)
    assert isinstance(todo, Strip)
    assert length(todo.parts) < len(content)


@pytest.mark.parametrize(
    "content",
    [
        makers.encoded(makers.scene(), "JPEG", exif=makers.exif(6)),
        makers.encoded(makers.scene(), "PNG", exif=makers.exif(3)),
        makers.encoded(makers.scene(), "WEBP", exif=makers.exif(8)),
        makers.encoded(makers.scene(mode="CMYK"), "JPEG"),
        makers.encoded(makers.scene(8200, 4), "PNG"),
        makers.encoded(makers.scene(), "TIFF"),
        makers.encoded(makers.scene(), "BMP"),
        makers.encoded(makers.noise(1400, 1400), "PNG"),
        makers.encoded(makers.scene(), "JPEG")[:-2],
    ],
    ids="turned jpeg,turned png,turned webp,printed,8200 px,tiff,bmp,5.6 MB,no end".split(","),
)
def test_what_x_would_not_take_or_show_as_it_is_meant_is_drawn_anew(
    file: Path, content: bytes
) -> None:
    assert plan(file, content) == Redraw()


@pytest.mark.parametrize(
    ("kind", "name"), [("WEBP", "WebP"), ("PNG", "PNG"), ("AVIF", "AVIF"), ("HEIF", "HEIC")]
)
def test_a_picture_of_which_x_shows_the_first_frame_only_is_told(
    file: Path, kind: str, name: str
) -> None:
    """Posted without a word, it would stand there without what it is about."""
    moving = makers.moving(kind)
    assert refusal(file, moving) == (Refusal.MOVES, name)
    plan(file, makers.encoded(makers.scene(), kind))  # one that stands still is none


def test_a_png_that_would_move_if_it_had_a_second_frame_goes_out(file: Path) -> None:
    still = makers.encoded(makers.scene(), "PNG")
    control = makers.png_chunk(b"acTL", struct.pack(">II", 1, 0))
    assert plan(file, still[:33] + control + still[33:]) == Fit(file, "image/png", "tweet_image")


def test_a_picture_counts_without_what_is_left_out(file: Path) -> None:
    """Depth maps and videos of moving photos make files large that fit without them."""
    clean = makers.encoded(makers.scene(), "JPEG")
    depth = b"".join(makers.jpeg_segment(0xE1, b"depth" + b"\0" * 65_000) for _ in range(100))
    assert isinstance(plan(file, clean[:2] + depth + clean[2:]), Strip)
    assert isinstance(plan(file, clean + b"\0\0\0\x18ftypmp42" + b"\0" * 6 * MB), Strip)


@pytest.mark.parametrize(("over", "todo"), [(0, Strip), (1, Redraw)])
def test_five_megabytes_are_the_border(file: Path, over: int, todo: type[media.Plan]) -> None:
    png = makers.png_header(9, 9)
    filler = limits.PHOTO_SIZE - len(png) - 12 + over
    content = png[:33] + makers.png_chunk(b"IDAT", b"\0" * filler) + png[33:]
    assert isinstance(plan(file, content + b"more"), todo)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", (Refusal.NOT_A_PICTURE, "empty")),
        (b"PK\x03\x04" + b"\0" * 99, (Refusal.NOT_A_PICTURE, "a ZIP archive")),
        (b"Not a picture at all", (Refusal.NOT_A_PICTURE, "a text")),
        (makers.encoded(makers.scene(), "PNG")[:-9], (Refusal.BROKEN_FILE, "")),
        (makers.encoded(makers.scene(), "JPEG")[:30], (Refusal.BROKEN_FILE, "")),
        (makers.encoded(makers.scene(), "WEBP")[:-9], (Refusal.BROKEN_FILE, "")),
        (makers.gif(2)[:-9], (Refusal.BROKEN_FILE, "")),
        (makers.mp4()[:-9], (Refusal.BROKEN_FILE, "")),
        (makers.encoded(makers.scene(3, 500), "PNG"), (Refusal.TOO_SMALL, "3 x 500 pixels")),
        (makers.encoded(makers.scene(64, 2), "JPEG"), (Refusal.TOO_SMALL, "64 x 2 pixels")),
        (makers.png_header(50_000, 50_000), (Refusal.TOO_MANY_PIXELS, "2500 megapixels")),
        (makers.png_header(12_001, 10_000), (Refusal.TOO_MANY_PIXELS, "121 megapixels")),
        (makers.gif_header(1, 50_000, 50_000), (Refusal.TOO_MANY_PIXELS, "2500 megapixels")),
    ],
)
def test_what_no_work_makes_fit_is_refused_with_the_number(
    file: Path, content: bytes, told: tuple[Refusal, str]
) -> None:
    started = time.perf_counter()
    assert refusal(file, content) == told
    assert time.perf_counter() - started < 0.2  # nothing was decoded


def _bombs() -> dict[str, bytes]:
    """Small files whose headers claim sides of 16,384 pixels and more."""
    jpeg = bytearray(makers.encoded(makers.scene(), "JPEG"))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = b"\xff\xff\xff\xff"
    bmp = bytearray(makers.encoded(makers.scene(), "BMP"))
    bmp[18:26] = b"\x50\xc3\0\0" * 2
    webp = bytearray(makers.encoded(makers.scene(), "WEBP", lossless=True))
    webp[21:25] = b"\xff\xff\xff\x0f"
    sides = (struct.pack("<HHII", tag, 4, 1, 50_000) for tag in (256, 257))
    tiff = b"II*\0\x08\0\0\0\2\0" + b"".join(sides) + b"\0\0\0\0"
    return {"JPEG": bytes(jpeg), "BMP": bytes(bmp), "WebP": bytes(webp), "TIFF": tiff}


@pytest.mark.parametrize("kind", ["JPEG", "BMP", "WebP", "TIFF"])
def test_a_bomb_is_refused_by_its_header_in_every_format(file: Path, kind: str) -> None:
    told, number = refusal(file, _bombs()[kind])
    assert told is Refusal.TOO_MANY_PIXELS and number.endswith(" megapixels")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (makers.gif_header(2, 1280, 1080), None),
        (makers.gif_header(2, 1281, 600), (Refusal.GIF_SIDES, "1281 x 600")),
        (makers.gif_header(2, 600, 1081), (Refusal.GIF_SIDES, "600 x 1081")),
        (makers.gif_header(350, 300, 200), None),
        (makers.gif_header(351, 300, 200), (Refusal.GIF_FRAMES, "351 frames")),
        (makers.gif_header(250, 1200, 1000), None),
        (makers.gif_header(251, 1200, 1000), (Refusal.GIF_PIXELS, "301 million pixels")),
        (
            makers.gif_header(2, 9, 9)[:-1]
            + b"\x21\xfe"
            + (b"\xff" + b"c" * 255) * 70_000
            + b"\0\x3b",
            None,
        ),
    ],
)
def test_an_animated_gif_is_for_tweet_gif_within_its_limits(
    file: Path, content: bytes, told: tuple[Refusal, str] | None
) -> None:
    if told is not None:
        assert refusal(file, content) == told
        return
    todo = plan(file, content)
    assert isinstance(todo, Fit | Strip)
    assert (todo.mime, todo.category) == ("image/gif", "tweet_gif")


def test_a_gif_over_15_mb_is_told_with_its_size_and_is_not_read_to_its_end(file: Path) -> None:
    frame = b"\x2c" + b"\0" * 8 + b"\0\x08" + (b"\xff" + b"\1" * 255) * 7000 + b"\0"
    content = makers.gif_header(1, 500, 500)[:-1] + frame * 10 + b"\x3b"
    assert refusal(file, content) == (Refusal.GIF_SIZE, "17.1 MB")
    assert refusal(file, content[: 16 * MB]) == (Refusal.GIF_SIZE, "16.0 MB")


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ({}, None),
        ({"width": 1280, "height": 1024}, None),
        ({"width": 720, "height": 1280}, None),
        ({"width": 1920, "height": 1080}, (Refusal.VIDEO_SIDES, "1920 x 1080")),
        ({"width": 1025, "height": 1280}, (Refusal.VIDEO_SIDES, "1025 x 1280")),
        ({"width": 30, "height": 64}, (Refusal.VIDEO_SIDES, "30 x 64")),
        ({"width": 1200, "height": 300}, (Refusal.VIDEO_SHAPE, "1200 x 300")),
        ({"width": 300, "height": 1200}, (Refusal.VIDEO_SHAPE, "300 x 1200")),
        ({"seconds": 140.0}, None),
        ({"seconds": 140.2}, (Refusal.VIDEO_LENGTH, "140.2 seconds")),
        ({"seconds": 3600.0}, (Refusal.VIDEO_LENGTH, "3600.0 seconds")),
        ({"seconds": 0.5}, None),
        ({"seconds": 0.4}, (Refusal.VIDEO_SHORT, "0.40 seconds")),
        ({"rate": 60}, None),
        ({"rate": 120}, (Refusal.VIDEO_FRAME_RATE, "120 frames a second")),
        ({"video": False}, (Refusal.NO_VIDEO, "")),
        ({"sound": False}, None),
    ],
)
def test_a_video_is_for_tweet_video_within_its_limits(
    file: Path, made: dict[str, Any], told: tuple[Refusal, str] | None
) -> None:
    if told is not None:
        assert refusal(file, makers.mp4(**made)) == told
    else:
        assert plan(file, makers.mp4(**made)) == Fit(file, "video/mp4", "tweet_video")


def test_a_video_over_512_mb_is_told_with_its_size(file: Path) -> None:
    with file.open("wb") as big:  # a hole: it takes no room on the disk
        big.write(makers.mp4())
        big.write((600 * MB).to_bytes(4, "big") + b"mdat")
        big.truncate(len(makers.mp4()) + 600 * MB)
    with pytest.raises(Unusable) as told:
        media.plan(file)
    assert (told.value.refusal, told.value.detail) == (Refusal.VIDEO_SIZE, "600.0 MB")


def test_a_file_that_is_not_there_is_an_error_of_the_disk(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        media.plan(tmp_path / "gone")


def test_a_made_file_is_discarded_and_one_of_the_owners_never(file: Path) -> None:
    file.write_bytes(b"x")
    Fit(file, "image/png").discard()
    assert file.exists()
    Fit(file, "image/png", made=True).discard()
    assert not file.exists()
    Fit(file, "image/png", made=True).discard()


def test_a_photo_of_telegrams_takes_less_than_2_ms(file: Path) -> None:
    content = makers.encoded(makers.scene(2560, 1920), "JPEG", quality=95)
    photo = makers.encoded(makers.noise(700, 500), "JPEG", quality=80)
    for each in (content, photo):
        file.write_bytes(each)
        times = []
        for _ in range(20):
            started = time.perf_counter()
            assert isinstance(media.plan(file), Fit)
            times.append(time.perf_counter() - started)
        assert min(times) < 0.002, len(each)


def test_the_bot_itself_never_loads_pillow(file: Path) -> None:
    content = makers.encoded(makers.scene(), "JPEG", exif=makers.exif())
    file.write_bytes(content)
    program = (
        "import sys, asyncio, pathlib, bot.app, twitter_core.publisher\n"
        "from twitter_core.workshop import Workshop\n"
        f"made = asyncio.run(Workshop().fit(pathlib.Path({str(file)!r})))\n"
        "made.discard()\n"
        "assert made.made\n"
        "sys.exit(any(name.partition('.')[0] in ('PIL', 'pillow_heif') for name in sys.modules))\n"
    )
    root = Path(media.__file__).parent.parent
    assert subprocess.run([sys.executable, "-c", program], cwd=root, check=False).returncode == 0
