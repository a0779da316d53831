"""Which handler gets which update. Holds no logic but that."""

from __future__ import annotations

from typing import Any

from telegram import Message, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    MessageHandler,
    TypeHandler,
    filters,
)

from .account import Account
from .agenda import Agenda
from .amendments import PRESSES, Amendments
from .buttons import Buttons
from .commands import Commands
from .descriptions import Descriptions
from .edits import Edits
from .intake import Intake
from .money import Money
from .prompts import Prompts
from .switches import Switches
from .updates import Updates


def connect(
    application: Application[Any, Any, Any, Any, Any, Any],
    updates: Updates,
    account: Account,
    commands: Commands,
    intake: Intake,
    buttons: Buttons,
    prompts: Prompts,
    switches: Switches,
    money: Money,
    agenda: Agenda,
    edits: Edits,
    descriptions: Descriptions,
    amendments: Amendments,
) -> None:
    """Register every handler; the first that fits gets the update."""
    add = application.add_handler
    new = filters.UpdateType.MESSAGE
    add(TypeHandler(Update, updates.check_owner), group=-1)
    # Before everything else: the address that a browser landed on is never a draft.
    add(MessageHandler(new & _Landing(account), account.on_landing))
    add(MessageHandler(new & ~filters.COMMAND & _Answer(prompts), prompts.on_answer))
    for name, handler in (
        ("start", commands.on_start),
        ("help", commands.on_help),
        ("auth", account.on_auth),
        ("status", account.on_status),
        ("refresh", account.on_refresh),
        ("logout", account.on_logout),
        ("post", intake.on_post),
        ("at", agenda.on_at),
        ("slots", agenda.on_slots),
        ("timezone", agenda.on_timezone),
        ("queue", agenda.on_queue),
        ("pause", commands.on_pause),
        ("resume", commands.on_resume),
        ("delete", commands.on_delete),
        ("alt", descriptions.on_alt),
        ("settings", switches.on_settings),
        ("budget", money.on_budget),
    ):
        add(CommandHandler(name, handler, filters=new))
    add(MessageHandler(new & filters.COMMAND, commands.on_unknown))
    add(MessageHandler(new, intake.on_message))
    add(MessageHandler(filters.UpdateType.EDITED_MESSAGE, edits.on_edit))
    add(CallbackQueryHandler(account.on_auth, pattern="^auth:"))
    add(CallbackQueryHandler(switches.on_press, pattern="^set:"))
    add(CallbackQueryHandler(agenda.on_choice, pattern=r"^later\."))
    add(CallbackQueryHandler(agenda.on_queue_press, pattern=r"^queue\."))
    add(CallbackQueryHandler(amendments.on_press, pattern=PRESSES))
    add(CallbackQueryHandler(buttons.on_press))
    application.add_error_handler(updates.on_error)


class _Landing(filters.MessageFilter):
    """Texts that are the address a browser landed on."""

    def __init__(self, account: Account) -> None:
        super().__init__("landing")
        self._account = account

    def filter(self, message: Message) -> bool:
        return self._account.is_landing(message.text or "")


class _Answer(filters.MessageFilter):
    """Replies to a question that asks for a typed answer. A command is never one."""

    def __init__(self, prompts: Prompts) -> None:
        super().__init__("answer")
        self._prompts = prompts

    def filter(self, message: Message) -> bool:
        return self._prompts.is_answer(message)
