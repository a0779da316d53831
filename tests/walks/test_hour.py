"""The README's hour, followed to the letter at a terminal, with the sandbox for Telegram and X."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from tests.stage import ROOT, Stage
from tests.terminal import CTRL_C, terminal
from tests.walks.pictures import jpeg

OURS = Path(sys.executable).parent  # where pip has put `telex`


def steps() -> list[list[str]]:
    """The commands of the hour, block by block."""
    hour = (ROOT / "README.md").read_text("utf-8").partition("## The hour")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", hour, re.DOTALL)
    return [[line.strip() for line in block.splitlines() if line.strip()] for block in blocks]


async def test_the_hour_of_the_readme_ends_with_a_photo_on_x(stage: Stage) -> None:
    install, (init, check), (run,) = steps()
    assert install == ["python3 -m venv .venv", ". .venv/bin/activate", "pip install ."]
    given = {
        **{name: value for name, value in stage.settings.items() if name.endswith("_URL")},
        # Others may be busy with the ports that hold for people.
        "LISTEN": f"127.0.0.1:{stage.landing}",
        "X_REDIRECT_URI": f"http://127.0.0.1:{stage.landing}/callback",
        "PATH": f"{OURS}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    stage.x.app.redirect_uris = [given["X_REDIRECT_URI"]]

    async with terminal(init.split(), stage.folder, given) as person:
        await person.answers("Token of the bot", stage.settings["TELEGRAM_BOT_TOKEN"])
        await person.answers("Your numeric Telegram id", str(stage.owner.id))
        await person.answers("Client ID (X_CLIENT_ID)", stage.settings["X_CLIENT_ID"])
        await person.answers("Client Secret (X_CLIENT_SECRET)", stage.settings["X_CLIENT_SECRET"])
        await person.answers("OAuth 1.0a keys?", "n")
        await person.answers("other settings?", "n")
        assert await person.ends() == 0
        assert check in person.shown and run in person.shown  # it says what is next

    async with terminal(check.split(), stage.folder, given) as person:
        assert await person.ends() == 0

    async with terminal(run.split(), stage.folder, given) as person:
        await stage.telegram.service.until(lambda: bool(stage.telegram.requests("getUpdates")), 30)
        await stage.sign_in()
        sent = stage.owner.sends_photo(jpeg(), "The harbour this morning")
        await stage.owner.sees("Posted: https://x.com/", after=sent)
        person.types(CTRL_C, end="")
        assert await person.ends() == 0
        stage.log.write_text(person.shown)
    (post,) = stage.x.timeline()
    assert post.text == "The harbour this morning"
