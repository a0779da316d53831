"""The command `telex`: reads its arguments and hands over. Nothing is imported before its turn."""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import sys
from collections.abc import Sequence

WRONG_SETUP = 2  # exit status: a setting, or the installation, has to be mended first
_DEMO_NEEDS = ("oauthlib", "python_multipart", "PIL")  # the extra telex[demo]
INTERRUPTED = 130  # what a shell expects after Ctrl-C


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    arguments = _parser().parse_args(argv)
    os.umask(0o077)  # before anything is written: what Telex keeps is its owner's alone
    try:
        match arguments.command:
            case "demo":
                return _demo(tour=arguments.tour, page=arguments.page)
            case "check":
                return _check()
            case "init":
                return _init()
            case _:
                return _run()
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="telex",
        description="A Telegram bot that posts to its owner's X account.",
    )
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="run the bot, with the settings of the environment and .env")
    commands.add_parser("init", help="ask for the settings, one by one, and write .env")
    commands.add_parser("check", help="hold the settings against Telegram, X and this machine")
    demo = commands.add_parser(
        "demo", help="try the bot against a sandbox on this machine: no account, no network"
    )
    demo.add_argument(
        "--tour", action="store_true", help="play a scripted conversation, print it, and end"
    )
    demo.add_argument(
        "--page", action="store_true", help="after the tour, serve the page (in a terminal only)"
    )
    return parser


class _Version(argparse.Action):
    """`--version`, looked up only when it is asked for: reading the metadata takes a while."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version and end")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print("telex", importlib.metadata.version("telex"))
        parser.exit()


def _run() -> int:
    # httpx looks for its own command, which would bring rich and pygments along.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    from bot import config

    try:
        settings = config.load()
    except config.SettingsError as error:
        return _stop(str(error))
    # Otherwise python-telegram-bot 22 warns at each 429 that waiting times become timedeltas.
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    from bot import app

    return app.run(settings)


def _check() -> int:
    from bot import check

    return check.main()


def _init() -> int:
    from bot import init

    return init.main()


def _demo(*, tour: bool, page: bool) -> int:
    # Never touches `bot.config`: the demo must not see real settings.
    if any(importlib.util.find_spec(name) is None for name in _DEMO_NEEDS):
        return _stop("the demo needs its extra: pip install 'telex[demo]'")
    from bot import demo

    return demo.main(tour=tour, page=page)


def _stop(line: str) -> int:
    print(f"telex: {line}", file=sys.stderr)
    return WRONG_SETUP


if __name__ == "__main__":
    sys.exit(main())
