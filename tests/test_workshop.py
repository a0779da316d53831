"""What X gets of a file: the picture, whole and the right way up, and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from tests import makers
from twitter_core import limits, media, workshop
from twitter_core.errors import Refusal
from twitter_core.media import Fit, Unusable
from twitter_core.workshop import Workshop

pillow_heif.register_heif_opener()


class Bench:
    """A workshop with its folder, and a file to put in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "media"
        self.workshop = Workshop(self.folder)
        self.file = folder / "sent.bin"

    async def fit(self, content: bytes) -> Fit:
        self.file.write_bytes(content)
        made = await self.workshop.fit(self.file)
        assert self.file.read_bytes() == content
        return made

    async def got(self, content: bytes) -> bytes:
        """The bytes that X would get; they fit whatever else a test is about."""
        made = await self.fit(content)
        x_gets = made.path.read_bytes()
        self.file.write_bytes(x_gets)
        assert isinstance(again := media.plan(self.file), Fit), "not clean, or too large"
        assert (again.mime, again.category) == (made.mime, made.category)
        return x_gets


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def difference(a: Image.Image, b: Image.Image) -> float:
    """The root mean square of the difference, of the worst band; 0..255."""
    assert a.size == b.size
    return max(ImageStat.Stat(ImageChops.difference(a.convert("RGB"), b.convert("RGB"))).rms)


# --- what is left out -------------------------------------------------------------------------


async def test_a_file_that_fits_is_not_even_copied(bench: Bench) -> None:
    made = await bench.fit(makers.encoded(makers.scene(), "JPEG"))
    assert made == Fit(bench.file, "image/jpeg")
    made.discard()
    assert bench.file.exists()
    assert not bench.folder.exists()


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"icc_profile": makers.profile()}])
async def test_a_stripped_jpeg_is_bit_for_bit_the_one_without_its_metadata(
    bench: Bench, options: dict[str, Any]
) -> None:
    clean = makers.encoded(makers.scene(640, 480), "JPEG", **options)
    assert await bench.got(makers.spiced_jpeg(clean)) == clean


async def test_a_thumbnail_in_the_jfif_header_goes_too(bench: Bench) -> None:
    """It may show what was cut off of the picture later."""
    clean = makers.encoded(makers.scene(), "JPEG")
    assert clean[2:6] == b"\xff\xe0\0\x10"
    thumb = makers.jpeg_segment(0xE0, clean[6:18] + b"\1\1" + b"\xff\0\0")
    assert await bench.got(clean[:2] + thumb + clean[20:]) == clean


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L"])
async def test_a_stripped_png_is_bit_for_bit_the_one_without_its_metadata(
    bench: Bench, mode: str
) -> None:
    options = {"dpi": (300, 300), "icc_profile": makers.profile()} if mode != "L" else {}
    clean = makers.encoded(makers.scene(mode=mode), "PNG", **options)
    assert await bench.got(makers.spiced_png(makers.scene(mode=mode), **options)) == clean


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"icc_profile": makers.profile()}])
async def test_a_stripped_webp_shows_the_same_pixels_and_profile(
    bench: Bench, options: dict[str, Any]
) -> None:
    clean = makers.encoded(makers.scene(mode="RGBA"), "WEBP", **options)
    xmp = b"<x>" + makers.SECRET + b"</x>!"  # of an odd length: it is padded
    spiced = makers.encoded(
        makers.scene(mode="RGBA"), "WEBP", exif=makers.exif(), xmp=xmp, **options
    )
    got = await bench.got(spiced + makers.SECRET)
    assert makers.SECRET not in got
    assert makers.decoded(got).tobytes() == makers.decoded(clean).tobytes()
    assert makers.decoded(got).info.get("icc_profile") == options.get("icc_profile")
    assert "exif" not in makers.decoded(got).info and "xmp" not in makers.decoded(got).info


