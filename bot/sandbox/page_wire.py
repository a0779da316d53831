"""The middle of the page: a request as one line, and as everything that went over the wire.

Values in, values out; each exchange was recorded by the service that served it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from bot.sandbox import page_bodies as bodies
from bot.sandbox.exchange import Exchange
from bot.sandbox.page_masks import Masks
from bot.sandbox.telegram import Telegram
from bot.sandbox.x import X

GIST = 90  # characters


@dataclass(frozen=True, slots=True)
class Line:
    """A request, or a note about what was done to the scene in between."""

    number: int
    sort: Literal["request", "note"]
    at: float  # Unix time
    who: str = ""  # "telegram", "x", or "browser" for somebody who opened X's consent page
    method: str = ""
    path: str = ""
    gist: str = ""  # what it is about
    status: int | None = None
    ended: bool = True
    note: str = ""  # what the sandbox did to it
    ms: int | None = None
    cost: str = ""  # dollars on the real X
    poll: bool = False  # a poll that brought nothing, or waits
    tone: str = ""  # of a note: "bad", "good" or empty


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything about a request; secrets are covered."""

    number: int
    line: str
    headers: tuple[tuple[str, str], ...]
    body: bodies.Body
    status: int | None
    note: str
    answer_headers: tuple[tuple[str, str], ...]
    answer: bodies.Body
    charges: tuple[tuple[str, str], ...]  # for what, and how many dollars


def masks(telegram: Telegram, x: X) -> Masks:
    """Covers every secret that the two services know."""
    world = x.world
    known: list[str | None] = [telegram.token.partition(":")[2]]
    for app in world.apps:
        known += [app.client_secret, app.consumer_secret]
    for key in world.oauth1:
        known += [key.token, key.secret]
    for token in world.tokens:
        known += [token.access, token.refresh]
    known += list(world.codes)
    return Masks(known)


def charges(x: X, number: int) -> list[tuple[str, Decimal]]:
    """What this exchange would have cost."""
    return [(c.kind, c.amount) for c in x.bill if c.exchange == number]


def line(exchange: Exchange, x: X, cover: Masks) -> Line:
    """One request in one line."""
    is_telegram = exchange.service == "telegram"
    is_poll = is_telegram and exchange.path.endswith("/getUpdates")
    consents = exchange.path == "/i/oauth2/authorize"
    about = (_telegram if is_telegram else _x)(exchange)
    cost = sum((amount for _, amount in charges(x, exchange.number)), Decimal(0))
    took = None
    if exchange.ended_mono is not None:
        took = round((exchange.ended_mono - exchange.started_mono) * 1000)
    return Line(
        number=exchange.number,
        sort="request",
        at=exchange.started,
        who="telegram" if is_telegram else "browser" if consents else "x",
        method=exchange.method,
        path=cover.text(exchange.path),
        gist=cover.text(_cut(about)),
        status=exchange.status,
        ended=exchange.ended is not None,
        note=exchange.note,
        ms=took,
        cost=f"{cost:.3f}" if cost else "",
        poll=is_poll and not about,
    )


def detail(exchange: Exchange, x: X, cover: Masks) -> Detail:
    """One request with headers and bodies."""
    query = f"?{cover.text(exchange.query)}" if exchange.query else ""
    return Detail(
        number=exchange.number,
        line=f"{exchange.method} {cover.text(exchange.path)}{query}",
        headers=_headers(exchange.headers, cover),
        body=bodies.read(exchange.body, exchange.headers.get("content-type", ""), cover),
        status=exchange.status,
        note=exchange.note,
        answer_headers=_headers(exchange.answer_headers, cover),
        answer=bodies.read(exchange.answer, exchange.answer_headers.get("content-type", ""), cover),
        charges=tuple((k, f"{amount:.3f}") for k, amount in charges(x, exchange.number)),
    )


def _headers(given: dict[str, str], cover: Masks) -> tuple[tuple[str, str], ...]:
    return tuple((name, cover.header(name, value)) for name, value in given.items())


# -- what it is about --------------------------------------------------------------------------


def _telegram(exchange: Exchange) -> str:
    name = exchange.path.rpartition("/")[2]
    if exchange.path.startswith("/file/"):
        return bodies.size(len(exchange.answer)) if exchange.status == 200 else ""
    if exchange.status not in (None, 200):
        return str(_json(exchange.answer).get("description", ""))
    if name == "getUpdates":
        return _updates(_json(exchange.answer).get("result", []))
    given = bodies.fields(exchange.body, exchange.headers.get("content-type", ""))
    match name:
        case "setMessageReaction":
            return " ".join(_emoji(given.get("reaction", "")))
        case "sendChatAction":
            return given.get("action", "")
        case "answerCallbackQuery" | "sendMessage" | "editMessageText":
            text = given.get("text", "")
            return f"“{_cut(text)}”" if text else ""
        case _:
            return ""


def _updates(result: Any) -> str:
    kinds = [next((k for k in u if k != "update_id"), "") for u in result if isinstance(u, dict)]
    named = dict.fromkeys(kinds)
    return ", ".join(_count(kinds.count(k), k.replace("_", " ")) for k in named)


def _count(number: int, what: str) -> str:
    if number != 1:
        irregular = {"callback query": "callback queries"}
        what = irregular.get(what, f"{what}s")
    return f"{number} {what}"


def _emoji(reaction: str) -> Iterable[str]:
    try:
        given = json.loads(reaction or "[]")
    except ValueError:
        return []
    return [str(r.get("emoji", "")) for r in given if isinstance(r, dict)]


def _x(exchange: Exchange) -> str:
    content_type = exchange.headers.get("content-type", "")
    if exchange.status is not None and exchange.status >= 400:
        return _problem(exchange)
    path = exchange.path
    if path == "/2/tweets" and exchange.method == "POST":
        return _post(_json(exchange.body))
    if path == "/2/oauth2/token":
        return bodies.fields(exchange.body, content_type).get("grant_type", "")
    if path.endswith("/metadata/create.json") or path == "/2/media/metadata":
        return _alt(_json(exchange.body))
    if "/media/" in path and exchange.method == "POST":
        command = exchange.query.partition("command=")[2].partition("&")[0]
        return " ".join(filter(None, (command, bodies.size(len(exchange.body)))))
    if path.endswith("/tweets") and exchange.status == 200:
        found = _json(exchange.answer).get("data", [])
        return _count(len(found), "post") if isinstance(found, list) else ""
    return ""


def _post(given: dict[str, Any]) -> str:
    text = f"“{_cut(str(given['text']))}”" if given.get("text") else ""
    media = given.get("media", {}).get("media_ids", []) if "media" in given else []
    poll = "a poll" if "poll" in given else ""
    reply = "in reply" if "reply" in given else ""
    return ", ".join(
        filter(None, (text, _count(len(media), "media file") if media else "", poll, reply))
    )


def _alt(given: dict[str, Any]) -> str:
    told = given.get("alt_text") or given.get("metadata", {}).get("alt_text", {})
    return f"“{_cut(str(told['text']))}”" if isinstance(told, dict) and "text" in told else ""


def _problem(exchange: Exchange) -> str:
    answer = _json(exchange.answer)
    errors = answer.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    told = first.get("message") or answer.get("error_description") or answer.get("detail")
    return str(told or answer.get("title") or "")


def _json(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= GIST else text[: GIST - 1] + "…"
