"""A browser without a window: opens X's consent page, presses a button there, and lands.

Goes to the addresses that it is given and wherever they redirect it, on this machine only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

SECONDS = 15.0


class Lost(Exception):
    """A page is not what was expected. Its text says what was there instead."""


@dataclass(frozen=True, slots=True)
class Landing:
    """Where the browser ended, and what it shows there."""

    address: str
    status: int
    sentences: tuple[str, ...]


async def consent(link: str, decision: str = "Allow") -> Landing:
    """Open `link`, press the button `decision`, and follow X back to the app. Raises Lost."""
    # No proxy of the environment: nothing leaves this machine.
    async with httpx.AsyncClient(trust_env=False, timeout=SECONDS) as http:
        try:
            answer = await http.get(_here(link))
            page = _read(answer)
            if answer.status_code != 200 or decision not in page.buttons:
                raise Lost(f"X's page ({answer.status_code}) says: {' '.join(page.sentences)}")
            target = _here(urljoin(link, page.action))
            answer = await http.post(target, data=page.fields | page.buttons[decision])
            where = urljoin(target, answer.headers.get("location", ""))
            if not answer.is_redirect:
                raise Lost(f"X's page ({answer.status_code}) did not lead back")
            answer = await http.get(_here(where))
        except httpx.HTTPError as error:
            raise Lost(f"{type(error).__name__} at {urlsplit(link).netloc}") from error
    bare = urlsplit(where)._replace(query="").geturl()  # the query holds the code
    return Landing(bare, answer.status_code, tuple(_read(answer).sentences))


def _here(address: str) -> str:
    if urlsplit(address).hostname != "127.0.0.1":
        raise Lost(f"{urlsplit(address).netloc} is not on this machine")
    return address


@dataclass(slots=True)
class _Page:
    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, dict[str, str]] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)


def _read(answer: httpx.Response) -> _Page:
    reader = _Reader()
    reader.feed(answer.text)
    reader.close()
    return reader.page


class _Reader(HTMLParser):
    """As much of a page as a person would see and fill in."""

    def __init__(self) -> None:
        super().__init__()
        self.page = _Page()
        self._inside = ""
        self._select = ""
        self._button: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.page.action = given.get("action", "")
        elif tag == "input":
            self.page.fields[given.get("name", "")] = given.get("value", "")
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option":
            self.page.fields.setdefault(self._select, given.get("value", ""))
        elif tag == "button":
            self._button = {given.get("name", ""): given.get("value", "")}
        if tag in ("p", "h1", "button", "title", "style"):
            self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if not text:
            return
        if self._inside == "button":
            self.page.buttons[text] = self._button
        elif self._inside == "p":
            self.page.sentences.append(text)
