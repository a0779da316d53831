"""No secret gets out, whatever goes wrong; and what is on the disk is its owner's alone."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import logs
from bot.app import Builder
from bot.config import Settings
from bot.sandbox.server import Fault
from tests.stage import Stage
from tests.walks import promises
from tests.walks.pictures import jpeg
from twitter_core import oauth1, oauth2
from twitter_core.client import Client, Endpoints
from twitter_core.errors import XError
from twitter_core.store import Store
from twitter_core.tokens import Keeper
from twitter_core.vault import StoreVault

OAUTH = "/2/oauth2/token"
V11 = "/1.1/media/upload.json"
UNAUTHORIZED: dict[str, Any] = {"ok": False, "error_code": 401, "description": "Unauthorized"}
NOT_FOUND: dict[str, Any] = {"ok": False, "error_code": 404, "description": "Not Found"}


async def said(stage: Stage, text: str) -> Any:
    """The answer to a text."""
    sent = stage.owner.sends_text(text)
    return await stage.owner.sees(lambda m: bool(m.text), after=sent)


async def ends_without_a_leak(stage: Stage, secrets: int) -> None:
    """The end of a walk that brought at least so many secrets into play."""
    await stage.stop()
    assert " DEBUG " in stage.logged()
    assert len(promises.secrets(stage)) >= secrets
    promises.no_secret_got_out(stage)


async def test_a_sign_in_that_goes_wrong_in_every_way_brings_no_secret_to_light(
    signed_in: Stage,
) -> None:
    x = signed_in.x
    uri = signed_in.settings["X_REDIRECT_URI"]
    for fault in (
        Fault(path=OAUTH, status=401, body={"error": "unauthorized_client"}),
        Fault(path=OAUTH, status=500, body="<h1>broken</h1>"),
        Fault(path=OAUTH, status=200, body="not json"),
        Fault(path=OAUTH, drop="middle"),
    ):
        planted = x.api.faults.add(fault)
        link = signed_in.owner.opens(await said(signed_in, "/auth"), "Open X")
        await said(signed_in, x.consent(link))
        assert planted.fired == 1
    await said(signed_in, f"{uri}?code=secretsecret&state=wrongwrong")
    for fault in (
        Fault(path=OAUTH, status=503, body="<h1>down</h1>"),
        Fault(path=OAUTH, status=200, body='{"access_token": 5}'),
        Fault(path=OAUTH, status=400, body={"error": "invalid_request"}),
    ):
        x.api.faults.add(fault)
        await said(signed_in, "/refresh")
    await x.api.stop()
    await said(signed_in, "/logout")
    await ends_without_a_leak(signed_in, 20)
    log = signed_in.logged()
    assert "secretsecret" not in log and "wrongwrong" not in log


async def test_posts_that_go_wrong_in_every_way_bring_no_secret_to_light(
    signed_in: Stage,
) -> None:
    api, uploads = signed_in.x.api.faults, signed_in.x.upload.faults
    create = "/2/tweets"
    for place, fault in (
        (uploads, Fault(path=V11, status=401, body={"errors": [{"message": "no", "code": 32}]})),
        (uploads, Fault(path=V11, status=413)),
        (uploads, Fault(path=V11, status=200, body="not json")),
        (uploads, Fault(path=V11, drop="middle")),
        (api, Fault(path=create, status=403, body={"title": "Forbidden", "detail": "No."})),
        (api, Fault(path=create, status=401, body={"title": "Unauthorized", "status": 401})),
        (api, Fault(path=create, status=400, body=[1, 2])),
        (api, Fault(path=create, drop="before")),
    ):
        planted = place.add(fault)
        signed_in.owner.sends_photo(jpeg(), f"{planted.fault}"[:200])
        await planted.wait()
    await signed_in.x.api.stop()
    await signed_in.x.upload.stop()
    sent = signed_in.owner.sends_photo(jpeg(), "into the void")
    await signed_in.owner.sees(lambda m: m.reply_to == sent.id)
    await ends_without_a_leak(signed_in, 12)


async def test_a_telegram_that_goes_wrong_in_every_way_brings_no_secret_to_light(
    signed_in: Stage,
) -> None:
    owner, telegram = signed_in.owner, signed_in.telegram

    def is_refused(poll: int) -> bool:
        later = [e for e in telegram.service.exchanges if e.path.endswith("/getUpdates")][poll:]
        return any(e.status == 401 for e in later)

    send, get, poll = (telegram.path(n) for n in ("sendMessage", "getFile", "getUpdates"))
    file = re.escape(f"/file/bot{telegram.token}/") + ".*"
    for fault in (
        Fault(path=send, status=500, body="<h1>broken</h1>"),
        Fault(path=send, status=401, body=UNAUTHORIZED),
        Fault(path=send, status=404, body=NOT_FOUND),
        Fault(path=send, status=200, body="not json"),
        Fault(path=send, drop="middle"),
        Fault(path=get, status=404, body=NOT_FOUND),
        Fault(path=get, status=401, body=UNAUTHORIZED),
        Fault(path=get, drop="before"),
        Fault(path=file, status=404, body="not found"),
        Fault(path=file, status=500, body="<h1>broken</h1>"),
        Fault(path=file, drop="middle"),
    ):
        planted = telegram.faults.add(fault)
        owner.sends_photo(jpeg(), "with a broken Telegram")
        await planted.wait()
    for fault in (
        Fault(path=poll, status=500, body="<h1>broken</h1>"),
        Fault(path=poll, status=200, body={"ok": True, "result": 5}),
    ):
        planted = telegram.faults.add(fault)
        telegram.conflict()
        await planted.wait(20)
    unreadable = {"message_id": 1, "chat": owner.chat.raw, "from": owner.user}
    telegram.inject({"message": unreadable})
    await signed_in.eventually(lambda: "could not be read" in signed_in.logged(), 20)
    await telegram.stop()
    await signed_in.eventually(lambda: "cannot be polled" in signed_in.logged(), 20)
    await telegram.start()
    await signed_in.ready()
    # The token is taken back, and given anew: a bot that would stop polling stayed deaf.
    telegram.token, token = "123456789:AAFanotheranotheranotheranotheranother", telegram.token
    telegram.conflict()
    polls = [e for e in telegram.service.exchanges if e.path.endswith("/getUpdates")]
    await signed_in.eventually(lambda: is_refused(len(polls)))
    telegram.token = token
    await signed_in.ready()
    await ends_without_a_leak(signed_in, 10)


async def test_a_token_that_telegram_refuses_is_not_named(stage: Stage) -> None:
    stage.settings["TELEGRAM_BOT_TOKEN"] = token = (
        "123456789:AAFanothersecretanothersecretanothersec"
    )
    await stage.start()
    assert stage.bot is not None
    assert await asyncio.wait_for(stage.bot.wait(), 30) == 2
    assert not promises.leaked(stage.logged(), {token, token.partition(":")[2]})


@pytest.mark.parametrize("before", [None, 0o755], ids=["a new folder", "an open folder"])
async def test_the_data_folder_is_private_at_every_moment_even_with_an_open_umask(
    stage: Stage, before: int | None
) -> None:
    stage.umask = 0
    if before is not None:
        stage.data.mkdir()
        stage.data.chmod(before)
    seen: dict[str, str] = {}
    looks = 0

    def look(*_: object) -> None:
        nonlocal looks
        looks += 1
        if stage.data.exists():
            seen.update(promises.modes(stage.data))

    for service in (*stage.x.services, stage.telegram.service):
        service.on_exchange.append(look)
    await stage.start()
    await stage.ready()
    await stage.sign_in()
    stage.telegram.service.delay = stage.x.upload.delay = 0.1
    for number in range(3):
        stage.owner.sends_photo(jpeg(), str(number))
    stage.telegram.inject(
        {"message": {"message_id": 1, "chat": stage.owner.chat.raw, "from": stage.owner.user}}
    )
    stage.owner.sends_document(b"not a picture", "a.jpg", "image/jpeg", "refused")
    await stage.telegram.until(lambda: len(stage.x.timeline()) == 3)
    stage.owner.sends_text("/refresh")
    await stage.owner.sees("is renewed")
    watched = {path.name for path in stage.data.rglob("*")}
    assert await stage.stop() == 0
    assert seen == {} and looks > 20
    assert promises.modes(stage.data) == {}
    assert {"telex.json", "lock", "inbox", "aside", "media", "history"} <= watched


# --- in this process: what is built shows nothing of itself -------------------------------------

HIDDEN = {
    "TELEGRAM_BOT_TOKEN": "123456789:AAFhiddenbottokenhiddenbottokenhi",
    "X_CLIENT_SECRET": "hidden-client-secret",
    "X_API_KEY": "hidden-api-key",
    "X_API_SECRET": "hidden-api-secret",
    "X_ACCESS_TOKEN": "42-hidden-access-token",
    "X_ACCESS_TOKEN_SECRET": "hidden-access-token-secret",
}
ACCESS, REFRESH, CODE = "hidden-access", "hidden-refresh", "hidden-code"
VERIFIER = "hidden-verifier-" * 4


def shown(thing: object) -> str:
    """All that a debugger's first look, a log line or a traceback would print of it."""
    return "\n".join(
        [repr(thing), str(thing), f"{thing!r:.2000}", repr([thing]), repr({"a": thing})]
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose every secret is known to the test."""
    plain = {"TELEGRAM_OWNER_IDS": "7", "X_CLIENT_ID": "client", "DATA_DIR": str(tmp_path / "data")}
    return Settings(**HIDDEN, **plain)  # type: ignore[arg-type]


@pytest.fixture
def root_logger() -> Iterator[None]:
    """The logging of the test run, put back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], level = before
    root.setLevel(level)


