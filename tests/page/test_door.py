"""Who may look at the page and act on it, and what it says to whom: plain HTTP, without a browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from bot.demo.stage import Stage
from bot.sandbox.page import STATIC, Page
from bot.sandbox.page_ledger import Ledger
from bot.sandbox.page_masks import COVER, Masks


class Still:
    """A scene without a bot."""

    def __init__(self, folder: Path) -> None:
        stage = Stage(folder)
        self.telegram, self.x = stage.telegram, stage.x
        self.owner, self.stranger = stage.owner, stage.stranger
        self.on_bot: list[Callable[[], None]] = []
        self.is_up = True

    async def kill(self) -> None:
        self.is_up = False

    async def revive(self) -> None:
        self.is_up = True


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    it = Page(Still(tmp_path))
    await it.start()
    yield it
    await it.stop()


@pytest.fixture
async def http(page: Page) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=page.door.url, trust_env=False, timeout=5) as client:
        yield client


READS = ["/", "/static/app.js", "/events", "/lines/1", "/files/x", "/media/x", "/samples/0"]


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "127.0.0.1"},
        {"host": "127.0.0.1:1"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"},
    ],
    ids=str,
)
async def test_nobody_elses_page_reads_anything(
    http: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    answer = await http.get(path, headers=headers)
    assert answer.status_code == 403
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "headers",
    [
        {},  # no Origin: no browser of today does that
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "http://localhost:{port}"},  # another name than the one that was asked
    ],
    ids=str,
)
async def test_nobody_elses_page_does_anything(
    page: Page, http: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    given = {name: value.format(port=page.door.port) for name, value in headers.items()}
    for act, body in (("text", {"text": "gm"}), ("bot", {"what": "kill"}), ("mend", {})):
        answer = await http.post(f"/do/{act}", json=body, headers=given)
        assert answer.status_code == 403
    assert page.scene.owner.chat.messages == []
    assert page.scene.is_up


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_the_page_itself_may(page: Page, http: httpx.AsyncClient, host: str) -> None:
    name = f"{host}:{page.door.port}"
    headers = {"host": name, "origin": f"http://{name}", "sec-fetch-site": "same-origin"}
    assert (await http.get("/", headers={"host": name})).status_code == 200
    answer = await http.post("/do/text", json={"text": "gm"}, headers=headers)
    assert answer.status_code == 200
    assert page.scene.owner.chat.last.text == "gm"


async def test_somebody_may_come_by_a_link(http: httpx.AsyncClient) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert (await http.get("/", headers=headers)).status_code == 200


async def test_it_listens_on_loopback_only(page: Page) -> None:
    listening = page.door._listening
    assert listening is not None
    assert {sock.getsockname()[0] for sock in listening.sockets} == {"127.0.0.1"}


async def test_everything_is_served_as_what_it_is_and_nothing_is_inline(
    http: httpx.AsyncClient,
) -> None:
    for file in STATIC.iterdir():
        answer = await http.get(f"/static/{file.name}")
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "unsafe" not in answer.headers["content-security-policy"]
    html = (await http.get("/")).text
    assert "<script>" not in html
    assert "<style" not in html
    assert " style=" not in html
    assert "https:" not in html
    for strange in ("..%2fpage.py", "%2e%2e", "nothing.js", "page.py"):
        assert (await http.get(f"/static/{strange}")).status_code == 404


async def test_a_sent_file_is_saved_and_never_run(page: Page, http: httpx.AsyncClient) -> None:
    sent = page.scene.owner.sends_document(b"<script>alert(1)</script>", "x.html", "text/html")
    answer = await http.get(f"/files/{sent.raw['document']['file_id']}")
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("act", "body", "told"),
    [
        ("text", {"text": " "}, "There is nothing to send."),
        ("text", {"text": "x" * 4097}, "A text has 1 to 4096 characters"),
        ("text", {"text": "gm", "reply": 99}, "That message is not there any more."),
        ("text", {"text": "gm", "reply": "²"}, "That message is not there any more."),
        ("poll", {"question": "?", "options": ["one"]}, "2 to 10 options"),
        ("poll", {"question": "?", "options": 5}, "2 to 10 options"),
        ("edit", {"message": 1, "text": "x"}, "That message is not there any more."),
        ("break", {"name": "everything", "on": True}, "That cannot be broken."),
        ("tour", {"what": "start"}, "There is no tour here."),
        ("text", [], "That was not understood."),
    ],
)
async def test_what_cannot_be_done_is_refused_in_a_sentence(
    page: Page, http: httpx.AsyncClient, act: str, body: object, told: str
) -> None:
    answer = await http.post(f"/do/{act}", json=body, headers={"origin": page.door.url})
    assert answer.status_code == 400
    assert told in answer.json()["error"]


async def test_an_edit_to_more_than_the_apps_let_one_write_is_refused_in_a_sentence(
    page: Page, http: httpx.AsyncClient
) -> None:
    sent = page.scene.owner.sends_photo(b"", "caption")
    body = {"message": sent.id, "text": "x" * 1025}
    answer = await http.post("/do/edit", json=body, headers={"origin": page.door.url})
    assert answer.status_code == 400
    assert "a caption of more than 1024." in answer.json()["error"]


async def test_more_than_ten_are_several_albums_and_files_never_mix_with_photos(
    page: Page, http: httpx.AsyncClient
) -> None:
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763"
        "f8ffff3f0005fe02fea73581e40000000049454e44ae426082"
    )
    photos = [("file", (f"{n}.png", png, "image/png")) for n in range(12)]
    files = [*photos, ("file", ("broken.jpg", b"no picture", "image/jpeg"))]
    answer = await http.post(
        "/do/files",
        files=files,
        data={"how": "album", "caption": "All", "note": [""] * 13},
        headers={"origin": page.door.url},
    )
    assert answer.status_code == 200, answer.text
    messages = page.scene.owner.chat.messages
    groups = [m.media_group_id for m in messages]
    assert [groups.count(g) for g in dict.fromkeys(groups)] == [10, 2, 1]
    assert groups[-1] is None
    assert "document" in messages[-1].raw  # what the app cannot show, it sends as it is
    assert [m.text for m in messages if m.text] == ["All"]


# -- the stream --------------------------------------------------------------------------------


async def events(
    ledger: Ledger, seen: str, until: Callable[[str, dict[str, object]], bool]
) -> list[tuple[str, dict[str, object]]]:
    found: list[tuple[str, dict[str, object]]] = []
    async with asyncio.timeout(5):
        async for block in ledger.follow(seen):
            for event in block.split("\n\n"):
                if not event.startswith("id: "):
                    continue
                name, data = event.split("\n", 1)
                found.append((name.removeprefix("id: "), json.loads(data.removeprefix("data: "))))
            if found and until(*found[-1]):
                return found
    raise AssertionError(found)


def is_ready(name: str, data: dict[str, object]) -> bool:
    return data["kind"] == "ready"


async def test_who_comes_back_gets_what_changed_meanwhile_and_nothing_twice() -> None:
    ledger = Ledger()
    ledger.put("post", "1", "one")
    ledger.put("post", "2", "two")
    first = await events(ledger, "", is_ready)
    assert [d["kind"] for _, d in first] == ["reset", "post", "post", "ready"]
    ledger.put("post", "1", "one, edited")
    ledger.put("post", "2", "two")  # as it was
    ledger.put("post", "3", "three")
    ledger.put("post", "3", None)
    again = await events(ledger, first[-1][0], is_ready)
    assert [(d.get("key"), d.get("value")) for _, d in again[:-1]] == [
        ("1", "one, edited"),
        ("3", None),
    ]


@pytest.mark.parametrize("seen", ["", "nonsense", "another.7", "x.²", "."])
async def test_who_has_seen_another_scene_begins_anew(seen: str) -> None:
    ledger = Ledger()
    ledger.put("post", "1", "one")
    assert [d["kind"] for _, d in await events(ledger, seen, is_ready)] == [
        "reset",
        "post",
        "ready",
    ]


async def test_the_stream_goes_on_where_last_event_id_says(
    page: Page, http: httpx.AsyncClient
) -> None:
    async with http.stream("GET", "/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line.startswith("id: "):
                last = line.removeprefix("id: ")
            if '"ready"' in line:
                break
    page.scene.owner.sends_text("While nobody looked")
    async with http.stream("GET", "/events", headers={"last-event-id": last}) as answer:
        data = [line async for line in _until_ready(answer)]
    assert "reset" not in "".join(data)
    assert sum("While nobody looked" in line for line in data) == 1


async def _until_ready(answer: httpx.Response) -> AsyncIterator[str]:
    async for line in answer.aiter_lines():
        yield line
        if '"ready"' in line:
            return


# -- the masks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/bot123456789:AAFsandboxsandboxsandboxsandboxsand/getMe", f"/bot123456789:{COVER}/getMe"),
        ("/callback?state=abc&code=def&x=1", f"/callback?state={COVER}&code={COVER}&x=1"),
        ("code_verifier=abc", f"code_verifier={COVER}"),
        ('OAuth oauth_signature="x%3D", a="b"', f'OAuth oauth_signature="{COVER}", a="b"'),
        ('<input name="state" value="abc">', f'<input name="state" value="{COVER}">'),
        ("The key is hush-hush-hush.", f"The key is {COVER}."),
        ("barcode=7 and 12:30", "barcode=7 and 12:30"),
    ],
)
def test_a_text_is_shown_without_its_secrets(text: str, shown: str) -> None:
    assert Masks(["hush-hush-hush", None, "short"]).text(text) == shown


def test_of_a_header_only_the_scheme_is_shown_and_of_json_no_token() -> None:
    masks = Masks(())
    assert masks.header("Authorization", "Bearer abc def") == f"Bearer {COVER}"
    assert masks.header("location", "/?code=1") == f"/?code={COVER}"
    given = {
        "access_token": "a",
        "processing_info": {"state": "pending"},
        "all": [{"refresh_token": "r"}],
    }
    assert masks.data(given) == {
        "access_token": COVER,
        "processing_info": {"state": "pending"},
        "all": [{"refresh_token": COVER}],
    }
    assert masks.field("code", "x") == COVER