async def test_a_stripped_gif_keeps_its_frames_and_its_loop(bench: Bench) -> None:
    spiced = makers.gif(4, comment=makers.SECRET)
    at = spiced.index(b"\x21\xff\x0bNETSCAPE2.0")
    xmp = b"\x21\xff\x0bXMP DataXMP" + bytes([len(makers.SECRET)]) + makers.SECRET + b"\0"
    got = await bench.got(spiced[:at] + xmp + spiced[at:] + makers.SECRET)
    assert makers.SECRET not in got
    before, after = makers.decoded(spiced), makers.decoded(got)
    assert after.info["loop"] == 0 and "comment" not in after.info
    assert before.n_frames == after.n_frames == 4  # type: ignore[attr-defined]
    for number in range(4):
        before.seek(number)
        after.seek(number)
        assert before.tobytes() == after.tobytes()


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"quality": 60, "icc_profile": makers.profile()}),
        ("PNG", {}),
        ("WEBP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "jpeg"}),
        ("BMP", {}),
        ("HEIF", {}),
        ("AVIF", {}),
    ],
)
@pytest.mark.parametrize("turn", [None, 6])
async def test_no_place_and_no_name_reaches_x_in_any_format(
    bench: Bench, kind: str, options: dict[str, Any], turn: int | None
) -> None:
    content = makers.encoded(makers.scene(128, 96), kind, exif=makers.exif(turn), **options)
    if kind != "BMP":
        assert makers.SECRET in content
    got = await bench.got(content)
    shown = makers.decoded(got)
    assert makers.SECRET not in got and b"Camera 3000" not in got
    assert dict(shown.getexif()) == {} and not shown.getexif().get_ifd(makers.GPS_IFD)
    harmless = (
        "jfif jfif_version jfif_unit jfif_density icc_profile loop background duration timestamp"
    )
    assert set(shown.info) <= set(harmless.split())


# --- which way is up --------------------------------------------------------------------------


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
async def test_a_picture_stands_as_its_camera_was_held(bench: Bench, kind: str, turn: int) -> None:
    content = makers.encoded(makers.scene(128, 96), kind, exif=makers.exif(turn), quality=90)
    meant = ImageOps.exif_transpose(makers.decoded(content))
    got = makers.decoded(await bench.got(content))
    assert got.size == meant.size
    assert difference(got, meant) < 6


@pytest.mark.parametrize("sampling", [0, 2])
@pytest.mark.parametrize("turn", [2, 3, 4, 5, 6, 7, 8])
async def test_turning_a_jpeg_costs_hardly_anything(bench: Bench, turn: int, sampling: int) -> None:
    """It is quantised as it was; by 95 % quality the file would be larger and worse."""
    soft = makers.noise(64, 48).resize((512, 384), Image.Resampling.BICUBIC)
    content = makers.encoded(soft, "JPEG", exif=makers.exif(turn), quality=80, subsampling=sampling)
    meant = ImageOps.exif_transpose(makers.decoded(content))
    got = await bench.got(content)
    plain = makers.encoded(meant, "JPEG", quality=95, subsampling=2)
    ours, theirs = (difference(makers.decoded(each), meant) for each in (got, plain))
    assert len(got) < 1.02 * len(content) < len(plain)
    if sampling == 0:
        assert ours < 0.6
    assert ours < theirs


# --- what is drawn anew -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["TIFF", "BMP"])
@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P"])
async def test_a_format_without_loss_becomes_a_png_without_loss(
    bench: Bench, kind: str, mode: str
) -> None:
    content = makers.encoded(makers.scene(mode=mode), kind)
    got = makers.decoded(await bench.got(content))
    assert got.format == "PNG"
    assert difference(got, makers.decoded(content)) == 0


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
async def test_a_phones_format_becomes_a_jpeg_of_the_best_quality(bench: Bench, kind: str) -> None:
    content = makers.encoded(makers.scene(128, 96), kind, quality=90)
    got = makers.decoded(await bench.got(content))
    assert got.format == "JPEG"
    assert difference(got, makers.decoded(content)) < 2


async def test_what_is_too_large_comes_close_to_the_five_megabytes(bench: Bench) -> None:
    soft = makers.noise(1700, 1400, "L").resize((3400, 2800)).convert("RGB")
    content = makers.encoded(soft, "JPEG", quality=98, subsampling=0)
    assert len(content) > 1.2 * limits.PHOTO_SIZE
    got = await bench.got(content)
    assert 0.7 * limits.PHOTO_SIZE < len(got) <= limits.PHOTO_SIZE
    assert makers.decoded(got).size == (3400, 2800)
    assert difference(makers.decoded(got), soft) < 10


