"""Albums: several messages that are one post."""

from __future__ import annotations

from tests.stage import Stage
from tests.walks.cards import card, texts
from tests.walks.pictures import jpeg


async def test_an_album_is_one_post_with_its_pictures_in_the_order_of_the_messages(
    signed_in: Stage,
) -> None:
    photos = [jpeg() for _ in range(4)]
    sent = signed_in.owner.sends_album(photos, captions=["", "", "Four of them", ""])
    shown = await card(signed_in, sent[0])
    (post,) = signed_in.x.timeline()
    assert (post.text, [m.bytes for m in post.media]) == ("Four of them", photos)
    assert len([m for m in signed_in.telegram.chat(signed_in.owner).from_bot if m.reply_to]) == 1
    assert shown.history[0].startswith("Uploading")


async def test_ten_photos_are_a_thread_and_none_is_dropped(signed_in: Stage) -> None:
    photos = [jpeg() for _ in range(10)]
    sent = signed_in.owner.sends_album(photos, captions="Ten of them")
    shown = await card(signed_in, sent[0], "thread of 3")
    first, second, third = signed_in.x.timeline()
    assert [m.bytes for p in (first, second, third) for m in p.media] == photos
    assert [len(p.media) for p in (first, second, third)] == [4, 4, 2]
    assert texts(signed_in) == ["Ten of them", "", ""]
    assert (second.reply_to, third.reply_to) == (first.id, second.id)
    assert f"/status/{first.id}\n" in shown.text


async def test_a_late_item_asks_and_becomes_a_reply_or_nothing(signed_in: Stage) -> None:
    owner = signed_in.owner
    album = owner.sends_album([jpeg(), jpeg()], captions="Two")
    await card(signed_in, album[0])
    group = album[0].media_group_id
    late = [jpeg(), jpeg()]
    first = owner.sends_photo(late[0], media_group_id=group)
    second = owner.sends_photo(late[1], media_group_id=group)
    asked = await card(signed_in, first, "after its album")
    other = await card(signed_in, second, "after its album")
    assert {"Post as a reply", "Discard"} <= set(asked.labels)
    assert len(signed_in.x.timeline()) == 1

    await owner.presses(other, "Discard").answer()
    await card(signed_in, second, "Cancelled")
    await owner.presses(asked, "Post as a reply").answer()
    await card(signed_in, first)
    posts = signed_in.x.timeline()
    assert len(posts) == 2
    assert posts[1].reply_to == posts[0].id
    assert [m.bytes for m in posts[1].media] == [late[0]]


async def test_an_album_that_a_kill_cuts_in_two_is_still_one_post(signed_in: Stage) -> None:
    signed_in.settings["ALBUM_WINDOW"] = "2"
    await signed_in.stop()
    await signed_in.start()
    await signed_in.ready()
    photos = [jpeg() for _ in range(3)]
    owner = signed_in.owner
    sent = owner.sends_photo(photos[0], "Cut", media_group_id="77")
    await card(signed_in, sent, "Uploading")
    await signed_in.kill()
    owner.sends_photo(photos[1], media_group_id="77")
    owner.sends_photo(photos[2], media_group_id="77")
    await signed_in.start()
    await card(signed_in, sent)
    (post,) = signed_in.x.timeline()
    assert (post.text, [m.bytes for m in post.media]) == ("Cut", photos)


async def test_five_photos_sent_apart_are_five_posts_in_their_order(signed_in: Stage) -> None:
    sent = [signed_in.owner.sends_photo(jpeg(), f"Number {n}") for n in range(5)]
    for message in sent:
        await card(signed_in, message)
    assert texts(signed_in) == [f"Number {n}" for n in range(5)]
