"""The log: whatever is thrown at it, no secret comes out."""

from __future__ import annotations

import asyncio
import base64
import gc
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest

from bot import logs
from bot.logs import HIDDEN, Redactor

SECRET = "Sup3r+secret/value~of=X"
TOKEN = "123456789:AAF0token_of-telegram1234567890abcd"


@pytest.fixture
def said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[[], str]]:
    """What came to stderr; everything that `set_up` changes is put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs._QUIET}
    for hooked in (sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook"):
        monkeypatch.setattr(*hooked, getattr(*hooked))
    yield lambda: capsys.readouterr().err
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"key {SECRET}.", f"key {HIDDEN}."),
        (f"key {quote(SECRET, safe='')}.", f"key {HIDDEN}."),
        (f"GET https://host/bot{TOKEN}/getMe", f"GET https://host/bot{HIDDEN}/getMe"),
        (f"GET /bot{quote(TOKEN)}/getMe", f"GET /bot{HIDDEN}/getMe"),
        ("GET /cb?code=abc123&state=xyz HTTP/1.1", f"GET /cb?code={HIDDEN}&state={HIDDEN} HTTP/1.1"),
        ("to=%2Fcb%3Fcode%3Dabc%26state%3Dxyz", f"to=%2Fcb%3Fcode%3D{HIDDEN}"),
        ("state=s code_verifier=v,", f"state={HIDDEN} code_verifier={HIDDEN},"),
        ("Authorization: Bearer abc\r\nHost: x", f"Authorization: {HIDDEN}\r\nHost: x"),
        ("{'authorization': 'Basic abc', 'a': 'b'}", f"{{'authorization': '{HIDDEN}', 'a': 'b'}}"),
        ("[(b'Authorization', b'OAuth a=\"b\"')]", f"[(b'Authorization', b'{HIDDEN}')]"),
        ("sent Bearer abcdefghijklmnop1234", f"sent Bearer {HIDDEN}"),
        ('{"access_token": "a b", "expires_in": 7200}', '{"access_token": "[hidden]", "expires_in": 7200}'),
        ('{"refresh_token":"abc"}', '{"refresh_token":"[hidden]"}'),
        (r'"{\"refresh_token\": \"abc\"}"', r'"{\"refresh_token\": \"[hidden]\"}"'),
        ("client_secret=abc&a=b", f"client_secret={HIDDEN}&a=b"),
        ("Pending(state='abc', verifier=\"d'f\")", f"Pending(state='{HIDDEN}', verifier=\"{HIDDEN}\")"),
        ('oauth_signature="a%2Fb", oauth_token="t"', f'oauth_signature="{HIDDEN}", oauth_token="{HIDDEN}"'),
        ("POST&u&oauth_token%3Dabc%26x", f"POST&u&oauth_token%3D{HIDDEN}"),
    ],
)  # fmt: skip
def test_a_secret_is_taken_out_and_the_rest_is_left(text: str, left: str) -> None:
    redact = Redactor([SECRET])
    assert redact(text) == left
    assert redact(redact(text)) == left


@pytest.mark.parametrize(
    "text",
    [
        "",
        "HTTP 403, status_code=403, exit_code=1",
        '{"errors": [{"code": 89, "message": "Invalid or expired token."}]}',
        "uploading 2/4 of post 42:17 at 2026-11-24 21:00:00",
        "Basic authorization is used where there is a client secret",
        "https://x.com/name/status/1234567890123456789",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert Redactor([SECRET])(text) == text


@pytest.mark.parametrize("before", ["", "a", "ab", "client id"])
def test_a_secret_is_found_in_base64_at_any_offset(before: str) -> None:
    coded = base64.b64encode(f"{before}:{SECRET}:and more".encode()).decode()
    assert HIDDEN in Redactor([SECRET])(f"header {coded}")


def test_a_rotated_token_can_be_added_and_the_oldest_is_forgotten() -> None:
    redact = Redactor([SECRET])
    for number in range(200):
        redact.add(f"rotated-{number:03}")
    assert redact(f"rotated-199 rotated-000 {SECRET}") == f"{HIDDEN} rotated-000 {HIDDEN}"


def test_a_short_word_is_not_taken_for_a_secret() -> None:
    redact = Redactor(["", "a"])
    redact.add("the")
    assert redact("a day in the life") == "a day in the life"


def test_tracebacks_and_stacks_are_redacted(said: Callable[[], str]) -> None:
    logs.set_up("DEBUG", [SECRET])
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise RuntimeError(f"no answer from /bot{TOKEN}/getMe") from error
    except RuntimeError:
        logging.getLogger("telex").exception("failed: %s", SECRET, stack_info=True)
    text = said()
    assert "RuntimeError" in text
    assert "Stack (most recent call last)" in text
    assert SECRET not in text
    assert TOKEN not in text


def test_a_record_that_cannot_be_formatted_shows_no_argument(said: Callable[[], str]) -> None:
    logs.set_up("DEBUG", [SECRET])
    logging.getLogger("telex").info("%d posts", SECRET)
    text = said()
    assert "cannot be formatted: '%d posts'" in text
    assert SECRET not in text


def test_a_library_that_prints_urls_is_quiet_even_at_debug(said: Callable[[], str]) -> None:
    logs.set_up("DEBUG", [])
    for name in ("httpx", "httpcore.http11", "telegram.ext.ExtBot", "telegram.Bot", "asyncio"):
        logging.getLogger(name).info("GET https://host/path")
    assert said() == ""
    logging.getLogger("telegram.ext.Application").debug("started")
    assert "started" in said()


def test_a_library_does_not_say_more_than_the_level_allows(said: Callable[[], str]) -> None:
    logs.set_up("ERROR", [])
    logging.getLogger("httpx").warning("odd")
    assert said() == ""


def test_warnings_and_uncaught_exceptions_go_through_the_log(said: Callable[[], str]) -> None:
    logs.set_up("INFO", [SECRET])
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn(f"about {SECRET}", UserWarning, stacklevel=1)
    error = RuntimeError(SECRET)
    sys.excepthook(RuntimeError, error, None)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    thread = threading.Thread(target=lambda: int(SECRET))
    thread.start()
    thread.join()
    text = said()
    assert text.count("uncaught exception") == 2
    assert "RuntimeError" in text
    assert "UserWarning" in text
    assert "invalid literal for int()" in text
    assert "KeyboardInterrupt" not in text
    assert SECRET not in text


def test_an_exception_in_a_destructor_goes_through_the_log(said: Callable[[], str]) -> None:
    logs.set_up("INFO", [SECRET])

    class Bad:
        def __del__(self) -> None:
            raise RuntimeError(SECRET)

    Bad()
    gc.collect()
    text = said()
    assert "RuntimeError" in text
    assert SECRET not in text


def test_a_task_whose_exception_nobody_fetched_goes_through_the_log(
    said: Callable[[], str],
) -> None:
    logs.set_up("INFO", [SECRET])

    async def fail() -> None:
        raise RuntimeError(SECRET)

    async def main() -> None:
        task = asyncio.create_task(fail())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del task
        gc.collect()

    asyncio.run(main())
    text = said()
    assert "Task exception was never retrieved" in text
    assert SECRET not in text