async def test_what_no_quality_makes_fit_becomes_smaller_in_its_own_shape(bench: Bench) -> None:
    noise = makers.noise(4000, 3000)
    got = await bench.got(makers.encoded(noise, "JPEG", quality=97, subsampling=0))
    shown = makers.decoded(got)
    assert len(got) > 0.5 * limits.PHOTO_SIZE
    assert shown.width < 4000 and shown.width / shown.height == pytest.approx(4 / 3, abs=0.01)


@pytest.mark.parametrize(
    ("size", "x_gets"),
    [((9000, 90), (8192, 82)), ((60, 8300), (59, 8192)), ((12_000, 4), (8192, 4))],
)
async def test_sides_over_8192_pixels_are_scaled_down(
    bench: Bench, size: tuple[int, int], x_gets: tuple[int, int]
) -> None:
    scene = makers.scene(*size)
    shown = makers.decoded(await bench.got(makers.encoded(scene, "PNG")))
    assert shown.size == x_gets
    assert difference(shown, scene.resize(x_gets, Image.Resampling.LANCZOS)) < 1


async def test_a_transparent_png_that_is_too_large_becomes_a_transparent_webp(bench: Bench) -> None:
    image = makers.noise(1500, 1200)
    image.putalpha(Image.linear_gradient("L").resize((1500, 1200)))
    shown = makers.decoded(await bench.got(makers.encoded(image, "PNG", compress_level=1)))
    assert (shown.format, shown.mode) == ("WEBP", "RGBA")
    assert shown.getchannel("A").getextrema() == (0, 255)


async def test_a_transparent_tiff_becomes_a_png_that_is_as_transparent(bench: Bench) -> None:
    image = makers.scene(mode="RGBA")
    shown = makers.decoded(await bench.got(makers.encoded(image, "TIFF")))
    assert shown.format == "PNG" and shown.tobytes() == image.tobytes()


async def test_an_alpha_channel_that_hides_nothing_is_dropped(bench: Bench) -> None:
    image = makers.noise(1600, 1200)
    image.putalpha(255)
    shown = makers.decoded(await bench.got(makers.encoded(image, "PNG")))
    assert shown.format == "JPEG" and shown.size == (1600, 1200)


async def test_sixteen_bits_of_grey_keep_their_light(bench: Bench) -> None:
    deep = Image.linear_gradient("L").resize((64, 64))
    content = makers.encoded(deep.convert("I").point(lambda v: v * 257).convert("I;16"), "TIFF")
    assert difference(makers.decoded(await bench.got(content)), deep) <= 1


# --- colours ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
async def test_the_colour_profile_stays_with_the_picture(bench: Bench, kind: str) -> None:
    profile = makers.profile()
    content = makers.encoded(makers.scene(128, 96), kind, icc_profile=profile, exif=makers.exif(6))
    assert makers.decoded(await bench.got(content)).info["icc_profile"] == profile


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
async def test_the_colours_of_a_printer_become_those_of_a_screen(bench: Bench, kind: str) -> None:
    scene = makers.scene(128, 96)
    shown = makers.decoded(await bench.got(makers.encoded(scene.convert("CMYK"), kind)))
    assert shown.mode == "RGB" and "icc_profile" not in shown.info
    assert difference(shown, scene) < 8


async def test_a_profile_that_is_none_or_of_other_colours_is_left_out(bench: Bench) -> None:
    grey = bytearray(makers.profile())
    grey[16:20] = b"GRAY"
    for profile in (b"nonsense", bytes(grey)):
        content = makers.encoded(makers.scene(), "TIFF", icc_profile=profile)
        shown = makers.decoded(await bench.got(content))
        assert "icc_profile" not in shown.info
        assert difference(shown, makers.scene()) == 0


