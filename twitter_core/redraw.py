"""Decodes a picture and encodes it again so that it fits X, losing as little as may be.

Needs Pillow and much memory: only `shrink` imports it. Nothing but pixels and the colour profile
goes into the new file.
"""

from __future__ import annotations

import importlib
import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from PIL import Image, ImageCms, ImageFile, JpegImagePlugin

from . import sniff
from .errors import Refusal
from .formats import Picture, bmp, gif, heif, jpeg, png, tiff, webp
from .limits import PHOTO_SIDES, PIXELS

_DECODERS: Final = {  # Pillow's name for a kind, and the module that has its decoder
    jpeg.MIME: ("JPEG", "PIL.JpegImagePlugin"),
    png.MIME: ("PNG", "PIL.PngImagePlugin"),
    gif.MIME: ("GIF", "PIL.GifImagePlugin"),
    webp.MIME: ("WEBP", "PIL.WebPImagePlugin"),
    tiff.MIME: ("TIFF", "PIL.TiffImagePlugin"),
    bmp.MIME: ("BMP", "PIL.BmpImagePlugin"),
    heif.AVIF: ("AVIF", "PIL.AvifImagePlugin"),
    heif.HEIC: ("HEIF", "pillow_heif"),
}
_LOSSY: Final = ("JPEG", "MPO", "HEIF", "AVIF", "WEBP")  # WebP may be either
_ORIENTATION: Final = 0x0112
_UNDER_WAY: Final = 750_000_000  # bytes that a JPEG may take while it is decoded
_STRIP: Final = 256  # rows that are scaled at once, so that a copy of the whole is never needed
_OVERLAP: Final = 4  # rows beyond a strip that Lanczos looks at (3), and one for rounding
_PROFILE: Final = 1_000_000  # bytes; a profile of a screen has a few hundred to some thousand
_OPTIMIZED: Final = 25_000_000  # pixels up to which the time for the better Huffman tables is taken
_WEBP: Final = 55_000_000  # pixels of a WebP that can be decoded: that takes 17 bytes for each
_TRANSPARENT: Final = 4096 * 4096  # pixels of a WebP: its encoder takes 20 bytes for each

Pixels = Image.Image
Tables = tuple[list[int], ...]


class Undrawable(Exception):
    """The picture cannot be decoded. `detail` is a number for the owner's sentence."""

    def __init__(self, refusal: Refusal, detail: str = "") -> None:
        super().__init__(refusal.value, detail)
        self.refusal = refusal
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Done:
    """A file that fits."""

    content: bytes
    mime: str


@dataclass(frozen=True, slots=True)
class Raw:
    """A decoded picture, and what is known of how it was stored."""

    pixels: Pixels
    profile: bytes  # ICC; empty where there is none
    lossy: bool
    sampling: int = 0  # of the colours of a JPEG: 0 4:4:4, 1 4:2:2, 2 4:2:0
    tables: Tables = ()  # by which a JPEG was quantised that is only turned: they lose least


def fit(path: Path, most: int) -> Done:
    """The picture at `path` in at most `most` bytes.

    Raises Undrawable, MemoryError, and OSError where the file cannot be read.
    """
    with path.open("rb") as file:
        try:
            raw = _decode(file)
        except (Undrawable, MemoryError):
            raise
        except Exception as error:
            if "memory" in str(error).lower():  # the words of libheif, and of Pillow's codecs
                raise MemoryError from None
            raise Undrawable(Refusal.BROKEN_FILE) from error  # a decoder may raise anything
    return _encode(raw, most)


def _open(file: BinaryIO) -> ImageFile.ImageFile:
    """The picture, not decoded yet, by the one decoder that its kind needs."""
    seen = sniff.look(file)
    if not isinstance(seen, Picture):
        raise Undrawable(Refusal.NOT_A_PICTURE)
    name, module = _DECODERS[seen.mime]
    plugin: Any = importlib.import_module(module)
    # One thread each: every one takes address space, used or not.
    if name == "HEIF":
        plugin.options.DECODE_THREADS = 1
        plugin.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    elif name == "AVIF":
        plugin.DEFAULT_MAX_THREADS = 1
    Image.MAX_IMAGE_PIXELS = None  # counted by us, so that the number can be told
    file.seek(0)
    return Image.open(file, formats=(name,))


# --- decoding ---------------------------------------------------------------------------------


