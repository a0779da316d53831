"""Whatever is sent, the owner reads a clear sentence, nothing is lost, and the bot goes on."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import unicodedata
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pillow_heif
import pytest
from PIL import Image

from bot.sandbox.telegram import Message, Person
from tests import films, makers, processes
from tests.stage import Stage
from tests.walks.cards import card, texts
from tests.walks.pictures import jpeg

pillow_heif.register_heif_opener()

KEPT = ("Try again", "Discard")
BOT, CHILD = 150, 1000  # megabytes

Send = Callable[[Person], Message]


def document(content: bytes, name: str, mime: str = "application/octet-stream") -> Send:
    return lambda owner: owner.sends_document(content, name, mime, "look")


def video(content: bytes) -> Send:
    return lambda owner: owner.sends_video(content, "look")


def animation(content: bytes) -> Send:
    return lambda owner: owner.sends_animation(content, "look")


JPEG = makers.encoded(makers.noise(200, 200), "JPEG")
PNG = makers.encoded(makers.noise(200, 200), "PNG")
HEIC = makers.encoded(makers.noise(200, 200), "HEIF")
FILM = films.film()

# What is sent, and what the owner reads of it.
DAMAGED = {
    "a HEIC cut short": (document(HEIC[:-3000], "cut.heic", "image/heic"), "damaged or incomplete"),
    "a line": (document(makers.encoded(makers.scene(3, 90), "PNG"), "a.png"), "3 x 90 pixels"),
    "a JPEG cut short": (document(JPEG[:-3000], "cut.jpg", "image/jpeg"), "damaged or incomplete"),
    "half a photo": (lambda o: o.sends_photo(JPEG[: len(JPEG) // 2]), "damaged or incomplete"),
    "a PNG cut short": (document(PNG[:-3000], "cut.png", "image/png"), "damaged or incomplete"),
    "an MP4 cut short": (video(FILM[:-300]), "damaged or incomplete"),
    "an MP4 of which the end is missing": (video(FILM[: len(FILM) // 2]), "damaged or incomplete"),
    "zero bytes as a picture": (document(b"", "empty.jpg", "image/jpeg"), "(empty)"),
    "zero bytes as a photo": (lambda o: o.sends_photo(b""), "(empty)"),
    "zero bytes as a video": (video(b""), "(empty)"),
    "a bomb": (document(makers.png_header(50_000, 50_000), "b.png"), "2500 megapixels"),
    "a GIF that is a bomb": (document(makers.gif_header(1, 50_000, 50_000), "b.gif"), "megapixels"),
    "a .jpg that is a ZIP": (document(b"PK\x03\x04" + bytes(99), "a.jpg"), "a ZIP archive"),
    "a .mp4 that is a text": (video(b"Dear diary,\n"), "a text"),
    "a video without a picture": (video(films.sound()), "no picture in this video file"),
    "a moving WebP": (document(makers.moving("WEBP"), "a.webp"), "(WebP) moves"),
    "a moving PNG": (document(makers.moving("PNG"), "a.png"), "(PNG) moves"),
}

REFUSED = {
    "a video of 141 seconds": (video(makers.mp4(seconds=141)), "(141.0 seconds)", "140 seconds"),
    "one below half a second": (video(makers.mp4(seconds=0.3)), "(0.30 seconds)", "0.5 seconds"),
    "one of 1920 x 1080": (video(makers.mp4(1920, 1080)), "(1920 x 1080)", "1280 x 1024"),
    "one of 1281 x 720": (video(makers.mp4(1281, 720)), "(1281 x 720)", "1280 x 1024"),
    "one of 24 x 48": (video(makers.mp4(24, 48)), "(24 x 48)", "32 x 32"),
    "one that is too wide": (video(makers.mp4(1200, 300)), "(1200 x 300)", "three times as long"),
    "one of 90 frames a second": (video(makers.mp4(rate=90)), "(90 frames", "60 frames a second"),
    "a Telegram GIF of 141 seconds": (animation(makers.mp4(seconds=141)), "(141.0", "140 seconds"),
    "a GIF of 16 MB": (
        document(
            makers.gif_header(2, 500, 500)[:-1]
            + (b"\x2c" + bytes(8) + b"\0\x08" + (b"\xff" + b"\1" * 255) * 7000 + b"\0") * 9
            + b"\x3b",
            "a.gif",
        ),
        "15.4 MB",
        "15 MB",
    ),
    "a GIF of 1281 x 600": (document(makers.gif_header(2, 1281, 600), "a"), "1281 x 600", "1080"),
    "a GIF of 600 x 1081": (document(makers.gif_header(2, 600, 1081), "a"), "600 x 1081", "1080"),
    "one of 351 frames": (
        document(makers.gif_header(351, 99, 99), "a"),
        "351 frames",
        "350 frames",
    ),
    "one of too many pixels": (
        document(makers.gif_header(251, 1200, 1000), "a"),
        "301 million",
        "300 million pixels",
    ),
}


@dataclass
class Most:
    """The most memory that was seen, in megabytes."""

    child: float = 0.0
    space: float = 0.0


@contextlib.asynccontextmanager
async def watched(pid: int) -> AsyncIterator[Most]:
    """Looks at the children of a process for as long as it lasts."""
    most = Most()

    async def watch() -> None:
        while True:
            for child in processes.children(pid):
                with contextlib.suppress(OSError, IndexError):  # it has just ended
                    most.child = max(most.child, processes.peak(child))
                    most.space = max(most.space, processes.address_space(child))
            await asyncio.sleep(0.01)

    task = asyncio.create_task(watch())
    try:
        yield most
    finally:
        task.cancel()


def uploads(stage: Stage) -> int:
    """The requests of uploads that X got."""
    asked = [e for service in stage.x.services for e in service.exchanges]
    return sum("/media/" in e.path for e in asked)


async def goes_on(stage: Stage) -> None:
    """The bot is there, and what comes next goes out."""
    sent = stage.owner.sends_photo(jpeg(), "next")
    await card(stage, sent)
    assert texts(stage) == ["next"]
    assert stage.bot is not None and stage.bot.returncode is None


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the memory of a process")
async def test_what_is_damaged_or_is_something_else_is_told_and_nothing_is_lost(
    signed_in: Stage,
) -> None:
    assert signed_in.bot is not None
    pid = signed_in.bot.pid
    async with watched(pid) as most:
        sent = {name: (send(signed_in.owner), words) for name, (send, words) in DAMAGED.items()}
        for name, (message, words) in sent.items():
            shown = await card(signed_in, message, "Not posted", seconds=30)
            assert words in shown.text, (name, shown.text)
            assert shown.labels == KEPT, name
    assert uploads(signed_in) == 0
    assert len(signed_in.stored()["outbox"]) == len(DAMAGED)
    await goes_on(signed_in)
    print(f"bot {processes.peak(pid):.0f} MB, child {most.child:.0f} MB of {most.space:.0f}")
    assert processes.peak(pid) < BOT
    assert most.child < CHILD and most.space < CHILD


async def test_what_x_would_refuse_is_told_with_the_number_before_anything_is_uploaded(
    signed_in: Stage,
) -> None:
    sent = {name: (send(signed_in.owner), words) for name, (send, *words) in REFUSED.items()}
    for name, (message, words) in sent.items():
        shown = await card(signed_in, message, "Not posted", seconds=30)
        assert all(word in shown.text for word in words), (name, shown.text)
        assert shown.labels == KEPT, name
    assert uploads(signed_in) == 0
    await goes_on(signed_in)


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the memory of a process")
async def test_the_largest_picture_of_all_keeps_the_bot_and_its_child_within_bounds(
    signed_in: Stage,
) -> None:
    content = makers.encoded(Image.new("RGB", (12_000, 9_999), (90, 120, 30)), "JPEG", quality=80)
    assert signed_in.bot is not None
    async with watched(signed_in.bot.pid) as most:
        sent = signed_in.owner.sends_document(content, "huge.jpg", "image/jpeg", "huge")
        await card(signed_in, sent, seconds=90)
    (post,) = signed_in.x.timeline()
    assert makers.decoded(post.media[0].bytes).size == (8192, 6826)
    bot = processes.peak(signed_in.bot.pid)
    print(f"bot {bot:.0f} MB, child {most.child:.0f} MB of {most.space:.0f}")
    assert bot < BOT
    assert 100 < most.child < CHILD and most.space < CHILD


async def test_a_poll_with_twelve_options_is_told_and_the_next_one_goes_out(
    signed_in: Stage,
) -> None:
    sent = signed_in.owner.sends_poll("Which?", [f"Number {n}" for n in range(12)])
    shown = await card(signed_in, sent, "2 to 4 options")
    assert "this one has 12" in shown.text
    await card(signed_in, signed_in.owner.sends_poll("Tea?", ["Yes", "No"]))
    assert texts(signed_in) == ["Tea?"]


async def test_a_caption_of_4000_characters_is_a_thread_of_which_nothing_is_lost(
    signed_in: Stage,
) -> None:
    signed_in.owner.user["is_premium"] = True  # the others may write 1024
    photo = jpeg()
    words = " ".join(f"Word number {n} of a caption." for n in range(200))[:4000].rstrip()
    sent = signed_in.owner.sends_photo(photo, words)
    await card(signed_in, sent, "Posted as a thread of", seconds=30)
    first, *rest = signed_in.x.timeline()
    assert " ".join(texts(signed_in)) == words
    assert [m.bytes for m in first.media] == [photo]
    assert all(post.reply_to and not post.media for post in rest)


@pytest.mark.parametrize(
    "text",
    [
        "\u200fשלום עולם, زيارة إلى القاهرة 🕌 and home",
        "\u202eThis is turned around\u202c and this is not",
        "Cafe\u0301 and a\u0323\u0302 tower of marks: Z\u0351\u036b\u0343\u036a\u0302\u036b",
        "👩🏽‍🚀👨‍👩‍👧‍👦🏳️‍🌈 नमस्ते ﷽ ก็",
    ],
    ids=["right to left", "turned", "combining marks", "joined"],
)
async def test_scripts_of_all_kinds_reach_x_as_they_were_written(
    signed_in: Stage, text: str
) -> None:
    await card(signed_in, signed_in.owner.sends_photo(jpeg(), text))
    assert texts(signed_in) == [unicodedata.normalize("NFC", text)]


async def test_a_tower_of_marks_that_no_post_can_hold_is_cut_and_nothing_of_it_is_lost(
    signed_in: Stage,
) -> None:
    tower = "Z" + "\u0351" * 900
    sent = signed_in.owner.sends_photo(jpeg(), tower)
    await card(signed_in, sent, "Posted as a thread of 4")
    await card(signed_in, signed_in.owner.sends_photo(jpeg(), "next"))
    assert "".join(texts(signed_in)) == tower + "next"


async def test_a_file_of_which_telegram_does_not_tell_the_size_goes_out(signed_in: Stage) -> None:
    photo, picture, film = jpeg(), jpeg(), films.film()
    owner = signed_in.owner
    for sent in (
        owner.sends_photo(photo, "photo", tells_size=False),
        owner.sends_document(picture, "a.jpg", "image/jpeg", "file", tells_size=False),
        owner.sends_video(film, "video", tells_size=False),
    ):
        await card(signed_in, sent, seconds=30)
    got = {post.text: post.media[0].bytes for post in signed_in.x.timeline()}
    assert got == {"photo": photo, "file": picture, "video": film}
