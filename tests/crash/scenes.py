"""What the owner does in each scene of the crash matrix, and what X must show for it."""

from __future__ import annotations

import re
import struct
import time
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter

from bot.sandbox.telegram import Message
from bot.sandbox.x_world import Post as OnX
from tests.stage import Stage
from twitter_core.entry import Entry, State, Upload, Words
from twitter_core.history import History
from twitter_core.post import Media, Post, Tweet


@dataclass(frozen=True, slots=True)
class Wanted:
    """One post that has to be on X, once; `messages` are the owner's ids behind it.

    `continues`: it replies to the one before it, whose card is its card too.
    """

    text: str
    pictures: tuple[bytes, ...]
    messages: tuple[int, ...]
    continues: bool = False


V11 = Literal["404", "453", "ids_refused"]
Act = Callable[[Stage], Awaitable[tuple[Wanted, ...]]]


@dataclass(frozen=True, slots=True)
class Scene:
    """What the owner does, all of it by themselves: nothing is done again after a crash.

    `renew_in`: seconds after which the stored pair wants to be renewed; `renews`: whether it is.
    `like_another`: its writes are those of another scene, and are left to the long runs.
    `before`: how things stand when it begins; `replaced`: how many posts are deleted on the way.
    `undo`: seconds for which a post can be stopped before it is sent, as was chosen before.
    """

    name: str
    act: Act
    renew_in: float = 5400.0
    renews: bool = False
    like_another: bool = False
    before: Callable[[Stage], None] = lambda _: None
    replaced: int = 0
    undo: int = 0


