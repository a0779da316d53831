"""A local Telegram: the Bot API over HTTP for the bot, and Python objects for the people.

Runs inside the loop of a test or of the demo. Speaks to nothing but the bot that asks it.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox import telegram_http, telegram_methods, telegram_params
from bot.sandbox.server import Exchange, Faults, Service
from bot.sandbox.telegram_flood import Flood
from bot.sandbox.telegram_person import Person, What, sees
from bot.sandbox.telegram_posting import Item
from bot.sandbox.telegram_signal import Signal
from bot.sandbox.telegram_updates import CONFLICT
from bot.sandbox.telegram_values import ApiError, Button, Entity, Json, Message
from bot.sandbox.telegram_world import Chat, Press, World

TOKEN = "123456789:AAFsandboxsandboxsandboxsandboxsand"
_WELL_FORMED = re.compile(r"\d{1,12}:[\w-]{30,64}", re.ASCII)
_METHODS = {name.lower(): name for name in telegram_params.METHODS}  # Telegram ignores the case


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was understood, and what became of it; polls are left out."""

    method: str
    params: Json
    error: str = ""


class Telegram:
    """The service and everybody who uses it.

    With `local_files` it behaves as a local Bot API server with --local does: files of any size,
    read from that folder instead of by HTTP. As there, they lie below the bot's token.
    """

    def __init__(
        self,
        token: str = TOKEN,
        clock: Callable[[], float] = time.time,
        *,
        local_files: Path | None = None,
    ) -> None:
        self.token = token
        self.old_polls = False  # True: as a Bot API server from before 9.6, see `telegram_media`
        self.calls: list[Call] = []
        self.people: list[Person] = []
        self.world = World(int(token.partition(":")[0]), clock)
        self.local_files = local_files
        anything = ["GET", "POST"]
        self.service = Service(
            "telegram",
            [
                Route("/bot{token}/{method}", self._method, methods=anything),
                Route("/file/bot{token}/{path:path}", self._file, methods=["GET"]),
                Route("/{path:path}", _nothing, methods=anything),
            ],
            clock=clock,
        )
        self._numbers = itertools.count(1)

    # -- running -------------------------------------------------------------------------------

    async def start(self, port: int = 0) -> None:
        await self.service.start(port)

    async def stop(self) -> None:
        await self.service.stop()

    @property
    def url(self) -> str:
        return self.service.url

    def settings(self) -> dict[str, str]:
        """Settings for a bot whose owner is the first person."""
        made = {
            "TELEGRAM_BOT_TOKEN": self.token,
            "TELEGRAM_OWNER_IDS": str(self.people[0].id) if self.people else "",
            "TELEGRAM_API_URL": self.url,
        }
        if self.local_files is not None:
            made["TELEGRAM_LOCAL_FILES"] = str(self.local_files)
        return made

    @property
    def local_files(self) -> Path | None:
        """The folder of a local Bot API server; None: files are fetched by HTTP."""
        folder = self.world.files.folder
        return folder.parent if folder is not None else None

    @local_files.setter
    def local_files(self, folder: Path | None) -> None:
        self.world.files.folder = folder / self.token if folder is not None else None

    @property
    def faults(self) -> Faults:
        return self.service.faults

    def path(self, method: str) -> str:
        """The path of a method, as a fault wants it."""
        return re.escape(f"/bot{self.token}/{method}")

    def requests(self, method: str) -> list[Exchange]:
        """The HTTP requests to a method so far, answered or not."""
        return [e for e in self.service.exchanges if e.path == f"/bot{self.token}/{method}"]

    # -- people and chats ----------------------------------------------------------------------

    def person(
        self,
        id: int | None = None,  # noqa: A002 - as the Bot API calls it
        first_name: str = "Owner",
        *,
        username: str | None = None,
        language_code: str = "en",
        premium: bool = False,
    ) -> Person:
        """Somebody; the bot may write to them once they have written to it."""
        user: Json = {
            "id": 1000 + next(self._numbers) if id is None else id,
            "is_bot": False,
            "first_name": first_name,
            "language_code": language_code,
        }
        user |= {"username": username} if username else {}
        user |= {"is_premium": True} if premium else {}
        person = Person(self.world, user, lambda: self.old_polls)
        self.people.append(person)
        return person

    def group(self, title: str = "Group", *, kind: str = "supergroup", member: bool = True) -> Chat:
        """A group; with `member=False` the bot is not in it and gets guest messages only."""
        number = next(self._numbers) + (1_000_000_000_000 if kind != "group" else 0)
        return self._place({"id": -number, "type": kind, "title": title}, member)

    def channel(self, title: str = "Channel", username: str | None = None) -> Chat:
        raw: Json = {"id": -1_000_000_000_000 - next(self._numbers), "type": "channel"}
        raw |= {"title": title} | ({"username": username} if username else {})
        return self._place(raw, True)

    def _place(self, raw: Json, known: bool) -> Chat:
        chat = self.world.chats[raw["id"]] = Chat(raw, known=known)
        return chat

    def chat(self, which: int | Person | Chat) -> Chat:
        if isinstance(which, Chat):
            return which
        return self.world.chats[which if isinstance(which, int) else which.id]

    # -- looking -------------------------------------------------------------------------------

    async def wait_for(
        self,
        what: What,
        chat: int | Person | Chat | None = None,
        timeout: float = 10.0,
        *,
        after: Message | None = None,
    ) -> Message:
        """The newest message of the bot that has this text, or that the function says yes to.

        Without a chat: in the first person's. Raises `TimeoutError` with what is there instead.
        """
        there = self.people[0].chat if chat is None else self.chat(chat)
        return await sees(self.world, there, what, timeout=timeout, after=after)

    async def until(self, condition: Callable[[], Any], timeout: float = 10.0) -> Any:
        """What the condition gives once it is true; asked again whenever something changes."""
        return await self.world.changed.until(condition, timeout)

    @property
    def changed(self) -> Signal:
        """Fires whenever something in a chat, or the queue of updates, changes."""
        return self.world.changed

    def file(self, file_id: str) -> bytes:
        """What lies behind a file_id, whatever its size. Raises `ApiError`."""
        return self.world.files.find(file_id).content()

    @property
    def pending(self) -> list[Json]:
        """The updates that the bot has not acknowledged."""
        return self.world.updates.pending

    @property
    def sent(self) -> dict[int, Json]:
        """All updates so far, by their ids."""
        return self.world.updates.sent

    @property
    def answers(self) -> list[str]:
        """The texts of the answers to presses, "" for one without."""
        return self.world.answers

    @property
    def commands(self) -> dict[str, list[Json]]:
        """By scope: "default", "chat:1001", "default/en", …"""
        return self.world.commands

    # -- switches ------------------------------------------------------------------------------

    @property
    def flood(self) -> Flood | None:
        return self.world.flood

    @flood.setter
    def flood(self, flood: Flood | None) -> None:
        self.world.flood = flood

    @property
    def everything(self) -> bool:
        """True: also updates of kinds that the bot did not ask for are delivered."""
        return self.world.updates.everything

    @everything.setter
    def everything(self, on: bool) -> None:
        self.world.updates.everything = on

    @property
    def webhook(self) -> str:
        """A webhook that somebody set once; while it is set, polls are answered 409."""
        return self.world.webhook

    @webhook.setter
    def webhook(self, url: str) -> None:
        self.world.webhook = url

    def inject(self, update: Mapping[str, Any]) -> int:
        """Delivers an update as it is (with a number, if it has none); gives its id."""
        whole = {"update_id": self.world.updates.next_id, **update}
        self.world.updates.inject(whole)
        return int(whole["update_id"])

    def deliver_again(self, update_id: int) -> None:
        """Delivers an update a second time, whether or not it was acknowledged."""
        self.world.updates.again(update_id)

    def jump(self, next_id: int | None = None) -> None:
        """Update ids go on at another number, lower by default, as after a week of silence."""
        self.world.updates.jump(next_id)

    def conflict(self) -> None:
        """Ends the poll that waits with 409, as another process with the same token would."""
        self.world.updates.stop_polls(CONFLICT)

    # -- HTTP ----------------------------------------------------------------------------------

    async def _method(self, request: Request) -> Response:
        try:
            self._authorise(request.path_params["token"])
            method = _METHODS.get(request.path_params["method"].lower(), "?")
            raw, files = await telegram_http.read(request)
            params = telegram_params.read(method, raw, files)
            if method == "getUpdates":
                return await telegram_http.poll(request, self.world, params)
            try:
                result = await telegram_methods.call(self.world, method, params)
            except ApiError as error:
                self.calls.append(Call(method, params, error.description))
                raise
            self.calls.append(Call(method, params))
            return JSONResponse({"ok": True, "result": result})
        except ApiError as error:
            return telegram_http.refusal(error)

    def _authorise(self, token: str) -> None:
        if token != self.token:
            if _WELL_FORMED.fullmatch(token):
                raise ApiError(401, "Unauthorized")
            raise ApiError(404, "Not Found")

    async def _file(self, request: Request) -> Response:
        try:
            self._authorise(request.path_params["token"])
        except ApiError as error:
            return telegram_http.refusal(error)
        data = self.world.files.fetch(request.path_params["path"])
        if data is None:
            return telegram_http.refusal(ApiError(404, "Not Found"))
        return Response(data, media_type="application/octet-stream")


async def _nothing(request: Request) -> Response:
    return telegram_http.refusal(ApiError(404, "Not Found"))


__all__ = [
    "TOKEN",
    "Button",
    "Call",
    "Chat",
    "Entity",
    "Flood",
    "Item",
    "Message",
    "Person",
    "Press",
    "Signal",
    "Telegram",
]
