"""Each kind of media from update to timeline: what was sent, and what X got of it.

`pytest -s` prints it as a table.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import av
import pillow_heif
import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from bot.sandbox.telegram import Item, Message, Person
from bot.sandbox.telegram_media import recompress
from bot.sandbox.x_world import Media, Processing
from tests import films, makers
from tests.stage import Stage
from tests.walks.cards import card

pillow_heif.register_heif_opener()

SAME, WITHOUT, PIXELS, CLOSE, FILM = (
    "same bytes",
    "stripped",
    "same pixels",
    "drawn anew",
    "blanked",
)


@dataclass(frozen=True)
class Row:
    """What is sent as what, and what shall become of it."""

    name: str
    content: bytes
    send: Callable[[Person, bytes, str], Message]
    mime: str
    category: str
    how: str = SAME


def file(owner: Person, content: bytes, text: str) -> Message:
    """As a file, with a name and a type that say nothing."""
    return owner.sends_document(content, "file.bin", None, text)


def photo(owner: Person, content: bytes, text: str) -> Message:
    return owner.sends_photo(content, text)


def video(owner: Person, content: bytes, text: str) -> Message:
    return owner.sends_video(content, text)


def animation(owner: Person, content: bytes, text: str) -> Message:
    return owner.sends_animation(content, text)


def note(owner: Person, content: bytes, text: str) -> Message:
    return owner.sends_video_note(content)


def sticker(owner: Person, content: bytes, text: str) -> Message:
    return owner.sends_sticker(content)


def live(owner: Person, content: bytes, text: str) -> Message:
    return owner.sends_live_photo(content, films.film(), text)


def picture(width: int = 1280, height: int = 960) -> Image.Image:
    """A scene with some noise in it, as every camera has it."""
    image = makers.scene(width, height)
    image.paste(makers.noise(width // 3, height // 3), (width // 5, height // 5))
    return image


def webm() -> bytes:
    """A film as browsers record it."""
    out = io.BytesIO()
    with av.open(out, "w", format="webm") as container:
        stream: Any = container.add_stream("libvpx", rate=films.RATE)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for n in range(10):
            image = Image.new("RGB", (320, 240), (n * 9, 80, 7))
            container.mux(stream.encode(av.VideoFrame.from_image(image)))  # type: ignore[no-untyped-call]
        container.mux(stream.encode())
    return out.getvalue()


SHOT = picture()
TURNED, GPS = makers.exif(6), makers.exif()
CLEAN = makers.encoded(SHOT, "JPEG", quality=90)
IMAGE, GIF, VIDEO = "tweet_image", "tweet_gif", "tweet_video"
ROWS = (
    Row("photo", recompress(makers.encoded(SHOT, "PNG")), photo, "image/jpeg", IMAGE),
    Row("JPEG file", CLEAN, file, "image/jpeg", IMAGE),
    Row("JPEG file, GPS", makers.spiced_jpeg(CLEAN), file, "image/jpeg", IMAGE, WITHOUT),
    Row(
        "JPEG file, on its side, GPS",
        makers.encoded(SHOT, "JPEG", quality=90, exif=TURNED),
        file,
        "image/jpeg",
        IMAGE,
        CLOSE,
    ),
    Row("PNG file", makers.encoded(SHOT, "PNG"), file, "image/png", IMAGE),
    Row("PNG file, GPS", makers.spiced_png(SHOT), file, "image/png", IMAGE, WITHOUT),
    Row(
        "PNG file over 5 MB",
        makers.encoded(makers.noise(1600, 1500), "PNG"),
        file,
        "image/jpeg",
        IMAGE,
        CLOSE,
    ),
    Row(
        "PNG file over 8192 pixels",
        makers.encoded(makers.scene(9000, 300), "PNG"),
        file,
        "image/png",
        IMAGE,
        CLOSE,
    ),
    Row("GIF file", makers.gif(1, 320, 240), file, "image/gif", IMAGE),
    Row("GIF file that moves", makers.gif(12, 320, 240), file, "image/gif", GIF),
    Row("WebP file", makers.encoded(SHOT, "WEBP"), file, "image/webp", IMAGE),
    Row(
        "WebP file, GPS",
        makers.encoded(SHOT, "WEBP", exif=GPS),
        file,
        "image/webp",
        IMAGE,
        WITHOUT,
    ),
    Row(
        "HEIC file, GPS",
        makers.encoded(SHOT, "HEIF", exif=GPS),
        file,
        "image/jpeg",
        IMAGE,
        CLOSE,
    ),
    Row("AVIF file", makers.encoded(SHOT, "AVIF", exif=GPS), file, "image/jpeg", IMAGE, CLOSE),
    Row("TIFF file", makers.encoded(SHOT, "TIFF", exif=GPS), file, "image/png", IMAGE, PIXELS),
    Row("BMP file", makers.encoded(SHOT, "BMP"), file, "image/png", IMAGE, PIXELS),
    Row("video", films.film(2.0, 640, 360), video, "video/mp4", VIDEO),
    Row("Telegram GIF", films.film(1.5, 480, 270), animation, "video/mp4", VIDEO),
    Row("video note", films.film(1.5, 240, 240), note, "video/mp4", VIDEO),
    Row("MP4 file", films.film(), file, "video/mp4", VIDEO),
    Row("MP4 file, GPS", films.with_place_of_a_phone(), file, "video/mp4", VIDEO, FILM),
    Row("MOV file, GPS", films.with_place_of_an_iphone(), file, "video/quicktime", VIDEO, FILM),
    Row("WebM file", webm(), file, "video/webm", VIDEO),
    Row("still sticker", makers.encoded(picture(512, 512), "WEBP"), sticker, "image/webp", IMAGE),
    Row("live photo", CLEAN, live, "image/jpeg", IMAGE),
)


def upright(content: bytes) -> Image.Image:
    """As it is to be seen."""
    return ImageOps.exif_transpose(makers.decoded(content)).convert("RGB")


def measure(content: bytes, mime: str = "") -> tuple[str, str]:
    """Its format and its sides."""
    try:
        shown = makers.decoded(content)
    except OSError:
        with av.open(io.BytesIO(content)) as container:
            stream = container.streams.video[0]
            name = mime.rpartition("/")[2].upper() or str(container.format.name).partition(",")[0]
            return name, f"{stream.width} x {stream.height}"
    return str(shown.format), f"{shown.width} x {shown.height}"


def compare(row: Row, medium: Media) -> None:
    """Raises where X got something else than was meant."""
    got = medium.bytes
    assert (medium.kind, medium.category) == (row.mime, row.category)
    assert makers.SECRET not in got and films.PLACE.encode() not in got
    match row.how:
        case "same bytes":
            assert got == row.content
        case "stripped" | "same pixels":
            assert len(got) < len(row.content)
            assert dict(makers.decoded(got).getexif()) == {}
            assert upright(got).tobytes() == upright(row.content).tobytes()
        case "drawn anew":
            assert dict(makers.decoded(got).getexif()) == {}
            sent, shown = upright(row.content), upright(got)
            if max(sent.size) <= 8192:
                assert shown.size == sent.size
            small = [image.resize((96, 96)) for image in (sent, shown)]
            assert max(ImageStat.Stat(ImageChops.difference(*small)).mean) < 3
        case "blanked":
            assert len(got) == len(row.content) and got != row.content
            assert films.frames(got) == films.frames(row.content)


async def test_every_kind_of_media_reaches_x_as_it_is_meant(signed_in: Stage) -> None:
    signed_in.x.processing = Processing(steps=("succeeded",))  # the wait has walks of its own
    sent = [row.send(signed_in.owner, row.content, row.name) for row in ROWS]
    # The cards come at the pace that Telegram allows, the posts do not wait for them.
    await signed_in.eventually(lambda: len(signed_in.x.timeline()) == len(ROWS), 90)
    print("\n| sent as | format | bytes | sides | X got | bytes | sides | category | how |")
    print("|---|---|---|---|---|---|---|---|---|")
    for row, post in zip(ROWS, signed_in.x.timeline(), strict=True):
        (medium,) = post.media
        assert post.text == ("" if row.send in (note, sticker) else row.name)
        compare(row, medium)
        before, after = measure(row.content), measure(medium.bytes, medium.kind)
        cells = [row.name, before[0], f"{len(row.content):,}", before[1]]
        cells += [medium.kind, f"{len(medium.bytes):,}", after[1], str(medium.category), row.how]
        print(f"| {' | '.join(cells)} |")
    await card(signed_in, sent[-1], seconds=60)
    await signed_in.eventually(lambda: not list((signed_in.data / "media").iterdir()))


async def test_an_album_that_mixes_photos_and_videos_is_a_thread_in_its_order(
    signed_in: Stage,
) -> None:
    shots = [makers.encoded(picture(640, 480), "JPEG", quality=quality) for quality in (80, 85, 90)]
    moving = [films.film(), films.film()]
    clips = [Item(film, "video") for film in moving]
    items: list[bytes | Item] = [*shots[:2], *clips, shots[2]]
    sent = signed_in.owner.sends_album(items, "Mixed")
    await card(signed_in, sent[0], "Posted as a thread of 4", seconds=60)
    posts = signed_in.x.timeline()
    assert [[m.bytes for m in post.media] for post in posts] == [
        shots[:2],
        moving[:1],
        moving[1:],
        shots[2:],
    ]
    assert [post.text for post in posts] == ["Mixed", "", "", ""]
    assert [post.reply_to for post in posts[1:]] == [post.id for post in posts[:-1]]


@pytest.mark.parametrize("way", ["v1.1", "v2"])
async def test_both_ways_of_uploading_take_a_picture_a_gif_and_a_video(
    signed_in: Stage, way: str
) -> None:
    signed_in.settings["X_UPLOAD"] = way
    await signed_in.stop()
    await signed_in.start()
    await signed_in.ready()
    contents = [CLEAN, makers.gif(3), films.film()]
    for number, content in enumerate(contents):
        await card(signed_in, file(signed_in.owner, content, f"File {number}"), seconds=30)
    got = [medium for post in signed_in.x.timeline() for medium in post.media]
    assert [(m.bytes, m.via) for m in got] == [(content, way) for content in contents]
