"""A burst: fifty posts at once, within Telegram's limits, and each card right at its end."""

from __future__ import annotations

from bot.sandbox.telegram import Flood, Message
from bot.words import sentences
from tests.stage import Stage
from tests.walks.cards import texts
from tests.walks.pictures import jpeg

POSTS = 50
FLOOD = Flood(burst=30, per_second=1.0)
SECONDS = 85.0  # by a message a second after the burst; twice that with a message for every step


async def test_fifty_posts_at_once_pass_within_telegrams_limits_and_each_card_ends_right(
    signed_in: Stage,
) -> None:
    it, owner = signed_in, signed_in.owner
    it.telegram.flood = FLOOD
    before = len(it.telegram.calls)
    sent = [
        owner.sends_photo(jpeg(), f"Photo {number}")
        if number % 5 == 0
        else owner.sends_text(f"/post Text {number}")
        for number in range(POSTS)
    ]

    def cards() -> dict[int, list[Message]]:
        found: dict[int, list[Message]] = {message.id: [] for message in sent}
        for message in owner.chat.from_bot:
            if message.reply_to in found:
                found[message.reply_to].append(message)
        return found

    def is_over() -> bool:
        ended = all(all("Posted" in m.text for m in each) and each for each in cards().values())
        marked = [m for m in owner.chat.messages if m.reactions == (sentences.MARK,)]
        return ended and len(marked) == POSTS

    await it.telegram.until(is_over, SECONDS)
    assert len(texts(it)) == POSTS
    ids = {post.text: post.id for post in it.x.timeline()}
    for message, own in zip(sent, cards().values(), strict=True):
        (card,) = own
        text = message.text.removeprefix("/post ")
        assert f"/status/{ids[text]}" in card.text, "each tells of its own post"
    calls = it.telegram.calls[before:]
    refused = [call for call in calls if call.error.startswith("Too Many Requests")]
    assert refused == []
    said = [call for call in calls if call.method in ("sendMessage", "editMessageText")]
    assert len(said) <= POSTS + 20, "steps on the way are left out where there is no room"
