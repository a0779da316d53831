"""HTML as the Bot API reads it, into text and entities, with its errors.

Follows https://core.telegram.org/bots/api#html-style and the wording of TDLib's parser.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from bot.sandbox.telegram_values import ApiError, Json, bad, utf16

_PLAIN = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "blockquote": "blockquote",
    "code": "code",
    "pre": "pre",
}
_OTHERS = ("a", "span", "tg-emoji")
# Telegram knows four names and numbers; any other reference stays as it is written.
_REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});")


@dataclass(slots=True)
class _Open:
    tag: str
    attributes: dict[str, str]
    start: int  # UTF-16 units
    at: int  # where its content begins among the pieces


def parse(source: str) -> tuple[str, list[Json]]:
    """The text and its entities, the outer before the inner.

    Raises the Bot API's 400 "can't parse entities: …" with the offset in bytes.
    """
    return _Parser(source).run()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.pieces: list[str] = []
        self.length = 0  # of the pieces, in UTF-16 units
        self.opened: list[_Open] = []
        self.found: list[tuple[Json, int]] = []  # entity and nesting depth

    def run(self) -> tuple[str, list[Json]]:
        while self.at < len(self.source):
            if self.source[self.at] != "<":
                end = self.source.find("<", self.at)
                end = len(self.source) if end < 0 else end
                self._add(self.source[self.at : end])
                self.at = end
            elif self.source.startswith("</", self.at):
                self._close()
            else:
                self._open()
        if self.opened:
            tag = self.opened[-1].tag
            raise _error(f'Can\'t find end tag corresponding to start tag "{tag}"')
        found = sorted(self.found, key=lambda e: (e[0]["offset"], -e[0]["length"], e[1]))
        return "".join(self.pieces), [entity for entity, _ in found]

    def _add(self, text: str) -> None:
        text = _REFERENCE.sub(_character, text)
        self.pieces.append(text)
        self.length += utf16(text)

    def _bytes(self, at: int) -> int:
        return len(self.source[:at].encode())

    def _name(self) -> str:
        start = self.at
        while self.at < len(self.source) and not (
            self.source[self.at].isspace() or self.source[self.at] == ">"
        ):
            self.at += 1
        return self.source[start : self.at].lower()

    def _blank(self) -> str:
        """Steps over white space; the next character, or "" at the end."""
        while self.at < len(self.source) and self.source[self.at].isspace():
            self.at += 1
        return self.source[self.at : self.at + 1]

    def _open(self) -> None:
        begin = self.at
        self.at += 1
        tag = self._name()
        if self.at >= len(self.source):
            raise _error(f"Unclosed start tag at byte offset {self._bytes(begin)}")
        if tag not in _PLAIN and tag not in _OTHERS:
            raise _error(f'Unsupported start tag "{tag}" at byte offset {self._bytes(begin)}')
        attributes: dict[str, str] = {}
        while (sign := self._blank()) != ">":
            if not sign:
                raise _error(f'Unclosed start tag "{tag}" at byte offset {self._bytes(begin)}')
            name, value = self._attribute(tag, begin)
            attributes[name] = value
        self.at += 1
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise _error(
                f'Tag "span" must have class "tg-spoiler" at byte offset {self._bytes(begin)}'
            )
        if tag == "tg-emoji" and not attributes.get("emoji-id", "").isdigit():
            raise _error(f"Invalid custom emoji identifier specified at {self._bytes(begin)}")
        self.opened.append(_Open(tag, attributes, self.length, len(self.pieces)))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        start = self.at
        while self.at < len(self.source) and self.source[self.at] not in " \t\r\n=>":
            self.at += 1
        name = self.source[start : self.at].lower()
        where = f'the tag "{tag}" at byte offset {self._bytes(begin)}'
        if not name:
            raise _error(f"Empty attribute name in {where}")
        if self._blank() != "=":
            if name == "expandable":
                return name, ""
            raise _error(f"Expected equal sign in declaration of an attribute of {where}")
        self.at += 1
        quote = self._blank()
        if quote and quote in "'\"":
            end = self.source.find(quote, self.at + 1)
            if end < 0:
                raise _error(f"Unclosed start tag at byte offset {self._bytes(begin)}")
            value = self.source[self.at + 1 : end]
            self.at = end + 1
        else:
            match = re.compile(r"[\w.-]+", re.ASCII).match(self.source, self.at)
            if match is None:
                raise _error(f"Unexpected end of name token at byte offset {self._bytes(self.at)}")
            value = match.group()
            self.at = match.end()
        return name, _REFERENCE.sub(_character, value)

    def _close(self) -> None:
        begin = self.at
        if not self.opened:
            raise _error(f"Unexpected end tag at byte offset {self._bytes(begin)}")
        self.at += 2
        tag = self._name()
        if self._blank() != ">":
            raise _error(f"Unclosed end tag at byte offset {self._bytes(begin)}")
        self.at += 1
        opened = self.opened.pop()
        if tag and tag != opened.tag:
            raise _error(
                f"Unmatched end tag at byte offset {self._bytes(begin)}, "
                f'expected "</{opened.tag}>", found "</{tag}>"'
            )
        if self.length > opened.start:
            self._entity(opened)

    def _entity(self, opened: _Open) -> None:
        attributes = opened.attributes
        entity: Json = {"offset": opened.start, "length": self.length - opened.start}
        if opened.tag == "a":
            url = attributes.get("href") or "".join(self.pieces[opened.at :])
            if not re.match(r"(?:https?|tg|ftp|tonsite)://\S|[\w-]+(?:\.[\w-]+)+", url):
                return  # a link that leads nowhere is dropped, its text stays
            entity |= {"type": "text_link", "url": url}
        elif opened.tag == "tg-emoji":
            entity |= {"type": "custom_emoji", "custom_emoji_id": attributes["emoji-id"]}
        elif opened.tag == "span":
            entity["type"] = "spoiler"
        elif opened.tag == "blockquote" and "expandable" in attributes:
            entity["type"] = "expandable_blockquote"
        else:
            entity["type"] = _PLAIN[opened.tag]
        language = attributes.get("class", "").removeprefix("language-")
        if opened.tag == "code" and self.opened and self.opened[-1].tag == "pre":
            if "class" in attributes:
                self.opened[-1].attributes["class"] = f"language-{language}"
            return  # the block around it is one entity
        if opened.tag == "pre" and language:
            entity["language"] = language
        self.found.append((entity, len(self.opened)))


def _character(match: re.Match[str]) -> str:
    return html.unescape(match.group())


def _error(text: str) -> ApiError:
    return bad(f"can't parse entities: {text}")