# --- what cannot be drawn ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "BMP", "HEIF", "AVIF"])
async def test_a_damaged_picture_is_told_and_leaves_nothing_behind(bench: Bench, kind: str) -> None:
    whole = makers.encoded(makers.noise(256, 256), kind)
    with pytest.raises(Unusable) as told:
        await bench.fit(whole[: len(whole) * 2 // 3])
    assert told.value.refusal is Refusal.BROKEN_FILE
    assert not bench.folder.exists() or list(bench.folder.iterdir()) == []


@pytest.mark.parametrize("kind", ["HEIF", "TIFF"])
async def test_a_picture_of_three_pixels_is_told_with_its_sides(bench: Bench, kind: str) -> None:
    with pytest.raises(Unusable) as told:
        await bench.fit(makers.encoded(makers.scene(3, 90), kind))
    assert (told.value.refusal, told.value.detail) == (Refusal.TOO_SMALL, "3 x 90 pixels")


async def test_a_jpeg_that_lacks_only_its_end_goes_out_or_is_told(bench: Bench) -> None:
    with contextlib.suppress(Unusable):
        await bench.got(makers.encoded(makers.scene(), "JPEG")[:-2])


# --- the files --------------------------------------------------------------------------------


async def test_what_is_made_is_private_and_goes_when_it_is_discarded(bench: Bench) -> None:
    for content in (
        makers.spiced_png(makers.scene()),
        makers.encoded(makers.scene(), "BMP"),
    ):
        made = await bench.fit(content)
        assert made.made and made.path.parent == bench.folder
        assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
        assert stat.S_IMODE(bench.folder.stat().st_mode) == 0o700
        made.discard()
        assert list(bench.folder.iterdir()) == []


async def test_what_an_earlier_process_left_is_deleted_and_nothing_else(bench: Bench) -> None:
    bench.folder.mkdir(mode=0o700)
    for name in ("fit-left", "AgACAgIAAx", "fit"):
        (bench.folder / name).write_bytes(b"x")
    made = await bench.fit(makers.spiced_png(makers.scene()))
    again = await bench.workshop.fit(bench.file)
    kept = {path.name for path in bench.folder.iterdir()}
    assert kept == {"AgACAgIAAx", "fit", made.path.name, again.path.name}


async def test_without_a_folder_files_are_made_among_the_temporary_ones(tmp_path: Path) -> None:
    file = tmp_path / "sent"
    file.write_bytes(makers.spiced_png(makers.scene()))
    made = await Workshop().fit(file)
    try:
        assert made.path.parent != tmp_path
    finally:
        made.discard()


async def test_a_disk_that_refuses_is_an_error_that_passes(bench: Bench) -> None:
    bench.folder.write_bytes(b"in the way")
    with pytest.raises(OSError):
        await bench.fit(makers.spiced_png(makers.scene()))


# --- the child --------------------------------------------------------------------------------


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[asyncio.subprocess.Process]:
    """The child processes, as they are started."""
    started: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def note(*args: Any, **options: Any) -> asyncio.subprocess.Process:
        child = await start(*args, **options)
        started.append(child)
        return child

    monkeypatch.setattr(asyncio, "create_subprocess_exec", note)
    return started


def program(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Another program in place of the one that draws; `argv[1:]` are its IN, OUT and PARENT."""
    command = workshop._command

    def other(path: Path, made: Path) -> list[str]:
        executable, *_, source, target, parent = command(path, made)
        return [executable, "-c", code, source, target, parent]

    monkeypatch.setattr(workshop, "_command", other)


BMP = makers.encoded(makers.scene(), "BMP")


async def test_a_photo_that_fits_starts_no_child(
    bench: Bench, children: list[asyncio.subprocess.Process]
) -> None:
    await bench.fit(makers.encoded(makers.scene(), "JPEG"))
    await bench.fit(makers.spiced_jpeg(makers.encoded(makers.scene(), "JPEG")))
    assert children == []


async def test_pictures_are_drawn_one_after_the_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, children: list[asyncio.subprocess.Process]
) -> None:
    running = most = 0
    draw = workshop._draw

    async def counted(path: Path, made: Path) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await draw(path, made)
        running -= 1

    monkeypatch.setattr(workshop, "_draw", counted)
    bench.file.write_bytes(BMP)
    made = await asyncio.gather(*(bench.workshop.fit(bench.file) for _ in range(4)))
    assert len({fit.path for fit in made}) == len(children) == 4
    assert most == 1


async def test_a_photo_does_not_wait_for_a_picture_that_is_drawn(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program(monkeypatch, "import time; time.sleep(60)")
    bench.file.write_bytes(BMP)
    slow = asyncio.create_task(bench.workshop.fit(bench.file))
    photo = tmp_path / "photo"
    photo.write_bytes(makers.encoded(makers.scene(), "JPEG"))
    for _ in range(10):
        assert await bench.workshop.fit(photo) == Fit(photo, "image/jpeg")
    assert not slow.done()
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow


async def test_cancelling_ends_the_child_and_leaves_nothing_behind(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, children: list[asyncio.subprocess.Process]
) -> None:
    program(monkeypatch, "import time; time.sleep(60)")
    bench.file.write_bytes(BMP)
    tasks = [asyncio.create_task(bench.workshop.fit(bench.file)) for _ in range(3)]
    while not children:
        await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    assert {type(r) for r in await asyncio.gather(*tasks, return_exceptions=True)} == {
        asyncio.CancelledError
    }
    assert len(children) == 1 and children[0].returncode == -9
    assert list(bench.folder.iterdir()) == []


async def test_a_child_that_takes_too_long_is_ended_and_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, children: list[asyncio.subprocess.Process]
) -> None:
    program(monkeypatch, "import time; time.sleep(60)")
    monkeypatch.setattr(workshop, "PATIENCE", 0.2)
    with pytest.raises(Unusable) as told:
        await bench.fit(BMP)
    assert told.value.refusal is Refusal.TOO_MUCH_WORK
    assert children[0].returncode == -9


@pytest.mark.parametrize(
    "code",
    [
        "import os; os.kill(os.getpid(), 9)",
        "import os; os.kill(os.getpid(), 11)",
        "raise RuntimeError('a bug')",
        "print('not JSON')",
        "print('[]')",
        'print(\'{"refusal": "unheard of"}\')',
        "print('{}')",  # says that it is done, and has made nothing
        "import sys; open(sys.argv[2], 'wb').write(b'GIF89a'); print('{}')",
        "import shutil, sys; shutil.copy(*sys.argv[1:3]); print('{}')",  # made what does not fit
    ],
)
async def test_a_child_that_dies_or_talks_nonsense_is_told_plainly(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    program(monkeypatch, code)
    with pytest.raises(Unusable) as told:
        await bench.fit(BMP)
    assert told.value.refusal is Refusal.TOO_MUCH_WORK
    assert list(bench.folder.iterdir()) == []


@pytest.mark.parametrize(
    "code",
    [f"import os; os.kill(os.getpid(), {number})" for number in (1, 2, 15)]
    + ["import sys; sys.exit(75)"],
)
async def test_a_child_that_was_stopped_or_had_no_room_is_tried_again_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    # What nohup and a shell in the background ignore, their children would ignore too.
    heeds = "import signal; [signal.signal(number, signal.SIG_DFL) for number in (1, 2)]\n"
    program(monkeypatch, heeds + code)
    with pytest.raises(OSError):
        await bench.fit(BMP)
    assert list(bench.folder.iterdir()) == []


async def test_a_child_that_cannot_be_started_is_tried_again_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(path: Path, made: Path) -> list[str]:
        return ["/nowhere/python", str(path), str(made)]

    monkeypatch.setattr(workshop, "_command", nowhere)
    with pytest.raises(OSError):
        await bench.fit(BMP)
    assert list(bench.folder.iterdir()) == []


async def test_the_bot_grows_by_next_to_nothing_while_a_picture_is_drawn(bench: Bench) -> None:
    def resident() -> int:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    content = makers.encoded(makers.noise(3000, 2000), "PNG", compress_level=1)
    bench.file.write_bytes(content)
    del content
    (await bench.workshop.fit(bench.file)).discard()
    before = resident()
    for _ in range(3):
        (await bench.workshop.fit(bench.file)).discard()
    assert resident() - before < 8_000_000