def _decode(file: BinaryIO) -> Raw:
    with _open(file) as image:
        pixels = image.width * image.height
        if pixels > PIXELS:
            raise Undrawable(Refusal.TOO_MANY_PIXELS, f"{math.ceil(pixels / 1e6)} megapixels")
        if image.format == "WEBP" and pixels > _WEBP:
            raise MemoryError  # its decoder could not be told apart from one of a damaged file
        lossy = image.format in _LOSSY
        sampling = 2 if lossy else 0
        tables: Tables = ()
        if isinstance(image, JpegImagePlugin.JpegImageFile):
            sampling = max(0, JpegImagePlugin.get_sampling(image))
            tables = tuple(list(table) for table in image.quantization.values())
            _save_memory(image, sampling)
        image.load()
        if min(image.size) < PHOTO_SIDES[0]:  # the header of a HEIC may claim more
            raise Undrawable(Refusal.TOO_SMALL, f"{image.width} x {image.height} pixels")
        size = _within(image.size, PHOTO_SIDES[1])
        turn = image.getexif().get(_ORIENTATION, 1)
        kept = turn in _TURNS and image.size == size and image.mode in ("RGB", "L")
        show, profile = _shown(image, image.info.get("icc_profile") or b"")
        shown = _scaled(image, size, show)
    del image
    if turn in _TURNS:
        shown = shown.transpose(_TURNS[turn])
    if shown.mode == "RGBA" and shown.getchannel("A").getextrema()[0] == 255:
        shown = shown.convert("RGB")  # the alpha channel hides nothing
    if turn >= 5:
        tables = tuple(_turned(table) for table in tables)
        sampling = 0 if sampling == 1 else sampling  # halved across is halved down now
    return Raw(shown, profile, lossy, sampling, tables if kept and _on_blocks(size) else ())


