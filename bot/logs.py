"""Logging to stderr with every secret taken out, tracebacks included.

Never lets a record, a warning or an uncaught exception reach stderr in another way.
"""

from __future__ import annotations

import base64
import logging
import re
import sys
import threading
from collections.abc import Iterable
from types import TracebackType
from urllib.parse import quote, quote_plus

HIDDEN = "[hidden]"

# Loggers that print URLs, headers or arguments below this level, or merely chatter.
_QUIET = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "hpack": logging.WARNING,
    "telegram.Bot": logging.WARNING,
    "telegram.ext.ExtBot": logging.WARNING,
    "telegram.request": logging.CRITICAL,  # a traceback for every page of a proxy that is not JSON
    "apscheduler": logging.WARNING,
    "asyncio": logging.WARNING,
    "authlib": logging.WARNING,
    "filelock": logging.WARNING,
    "multipart": logging.WARNING,
    "python_multipart": logging.WARNING,
    "uvicorn": logging.WARNING,
    "PIL": logging.INFO,
}

# Shorter ones would blank out half of every line, and are no secrets.
_SHORTEST = 6
# Rotated tokens pile up (a pair every two hours); older ones are worthless by then.
_REMEMBERED = 64

# Wherever one of these names has a value, the value goes: in a form or URL, in JSON, in a `repr`.
_NAMES = (
    r"code|state|code_verifier|verifier|access_token|refresh_token|client_secret|"
    r"api_secret|access_token_secret|bot_token|token_secret|token|oauth_\w+"
)
_START = r"(?<![A-Za-z0-9_])|(?<=%3[Ff])|(?<=%26)"
_QUOTE = r"""\\*["']"""
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # Authorization: OAuth oauth_consumer_key="…", … | 'authorization': 'Basic …' | (b'…', b'…')
    (
        re.compile(
            rf"(?i)(authorization{_QUOTE}\s*[:=,]\s*b?)(?P<q>{_QUOTE})(?:(?!(?P=q)).)*(?P=q)?"
        ),
        rf"\1\g<q>{HIDDEN}\g<q>",
    ),
    (re.compile(r"(?i)(\bauthorization\s*[:=]\s*+)(?!\[hidden\])[^\r\n]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)\b(Bearer|Basic)(\s+|%20|\+)[A-Za-z0-9._~+/=%-]{16,}"), rf"\1 {HIDDEN}"),
    # 123456:ABC… of Telegram, also inside a URL path
    (re.compile(r"(?<![0-9])[0-9]{5,}(?::|%3[Aa])[A-Za-z0-9_-]{20,}"), HIDDEN),
    # "access_token": "…", state='…', oauth_signature="…"
    (
        re.compile(
            rf"(?i)(?P<name>(?:{_START})(?:{_NAMES})(?:{_QUOTE})?\s*[:=]\s*b?)"
            rf"(?P<q>{_QUOTE})(?:(?!(?P=q)).)*(?P=q)?"
        ),
        rf"\g<name>\g<q>{HIDDEN}\g<q>",
    ),
    # code=…&state=…, and the same percent-encoded
    (
        re.compile(
            rf"(?i)(?P<name>(?:{_START})(?:{_NAMES})(?:=|%3D))"
            r"(?!\[hidden\]|\\*[\"']|b\\*[\"'])[^\s&\"'<>,;()\[\]{}]+"
        ),
        rf"\g<name>{HIDDEN}",
    ),
)


class Redactor:
    """Takes secrets out of a text: the literal ones it was told, and what looks like one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._fixed = {secret for secret in secrets if len(secret) >= _SHORTEST}
        self._recent: dict[str, None] = {}
        self._literal: re.Pattern[str] | None = None
        self._compile()

    def add(self, *secrets: str) -> None:
        """Hide these from now on; of all that were added, the newest are remembered."""
        for secret in secrets:
            if len(secret) >= _SHORTEST:
                self._recent.pop(secret, None)
                self._recent[secret] = None
        for oldest in list(self._recent)[:-_REMEMBERED]:
            del self._recent[oldest]
        self._compile()

    def __call__(self, text: str) -> str:
        """`text` without secrets."""
        if self._literal is not None:
            text = self._literal.sub(HIDDEN, text)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text

    def _compile(self) -> None:
        forms = {form for secret in (*self._fixed, *self._recent) for form in _forms(secret)}
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._literal = re.compile("|".join(map(re.escape, longest_first))) if forms else None


def _forms(secret: str) -> set[str]:
    """A secret as it stands in a header, a URL, a form, a `repr`, and in base64 at any offset."""
    forms = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), repr(secret)[1:-1]}
    data = secret.encode()
    for before in range(3):
        coded = base64.b64encode(bytes(before) + data).decode()
        # The characters at both ends also depend on the neighbours, which are unknown.
        core = coded[(before * 8 + 5) // 6 : (before + len(data)) * 8 // 6]
        forms |= {core, core.replace("+", "-").replace("/", "_")}
    return {form for form in forms if len(form) >= _SHORTEST}


class RedactingFormatter(logging.Formatter):
    """Formats the whole record, traceback and stack included, then redacts the text."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """One record as text. Does not raise: logging would print the raw arguments if it did."""
        try:
            text = super().format(record)
        except Exception:  # noqa: BLE001  a `__str__` of anybody's may raise anything
            text = f"{record.levelname} {record.name}: cannot be formatted: {record.msg!r}"
        return self._redactor(text)


def set_up(level: str, secrets: Iterable[str] = ()) -> Redactor:
    """Send all logging, warnings and uncaught exceptions through one redacting handler.

    `level` is a name such as "INFO". Returns the redactor, to be told of tokens that come later.
    """
    redactor = Redactor(secrets)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter(redactor))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, lowest in _QUIET.items():
        logging.getLogger(name).setLevel(max(lowest, root.level))
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    sys.unraisablehook = _unraisable
    threading.excepthook = _uncaught_in_thread
    return redactor


def _uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("telex").critical("uncaught exception", exc_info=(kind, error, traceback))


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _unraisable(args: sys.UnraisableHookArgs) -> None:
    if args.exc_value is not None:
        _uncaught(args.exc_type, args.exc_value, args.exc_traceback)
