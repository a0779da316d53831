"""Pictures drawn anew: scaled in strips, in colours that screens show, as well as fits."""

from __future__ import annotations

import io
import tempfile
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms, JpegImagePlugin

from tests import makers
from twitter_core import limits, redraw
from twitter_core.errors import Refusal

MB = 1024 * 1024


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "in"


def drawn(file: Path, content: bytes, most: int = 5 * MB) -> Image.Image:
    file.write_bytes(content)
    done = redraw.fit(file, most)
    assert len(done.content) <= most
    image = makers.decoded(done.content)
    assert done.mime == f"image/{(image.format or '').lower()}"
    return image


def worst(a: Image.Image, b: Image.Image) -> int:
    """The largest difference of any value."""
    assert (a.size, a.mode) == (b.size, b.mode)
    bands = ImageChops.difference(a, b).split()
    return max(int(band.getextrema()[1]) for band in bands)  # type: ignore[arg-type]


@settings(deadline=None, max_examples=40)
@given(
    st.integers(4, 300), st.integers(4, 300), st.floats(0.05, 0.99), st.sampled_from(["RGB", "L"])
)
def test_scaling_in_strips_is_scaling_at_once(
    width: int, height: int, factor: float, mode: str
) -> None:
    # Not up to black and white: where Pillow clips depends on which way it scales first.
    image = makers.noise(width, height, mode).point(lambda value: 64 + value // 2)
    size = redraw._times(image.size, factor)
    if size[0] > width or size[1] > height:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redraw, "_STRIP", 16)
        ours = redraw._scaled(image, size, lambda part: part)
    assert worst(ours, image.resize(size, Image.Resampling.LANCZOS)) <= 2


def test_scaling_does_not_let_hidden_colours_shine_through(file: Path) -> None:
    image = Image.new("RGBA", (9000, 40), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (4500, 0, 9000, 40))
    shown = drawn(file, makers.encoded(image, "PNG")).resize((8192, 40))
    edge = [shown.getpixel((x, 20)) for x in range(4080, 4112)]
    assert all(pixel[0] < 40 for pixel in edge if pixel[3] > 20)  # type: ignore[index]


def _with_key() -> bytes:
    return makers.encoded(makers.scene(), "PNG", transparency=(220, 30, 30))


def _palette() -> bytes:
    return makers.encoded(makers.scene().quantize(8), "PNG", transparency=0)


@pytest.mark.parametrize(
    "content",
    [
        _with_key(),
        _palette(),
        makers.encoded(makers.scene(mode="LA"), "PNG"),
        makers.encoded(makers.scene(mode="LA"), "TIFF"),
        makers.encoded(makers.scene().quantize(8), "GIF", transparency=0),
    ],
    ids=["a colour key", "a palette", "grey", "grey TIFF", "GIF"],
)
def test_what_is_transparent_stays_so_however_it_is_stored(file: Path, content: bytes) -> None:
    shown = drawn(file, content)
    assert shown.format == "PNG"
    assert shown.convert("RGBA").tobytes() == makers.decoded(content).convert("RGBA").tobytes()


def _grey(mode: str) -> Image.Image:
    grey = Image.linear_gradient("L").resize((64, 64))
    if mode == "F":
        return grey.convert("F").point(lambda v: v / 255 + 0.0)
    wide = grey.convert("I").point(lambda v: v * 257)
    return wide if mode == "I" else wide.convert("I;16")


@pytest.mark.parametrize("mode", ["I", "F", "I;16"])
def test_deep_grey_keeps_its_light(file: Path, mode: str) -> None:
    shown = drawn(file, makers.encoded(_grey(mode), "TIFF"))
    assert worst(shown, Image.linear_gradient("L").resize((64, 64))) <= 2


def test_big_endian_grey_keeps_its_light(file: Path) -> None:
    deep = _grey("I;16")
    raw = b"".join(v.to_bytes(2, "big") for v in deep.get_flattened_data())  # type: ignore[union-attr]
    other = Image.frombytes("I;16B", deep.size, raw)
    shown = drawn(file, makers.encoded(other, "TIFF"))
    assert worst(shown, Image.linear_gradient("L").resize((64, 64))) <= 1


def test_lab_colours_become_those_of_a_screen(file: Path) -> None:
    scene = makers.scene()
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    converted = ImageCms.profileToProfile(scene, srgb, lab, outputMode="LAB")
    assert converted is not None
    content = makers.encoded(converted, "TIFF")
    assert worst(drawn(file, content), scene) < 12


def test_a_profile_too_large_to_send_is_worked_into_the_colours(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redraw, "_PROFILE", 100)
    shown = drawn(file, makers.encoded(makers.scene(), "TIFF", icc_profile=makers.profile()))
    assert "icc_profile" not in shown.info
    assert worst(shown, makers.scene()) <= 2  # the profile was that of the screen already


