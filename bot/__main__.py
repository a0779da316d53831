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
        return _demo(tour=arguments.tour) if arguments.command == "demo" else _run()
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
    demo = commands.add_parser(
        "demo", help="try the bot against a sandbox on this machine: no account, no network"
    )
    demo.add_argument(
        "--tour", action="store_true", help="play a scripted conversation, print it, and end"
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
    from bot import config

    try:
        settings = config.load()
    except config.SettingsError as error:
        return _stop(str(error))
    # Otherwise python-telegram-bot 22 warns at each 429 that waiting times become timedeltas.
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    from bot import app

    return app.run(settings)


def _demo(*, tour: bool) -> int:
    # Never touches `bot.config`: the demo must not see real settings.
    if any(importlib.util.find_spec(name) is None for name in _DEMO_NEEDS):
        return _stop("the demo needs its extra: pip install 'telex[demo]'")
    from bot import demo

    return demo.main(tour=tour)


def _stop(line: str) -> int:
    print(f"telex: {line}", file=sys.stderr)
    return WRONG_SETUP


if __name__ == "__main__":
    sys.exit(main())
