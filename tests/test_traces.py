"""What a film tells of its maker does not reach X, and the film itself stays the same."""

from __future__ import annotations

import io
import struct
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import films, makers
from twitter_core import media, sniff
from twitter_core.errors import Refusal
from twitter_core.formats import Broken, Source, boxes, length
from twitter_core.formats.mp4 import Video
from twitter_core.media import Fit, Strip, Unusable
from twitter_core.workshop import Workshop

PLACE = films.PLACE.encode()
LOCI = struct.pack(">i", int(48.8577 * 65536))  # as 3GPP writes the latitude
MB = 1024 * 1024

KEYS = makers.box(b"meta", makers.box(b"hdlr", bytes(8), b"mdta", bytes(13)), PLACE)
ITUNES = makers.box(b"meta", bytes(4), makers.box(b"hdlr", bytes(25)), PLACE)
XMP = makers.box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac"), b"<x>", PLACE)


def inside(content: bytes, *more: bytes) -> bytes:
    """`content`, which ends with its `moov`, with more boxes in that."""
    at = content.rindex(b"moov") - 4
    return content[:at] + makers.box(b"moov", content[at + 8 :], *more)


def in_the_track(content: bytes, box: bytes) -> bytes:
    """`content`, which ends with its `moov`, with one more box in its track."""
    content = content[: content.rindex(b"udta") - 4]  # which is behind the track
    track = content.rindex(b"trak") - 4
    at = content.rindex(b"moov") - 4
    made = makers.box(b"trak", content[track + 8 :], box)
    return content[:at] + makers.box(b"moov", content[at + 8 : track], made)


FILM = films.film()
TELLING = {
    "xyz of a MOV": films.with_place_of_a_phone("mov"),
    "loci of an MP4": films.with_place_of_a_phone("mp4"),
    "Apple's keys": films.with_place_of_an_iphone(),
    "Apple's keys beside the movie": FILM + KEYS,
    "metadata in the movie": inside(FILM, ITUNES),
    "XMP beside the movie": FILM + XMP,
    "XMP in the movie": inside(FILM, XMP),
    "a place in the track": in_the_track(FILM, makers.box(b"udta", PLACE)),
    "a box with 64 bits for its size": FILM
    + b"\0\0\0\1udta"
    + (16 + len(PLACE)).to_bytes(8, "big")
    + PLACE,
    "a last box without an end": FILM + b"\0\0\0\0udta" + PLACE,
    "something else than boxes": inside(
        FILM, makers.box(b"udta", b"\xff\xff\xff\xff\xa9xyz", PLACE)
    ),
    "a short place": inside(FILM, makers.box(b"udta", PLACE[:7], b"\0")),
    "the GPS of a dashboard": inside(FILM, makers.box(b"gps ", PLACE)),
    "a track of places": films.with_track(FILM, b"meta", (PLACE, PLACE * 3), (PLACE,)),
    "subtitles with places": films.with_track(FILM, b"sbtl", (PLACE,), (PLACE,)),
}


def outline(content: bytes) -> list[int]:
    """Where the outermost boxes end."""
    return [box.behind for box in boxes.inside(Source(io.BytesIO(content)), 0, len(content))]


async def as_sent(folder: Path, content: bytes) -> bytes:
    """`content` as it goes to X."""
    file = folder / "film"
    file.write_bytes(content)
    fitted = await Workshop(folder / "made").fit(file)
    assert file.read_bytes() == content, "the owner's own file was changed"
    made = fitted.path.read_bytes()
    fitted.discard()
    return made


@pytest.mark.parametrize("name", TELLING)
async def test_no_place_reaches_x_and_the_film_plays_as_before(tmp_path: Path, name: str) -> None:
    content = TELLING[name]
    assert PLACE[:7] in content or LOCI in content
    got = await as_sent(tmp_path, content)
    assert PLACE[:7] not in got and LOCI not in got and makers.SECRET not in got
    assert not any("location" in key.lower() or "make" in key for key in films.told(got))
    assert outline(got) == outline(content)
    assert films.frames(got) == films.frames(content) != []
    assert list((tmp_path / "made").iterdir()) == []


@pytest.mark.parametrize("kind", ["mp4", "mov"])
async def test_a_film_with_its_movie_in_front_is_found_by_the_same_offsets(
    tmp_path: Path, kind: str
) -> None:
    options = {"movflags": "faststart"}
    content = films.film(kind=kind, metadata={"location": films.PLACE}, options=options)
    assert content.index(b"moov") < content.index(b"mdat")
    got = await as_sent(tmp_path, content)
    assert PLACE not in got and LOCI not in got
    assert films.frames(got) == films.frames(content)


