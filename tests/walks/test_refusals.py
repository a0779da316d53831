"""What X refuses: each in plain words, with what helps, and nothing tried that is useless."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.x_world import Limit
from tests.stage import Stage
from tests.walks.cards import card, texts
from tests.walks.pictures import jpeg

CREATE = "/2/tweets"


def refusal(status: int, **body: object) -> Fault:
    return Fault(method="POST", path=CREATE, status=status, body=body)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (refusal(403, detail="You are not permitted to perform this action."), "not permit"),
        (refusal(403, detail="You may use a maximum of one cashtag."), "one cashtag"),
        (refusal(403, detail="invalid URL"), "address in the text"),
        (refusal(403, type="https://x/problems/oauth1-permissions"), "Read and Write"),
        (refusal(403, reason="client-not-enrolled"), "project"),
        (refusal(403, type="https://x/problems/account-suspended"), "suspended"),
        (refusal(403, detail="A new reason"), "“A new reason”"),
        (refusal(400, title="Invalid Request", detail="Odd"), "“Odd”"),
        (refusal(403, detail="Monthly spend cap reached"), "spend cap"),
    ],
)
async def test_a_refusal_is_told_with_what_helps_and_tried_again_only_by_hand(
    signed_in: Stage, fault: Fault, words: str
) -> None:
    signed_in.x.api.faults.add(fault)
    sent = signed_in.owner.sends_text("/post Not today")
    shown = await card(signed_in, sent, words)
    assert shown.text.startswith("Not posted: ")
    assert shown.labels == ("Try again", "Discard")
    assert len(signed_in.creates()) == 1
    await signed_in.owner.presses(shown, "Try again").answer()
    await card(signed_in, sent)
    assert texts(signed_in) == ["Not today"]


async def test_discarding_a_failed_post_ends_it(signed_in: Stage) -> None:
    signed_in.x.api.faults.add(refusal(403, detail="No"))
    sent = signed_in.owner.sends_text("/post Never")
    shown = await card(signed_in, sent, "Not posted")
    await signed_in.owner.presses(shown, "Discard").answer()
    await card(signed_in, sent, "Discarded")
    assert await signed_in.owner.presses(shown, "Try again").answer()
    assert texts(signed_in) == []


async def test_used_up_credits_hold_everything_until_the_owner_has_topped_up(
    signed_in: Stage,
) -> None:
    signed_in.x.credits = Decimal(0)
    first = signed_in.owner.sends_text("/post One")
    shown = await card(signed_in, first, "credits are used up")
    assert "https://console.x.com" in shown.text
    assert shown.labels == ("Try again", "Discard")
    second = signed_in.owner.sends_text("/post Two")
    waits = await card(signed_in, second, "Waiting: your X credits")
    assert "Try again" in waits.labels
    assert len(signed_in.creates()) == 1

    signed_in.x.credits = Decimal(10)
    await signed_in.owner.presses(shown, "Try again").answer()
    await card(signed_in, first)
    await card(signed_in, second)
    assert texts(signed_in) == ["One", "Two"]


async def test_a_rate_limit_is_waited_for_and_its_end_is_told(signed_in: Stage) -> None:
    signed_in.x.limits["create"] = Limit(2, seconds=6)
    sent = [signed_in.owner.sends_text(f"/post Number {n}") for n in range(3)]
    shown = await card(signed_in, sent[2], "takes no more posts for now")
    window_ends = float(signed_in.creates()[-1].answer_headers["x-rate-limit-reset"])
    tried_again = datetime.fromtimestamp(window_ends + 1, UTC)
    assert f"{tried_again:%H:%M} UTC" in shown.text
    await card(signed_in, sent[2], seconds=20)
    assert texts(signed_in) == ["Number 0", "Number 1", "Number 2"]
    assert len(signed_in.creates()) <= 5  # it waited, and did not hammer


async def test_a_text_that_was_posted_before_is_told_with_its_address(signed_in: Stage) -> None:
    await card(signed_in, signed_in.owner.sends_text("/post gm"))
    sent = signed_in.owner.sends_text("/post gm")
    shown = await card(signed_in, sent, "posted this text already")
    (post,) = signed_in.x.timeline()
    assert post.id in shown.text


@pytest.mark.parametrize("drop", ["before", "after"])
async def test_an_answer_that_got_lost_is_looked_up_and_there_is_one_post(
    signed_in: Stage, drop: str
) -> None:
    fault = Fault(method="POST", path=CREATE, drop="after" if drop == "after" else "before")
    signed_in.x.api.faults.add(fault)
    sent = signed_in.owner.sends_photo(jpeg(), "Once")
    shown = await card(signed_in, sent, seconds=30)
    assert any("look whether" in text for text in shown.history)
    assert texts(signed_in) == ["Once"]
    assert len(signed_in.creates()) == (1 if drop == "after" else 2)


@pytest.mark.parametrize("body", ["<html><h1>502</h1></html>", ""])
async def test_a_page_of_a_broken_gateway_is_no_answer(signed_in: Stage, body: str) -> None:
    signed_in.x.api.faults.add(Fault(method="POST", path=CREATE, status=502, body=body))
    sent = signed_in.owner.sends_text("/post Through it")
    await card(signed_in, sent, seconds=30)
    assert texts(signed_in) == ["Through it"]


async def test_where_x_lets_nobody_look_the_card_asks_and_every_answer_is_one_post(
    signed_in: Stage,
) -> None:
    owner = signed_in.owner
    signed_in.x.lookup_refused = True
    signed_in.x.api.faults.add(Fault(method="POST", path=CREATE, drop="after"))
    there = owner.sends_text("/post It is there")
    asked = await card(signed_in, there, "is it there?", seconds=20)
    assert asked.labels == ("It is there", "Post again", "Discard")
    await owner.presses(asked, "It is there").answer()
    await card(signed_in, there, "Posted")

    signed_in.x.api.faults.add(Fault(method="POST", path=CREATE, drop="before"))
    absent = owner.sends_text("/post It is not there")
    asked = await card(signed_in, absent, "is it there?", seconds=20)
    await owner.presses(asked, "Post again").answer()
    await owner.presses(asked, "Post again").answer()
    await card(signed_in, absent, "Posted: ")
    assert texts(signed_in) == ["It is there", "It is not there"]


async def test_while_x_is_away_everything_waits_and_then_goes_out_in_order(
    signed_in: Stage,
) -> None:
    port = signed_in.x.api.port
    await signed_in.x.api.stop()
    sent = [signed_in.owner.sends_text(f"/post Number {n}") for n in range(3)]
    await card(signed_in, sent[0], "X cannot be reached")
    await signed_in.x.api.start(port)
    for message in sent:
        await card(signed_in, message, seconds=30)
    assert texts(signed_in) == ["Number 0", "Number 1", "Number 2"]


async def test_an_upload_that_x_answers_with_nothing_is_done_by_the_other_way(
    signed_in: Stage,
) -> None:
    signed_in.x.upload.faults.add(Fault(path="/1.1/media/upload.json", status=503, body=""))
    sent = signed_in.owner.sends_photo(jpeg(), "By the other way")
    await card(signed_in, sent)
    (post,) = signed_in.x.timeline()
    assert [m.via for m in post.media] == ["v2"]


@pytest.mark.parametrize("gone", ["453", "ids_refused"])
async def test_v11_that_is_gone_changes_nothing_but_the_way_and_is_told_once(
    signed_in: Stage, gone: Literal["453", "ids_refused"]
) -> None:
    signed_in.x.v11 = gone
    for number in range(2):
        sent = signed_in.owner.sends_photo(jpeg(), f"Number {number}")
        await card(signed_in, sent)
    assert [m.via for post in signed_in.x.timeline() for m in post.media] == ["v2", "v2"]
    assert len(signed_in.x.timeline()) == 2
    told = [m for m in signed_in.telegram.chat(signed_in.owner).from_bot if "(v1.1)" in m.text]
    assert len(told) == 1
    sent = signed_in.owner.sends_text("/status")
    assert "v2" in (await signed_in.owner.sees("Uploads by", after=sent)).text


@pytest.mark.parametrize("gone", ["404", "410"])
async def test_v11_that_is_missing_for_a_moment_is_passed_by_and_not_given_up(
    signed_in: Stage, gone: Literal["404", "410"]
) -> None:
    signed_in.x.v11 = gone
    sent = signed_in.owner.sends_photo(jpeg(), "By the other way")
    await card(signed_in, sent)
    signed_in.x.v11 = "works"
    sent = signed_in.owner.sends_photo(jpeg(), "As before")
    await card(signed_in, sent)
    assert [m.via for post in signed_in.x.timeline() for m in post.media] == ["v2", "v1.1"]
    assert not [m for m in signed_in.telegram.chat(signed_in.owner).from_bot if "(v1.1)" in m.text]


async def test_a_sign_in_without_media_write_is_told_with_a_button_that_signs_in(
    signed_in: Stage,
) -> None:
    signed_in.settings["X_UPLOAD"] = "v2"
    signed_in.settings["X_SCOPE"] = "tweet.read tweet.write users.read offline.access"
    await signed_in.stop()
    await signed_in.start()
    await signed_in.ready()
    await signed_in.sign_in()
    sent = signed_in.owner.sends_photo(jpeg(), "No upload")
    shown = await card(signed_in, sent, "media.write")
    assert shown.labels == ("Sign in", "Try again", "Discard")
    await signed_in.owner.presses(shown, "Sign in").answer()
    await signed_in.owner.sees("Sign in to X with this link", after=sent)
