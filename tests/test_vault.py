"""The vault: a sign-in is used only once it is on the disk, and never half of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from twitter_core.oauth2 import Account, PendingSignIn, Token
from twitter_core.store import Store
from twitter_core.tokens import SignIn
from twitter_core.vault import StoreVault, peek

OLD = SignIn(Token("a0", "r0", 7200.0, "", 1.0), Account("7", "me", "Me"))
NEW = SignIn(Token("a1", "r1", 9200.0, "", 2000.0), Account("7", "me", "Me"))
PENDING = PendingSignIn("state", "verifier", 600.0, "42")


def refuse(*args: Any, **kwargs: Any) -> Any:
    raise OSError(28, "No space left on device")


async def test_a_sign_in_survives_a_restart(tmp_path: Path) -> None:
    store = Store(tmp_path)
    vault = StoreVault(store)
    await vault.save_sign_in(OLD)
    await vault.save_pending(PENDING)
    await store.close()
    again = Store(tmp_path)
    vault = StoreVault(again)
    assert vault.sign_in() == OLD
    assert vault.pending() == PENDING
    await again.close()


@pytest.mark.parametrize("value", [NEW, None])
async def test_what_the_disk_did_not_take_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: SignIn | None
) -> None:
    store = Store(tmp_path)
    vault = StoreVault(store)
    await vault.save_sign_in(OLD)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        with pytest.raises(OSError):
            await vault.save_sign_in(value)
    assert vault.sign_in() == OLD
    await store.close()
    again = Store(tmp_path)
    assert StoreVault(again).sign_in() == OLD
    await again.close()


async def test_the_first_sign_in_that_the_disk_did_not_take_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    vault = StoreVault(store)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(OSError):
            await vault.save_sign_in(NEW)
    assert vault.sign_in() is None
    await store.close()


async def test_what_is_forgotten_is_not_on_the_disk_any_more(tmp_path: Path) -> None:
    store = Store(tmp_path)
    vault = StoreVault(store)
    await vault.save_sign_in(OLD)
    await vault.save_pending(PENDING)
    await vault.save_sign_in(None)
    await vault.save_pending(None)
    assert vault.sign_in() is None and vault.pending() is None
    content = (tmp_path / "telex.json").read_text()
    assert not any(secret in content for secret in ("a0", "r0", "verifier"))
    await store.close()


async def test_it_names_all_that_must_not_be_logged(tmp_path: Path) -> None:
    store = Store(tmp_path)
    vault = StoreVault(store)
    assert set(vault.secrets()) == set()
    await vault.save_pending(PENDING)
    assert set(vault.secrets()) == {"state", "verifier"}
    await vault.save_sign_in(OLD)
    assert set(vault.secrets()) >= {"a0", "r0"}
    await store.close()


async def test_a_sign_in_can_be_peeked_at_beside_whoever_has_the_lock(tmp_path: Path) -> None:
    assert peek(tmp_path / "nowhere") is None
    store = Store(tmp_path)
    vault = StoreVault(store)
    await vault.save_pending(PENDING)
    assert peek(tmp_path) is None
    await vault.save_sign_in(OLD)
    before = [(one.path, one.stat()) for one in os.scandir(tmp_path)]
    assert peek(tmp_path) == OLD
    assert [(one.path, one.stat()) for one in os.scandir(tmp_path)] == before
    await vault.save_sign_in(None)
    assert peek(tmp_path) is None
    await store.close()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "7", '{"sign_in": []}', '{"sign_in": {"1": {}}}', '{"sign_in": {"1": 7}}'],
)
def test_a_file_that_is_spoiled_is_an_error_to_whoever_peeks(tmp_path: Path, content: str) -> None:
    (tmp_path / "telex.json").write_text(content)
    with pytest.raises(ValueError):
        peek(tmp_path)


def test_what_stands_under_another_key_is_not_the_sign_in(tmp_path: Path) -> None:
    (tmp_path / "telex.json").write_text('{"sign_in": {"1": {"key": "another"}}}')
    assert peek(tmp_path) is None
