"""Nobody but the owner, and the owner only in the private chat: no request, no answer, no trace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.telegram import Message
from tests.stage import Stage
from tests.walks.pictures import jpeg

MARK = "zebra-crossing"  # stands in everything that must leave no trace


def contents(folder: Path) -> dict[str, bytes]:
    """What every file of the folder holds; the inbox's empty file for the next batch left out."""
    found = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    return {name: content for name, content in found.items() if content}


def counts(stage: Stage) -> tuple[int, int]:
    """How many requests X has seen, and how many calls Telegram has (polls left out)."""
    return sum(len(s.exchanges) for s in stage.x.services), len(stage.telegram.calls)


async def settled(stage: Stage) -> None:
    """Until the bot has dealt with all that was sent, and everything is written."""
    sent = stage.owner.sends_text("/help")
    await stage.owner.sees("/status", after=sent)
    await stage.telegram.until(lambda: not stage.telegram.pending)
    await stage.eventually(lambda: not contents(stage.data / "inbox"))


async def leaves_no_trace(stage: Stage, *acts: Callable[[], Any]) -> None:
    """Neither X, nor a chat, nor the disk, nor the log knows of these acts."""
    stage.telegram.everything = True  # as if `allowed_updates` were of no use
    chats = [stage.telegram.chat(c) for c in stage.telegram.world.chats]
    before = counts(stage), contents(stage.data), [len(c.from_bot) for c in chats]
    asked = len(stage.telegram.requests("getUpdates"))
    for act in acts:
        act()
    assert stage.telegram.pending, "nothing was sent at all"
    await stage.telegram.until(lambda: not stage.telegram.pending)
    assert len(stage.telegram.requests("getUpdates")) > asked
    chats = chats[: len(before[2])]
    assert (counts(stage), contents(stage.data), [len(c.from_bot) for c in chats]) == before
    # Also later on, when what was begun would have come to something.
    await settled(stage)
    (to_x, to_telegram), (x_now, telegram_now) = before[0], counts(stage)
    assert x_now == to_x
    assert telegram_now == to_telegram + 1  # the owner's /help
    for name, content in contents(stage.data).items():
        assert MARK.encode() not in content, name
    assert MARK not in stage.logged()
    assert [p.text for p in stage.x.timeline() if MARK in p.text] == []


@pytest.fixture
async def at_rest(signed_in: Stage) -> Stage:
    """Signed in, with one post out and one draft on its card, and nothing going on."""
    sent = signed_in.owner.sends_photo(jpeg(), "the owner's own")
    await signed_in.owner.sees(lambda m: m.reply_to == sent.id and "Posted" in m.text)
    signed_in.owner.sends_text("a draft")
    await signed_in.owner.sees("a draft")
    await settled(signed_in)

    def is_written() -> bool:
        tables = signed_in.stored()
        drafts = [k for k, row in tables["outbox"].items() if row["post"].get("text") == "a draft"]
        return bool(drafts) and bool(tables["cards"].get(drafts[0], {}).get("shown"))

    await signed_in.eventually(is_written)
    return signed_in


async def test_a_strangers_messages_and_commands_leave_no_trace(at_rest: Stage) -> None:
    stranger = at_rest.stranger
    album = [jpeg(), jpeg()]

    def edit() -> None:
        stranger.edits(stranger.sends_text(MARK), f"{MARK} edited")

    await leaves_no_trace(
        at_rest,
        stranger.starts,
        lambda: stranger.sends_text(MARK),
        lambda: stranger.sends_photo(jpeg(), MARK),
        lambda: stranger.sends_photo(jpeg(), MARK, forwarded=at_rest.owner),
        lambda: stranger.sends_document(jpeg(), f"{MARK}.jpg", "image/jpeg", MARK),
        lambda: stranger.sends_album(album, MARK),
        lambda: stranger.sends_text(f"/post {MARK}"),
        lambda: stranger.sends_text("http://127.0.0.1:8080/callback?code=a&state=b"),
        edit,
        *(
            lambda c=command: stranger.sends_text(f"/{c}")
            for command in "auth status queue pause resume delete refresh logout help".split()
        ),
    )
    assert at_rest.stored()["sign_in"]


