"""The promises that every walk ends with can be broken: each is shown something that breaks it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from bot.sandbox.server import Fault
from tests.stage import Stage
from tests.walks import promises
from tests.walks.pictures import jpeg


@promises.needs_document
async def test_every_request_of_a_walk_through_all_calls_is_as_x_documents_it(
    signed_in: Stage, x_document: promises.Document
) -> None:
    owner, x = signed_in.owner, signed_in.x
    sent = owner.sends_photo(jpeg(), "a photo & <more>")
    shown = await owner.sees(lambda m: m.reply_to == sent.id and "Posted" in m.text)
    owner.sends_text("/post a text\nof two lines")
    await x.api.until(lambda: len(x.timeline()) == 2)
    # A lost answer, so that it has to be looked up.
    x.api.faults.add(Fault(method="POST", path="/2/tweets", drop="after"))
    owner.sends_text("/post lost and found")
    await x.api.until(lambda: bool(x.api.seen("GET", r"/2/users/\d+/tweets")))
    owner.presses(shown, "Delete")
    await owner.sees("Deleted on X", timeout=20)
    await signed_in.stop()
    x.v11 = "404"  # then the upload goes by v2
    await signed_in.start()
    sent = owner.sends_photo(jpeg(), "by v2")
    await owner.sees(lambda m: m.reply_to == sent.id and "Posted" in m.text, timeout=20)

    assert promises.x_would_understand(signed_in, x_document) >= 4
    asked = [e for e in x.api.exchanges if not e.path.startswith("/2/oauth2/")]
    known = {x_document.operation(e.method, e.path)[0] for e in asked if e.path.startswith("/2/")}
    assert known == {
        *("/2/tweets", "/2/tweets/{id}", "/2/users/me", "/2/users/{id}/tweets"),
        "/2/media/upload",
    }


@promises.needs_document
@pytest.mark.parametrize(
    ("method", "path", "query", "body"),
    [
        ("POST", "/2/tweets", "", {"text": "a", "mood": "good"}),
        ("POST", "/2/tweets", "", {"text": 5}),
        ("POST", "/2/tweets", "", {"text": "a", "media": {"media_ids": []}}),
        ("POST", "/2/tweets", "", {"media": {"media_ids": ["3_123"]}}),
        ("GET", "/2/users/1/tweets", "tweet.colour=red", None),
        ("GET", "/2/users/me/posts", "", None),
        ("PATCH", "/2/tweets", "", None),
    ],
)
def test_what_x_does_not_document_is_found_out(
    x_document: promises.Document, method: str, path: str, query: str, body: Any
) -> None:
    content = None if body is None else json.dumps(body).encode()
    with pytest.raises(Exception) as raised:
        x_document.check(method, path, query, content)
    assert type(raised.value).__name__ in ("AssertionError", "ValidationError")
    x_document.check("POST", "/2/tweets", "", b'{"text": "a", "media": {"media_ids": ["123"]}}')


def test_a_secret_is_found_in_whatever_spelling() -> None:
    secret = "se/cret+value="
    for text in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()):
        assert promises.leaked(f"before {text} after", {secret}) == ["se/cre…"]
    assert promises.leaked("nothing here", {secret}) == []


async def test_a_log_with_a_secret_and_a_message_with_one_are_found_out(stage: Stage) -> None:
    pair = stage.x.sign_in()
    stage.log.write_text(f"DEBUG oh: {pair['refresh_token']}\n")
    with pytest.raises(AssertionError, match="in the log"):
        promises.no_secret_got_out(stage)
    stage.log.write_text("DEBUG fine\n")
    promises.no_secret_got_out(stage)
    raw = {"chat": stage.owner.chat.raw, "date": 0, "text": f"It is {pair['access_token']}."}
    told = stage.telegram.world.post(stage.owner.chat, raw, from_bot=True)
    with pytest.raises(AssertionError, match="in the chat"):
        promises.no_secret_got_out(stage)
    stage.telegram.world.remove(stage.owner.chat, told)
    stage.data.mkdir()
    file = stage.data / f"cache-{stage.telegram.token}"
    file.touch()
    with pytest.raises(AssertionError, match="in a file's name"):
        promises.no_secret_got_out(stage)
    file.unlink()
    stage.data.chmod(0o700)


def test_a_file_or_folder_that_others_may_read_is_found_out(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    inner = tmp_path / "folder" / "file"
    inner.parent.mkdir(mode=0o700)
    inner.touch(mode=0o600)
    assert promises.modes(tmp_path) == {}
    for path, open_mode, private in ((inner, 0o640, 0o600), (inner.parent, 0o750, 0o700)):
        path.chmod(open_mode)
        assert promises.modes(tmp_path) == {str(path): oct(open_mode)}
        path.chmod(private)