def _save_memory(image: JpegImagePlugin.JpegImageFile, sampling: int) -> None:
    """Decode a JPEG at half its sides if it would take too much memory otherwise.

    A progressive one is held whole as coefficients, of two bytes, beside its pixels.
    """
    values = {0: 3.0, 1: 2.0}.get(sampling, 1.5) if image.mode != "L" else 1.0
    stored = 2 * values if image.info.get("progressive") else 0.0
    shown = 4 if image.mode != "L" else 1
    if image.width * image.height * (stored + shown) > _UNDER_WAY:
        image.draft(None, (image.width // 2, image.height // 2))


def _within(size: tuple[int, int], most: int) -> tuple[int, int]:
    """`size`, made smaller so that no side is longer than `most`."""
    factor = min(1.0, most / max(size))
    return _times(size, factor)


def _times(size: tuple[int, int], factor: float) -> tuple[int, int]:
    width, height = (max(PHOTO_SIDES[0], round(side * factor)) for side in size)
    return width, height


Show = Callable[[Pixels], Pixels]


def _shown(image: Pixels, profile: bytes) -> tuple[Show, bytes]:
    """How the picture becomes one that screens show (RGB, RGBA or L), and the profile that fits."""
    mode = image.mode
    if mode in ("CMYK", "LAB"):
        return _to_srgb(mode, profile), b""
    if "transparency" in image.info or mode in ("PA", "LA", "La", "RGBa", "RGBA"):
        target = "RGBA"
    elif mode in ("L", "1") or mode.startswith(("I", "F")):
        target = "L"
    else:
        target = "RGB"
    space = _space(profile)
    if space == {"L": "GRAY"}.get(target, "RGB") and len(profile) <= _PROFILE:
        return _to(mode, target, image), profile
    if space == target == "RGB":
        return _to_srgb("RGB", profile), b""
    return _to(mode, target, image), b""


def _to(mode: str, target: str, image: Pixels) -> Show:
    """The conversion of depth and colour model, without one of colours."""
    if mode.startswith("I;16"):
        table = [value >> 8 for value in range(65536)]
        return lambda part: part.convert("I").point(table, "L")
    if mode in ("I", "F"):
        low, high = image.getextrema()
        low, high = float(low), float(high)  # type: ignore[arg-type]
        if mode == "I" and low >= 0 and high < 65536:  # 16 bits of grey, as Pillow reads some
            low, high = 0.0, 65535.0
        factor = 255 / (high - low or 1.0)
        return lambda part: (
            part.convert("F").point(lambda v: v * factor - low * factor).convert("L")
        )
    return lambda part: part.convert(target) if part.mode != target else part


def _space(profile: bytes) -> str:
    """The colour space that an ICC profile is for, empty where it is none."""
    return profile[16:20].decode("latin-1").strip() if profile[36:40] == b"acsp" else ""


def _to_srgb(mode: str, profile: bytes) -> Show:
    """The conversion of colours for what X could not show."""
    srgb = ImageCms.createProfile("sRGB")
    try:
        if mode == "LAB":
            own: Any = ImageCms.createProfile("LAB")
        else:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if own is not None and (mode == "LAB" or _space(profile) == mode):
            transform = ImageCms.buildTransform(
                own,
                srgb,
                mode,
                "RGB",
                ImageCms.Intent.RELATIVE_COLORIMETRIC,
                ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )
            return lambda part: transform.apply(part if part.mode == mode else part.convert(mode))
    except (ImageCms.PyCMSError, OSError, ValueError):
        pass
    return lambda part: part.convert("RGB")


def _scaled(image: Pixels, size: tuple[int, int], show: Show) -> Pixels:
    """`image` as it is shown, in another size: the same as scaled at once, but strip by strip."""
    if size == image.size:
        return show(image)
    down = image.height / size[1]
    whole: Pixels | None = None
    for top in range(0, size[1], _STRIP):
        bottom = min(top + _STRIP, size[1])
        above, below = max(0, top - _OVERLAP), min(size[1], bottom + _OVERLAP)
        first, last = math.floor(above * down), min(image.height, math.ceil(below * down))
        strip = show(image.crop((0, first, image.width, last)))
        box = (0.0, above * down - first, strip.width, min(below * down - first, strip.height))
        strip = strip.resize((size[0], below - above), Image.Resampling.LANCZOS, box)
        if whole is None:
            whole = Image.new(strip.mode, size)
        whole.paste(strip.crop((0, top - above, size[0], bottom - above)), (0, top))
    if whole is None:
        raise Undrawable(Refusal.BROKEN_FILE)
    return whole


_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _on_blocks(size: tuple[int, int]) -> bool:
    """Whether the blocks of a JPEG lie the same whichever way it is turned."""
    return size[0] % 16 == 0 and size[1] % 16 == 0


def _turned(table: list[int]) -> list[int]:
    """A quantisation table for the picture that lies on its side."""
    return [table[8 * column + row] for row in range(8) for column in range(8)]


# --- encoding ---------------------------------------------------------------------------------


class _TooLarge(Exception):
    """More bytes came than were wanted."""


class _Bounded(io.BytesIO):
    """Takes so many bytes; `total` counts those that came. Raises early, where it may."""

    def __init__(self, most: int, *, early: bool) -> None:
        super().__init__()
        self._most = most
        self._early = early
        self.total = 0

    def write(self, data: Any) -> int:
        self.total += len(data)
        if self.total <= self._most:
            return super().write(data)
        if self._early:
            raise _TooLarge
        return len(data)


@dataclass(frozen=True, slots=True)
class Way:
    """A way to encode: what Pillow's `save` is given."""

    kind: str
    options: dict[str, Any]

    @property
    def mime(self) -> str:
        return f"image/{self.kind.lower()}"


def _encode(raw: Raw, most: int) -> Done:
    """The best of the ways that fits; if none does, of a smaller picture."""
    image, factor = raw.pixels, 1.0
    while True:
        ways = _ways(raw, image)
        total = most
        for way in ways:
            early = way is not ways[-1] or way.kind == "PNG"
            done, total = _save(image, way, raw.profile, most, early=early)
            if done is not None:
                return done
        # The last way of all has told by how much it is too large. 0.9: a smaller picture has more
        # detail in each pixel, and something should be left for a better way.
        factor *= min(0.9, 0.9 * math.sqrt(most / total))
        if image.mode == "RGBA":
            factor = min(factor, math.sqrt(_TRANSPARENT / math.prod(raw.pixels.size)))
        size = _times(raw.pixels.size, factor)
        if size == image.size:
            raise Undrawable(Refusal.TOO_MUCH_WORK)
        image = _scaled(raw.pixels, size, lambda part: part)


def _ways(raw: Raw, image: Pixels) -> list[Way]:
    """From the best to the worst that is still good."""
    as_large = image is raw.pixels  # a smaller one is only drawn where these were not enough
    ways = []
    if as_large and (image.mode == "RGBA" or not raw.lossy):
        ways.append(Way("PNG", {}))
    if image.mode == "RGBA":
        if math.prod(image.size) <= _TRANSPARENT:
            ways += [Way("WEBP", {"quality": quality}) for quality in (95, 88, 80)]
        return ways
    if as_large and raw.tables:
        ways.append(Way("JPEG", {"qtables": raw.tables, "subsampling": raw.sampling}))
    own = raw.sampling
    qualities = ((95, 0), (95, own), (92, own), (89, own), (86, 2), (83, 2), (80, 2))
    for quality, sampling in dict.fromkeys(qualities):
        ways.append(Way("JPEG", {"quality": quality, "subsampling": sampling}))
    return ways


def _save(
    image: Pixels, way: Way, profile: bytes, most: int, *, early: bool
) -> tuple[Done | None, int]:
    """The file if it fits, and its bytes: all of them, or, `early`, more than `most`."""
    options = dict(way.options)
    if way.kind == "JPEG" and early and image.width * image.height <= _OPTIMIZED:
        # Such a JPEG comes in one piece, which must have room in Pillow's buffer; if it has none,
        # that says no more than that it is too large.
        options["optimize"] = True
        ImageFile.MAXBLOCK = most + 65_536
    if profile:
        options["icc_profile"] = profile
    image.info.clear()  # Pillow would write some of it
    file = _Bounded(most, early=early)
    try:
        image.save(file, way.kind, **options)
    except _TooLarge:
        return None, file.total
    except (MemoryError, OSError, ValueError):  # as encoders say that they have too little memory
        return None, 2 * most
    return (Done(file.getvalue(), way.mime) if file.total <= most else None), file.total