async def test_a_strangers_press_leaves_no_trace(at_rest: Stage) -> None:
    draft = await at_rest.owner.sees("a draft")
    posted = await at_rest.owner.sees("Posted")
    group = at_rest.telegram.group()

    def forged(message: Message, label: str, **how: bool) -> Callable[[], Any]:
        return lambda: at_rest.stranger.presses(message, label, **how)

    def in_their_own_chat() -> None:
        # A stranger who knows the data of a button can make a bot of their own say so.
        data = draft.button("Post").callback_data
        theirs = draft.raw | {"chat": at_rest.stranger.chat.raw}
        query = {"id": "1", "from": at_rest.stranger.user, "chat_instance": "1", "data": data}
        at_rest.telegram.inject({"callback_query": query | {"message": theirs}})

    def in_a_group() -> None:
        data = draft.button("Post").callback_data
        there = draft.raw | {"chat": group.raw}
        query = {"id": "2", "from": at_rest.owner.user, "chat_instance": "1", "data": data}
        at_rest.telegram.inject({"callback_query": query | {"message": there}})

    await leaves_no_trace(
        at_rest,
        forged(draft, "Post"),
        forged(draft, "Cancel"),
        forged(posted, "Delete"),
        forged(draft, "Post", inaccessible=True),
        forged(draft, "Post", inline=True),
        lambda: at_rest.owner.presses(draft, "Post", inline=True),
        in_their_own_chat,
        in_a_group,
    )
    assert [p.text for p in at_rest.x.timeline()] == ["the owner's own"]
    await at_rest.owner.presses(draft, "Post").answer()  # the owner's own press works


async def test_the_owners_photo_anywhere_else_leaves_no_trace(at_rest: Stage) -> None:
    owner, telegram = at_rest.owner, at_rest.telegram
    family = telegram.group("Family", kind="group")
    larger = telegram.group("Club")
    outside = telegram.group("Elsewhere", member=False)
    channel = telegram.channel("News")
    acts: list[Callable[[], Any]] = []
    for chat in (family, larger, channel):
        acts += [
            lambda chat=chat: owner.sends_photo(jpeg(), MARK, chat=chat),  # type: ignore[misc]
            lambda chat=chat: owner.sends_document(jpeg(), "a.jpg", "image/jpeg", MARK, chat=chat),  # type: ignore[misc]
            lambda chat=chat: owner.sends_text(f"/post {MARK}", chat=chat),  # type: ignore[misc]
            lambda chat=chat: owner.sends_text("/logout@telex_sandbox_bot", chat=chat),  # type: ignore[misc]
            lambda chat=chat: owner.edits(owner.sends_text(MARK, chat=chat), f"{MARK}!"),  # type: ignore[misc]
            lambda chat=chat: owner.sends_photo(jpeg(), MARK, chat=chat, sender_chat=chat.raw),  # type: ignore[misc]
        ]
    connection = "business-connection"
    for other in (at_rest.stranger.chat, owner.chat):
        acts += [
            lambda other=other: owner.sends_photo(jpeg(), MARK, business=connection, chat=other),  # type: ignore[misc]
            lambda other=other: owner.sends_text(f"/post {MARK}", business=connection, chat=other),  # type: ignore[misc]
        ]
    acts += [
        owner.connects_business,
        lambda: owner.sends_photo(jpeg(), MARK, guest=True, chat=outside),
        lambda: owner.sends_photo(jpeg(), MARK, guest=True, chat=owner.chat),
        lambda: owner.reacts(owner.chat.messages[0], "👍"),
    ]
    await leaves_no_trace(at_rest, *acts)


async def test_a_business_message_that_calls_itself_a_message_is_not_the_owners(
    at_rest: Stage,
) -> None:
    photo = at_rest.owner.chat.messages
    raw = next(m.raw for m in photo if "photo" in m.raw) | {"caption": MARK, "message_id": 999}
    foreign: list[dict[str, Any]] = [
        {"business_connection_id": "b"},
        {"guest_query_id": "1"},
        {"sender_business_bot": at_rest.telegram.world.bot},
        {"sender_chat": {"id": -100, "type": "channel", "title": "C"}},
        {"from": at_rest.stranger.user},
        {"chat": raw["chat"] | {"type": "group"}},
        {"chat": raw["chat"] | {"id": at_rest.stranger.id}},
    ]
    await leaves_no_trace(
        at_rest,
        *(lambda f=fields: at_rest.telegram.inject({"message": raw | f}) for fields in foreign),
    )


async def test_commands_are_shown_in_the_owners_chats_alone(at_rest: Stage) -> None:
    assert set(at_rest.telegram.commands) == {f"chat:{at_rest.owner.id}"}
    assert set(at_rest.telegram.world.updates.allowed) == {
        *("message", "edited_message", "callback_query")
    }
