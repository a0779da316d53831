"""Direct calls on a local X: what each leaves there, and what it does where something is wrong."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.faults import Fault
from tests import makers
from tests.films import film
from tests.local_x import LocalX, started
from twitter_core import oauth2
from twitter_core.client import Client
from twitter_core.errors import (
    BadMedia,
    Forbidden,
    RateLimited,
    Refusal,
    SignInNeeded,
    Uncertain,
    Unsent,
    UploadGone,
)
from twitter_core.media import Unusable
from twitter_core.oauth2 import Denied, Expired, NoCode, NotPending, WrongState
from twitter_core.post import Flags, Kind, Poll, WhoMayReply
from twitter_core.session import NotLanded, Session, WrongKind
from twitter_core.sources import Barred, Web
from twitter_core.store import Store
from twitter_core.vault import StoreVault
from twitter_core.ways import Way

CREATE = "POST /2/tweets"


def png(side: int = 16) -> bytes:
    return makers.encoded(makers.scene(side, side), "PNG")


def left(folder: Path) -> list[Path]:
    return list(folder.iterdir())


@pytest.fixture
async def local() -> AsyncIterator[LocalX]:
    async with started() as it:
        yield it


@pytest.fixture
async def client(local: LocalX) -> AsyncIterator[Client]:
    async with local.client() as it:
        yield it


@pytest.fixture
def session(local: LocalX, client: Client) -> Session:
    return local.session(client, local.token)


@pytest.fixture
def stranger(local: LocalX, client: Client) -> Session:
    """Nobody signed in yet."""
    return local.session(client)


# --- the sign-in


async def test_each_sign_in_has_secrets_of_its_own(stranger: Session) -> None:
    (link, pending), (other_link, other) = stranger.begin(), stranger.begin()
    assert link != other_link
    assert pending.state != other.state and pending.verifier != other.verifier
    assert len(pending.verifier) >= 43 and pending.verifier not in link


async def test_an_address_that_does_not_complete_the_sign_in_says_why(
    local: LocalX, stranger: Session
) -> None:
    link, pending = stranger.begin()
    other_link, _ = stranger.begin()
    for address, landing in (
        (local.x.consent(other_link), WrongState()),
        (local.x.consent(link, allow=False), Denied("access_denied")),
        ("https://example.org/", NoCode()),
        ("", NoCode()),
    ):
        with pytest.raises(NotLanded) as caught:
            await stranger.land(address, pending)
        assert caught.value.landing == landing
    address = local.x.consent(link)
    with pytest.raises(NotLanded) as caught:
        await stranger.land(address, None)
    assert caught.value.landing == NotPending()
    local.clock.now += 601
    with pytest.raises(NotLanded) as caught:
        await stranger.land(address, pending)
    assert caught.value.landing == Expired()
    assert local.paths() == []


async def test_the_query_alone_completes_the_sign_in_and_does_so_once(
    local: LocalX, stranger: Session
) -> None:
    link, pending = stranger.begin()
    query = local.x.consent(link).partition("?")[2]
    await stranger.land(query, pending)
    assert (await stranger.account()).username == "sandbox"
    with pytest.raises(SignInNeeded) as caught:
        await stranger.land(query, pending)
    assert not isinstance(caught.value, NotLanded)


async def test_a_code_that_is_too_old_is_told_from_an_address_that_is_wrong(
    local: LocalX, stranger: Session
) -> None:
    link, pending = stranger.begin()
    address = local.x.consent(link)
    local.clock.now += 31
    with pytest.raises(SignInNeeded) as caught:
        await stranger.land(address, pending)
    assert not isinstance(caught.value, NotLanded)


async def test_the_account_is_asked_for_once(local: LocalX, session: Session) -> None:
    assert await session.account() == await session.account()
    assert local.paths() == ["GET /2/users/me"]


async def test_without_a_sign_in_nothing_is_asked(local: LocalX, stranger: Session) -> None:
    with pytest.raises(SignInNeeded):
        await stranger.post("Hello")
    with pytest.raises(SignInNeeded):
        await stranger.renew()
    assert local.paths() == []


async def test_a_stale_pair_is_renewed_before_the_post(local: LocalX, session: Session) -> None:
    local.clock.now += 7190
    await session.post("Later")
    assert local.paths() == ["POST /2/oauth2/token", CREATE]


async def test_a_pair_that_x_refuses_is_renewed_and_the_post_made_once(
    local: LocalX, client: Client
) -> None:
    token = local.token
    session = local.session(client, replace(token, access_token="revoked"))
    await session.post("All the same")
    assert local.paths() == [CREATE, "POST /2/oauth2/token", CREATE]
    assert [post.text for post in local.x.timeline()] == ["All the same"]


async def test_a_sign_in_that_is_stored_outlives_the_session(
    local: LocalX, client: Client, tmp_path: Path
) -> None:
    store = Store(tmp_path)
    session = local.session(client, vault=StoreVault(store))
    link, pending = session.begin()
    await session.land(local.x.consent(link), pending)
    await session.renew()
    await store.close()
    store = Store(tmp_path)
    await local.session(client, vault=StoreVault(store)).post("Tomorrow")
    await store.close()
    assert [post.text for post in local.x.timeline()] == ["Tomorrow"]


# --- once, or the truth


@pytest.mark.parametrize(("drop", "there"), [("before", 0), ("middle", 1), ("after", 1)])
async def test_a_post_without_a_clear_answer_is_told_and_not_repeated(
    local: LocalX, session: Session, drop: Any, there: int
) -> None:
    local.x.api.faults.add(Fault(path="/2/tweets", drop=drop))
    with pytest.raises(Uncertain):
        await session.post("Once")
    assert (local.paths(), len(local.x.timeline())) == ([CREATE], there)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_post_that_x_fails_over_is_told_and_not_repeated(
    local: LocalX, session: Session, when: Any
) -> None:
    local.x.api.faults.add(Fault(path="/2/tweets", status=503, when=when))
    with pytest.raises(Uncertain) as caught:
        await session.post_files("Once", png())
    assert caught.value.status == 503
    assert local.paths() == ["POST /2/media/upload", CREATE]


async def test_a_post_that_never_left_is_unsent(local: LocalX, session: Session) -> None:
    await local.x.stop()
    with pytest.raises(Unsent):
        await session.post("Later")


async def test_a_refusal_comes_as_it_is(local: LocalX, session: Session) -> None:
    local.x.limits["create"] = replace(local.x.limits["create"], count=1)
    await session.post("One")
    with pytest.raises(RateLimited) as caught:
        await session.post("Two")
    assert caught.value.reset_at is not None and caught.value.reset_at > local.clock()
    assert local.paths() == [CREATE, CREATE]


# --- what X could not take


@pytest.mark.parametrize(
    "given",
    [
        {"words": ""},
        {"words": " \n "},
        {"media": [str(n) for n in range(5)]},
        {"words": "?", "media": ["1"], "poll": Poll(("a", "b"))},
        {"words": "", "poll": Poll(("a", "b"))},
        {"words": "?", "poll": Poll(("a",))},
        {"words": "?", "poll": Poll(("a", "b", "c", "d", "e"))},
        {"words": "?", "poll": Poll(("a", " "))},
        {"words": "?", "poll": Poll(("a", "b" * 26))},
        {"words": "?", "poll": Poll(("a", "b"), minutes=4)},
        {"words": "?", "poll": Poll(("a", "b"), minutes=10_081)},
    ],
)
async def test_a_post_that_x_could_not_take_is_not_sent(
    local: LocalX, session: Session, given: dict[str, Any]
) -> None:
    with pytest.raises(ValueError):
        await session.post(**given)
    assert local.paths() == []


@pytest.mark.parametrize(
    "given",
    [
        {"files": []},
        {"files": [png()] * 5},
        {"files": [png()] * 2, "kind": Kind.GIF},
        {"files": [makers.gif(2)] * 2},
        {"files": [png(), makers.gif(2)]},
        {"files": [makers.mp4(), png()]},
        {"files": png(), "alts": ["one", "two"]},
        {"files": [png(), png()], "alts": "ab"},
        {"files": png(), "alts": ["x" * 1001]},
        {"files": makers.mp4(), "alts": ["A film"]},
    ],
)
async def test_files_that_x_could_not_take_together_are_not_uploaded(
    local: LocalX, session: Session, given: dict[str, Any]
) -> None:
    with pytest.raises(ValueError):
        await session.post_files("Words", **given)
    assert local.paths() == []


async def test_a_text_that_is_too_long_is_told_before_anything_is_uploaded(
    local: LocalX, session: Session
) -> None:
    for call in (session.post("x" * 281), session.post_files("é" * 279 + "字", png())):
        with pytest.raises(Forbidden) as caught:
            await call
        assert (caught.value.refusal, caught.value.detail) == (Refusal.TOO_LONG, "281 of 280")
    assert local.paths() == []
    await session.post("x" * 280)


async def test_a_premium_account_has_more_room(local: LocalX, client: Client) -> None:
    local.x.account.premium = True
    await local.session(client, local.token, room=25_000).post("x" * 25_000)
    assert len(local.x.timeline()[0].text) == 25_000


@pytest.mark.parametrize(
    ("content", "wanted", "found"),
    [
        (png(), Kind.GIF, Kind.PHOTO),
        (png(), Kind.VIDEO, Kind.PHOTO),
        (makers.gif(2), Kind.PHOTO, Kind.GIF),
        (makers.gif(2), Kind.VIDEO, Kind.GIF),
        (makers.mp4(), Kind.GIF, Kind.VIDEO),
        (makers.mp4(), Kind.PHOTO, Kind.VIDEO),
    ],
)
async def test_a_file_of_another_kind_than_was_asked_for_is_told(
    local: LocalX, session: Session, content: bytes, wanted: Kind, found: Kind
) -> None:
    with pytest.raises(WrongKind) as caught:
        await session.post_files("Words", content, wanted)
    assert (caught.value.wanted, caught.value.found) == (wanted, found)
    assert str(caught.value) == f"{found} instead of {wanted}"
    assert local.paths() == []


async def test_a_gif_that_does_not_move_goes_as_the_photo_that_it_is(
    local: LocalX, session: Session
) -> None:
    await session.post_files("Still", makers.gif(1), Kind.GIF)
    assert [(m.category, m.kind) for m in local.media] == [("tweet_image", "image/gif")]


async def test_a_file_that_is_no_picture_is_told_with_its_name(
    local: LocalX, session: Session
) -> None:
    with pytest.raises(Unusable) as caught:
        await session.upload([png(), b"PK\x03\x04 and more"])
    assert (caught.value.refusal, caught.value.detail) == (Refusal.NOT_A_PICTURE, "a ZIP archive")
    assert local.paths() == []


async def test_a_file_that_is_not_there_is_an_error_of_the_disk(
    local: LocalX, session: Session, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        await session.upload(tmp_path / "none.png")


async def test_a_url_into_this_machine_is_barred_unless_it_is_allowed(
    local: LocalX, client: Client
) -> None:
    session = local.session(client, local.token, web=Web())
    with pytest.raises(Barred):
        await session.post_files("Words", f"{local.x.url}/2/users/me")
    assert Session(client)._web.bounds.private is False
    assert local.paths() == []


# --- files


async def test_an_image_is_stripped_and_made_to_fit_and_nothing_is_left_of_that(
    local: LocalX, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    clean = makers.encoded(makers.scene(), "JPEG")
    bitmap = makers.encoded(makers.scene(), "BMP")
    await session.post_files("Both", [makers.spiced_jpeg(clean), bitmap], Kind.PHOTO)
    stripped, fitted = local.media
    assert makers.SECRET not in stripped.bytes and len(stripped.bytes) <= len(clean)
    assert fitted.kind in ("image/png", "image/jpeg", "image/webp")
    assert makers.decoded(fitted.bytes).size == makers.decoded(bitmap).size
    assert left(tmp_path) == []


async def test_files_of_the_caller_are_not_touched(
    local: LocalX, session: Session, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.jpg"
    mine.write_bytes(makers.spiced_jpeg(makers.encoded(makers.scene(), "JPEG")))
    before = mine.read_bytes()
    await session.upload(mine)
    assert mine.read_bytes() == before


async def test_media_keep_their_order(local: LocalX, session: Session) -> None:
    files = [png(8 + n) for n in range(4)]
    local.x.api.faults.add(Fault(path="/2/media/upload", delay=0.2))  # the first comes last
    await session.post_files("Four", files)
    assert [media.bytes for media in local.media] == files


async def test_more_files_than_a_post_takes_can_be_uploaded(
    local: LocalX, session: Session
) -> None:
    assert len(await session.upload([png(8 + n) for n in range(6)])) == 6


@pytest.mark.parametrize("way", Way)
async def test_alt_texts_are_there_before_the_post(local: LocalX, way: Way) -> None:
    async with local.client(keys=local.keys) as client:
        session = local.session(client, local.token, way=way)
        await session.post_files("Three", [png(8), png(9), png(10)], alts=["One", "", "Three"])
        await session.post_files("Moves", makers.gif(2), alts=["A GIF"])
    assert [media.alt_text for media in local.media] == ["One", None, "Three", "A GIF"]
    assert {media.via for media in local.media} == {way.value}


async def test_the_progress_ends_with_everything(local: LocalX, session: Session) -> None:
    told: list[tuple[int, int]] = []
    files = [png(), png(99), makers.encoded(makers.noise(700, 700), "PNG")]
    await session.upload(files, progress=lambda sent, total: told.append((sent, total)))
    total = sum(map(len, files))
    assert told[-1] == (total, total) and told == sorted(told)
    told.clear()
    video = makers.mp4() + makers.box(b"free", b"\0" * 2_500_000)
    await session.upload(video, progress=lambda sent, total: told.append((sent, total)))
    assert told[-1] == (len(video), len(video))
    assert {size for _, size in told} == {len(video)}


async def test_a_video_goes_in_chunks_and_is_waited_for_at_xs_pace(
    local: LocalX, session: Session
) -> None:
    local.x.processing = replace(local.x.processing, check_after_secs=7)
    await session.post_files("A film", film(), Kind.VIDEO)
    media_id = local.media[0].id
    assert local.paths() == [
        "POST /2/media/upload/initialize",
        f"POST /2/media/upload/{media_id}/append",
        f"POST /2/media/upload/{media_id}/finalize",
        "GET /2/media/upload",
        "GET /2/media/upload",
        CREATE,
    ]
    assert local.pauses == [7.0, 7.0]


async def test_a_video_that_x_gives_up_is_not_posted(local: LocalX, session: Session) -> None:
    local.x.processing = replace(local.x.processing, steps=("pending", "failed"))
    with pytest.raises(BadMedia):
        await session.post_files("A film", film())
    assert CREATE not in local.paths()


async def test_one_file_that_x_refuses_ends_the_whole_call(
    local: LocalX, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    local.x.api.faults.add(Fault(path="/2/media/upload", skip=1, status=413))
    with pytest.raises(BadMedia):
        await session.post_files("Three", [png(8), png(9), png(10)])
    assert CREATE not in local.paths() and left(tmp_path) == []


async def test_a_file_that_x_refuses_does_not_wait_for_the_others(
    local: LocalX, session: Session
) -> None:
    local.x.api.faults.add(Fault(path="/2/media/upload", hang="before"))
    local.x.api.faults.add(Fault(path="/2/media/upload", status=413))
    with pytest.raises(BadMedia):
        await asyncio.wait_for(session.upload([png(8), png(9)]), 10)


# --- the two ways


@pytest.mark.parametrize("gone", ["404", "410", "453"])
async def test_files_go_by_v2_from_the_moment_that_v11_is_gone(local: LocalX, gone: Any) -> None:
    local.x.v11 = gone
    async with local.client(keys=local.keys) as client:
        session = local.session(client, local.token)
        await session.post_files("One", png(8))
        await session.post_files("Two", png(9))
    assert [media.via for media in local.media] == ["v2", "v2"]
    assert local.paths().count("POST /1.1/media/upload.json") == 1


async def test_v11_alone_is_told_where_it_is_gone(local: LocalX) -> None:
    local.x.v11 = "410"
    async with local.client(keys=local.keys) as client:
        session = local.session(client, local.token, way=Way.V11)
        with pytest.raises(UploadGone):
            await session.post_files("One", png())


async def test_keys_of_another_account_are_not_used(local: LocalX) -> None:
    other = local.x.world.add_account("other", "Other", local.clock())
    token = local.x.world.add_oauth1(other, local.x.app)
    keys = replace(local.keys, token=token.token, token_secret=token.secret)
    async with local.client(keys=keys) as client:
        session = local.session(client, local.token)
        await session.account()
        await session.post_files("Mine", png())
    assert [media.via for media in local.media] == ["v2"]


# --- posts


async def test_a_reply_and_its_flags_arrive(local: LocalX, session: Session) -> None:
    flags = Flags(made_with_ai=True, paid_partnership=True, who_may_reply=WhoMayReply.FOLLOWING)
    first = await session.post("One")
    await session.post_files("Two", png(), reply_to=first.id, flags=flags)
    request = local.x.timeline()[1].request
    assert request["reply"] == {"in_reply_to_tweet_id": first.id}
    assert request["reply_settings"] == "following"
    assert request["made_with_ai"] is True and request["paid_partnership"] is True


async def test_a_text_goes_as_x_keeps_it(local: LocalX, session: Session) -> None:
    await session.post("  Cafe\u0301\r\nau lait \n", poll=Poll(("  Cafe\u0301 ", "Thé")))
    post = local.x.timeline()[0]
    assert post.request["text"] == "Café\nau lait"
    assert post.request["poll"] == {"options": ["Café", "Thé"], "duration_minutes": 1440}


async def test_media_need_no_text(local: LocalX, session: Session) -> None:
    await session.post_files("", png())
    assert local.x.timeline()[0].text == "" and len(local.media) == 1


def test_no_secret_is_in_a_repr(local: LocalX, client: Client) -> None:
    token = oauth2.Token("secret-access", "secret-refresh", math.inf)
    session = local.session(client, token)
    _, pending = session.begin()
    shown = f"{session!r} {pending!r} {session._vault.sign_in()!r}"
    assert "secret-" not in shown and pending.state not in shown and pending.verifier not in shown