def test_a_jpeg_that_takes_too_much_memory_is_decoded_at_half_its_sides(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = makers.encoded(makers.scene(640, 480), "JPEG", progressive=True, subsampling=0)
    needed = 640 * 480 * 10
    monkeypatch.setattr(redraw, "_UNDER_WAY", needed)
    assert drawn(file, content).size == (640, 480)
    monkeypatch.setattr(redraw, "_UNDER_WAY", needed - 1)
    assert drawn(file, content).size == (320, 240)


def test_a_webp_of_more_pixels_than_there_is_memory_for_is_not_called_damaged(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_bytes(makers.encoded(makers.scene(96, 64), "WEBP", exif=makers.exif(6)))
    monkeypatch.setattr(redraw, "_WEBP", 96 * 64)
    assert redraw.fit(file, limits.PHOTO_SIZE).mime == "image/jpeg"
    monkeypatch.setattr(redraw, "_WEBP", 96 * 64 - 1)
    with pytest.raises(MemoryError):
        redraw.fit(file, limits.PHOTO_SIZE)


@pytest.mark.parametrize(
    ("size", "again"), [((640, 480), True), ((640, 488), False), ((632, 480), False)]
)
def test_a_turned_jpeg_is_quantised_as_it_was_where_its_blocks_lie_the_same(
    file: Path, size: tuple[int, int], again: bool
) -> None:
    tables = [[4 + row + 5 * column for row in range(8) for column in range(8)]] * 2
    content = makers.encoded(makers.scene(*size), "JPEG", qtables=tables, exif=makers.exif(6))
    shown: Any = drawn(file, content)
    ours = [list(table) for table in shown.quantization.values()]
    turned = [4 + column + 5 * row for row in range(8) for column in range(8)]
    assert (ours[0] == turned) is again


@pytest.mark.parametrize("turn", [3, 6])
def test_colours_that_were_halved_across_are_whole_in_a_picture_on_its_side(
    file: Path, turn: int
) -> None:
    content = makers.encoded(makers.scene(640, 480), "JPEG", subsampling=1, exif=makers.exif(turn))
    shown = drawn(file, content)
    assert JpegImagePlugin.get_sampling(shown) == (1 if turn == 3 else 0)


@pytest.mark.parametrize("most", [300_000, 60_000, 9_000, 2_500])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_whatever_the_limit_it_is_kept_and_made_use_of(file: Path, most: int, mode: str) -> None:
    content = makers.encoded(makers.noise(400, 300, mode), "PNG")
    file.write_bytes(content)
    done = redraw.fit(file, most)
    assert 0.2 * most < len(done.content) <= most


def test_with_more_room_the_picture_is_larger_and_then_without_loss(file: Path) -> None:
    soft = makers.noise(200, 150, "L").resize((600, 450)).convert("RGB")
    content = makers.encoded(soft, "TIFF")
    widths = [drawn(file, content, most).width for most in (10_000, 20_000, 40_000, 160_000)]
    assert widths == sorted(widths) and widths[0] < 600 == widths[-1]
    assert worst(drawn(file, content), soft) == 0


def test_what_no_encoder_makes_small_still_gets_the_best_quality_that_fits(file: Path) -> None:
    noise = makers.noise(400, 300)
    shown = drawn(
        file, makers.encoded(noise, "JPEG", quality=100, subsampling=0, exif=makers.exif(6))
    )
    best: Any = makers.decoded(makers.encoded(noise, "JPEG", quality=95, subsampling=0))
    assert shown.quantization == best.quantization  # type: ignore[attr-defined]


def test_an_encoder_without_memory_is_given_a_smaller_picture(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = Image.Image.save

    def poor(self: Image.Image, to: io.BytesIO, kind: str, **options: Any) -> None:
        if self.width > 100:
            raise MemoryError
        save(self, to, kind, **options)

    content = makers.encoded(makers.scene(640, 480), "TIFF")
    monkeypatch.setattr(Image.Image, "save", poor)
    file.write_bytes(content)
    done = redraw.fit(file, 5 * MB)
    assert makers.decoded(done.content).width <= 100


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"words", Refusal.NOT_A_PICTURE),
        (makers.encoded(makers.scene(), "BMP")[:-99], Refusal.BROKEN_FILE),
        (makers.encoded(makers.noise(99, 99), "JPEG")[:-999], Refusal.BROKEN_FILE),
        (makers.png_header(50_000, 50_000), Refusal.TOO_MANY_PIXELS),
        (makers.png_header(90, 90), Refusal.BROKEN_FILE),
    ],
)
def test_what_cannot_be_drawn_is_told(file: Path, content: bytes, refusal: Refusal) -> None:
    file.write_bytes(content)
    with pytest.raises(redraw.Undrawable) as told:
        redraw.fit(file, limits.PHOTO_SIZE)
    assert told.value.refusal is refusal


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"]), st.data())
def test_a_damaged_picture_is_drawn_or_told_and_nothing_else(
    kind: str, data: st.DataObject
) -> None:
    content = bytearray(makers.encoded(makers.scene(), kind))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(10, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow tells some damage so
        path = Path(folder) / "in"
        path.write_bytes(content)
        try:
            assert redraw.fit(path, limits.PHOTO_SIZE).content
        except (redraw.Undrawable, MemoryError):
            pass
