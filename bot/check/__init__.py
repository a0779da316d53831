"""`telex check`: holds the settings against Telegram, X and this machine, and says what is wrong.

Reads only: a bot that runs with the same settings and the same data folder notices nothing.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bot import config, credentials, logs

from . import (
    folder,
    landing,
    loop,
    machine_verdicts,
    report,
    settings_verdicts,
    telegram_verdicts,
    x_verdicts,
)
from .finding import Chapter, Verdict
from .telegram import Telegram
from .x import X

RIGHT, WRONG, WRONG_SETUP = 0, 1, 2
_WHERE = Path(".env")
_WAITING = "Asking Telegram and X …"


def main() -> int:
    """Check everything; returns the exit status."""
    try:
        look = config.look(_WHERE)
    except config.SettingsError as error:
        sys.stderr.write(f"telex: {error}\n")
        return WRONG_SETUP
    console = report.console()
    settings = _settings(look)
    if look.settings is None:
        report.show(
            console, [settings], last="Telegram and X are asked once the settings are right."
        )
        return WRONG_SETUP
    logs.set_up("CRITICAL", look.settings.secrets())
    with console.status(_WAITING):
        found, last = loop.run(examine(look.settings))
    chapters = [settings, *found]
    report.show(console, chapters, last=last)
    return WRONG if report.worst(chapters) is Verdict.WRONG else RIGHT


async def examine(
    settings: config.Settings, *, clock: Callable[[], float] = time.time
) -> tuple[list[Chapter], str]:
    """Ask everybody at once. What was found, and what it has cost."""
    client = credentials.client(settings, credentials.oauth1_keys(settings))
    token = settings.telegram_bot_token.get_secret_value()
    async with client, Telegram(settings.telegram_api_url, token) as telegram:
        x = X(client, clock=clock)
        of_telegram, of_x, page = await asyncio.gather(
            telegram.look(settings.telegram_owner_ids),
            x.look(settings.data_dir, settings.x_scope, settings.x_upload),
            landing.look(settings.listen, settings.x_redirect_uri),
        )
    ahead = of_x.ahead if of_x.ahead is not None else of_telegram.ahead
    here = (
        machine_verdicts.clock(ahead),
        *machine_verdicts.landing(page),
        *machine_verdicts.folder(folder.look(settings.data_dir)),
    )
    return [
        Chapter("Telegram", telegram_verdicts.judge(of_telegram)),
        Chapter("X", x_verdicts.judge(of_x)),
        Chapter("This machine", here),
    ], x_verdicts.cost(of_x.questions, settings.x_prices.user)


def _settings(look: config.Look) -> Chapter:
    lines = [config.about_strange(name, near) for name, near in look.strange.items()]
    findings = settings_verdicts.judge(
        config.NAMES,
        config.SECRET,
        written=look.written,
        given=look.given,
        complaints=look.complaints,
        may_be_empty=(config.MAY_BE_EMPTY,),
    )
    is_open = _WHERE.is_file() and bool(_WHERE.stat().st_mode & 0o077)
    others = (*settings_verdicts.strange(lines), *settings_verdicts.privacy(is_open=is_open))
    return Chapter("Settings", (*findings, *others))
