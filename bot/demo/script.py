"""The script of the tour: what is done in each step, and what must come of it."""

from __future__ import annotations

import re
import time
from pathlib import Path
from urllib.parse import parse_qs

from bot.demo import browser, pictures
from bot.demo.tour import Play, Step, Wrong
from bot.sandbox.faults import Fault
from bot.sandbox.server import Exchange
from bot.sandbox.telegram import Message
from bot.sandbox.x_world import Post


async def the_start(play: Play) -> None:
    began = time.monotonic()
    await play.until("that it asks for messages", lambda: bool(_polls(play)))
    play.show.right(f"It asks Telegram for messages after {time.monotonic() - began:.1f} s.")


async def a_stranger(play: Play) -> None:
    stage, text = play.stage, "Let me post, too!"
    play.says(text, stage.stranger)
    number = max(stage.telegram.sent)
    await play.until("that Telex takes the message from Telegram", lambda: _taken(play, number))
    kept = [path.name for path in stage.data.rglob("*") if _holds(path, text)]
    asked = [e.path for service in stage.x.services for e in service.exchanges]
    _silence(play, "No answer.")
    play.check("No request to X.", not asked, f"X was asked for {asked}")
    play.check("Nothing of it on the disk.", not kept, f"it is in {kept}")


async def a_greeting(play: Play) -> None:
    await play.sees("/auth", play.says("/start"))


async def the_sign_in(play: Play) -> None:
    asked = play.says("/auth")
    message = await play.sees("Sign in to X", asked)
    links = [button.url for row in message.buttons for button in row if button.url]
    if not links or links[0] not in message.text:
        raise Wrong("a link to X's page, as a button and as text", str(message))
    play.show.person("opens the link in a browser, and presses [Allow] on X's page")
    play.expecting = "that X's page leads back to Telex"
    try:
        landing = await browser.consent(links[0])
    except browser.Lost as error:
        raise Wrong(play.expecting, str(error)) from None
    play.show.telex("\n".join(landing.sentences), how="page")
    await play.sees("Signed in as @sandbox", asked)
    play.check(
        f"The page at {landing.address} says it, too.",
        landing.status == 200 and "Signed in as @sandbox" in " ".join(landing.sentences),
        f"{landing.status}: {' '.join(landing.sentences)}",
    )
    play.check("The token pair is on the disk.", _is_kept(play), "it is not there")


async def a_photo(play: Play) -> None:
    picture, caption = pictures.draw(pictures.DUSK), "The last ferry has gone."
    before = _creates(play)
    size = f"{pictures.WIDTH}×{pictures.HEIGHT}, {len(picture) // 1000} kB"
    play.show.person(f"[photo, {size}] {caption}")
    post = await _sees_post(play, play.stage.owner.sends_photo(picture, caption))
    play.check(
        "On X: one more post, with the caption and the very bytes of the picture.",
        (post.text, [m.bytes for m in post.media]) == (caption, [picture])
        and _creates(play) == before + 1,
        _described(post),
    )


async def a_text(play: Play) -> None:
    text = "Shown first, posted when I say so."
    before = _creates(play)
    message = play.says(text)
    card = await play.sees(text, message)
    play.check("X was not asked for anything yet.", _creates(play) == before, "it was")
    play.presses(card, "Post")
    post = await _sees_post(play, message)
    play.check("On X: the text, once.", _stands_once(play, text), _described(post))


async def an_album(play: Play) -> None:
    bay = [pictures.draw(hour) for hour in (pictures.DAWN, pictures.NOON, pictures.DUSK)]
    caption = "One bay, three times."
    before = _creates(play)
    play.show.person(f"[album of {len(bay)} photos] {caption}")
    post = await _sees_post(play, play.stage.owner.sends_album(bay, caption)[0])
    play.check(
        "On X: one more post, with the three pictures in their order.",
        (post.text, [m.bytes for m in post.media]) == (caption, bay)
        and _creates(play) == before + 1,
        _described(post),
    )


async def a_renewal(play: Play) -> None:
    tokens = play.stage.x.world.tokens
    old = tokens[-1]
    await play.sees("renewed", play.says("/refresh"))
    play.check(
        "X gave a new token pair, and the old one is of no use any more.",
        tokens[-1] is not old and old.spent,
        "the pair is the same",
    )
    play.check("The new pair is on the disk.", _is_kept(play), "it is not there")


async def a_lost_answer(play: Play) -> None:
    text = "Once is enough."
    before = _creates(play)
    play.show.aside("X makes the post, but the network loses X's answer.")
    play.stage.x.api.faults.add(Fault(method="POST", path="/2/tweets", drop="after"))
    post = await _sees_post(play, play.says(f"/post {text}"))
    play.check(
        "On X: the text, once. Telex looked for it instead of posting it again.",
        _stands_once(play, text) and _creates(play) == before + 1,
        _described(post),
    )


async def the_status(play: Play) -> None:
    status = await play.sees("Account: @sandbox", play.says("/status"))
    stands = "Waiting: 0, scheduled: 0, failed: 0" in status.text
    play.check("Nothing waits, nothing failed.", stands, status.text)
    _silence(play, "The stranger still has no answer.")


STEPS = (
    Step("Telex starts", the_start, limit=60),
    Step("A stranger writes to it", a_stranger),
    Step("Its owner writes to it", a_greeting),
    Step("The owner signs in to X", the_sign_in),
    Step("A photo is posted at once", a_photo),
    Step("A text is shown first", a_text),
    Step("An album is one post", an_album),
    Step("The sign-in is renewed", a_renewal),
    Step("X's answer gets lost, and still there is one post", a_lost_answer, limit=60),
    Step("How do things stand?", the_status),
)


async def _sees_post(play: Play, after: Message) -> Post:
    """The post behind the address on the card, which is the newest one on X."""
    card = await play.sees("https://x.com/", after)
    newest = play.stage.x.timeline()[-1:]
    found = re.search(r"https://x\.com/\S+", card.text)
    for post in newest:
        if found is not None and found[0] == f"https://x.com/sandbox/status/{post.id}":
            return post
    raise Wrong(f"the address of the newest post, {[post.id for post in newest]}", card.text)


def _silence(play: Play, sentence: str) -> None:
    chat = play.stage.stranger.chat
    play.check(sentence, not chat.from_bot, str(chat))


def _polls(play: Play) -> list[Exchange]:
    return play.stage.telegram.requests("getUpdates")


def _taken(play: Play, update_id: int) -> bool:
    """Whether the bot told Telegram that this update arrived."""
    given = (parse_qs(poll.body.decode("latin-1")) for poll in _polls(play))
    return any(int(one["offset"][0]) > update_id for one in given if "offset" in one)


def _is_kept(play: Play) -> bool:
    """Whether the newest pair that X gave is in the bot's database."""
    newest = play.stage.x.world.tokens[-1]
    database = play.stage.data / "telex.json"
    return _holds(database, newest.access) and _holds(database, newest.refresh or "")


def _holds(path: Path, text: str) -> bool:
    try:
        return path.is_file() and text.encode() in path.read_bytes()
    except FileNotFoundError:  # the bot has just removed it
        return False


def _creates(play: Play) -> int:
    """How many times X was asked to make a post."""
    return len(play.stage.x.api.seen("POST", "/2/tweets"))


def _stands_once(play: Play, text: str) -> bool:
    return [post.text for post in play.stage.x.timeline()].count(text) == 1


def _described(post: Post) -> str:
    return f"“{post.text}” with {len(post.media)} pictures"
