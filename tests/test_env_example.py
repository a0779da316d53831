"""`.env.example` is the contract's table as a file that can be copied and loaded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot import config

EXAMPLE = Path(__file__).parent.parent / ".env.example"
REQUIRED = {"TELEGRAM_BOT_TOKEN": "1:abc", "TELEGRAM_OWNER_IDS": "7", "X_CLIENT_ID": "client"}


def test_it_lists_exactly_the_settings_in_their_order() -> None:
    assert tuple(dotenv_values(EXAMPLE)) == config.NAMES


def test_every_setting_has_a_comment_of_its_own_or_of_its_group() -> None:
    for paragraph in EXAMPLE.read_text(encoding="utf-8").split("\n\n"):
        if "=" in paragraph.rsplit("\n", 1)[-1]:
            assert paragraph.startswith("# "), paragraph


def test_the_values_that_it_shows_are_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in config.NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)
    assert config.load(EXAMPLE) == config.load("/no/such/file")
    assert not any(dotenv_values(EXAMPLE)[name] for name in REQUIRED)
    assert os.environ.get("X_SCOPE") is None


def test_it_holds_no_secret() -> None:
    assert len(config.SECRET) == 6
    assert not any(dotenv_values(EXAMPLE)[name] for name in config.SECRET)
