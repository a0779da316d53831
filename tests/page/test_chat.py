"""The chat on the page, as somebody with a mouse and a keyboard uses it, and what stands on X then."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import FilePayload, Route, expect

from bot.demo import pictures
from tests.page.films import film
from tests.page.visit import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

BAY = pictures.draw(pictures.DUSK)
DAWN = pictures.draw(pictures.DAWN)


async def test_one_signs_in_by_clicking(visit: Visit) -> None:
    await visit.page.get_by_role("button", name="/auth", exact=True).click()
    card = await visit.hears_of("Sign in to X with this link")
    async with visit.context.expect_page() as opened:
        await card.get_by_role("link", name="Open X").click()
    consent = await opened.value
    await expect(consent.get_by_role("heading", name="Sandbox X")).to_be_visible()
    await consent.get_by_role("button", name="Allow").click()
    await expect(consent.get_by_text("Signed in as @sandbox")).to_be_visible()
    await visit.hears_of("Signed in as @sandbox")


async def test_a_photo_that_is_dropped_in_stands_on_the_timeline(signed_in: Visit) -> None:
    await signed_in.drops(("bay.jpg", "image/jpeg", BAY))
    await signed_in.sends("The last ferry\nalt: A bay at dusk")
    post = signed_in.posts.filter(has_text="The last ferry")
    picture = post.get_by_role("img", name="A bay at dusk")
    await expect(picture).to_be_visible(timeout=20_000)
    assert await picture.evaluate("img => img.complete ? img.naturalWidth : img.decode()") in (
        pictures.WIDTH,
        None,
    )
    card = await signed_in.hears_of("Posted: https://x.com/sandbox/status/")
    await expect(card.get_by_role("link", name="Open")).to_be_visible()
    assert [(p.text, len(p.media)) for p in signed_in.timeline] == [("The last ferry", 1)]

    await post.get_by_role("button", name="Image description").click()
    await expect(post.get_by_text("A bay at dusk")).to_be_visible()


async def test_what_is_picked_together_is_an_album_and_one_post(signed_in: Visit) -> None:
    await signed_in.page.locator("#pick-photos").set_input_files(
        [
            FilePayload(name=f"{number}.jpg", mimeType="image/jpeg", buffer=data)
            for number, data in enumerate((BAY, DAWN, BAY))
        ]
    )
    await expect(signed_in.page.get_by_role("heading", name="Send 3 photos")).to_be_visible()
    await signed_in.sends("Three times")
    await signed_in.hears_of("Posted: ")
    await expect(signed_in.posts.filter(has_text="Three times").get_by_role("img")).to_have_count(3)
    groups = {m.media_group_id for m in signed_in.stage.owner.chat.messages if "photo" in m.raw}
    assert len(groups) == 1
    assert None not in groups
    assert [len(post.media) for post in signed_in.timeline] == [3]


async def test_photos_one_by_one_are_posts_of_their_own(signed_in: Visit) -> None:
    await signed_in.drops(("1.jpg", "image/jpeg", BAY), ("2.jpg", "image/jpeg", DAWN))
    await signed_in.sends(how="One by one")
    await expect(signed_in.posts).to_have_count(2, timeout=20_000)
    assert [len(post.media) for post in signed_in.timeline] == [1, 1]


async def test_a_picture_in_the_clipboard_is_pasted_and_sent_as_a_file(signed_in: Visit) -> None:
    await signed_in.page.evaluate(
        """async () => {
            const canvas = new OffscreenCanvas(64, 48);
            canvas.getContext("2d").fillRect(0, 0, 64, 48);
            const carried = new DataTransfer();
            carried.items.add(new File([await canvas.convertToBlob()], "shot.png", { type: "image/png" }));
            document.querySelector("#words").dispatchEvent(
                new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true }));
        }"""
    )
    await signed_in.sends(how="As a file")
    await expect(signed_in.posts.get_by_role("img")).to_be_visible(timeout=20_000)
    assert "document" in signed_in.stage.owner.chat.messages[-2].raw
    post = signed_in.timeline[0]
    assert post.media[0].kind == "image/png"


async def test_a_video_plays_in_the_chat_and_on_the_timeline(signed_in: Visit) -> None:
    await signed_in.drops(("film.mp4", "video/mp4", film(160, 120)))
    await signed_in.sends("It moves")
    await expect(signed_in.log.locator("video")).to_be_visible()
    await expect(signed_in.posts.filter(has_text="It moves").locator("video")).to_be_visible(
        timeout=30_000
    )
    sent = next(m for m in signed_in.stage.owner.chat.messages if "video" in m.raw)
    assert (sent.raw["video"]["width"], sent.raw["video"]["height"]) == (160, 120)


async def test_a_reply_to_a_card_becomes_a_thread(signed_in: Visit) -> None:
    await signed_in.types("/post One")
    card = await signed_in.hears_of("Posted: ")
    await card.hover()
    await card.get_by_role("button", name="Reply").click()
    await expect(signed_in.page.locator("#context")).to_contain_text("Reply to Telex")
    await signed_in.types("Two")
    await (await signed_in.hears_of("of 280 characters")).get_by_role("button", name="Post").click()
    await expect(signed_in.posts).to_have_count(2, timeout=20_000)
    await expect(signed_in.posts.nth(0)).to_contain_text("One")  # a thread is read from its start
    await expect(signed_in.posts.nth(0)).to_have_class(re.compile("goes"))
    await expect(signed_in.posts.nth(1)).to_have_class(re.compile("comes"))
    first, second = signed_in.timeline
    assert second.reply_to == first.id


async def test_a_poll_is_one_on_x(signed_in: Visit) -> None:
    await signed_in.page.get_by_role("button", name="Attach").click()
    await signed_in.page.get_by_role("button", name="Poll", exact=True).click()
    sheet = signed_in.page.get_by_role("dialog", name="New poll")
    await sheet.get_by_label("Question").fill("Tea or coffee?")
    await sheet.get_by_label("Option 1").fill("Tea")
    await sheet.get_by_label("Option 2").fill("Coffee")
    await sheet.get_by_role("button", name="Send").click()
    post = signed_in.posts.filter(has_text="Tea or coffee?")
    await expect(post.get_by_role("listitem").nth(1)).to_contain_text("Coffee", timeout=20_000)
    await expect(post).to_contain_text("0 votes · 24 hours left")
    assert signed_in.timeline[0].poll == {"options": ["Tea", "Coffee"], "duration_minutes": 1440}


async def test_a_text_is_shown_first_and_posted_by_a_press(signed_in: Visit) -> None:
    await signed_in.types("First")
    card = await signed_in.hears_of("5 of 280 characters")
    assert not signed_in.timeline
    await card.get_by_role("button", name="Post").click()
    await expect(signed_in.page.locator("#toasts")).to_contain_text("On its way")
    await expect(signed_in.posts.filter(has_text="First")).to_be_visible(timeout=20_000)
    assert [post.text for post in signed_in.timeline] == ["First"]


async def test_an_edit_of_ones_own_message_changes_what_is_posted(signed_in: Visit) -> None:
    await signed_in.types("Frist")
    await signed_in.hears_of("of 280 characters")
    mine = signed_in.log.locator(".message.mine").last
    await mine.hover()
    await mine.get_by_role("button", name="Edit").click()
    words = signed_in.page.get_by_role("textbox", name="Message")
    await expect(words).to_have_value("Frist")
    await words.fill("First")
    await signed_in.page.keyboard.press("Enter")
    await expect(mine).to_contain_text("First")
    await expect(mine).to_contain_text("edited")
    card = await signed_in.hears_of("First")
    await card.get_by_role("button", name="Post", exact=True).click()
    await expect(signed_in.posts.filter(has_text="First")).to_be_visible(timeout=20_000)
    assert [post.text for post in signed_in.timeline] == ["First"]


async def test_a_post_is_scheduled_and_another_one_cancelled(signed_in: Visit) -> None:
    await signed_in.types("/at in 3 h\nNot today")
    card = await signed_in.hears_of("Goes out on")
    await card.get_by_role("button", name="Cancel").click()
    await signed_in.hears_of("Cancelled. Nothing was posted.")
    await signed_in.types("/at in 8 s\nOn time")
    await signed_in.hears_of("Goes out on")
    await expect(signed_in.posts).to_have_count(0)
    await expect(signed_in.posts.filter(has_text="On time")).to_be_visible(timeout=20_000)
    await signed_in.hears_of("Posted: ")
    assert [post.text for post in signed_in.timeline] == ["On time"]


async def test_what_is_deleted_is_shown_as_deleted(signed_in: Visit) -> None:
    await signed_in.types("/post Not for long")
    card = await signed_in.hears_of("Posted: ")
    await card.get_by_role("button", name="Delete").click()
    await expect(signed_in.page.locator("#toasts")).to_contain_text("Deleting")
    await expect(signed_in.posts.first).to_contain_text("Deleted", timeout=20_000)
    await signed_in.hears_of("Deleted on X.")
    assert not signed_in.timeline


async def test_a_link_to_a_post_leads_to_it_on_this_page(signed_in: Visit) -> None:
    await signed_in.types("/post Here I am")
    card = await signed_in.hears_of("Posted: ")
    await card.get_by_role("link", name="Open").click()
    await expect(signed_in.posts.filter(has_text="Here I am")).to_be_focused()


async def test_a_stranger_gets_no_answer_and_x_no_request(signed_in: Visit) -> None:
    asked = len(signed_in.stage.x.api.exchanges)
    await signed_in.page.get_by_role("button", name="Stranger").click()
    await signed_in.types("Let me post, too!")
    await expect(signed_in.log.locator(".message.mine")).to_contain_text("Let me post")
    await signed_in.drops(("bay.jpg", "image/jpeg", BAY))
    await signed_in.sends("Mine")
    telegram = signed_in.stage.telegram
    await telegram.until(lambda: not telegram.pending)
    await signed_in.page.get_by_role("button", name="Owner").click()
    await signed_in.types("/status")  # what would have been answered would stand there by now
    await signed_in.hears_of("Account: @sandbox")
    await signed_in.page.get_by_role("button", name="Stranger").click()
    await expect(signed_in.cards).to_have_count(0)
    assert signed_in.stage.stranger.chat.from_bot == []
    assert len(signed_in.stage.x.api.exchanges) == asked
    assert not signed_in.timeline


async def test_the_menu_offers_the_commands_that_the_bot_set(signed_in: Visit) -> None:
    await signed_in.types("/start")
    await signed_in.hears_of("This is Telex.")
    telegram, owner = signed_in.stage.telegram, signed_in.stage.owner
    await telegram.until(lambda: telegram.commands.get(f"chat:{owner.id}"))
    await signed_in.page.get_by_role("button", name="Commands", exact=True).click()
    await signed_in.page.get_by_role("button", name="/status Account").click()
    await signed_in.hears_of("Account: @sandbox")
    opener = signed_in.page.get_by_role("button", name="Commands", exact=True)
    await expect(opener).to_be_focused()


async def test_what_is_typed_while_a_message_is_on_its_way_stays_and_enter_twice_is_once(
    visit: Visit,
) -> None:
    async def slowly(route: Route) -> None:
        await asyncio.sleep(0.3)
        await route.continue_()

    await visit.page.route("**/do/text", slowly)
    await visit.types("the first")
    await visit.page.keyboard.press("Enter")
    await visit.page.keyboard.type("the next")
    await visit.hears_of("9 of 280 characters")
    await expect(visit.page.get_by_role("textbox", name="Message")).to_have_value("the next")
    await expect(visit.log.locator(".message.mine")).to_have_count(1)


async def test_what_the_sandbox_does_not_take_stands_there_again(visit: Visit) -> None:
    await visit.page.route("**/do/text", lambda route: route.abort())
    await visit.types("Is anybody there?")
    await expect(visit.page.get_by_text("The sandbox does not answer")).to_be_visible()
    words = visit.page.get_by_role("textbox", name="Message")
    await expect(words).to_have_value("Is anybody there?")