async def test_no_object_shows_a_secret(settings: Settings) -> None:
    store = Store(settings.data_dir)
    app = oauth2.App("client", HIDDEN["X_CLIENT_SECRET"])
    keys = oauth1.Keys(*(HIDDEN[name] for name in list(HIDDEN)[2:]))
    token = oauth2.Token("hidden-access", "hidden-refresh", 2e9, "tweet.read", 1e9)
    pending = oauth2.PendingSignIn("hidden-state", "hidden-verifier", 2e9, "7")
    async with Client(Endpoints(), app, keys) as client:
        vault = StoreVault(store)
        keeper = Keeper(client, vault)
        sign_in = await keeper.adopt(token)
        await vault.save_pending(pending)
        things = [settings, app, keys, token, pending, client, vault, keeper, sign_in, store]
        things += [oauth2.Code("hidden-code"), store.db, vars(keeper), vars(vault), vars(client)]
        things += [oauth2.exchange(app, "https://x", "hidden-code", "hidden-verifier")]
        things += [oauth2.refresh(app, "https://x", "hidden-refresh")]
        things += [oauth2.revoke(app, "https://x", "hidden-access")]
        for thing in things:
            text = shown(thing)
            assert "hidden" not in text, re.sub(r"\S*hidden\S*", "HIDDEN", text)[:500]
    await store.close()


