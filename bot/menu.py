"""The menu of commands, shown to owners alone."""

from __future__ import annotations

import logging

from telegram import Bot, BotCommand, BotCommandScopeChat
from telegram.error import TelegramError

from .words import sentences

log = logging.getLogger(__name__)


async def show(bot: Bot, owner: int) -> None:
    """Put the menu into the owner's chat; nothing where there is no chat yet."""
    commands = [BotCommand(name, about) for name, about in sentences.COMMANDS]
    try:
        await bot.set_my_commands(commands, scope=BotCommandScopeChat(owner))
    except TelegramError as error:
        # An owner who has not written to the bot yet has no chat with it: /start tries again.
        log.info("the menu could not be shown to an owner (%s)", error.message)