def picture(number: int) -> bytes:
    """A small PNG that differs from all others."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = b"".join(
        b"\0"
        + bytes((number * 7 + x * 3 + y * 5 + i * 11) % 256 for x in range(8) for i in range(3))
        for y in range(8)
    )
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


async def _photo(stage: Stage) -> tuple[Wanted, ...]:
    """Without a caption: X refuses a text that it has already, but takes a picture twice."""
    sent = stage.owner.sends_photo(picture(1))
    return (Wanted("", (picture(1),), (sent.id,)),)


def _photo_without_v11(gone: V11) -> Act:
    """The old way of uploading is not there, or what it gives is of no use."""

    async def act(stage: Stage) -> tuple[Wanted, ...]:
        stage.x.v11 = gone
        return await _photo(stage)

    return act


async def _album(stage: Stage) -> tuple[Wanted, ...]:
    pictures = tuple(picture(number) for number in range(1, 5))
    sent = stage.owner.sends_album(pictures, ["", "An album"], split=2)
    return (Wanted("An album", pictures, tuple(message.id for message in sent)),)


async def _thread(stage: Stage) -> tuple[Wanted, ...]:
    pictures = tuple(picture(number) for number in range(11, 16))
    sent = stage.owner.sends_album(pictures, "More than one post can hold")
    ids = tuple(message.id for message in sent)
    return (
        Wanted("More than one post can hold", pictures[:4], ids),
        Wanted("", pictures[4:], ids, continues=True),
    )


async def _text(stage: Stage) -> tuple[Wanted, ...]:
    """The owner presses once: Telegram keeps a press, whether or not a bot is there to hear it."""
    sent = stage.owner.sends_text("A text to look at first")
    card = await stage.owner.sees(lambda message: "Post" in message.labels, timeout=60)
    stage.owner.presses(card, "Post")
    return (Wanted("A text to look at first", (), (sent.id,)),)


async def _refresh(stage: Stage) -> tuple[Wanted, ...]:
    stage.owner.sends_text("/refresh")
    await stage.x.api.until(lambda: bool(stage.x.api.seen("POST", "/2/oauth2/token")), 60)
    sent = stage.owner.sends_text("/post Sent while the pair is renewed")
    return (Wanted("Sent while the pair is renewed", (), (sent.id,)),)


async def _renewal(stage: Stage) -> tuple[Wanted, ...]:
    sent = stage.owner.sends_photo(picture(2), "While the pair renews itself")
    return (Wanted("While the pair renews itself", (picture(2),), (sent.id,)),)


def _a_photo_is_out(stage: Stage) -> None:
    """Posted an hour ago; it has left the outbox, and its card is not there any more."""
    sent = stage.owner.sends_photo(picture(3), "Before")
    stage.telegram.world.updates.drop()
    then = time.time() - 3600
    x = stage.x
    out = OnX(id=x.world.new_id(then), account_id=x.account.id, text="Before", created=then)
    x.world.posts.append(out)
    photo = sent.raw["photo"][-1]
    entry = Entry(
        f"{sent.chat_id}:{sent.id}",
        State.DONE,
        Post("Before", (Media(photo["file_id"], order=sent.id, name=photo["file_unique_id"]),)),
        then,
        seq=1,
        tweets=(Tweet("Before", (0,)),),
        uploads=(Upload("1", then + 86_400),),
        posted=(out.id,),
        account=x.account.id,
        words=(Words(sent.id, "Before"),),
        ended_at=then,
        recorded=True,
        shown=True,
    )
    line = {
        "recorded_at": then,
        **TypeAdapter(Entry).dump_python(entry, mode="json", exclude_defaults=True),
        "remark": {"chat": sent.chat_id, "messages": [sent.id]},
    }
    History(stage.data / "history").append([(then, line)])


async def _again(stage: Stage) -> tuple[Wanted, ...]:
    sent = next(m for m in stage.owner.chat.messages if "photo" in m.raw)
    stage.owner.edits(sent, caption="After")
    label = "Delete and post again"
    card = await stage.owner.sees(lambda message: label in message.labels, timeout=60)
    stage.owner.presses(card, label)
    return (Wanted("After", (picture(3),), (sent.id,)),)


async def _later(stage: Stage) -> tuple[Wanted, ...]:
    """A post that can be stopped for a while, which nobody does, and one that has a time."""
    held = stage.owner.sends_text("/post Held for a while")
    # Behind the other one even where its time comes while that one is held, or nobody is there.
    timed = stage.owner.sends_photo(picture(21), "/at in 3 s\nAt its time")
    return (
        Wanted("Held for a while", (), (held.id,)),
        Wanted("At its time", (picture(21),), (timed.id,)),
    )


async def nothing(stage: Stage) -> tuple[Wanted, ...]:
    """For performances that are not of one scene."""
    return ()


SCENES = (
    Scene("photo", _photo),
    Scene("v11-404", _photo_without_v11("404"), like_another=True),
    Scene("v11-453", _photo_without_v11("453"), like_another=True),
    Scene("v11-ids-refused", _photo_without_v11("ids_refused")),
    Scene("album", _album),
    Scene("thread", _thread),
    Scene("text", _text),
    Scene("again", _again, before=_a_photo_is_out, replaced=1),
    Scene("later", _later, undo=1, like_another=True),
    Scene("refresh", _refresh, renews=True),
    Scene("renewal", _renewal, renew_in=0.0, renews=True),
)


def missing(stage: Stage, wanted: tuple[Wanted, ...]) -> str:
    """What is not yet as it must be, empty where all is."""
    timeline = stage.x.timeline()
    if len(timeline) != len(wanted):
        return f"{len(timeline)} posts on the timeline"
    before: str | None = None
    for want, post in zip(wanted, timeline, strict=True):
        if post.text != want.text:
            return f"text {post.text!r}"
        if tuple(medium.bytes for medium in post.media) != want.pictures:
            return f"{len(post.media)} media, or not the right ones"
        if post.reply_to != (before if want.continues else None):
            return "not a reply to the post before it, or a reply to something"
        if not want.continues and not _has_card(stage, want, post.id):
            return "no card with the link"
        before = post.id
    return ""


def _has_card(stage: Stage, want: Wanted, post_id: str) -> bool:
    link = re.compile(rf"https://x\.com/{stage.x.account.username}/status/{post_id}\b")
    return any(
        message.from_bot and message.reply_to in want.messages and link.search(message.text)
        for message in stage.owner.chat.messages
    )


def asks_to_sign_in(stage: Stage) -> Message | None:
    """A message that says that a new sign-in is needed, and how it is done."""
    return next(
        (m for m in stage.owner.chat.messages if m.from_bot and "/auth" in m.text),
        None,
    )
