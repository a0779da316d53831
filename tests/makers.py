"""Pictures and videos for tests, made here: small, and with everything that has to come off."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms, ImageDraw
from PIL.PngImagePlugin import PngInfo

SECRET = b"Ada Lovelace, St James's Square"
GPS_IFD, ORIENTATION, MAKE, ARTIST = 0x8825, 0x0112, 0x010F, 0x013B


def scene(width: int = 96, height: int = 64, mode: str = "RGB") -> Image.Image:
    """Different in each corner, so that it is seen which way it is turned."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    draw = ImageDraw.Draw(image)
    w, h = width // 2, height // 2
    draw.rectangle((0, 0, w - 1, h - 1), fill=(220, 30, 30))
    draw.rectangle((w, 0, width, h - 1), fill=(30, 200, 60))
    draw.rectangle((0, h, w - 1, height), fill=(40, 60, 220))
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize((width, height)))
    return image.convert(mode)


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """What no encoder makes small."""
    bands = [Image.effect_noise((width, height), 90) for _ in range(len(mode))]
    return Image.merge(mode, bands) if len(mode) > 1 else bands[0]


def exif(orientation: int | None = None) -> Image.Exif:
    """As a phone writes it: a camera, an owner, a place."""
    made = Image.Exif()
    made[MAKE] = "Camera 3000"
    made[ARTIST] = SECRET.decode()
    made.get_ifd(GPS_IFD).update({1: "N", 2: (51.0, 30.0, 25.0), 3: "W", 4: (0.0, 8.0, 4.0)})
    if orientation is not None:
        made[ORIENTATION] = orientation
    return made


def profile() -> bytes:
    """An ICC profile that is not just sRGB by another name."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The file that Pillow makes of it."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def decoded(content: bytes) -> Image.Image:
    """The picture in a file."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def jpeg_segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def spiced_jpeg(clean: bytes) -> bytes:
    """`clean` with everything in it that tells of its maker."""
    words = [
        jpeg_segment(0xE1, b"Exif\0\0" + exif().tobytes()[6:]),
        jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>" + SECRET + b"</x>"),
        jpeg_segment(0xE2, b"FPXR\0" + SECRET),
        jpeg_segment(0xEB, b"JP\0\1" + SECRET),
        jpeg_segment(0xED, b"Photoshop 3.0\x008BIM" + SECRET),
        jpeg_segment(0xFE, SECRET),
    ]
    return clean[:20] + b"".join(words) + clean[20:] + b"\0\0\0\x18ftypmp42" + SECRET


def png_chunk(kind: bytes, content: bytes) -> bytes:
    crc = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


def png_header(width: int, height: int) -> bytes:
    """A PNG of any size, with next to nothing in it."""
    header = struct.pack(">II5B", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 99)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, content) for kind, content in parts)


def spiced_png(image: Image.Image, **options: Any) -> bytes:
    """A PNG with texts, a date, EXIF, and the rest of a picture that was cropped behind its end."""
    info = PngInfo()
    info.add_text("Author", SECRET.decode())
    info.add_text("Comment", SECRET.decode() * 9, zip=True)
    info.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    whole = encoded(image, "PNG", pnginfo=info, exif=exif(), **options)
    date = png_chunk(b"tIME", b"\x07\xea\x0b\x18\x16\x20\x00")
    return whole[:33] + date + png_chunk(b"prVt", SECRET) + whole[33:] + SECRET


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(
        kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
        for kind, content in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def gif(frames: int, width: int = 40, height: int = 30, **options: Any) -> bytes:
    """An animation whose frames differ."""
    images = [scene(width, height).rotate(7 * i) for i in range(frames)]
    more = {"save_all": True, "append_images": images[1:], "loop": 0, "duration": 40} | options
    return encoded(images[0], "GIF", **(more if frames > 1 else options))


def moving(kind: str) -> bytes:
    """A picture that moves, of a kind that mostly does not."""
    frames = [scene(), noise(96, 64)]
    if kind != "HEIF":
        return encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    still = encoded(frames[0], kind)  # nothing here makes sequences: only its name says that it is
    return still[:8] + b"hevc" + still[12:]


def gif_header(frames: int, width: int, height: int) -> bytes:
    """An animation of any size, with next to nothing in it."""
    frame = b"\x2c" + struct.pack("<4HB", 0, 0, 1, 1, 0) + b"\x02\x02\x4c\x01\x00"
    start = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return start + frame * frames + b"\x3b"


def box(kind: bytes, *content: bytes) -> bytes:
    inside = b"".join(content)
    return struct.pack(">I", len(inside) + 8) + kind + inside


def _track(handler: bytes, width: int, height: int, seconds: float, frames: int) -> bytes:
    entry = struct.pack(">I4s24xHH", 86, b"avc1", width, height) + b"\0" * 50
    return box(
        b"trak",
        box(
            b"mdia",
            box(b"mdhd", struct.pack(">4xIIII4x", 0, 0, 90_000, round(seconds * 90_000))),
            box(b"hdlr", b"\0" * 8 + handler + b"\0" * 12),
            box(
                b"minf",
                box(
                    b"stbl",
                    box(b"stsd", struct.pack(">4xI", 1), entry),
                    box(b"stsz", struct.pack(">4xII", 0, frames), b"\0\0\0\1" * min(frames, 9)),
                ),
            ),
        ),
    )


def mp4(
    width: int = 640,
    height: int = 360,
    seconds: float = 3.0,
    rate: float = 30.0,
    *,
    video: bool = True,
    sound: bool = True,
    brand: bytes = b"isom",
    moov_first: bool = True,
) -> bytes:
    """The container of a video, without one."""
    tracks = [_track(b"soun", 0, 0, seconds, 9)] if sound else []
    if video:
        tracks.append(_track(b"vide", width, height, seconds, round(seconds * rate)))
    header = box(b"mvhd", struct.pack(">4xIIII80x", 0, 0, 1000, round(seconds * 1000)))
    moov = box(b"moov", header, *tracks)
    data = box(b"mdat", b"\0" * 4000)
    rest = (moov, data) if moov_first else (data, moov)
    return box(b"ftyp", brand + b"\0\0\2\0" + b"isomiso2mp41") + b"".join(rest)