@pytest.mark.parametrize(
    "content",
    [
        FILM,
        films.film(options={"movflags": "faststart"}),
        films.film(options={"movflags": "frag_keyframe+empty_moov"}),
        inside(FILM, makers.box(b"udta")),
        inside(FILM, makers.box(b"udta", bytes(4))),
        makers.mp4(),
    ],
    ids=[
        "FFmpeg's",
        "movie in front",
        "fragments",
        "an empty box",
        "a list that ends",
        "without an udta",
    ],
)
def test_a_film_that_tells_nothing_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "film"
    file.write_bytes(content)
    assert media.plan(file) == Fit(file, "video/mp4", "tweet_video")


def test_a_track_of_sound_is_not_taken_for_one_of_places(tmp_path: Path) -> None:
    file = tmp_path / "film"
    file.write_bytes(films.with_track(FILM, b"soun", (b"la la la",)))
    assert isinstance(media.plan(file), Fit)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize(
    "chunks",
    [
        ((PLACE,), (PLACE,), (PLACE,)),
        ((PLACE, PLACE * 2), (PLACE * 3,)),
        ((PLACE,), (PLACE, PLACE), (PLACE, PLACE), (PLACE,)),
        ((b"x", PLACE), (b"y", PLACE), (b"", PLACE)),
        ((PLACE[:4], PLACE[4:]), (PLACE,)),
    ],
)
async def test_the_samples_of_a_track_are_found_however_its_tables_are_written(
    tmp_path: Path, chunks: tuple[tuple[bytes, ...], ...], wide: bool
) -> None:
    content = films.with_track(FILM, b"meta", *chunks, wide=wide)
    assert content.count(PLACE) >= len(chunks)
    got = await as_sent(tmp_path, content)
    assert PLACE not in got
    start = content.index(b"".join(chunks[0]))
    film = FILM[: FILM.rindex(b"moov") - 4]
    assert got[:start] == content[:start] and got.startswith(film)  # not a byte of it is touched
    assert films.frames(got) == films.frames(FILM)


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        (b"stsz", b"stsz" + bytes(4) + b"\0\0\0\x09" + b"\xff\xff\xff\xff"),
        (b"stsz", b"stsz" + bytes(8) + b"\xff\xff\xff\xff"),
        (b"stco", b"stco" + bytes(4) + b"\0\x02\0\0"),
        (b"stco", b"stco" + bytes(4) + b"\0\0\0\x01" + b"\xff\xff\xff\xff"),
    ],
)
def test_a_track_that_contradicts_itself_is_told_and_not_sent(
    tmp_path: Path, what: bytes, instead: bytes
) -> None:
    content = films.with_track(FILM, b"meta", (PLACE,), (PLACE * 2,))
    at = content.rindex(what)
    file = tmp_path / "film"
    file.write_bytes(content[:at] + instead + content[at + len(instead) :])
    with pytest.raises(Unusable) as told:
        media.plan(file)
    assert told.value.refusal is Refusal.BROKEN_FILE


def test_a_place_in_a_film_of_500_mb_is_left_out_without_loading_it(tmp_path: Path) -> None:
    file = films.large(tmp_path / "film", 500 * MB)
    with file.open("ab") as end:
        end.write(makers.box(b"udta", PLACE))
    tracemalloc.start()
    try:
        todo = media.plan(file)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(todo, Strip) and length(todo.parts) == file.stat().st_size
    assert most < MB


def test_a_large_box_is_blanked_without_as_many_zeros_in_memory(tmp_path: Path) -> None:
    file = tmp_path / "film"
    with file.open("wb") as out:
        out.write(FILM + (400 * MB).to_bytes(4, "big") + b"udta")
        out.truncate(len(FILM) + 400 * MB)
    tracemalloc.start()
    try:
        todo = media.plan(file)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(todo, Strip) and length(todo.parts) == file.stat().st_size
    assert most < 2 * MB


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_damaged_the_film_is_as_long_as_before_or_is_broken(
    data: st.DataObject,
) -> None:
    """Offsets must stay right; a loop without an end, or another error, would stop the bot."""
    name = data.draw(st.sampled_from(sorted(TELLING)))
    content = bytearray(TELLING[name])
    movie = content.index(b"moov")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(movie - 4, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    try:
        seen = sniff.look(io.BytesIO(bytes(content)))
    except Broken:
        return
    if isinstance(seen, Video) and seen.parts is not None:
        assert length(seen.parts) == len(content)
