"""What was seen of Telegram, into findings. Pure."""

from __future__ import annotations

from . import seen
from .finding import Finding, note, right, wrong

BOT, WEBHOOK, OWNER = "Bot", "Webhook", "Owner"


def judge(telegram: seen.Telegram) -> tuple[Finding, ...]:
    """The bot; and, where it answers, its webhook and its owners."""
    found = [bot(telegram)]
    if isinstance(telegram.bot, seen.Bot):
        found.append(webhook(telegram.webhook))
        found += [owner(one, chat, telegram.bot.username) for one, chat in telegram.chats]
    return tuple(found)


def bot(telegram: seen.Telegram) -> Finding:
    """Which bot the token is of."""
    match telegram.bot:
        case seen.Bot(username, name):
            return right(BOT, f"@{username} ({name}) answers at {telegram.host}")
        case seen.No(401 | 404):
            # A local Bot API server answers as Telegram itself does.
            return wrong(
                BOT,
                f"{telegram.host} does not take TELEGRAM_BOT_TOKEN",
                "Copy the token once more from @BotFather (/mybots, your bot, API Token).",
            )
        case seen.No(code, description):
            return wrong(
                BOT, f"{telegram.host} answers {code}, {description}", "Try again in a minute."
            )
        case seen.Silence(why):
            return wrong(
                BOT,
                f"{telegram.host} gives no answer of Telegram's ({why})",
                "Look at this machine's network and proxy, and at TELEGRAM_API_URL.",
            )


def webhook(webhook: str | seen.No | seen.Silence) -> Finding:
    """Whether the bot's messages go somewhere else."""
    if isinstance(webhook, seen.No | seen.Silence):
        return note(WEBHOOK, "could not be asked for", "Run the check again in a minute.")
    if webhook:
        return wrong(
            WEBHOOK,
            f"the bot's messages are sent to {webhook}, where another program waits for them",
            "Make a bot for Telex alone with @BotFather; `telex run` would take this one away from "
            "the other program.",
        )
    return right(WEBHOOK, "none is set, so messages can be polled")


def owner(owner: int, chat: seen.Chat | seen.No | seen.Silence, username: str) -> Finding:
    """Whether an id of TELEGRAM_OWNER_IDS is a person whom the bot may write to."""
    match chat:
        case seen.Chat(name):
            return right(OWNER, f"{owner} is {name}")
        case seen.No():
            return note(
                OWNER,
                f"{owner} has not written to the bot yet, so it may not write to them",
                f"Open https://t.me/{username} as that person and press Start; if it is not your "
                "id, @userinfobot tells you yours.",
            )
        case seen.Silence():
            return note(
                OWNER, f"{owner} could not be asked for", "Run the check again in a minute."
            )
