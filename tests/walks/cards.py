"""How walks look at cards."""

from __future__ import annotations

from bot.sandbox.telegram import Message
from tests.stage import Stage


async def card(
    stage: Stage, sent: Message, text: str = "Posted", *, seconds: float = 15
) -> Message:
    """The card of what was sent, once it says `text`."""
    return await stage.owner.sees(
        lambda m: m.reply_to == sent.id and text in m.text, timeout=seconds
    )


def texts(stage: Stage) -> list[str]:
    """The texts of the timeline, oldest first."""
    return [post.text for post in stage.x.timeline()]