async def test_the_whole_bot_shows_no_secret(settings: Settings) -> None:
    store = Store(settings.data_dir)
    builder = Builder(settings, store, logs.Redactor(settings.secrets()))
    parts = builder.build()
    application = parts.application
    things: list[object] = [builder, parts, application.bot, application.updater]
    things += [application.job_queue, application.update_queue, application.handlers]
    things += [v for name, v in vars(builder).items() if name != "_redactor"]
    for thing in things:
        found = promises.leaked(shown(thing), set(HIDDEN.values()))
        assert not found, f"{type(thing).__name__} shows {found}"
    await store.close()


async def test_an_error_of_x_shows_no_secret_in_its_traceback(settings: Settings) -> None:
    app = oauth2.App("client", HIDDEN["X_CLIENT_SECRET"])
    keys = oauth1.Keys(*(HIDDEN[name] for name in list(HIDDEN)[2:]))
    nowhere = "http://127.0.0.1:1"
    async with Client(Endpoints(nowhere, nowhere), app, keys) as client:
        calls: list[Callable[[], Any]] = [
            lambda: client.exchange(CODE, VERIFIER),
            lambda: client.refresh(REFRESH),
            lambda: client.revoke(ACCESS),
            lambda: client.me(ACCESS),
            lambda: client.upload_v11(jpeg(), "image/jpeg"),
        ]
        for call in calls:
            with pytest.raises(XError) as raised:
                await call()
            text = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
            assert "hidden" not in text


@pytest.mark.usefixtures("root_logger")
async def test_a_token_that_comes_later_is_hidden_from_then_on(settings: Settings) -> None:
    redactor = logs.set_up("DEBUG", settings.secrets())
    out = io.StringIO()
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(out)
    store = Store(settings.data_dir)
    parts = Builder(settings, store, redactor).build()
    await parts.keeper.adopt(oauth2.Token("freshly-given-access", "freshly-given-renewal", 2e9))
    logging.getLogger("anything").info("odd: %s", json.dumps(["freshly-given-access"]))
    logging.getLogger("anything").info("odd: %s", "freshly-given-renewal")
    assert "odd" in out.getvalue() and "freshly-given" not in out.getvalue()
    await store.close()
