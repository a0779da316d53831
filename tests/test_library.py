"""The library without Telegram: what its docstring and docs/LIBRARY.md promise, run to the letter."""

from __future__ import annotations

import ast
import hashlib
import inspect
import math
import re
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import twitter_core
from bot.sandbox.x_consent import Unwilling
from tests import makers
from tests.films import film
from tests.local_x import LocalX, started
from tests.site import Site, answer
from twitter_core.errors import Forbidden, Refusal, Refused, SignInNeeded
from twitter_core.oauth1 import Keys
from twitter_core.oauth2 import App, Token
from twitter_core.post import Kind, Poll
from twitter_core.session import Pocket, Session

GUIDE = Path(__file__).parent.parent / "docs" / "LIBRARY.md"
NAMES: dict[str, Any] = {
    "App": App,
    "Keys": Keys,
    "Kind": Kind,
    "Path": Path,
    "Pocket": Pocket,
    "Poll": Poll,
}
NAMES |= {"Session": Session, "Token": Token, "math": math}


def table(title: str) -> dict[str, str]:
    """The rows of the table below a heading: what is there, and the example."""
    section = GUIDE.read_text("utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (.+?) \| `(.+?)` \|$", section, re.MULTILINE)
    assert len(rows) == len([line for line in section.splitlines() if line.startswith("|")]) - 2
    return {there.strip("`"): here for there, here in rows}


async def run(code: str, names: dict[str, Any]) -> Any:
    """The value of an example; what it assigns is in `names` afterwards."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    is_assignment = isinstance(ast.parse(code).body[0], ast.Assign)
    done = eval(compile(code, GUIDE.name, "exec" if is_assignment else "eval", flags), names)
    return await done if inspect.isawaitable(done) else done


@pytest.fixture
async def local() -> AsyncIterator[LocalX]:
    async with started() as it:
        yield it


def content(name: str) -> bytes:
    return Path(name).read_bytes()


# --- the docstring


async def test_the_example_of_the_docstring_signs_in_and_posts_a_photo(
    local: LocalX, tmp_path: Path
) -> None:
    code = [
        textwrap.dedent(block)
        for block in re.findall(r"(?:^    .*\n|^\n)+", f"{twitter_core.__doc__}\n", re.MULTILINE)
    ]
    example, imports = (block for block in code if block.strip())
    names: dict[str, Any] = {}
    exec(imports + example, names)
    assert len(example.strip().splitlines()) <= 11  # the line with `def`, and ten more

    picture = tmp_path / "picture.png"
    picture.write_bytes(makers.encoded(makers.scene(8, 8), "PNG"))

    async def ask(link: str) -> str:
        return local.x.consent(link)

    async with local.client() as client:
        endpoints = client.endpoints
    post_id = await names["post_photo"](endpoints, local.app, ask, picture, "Ten lines")
    (post,) = local.x.timeline()
    assert (post.id, post.text) == (post_id, "Ten lines")
    assert [media.bytes for media in post.media] == [picture.read_bytes()]


# --- the eleven functions

Check = Callable[[LocalX, SimpleNamespace], Awaitable[None]]
FUNCTIONS: dict[str, Check] = {}
PARAMETERS: dict[str, Check] = {}


def row(rows: dict[str, Check], name: str) -> Callable[[Check], Check]:
    def note(check: Check) -> Check:
        rows[name] = check
        return check

    return note


@row(FUNCTIONS, "get the authorization link")
async def _link(local: LocalX, names: SimpleNamespace) -> None:
    address = local.x.consent(names.link)  # raises where X would show an error
    await names.session.land(address, names.pending)


@row(FUNCTIONS, "get a token from a code")
async def _code(local: LocalX, names: SimpleNamespace) -> None:
    assert names.token.access_token in [token.access for token in local.x.world.tokens]
    assert (await names.session.account()).username == "sandbox"


@row(FUNCTIONS, "refresh the token")
async def _refresh(local: LocalX, names: SimpleNamespace) -> None:
    old, new = local.x.world.tokens
    assert old.spent and names.token.access_token == new.access
    assert names.token.refresh_token == new.refresh
    assert (await names.session.account()).id == local.x.account.id


@row(FUNCTIONS, "handle the request that arrives after authorization")
async def _request(local: LocalX, names: SimpleNamespace) -> None:
    (token,) = local.x.world.tokens
    assert (names.token.access_token, names.token.refresh_token) == (token.access, token.refresh)
    assert (await names.session.account()).username == "sandbox"


@row(FUNCTIONS, "create a custom tweet")
async def _custom(local: LocalX, names: SimpleNamespace) -> None:
    first, post = local.x.timeline()
    assert (post.id, post.text, post.reply_to) == (names.post.id, "Two of them", first.id)
    assert [media.id for media in post.media] == names.media_ids


@row(FUNCTIONS, "create a text tweet")
async def _text(local: LocalX, names: SimpleNamespace) -> None:
    post = local.x.timeline()[-1]
    assert (post.id, post.text, post.media) == (names.post.id, "Good morning", ())


@row(FUNCTIONS, "create an image tweet")
async def _image(local: LocalX, names: SimpleNamespace) -> None:
    assert [(m.bytes, m.category) for m in local.media] == [
        (content("a.jpg"), "tweet_image"),
        (content("b.png"), "tweet_image"),
    ]


@row(FUNCTIONS, "create a GIF tweet")
async def _gif(local: LocalX, names: SimpleNamespace) -> None:
    (media,) = local.media
    assert (media.category, media.bytes) == ("tweet_gif", content("moves.gif"))


@row(FUNCTIONS, "create a video tweet")
async def _video(local: LocalX, names: SimpleNamespace) -> None:
    (media,) = local.media
    assert media.category == "tweet_video"
    assert sha(media.bytes) == sha(content("film.mp4"))
    # At X's own pace: the clock moves with the pauses alone, and X counts them.
    assert len(local.pauses) == 2 and media.state == "succeeded"


@row(FUNCTIONS, "create a poll tweet")
async def _poll(local: LocalX, names: SimpleNamespace) -> None:
    post = local.x.timeline()[-1]
    assert (post.id, post.text) == (names.post.id, "Tea or coffee?")
    assert post.poll == {"options": ["Tea", "Coffee"], "duration_minutes": 60}


@row(FUNCTIONS, "upload an array of attachments")
async def _array(local: LocalX, names: SimpleNamespace) -> None:
    stored = local.x.world.media
    got = [stored[one.media_id] for one in names.media]
    assert [m.category for m in got] == ["tweet_image"] * 3
    wanted = (content("a.jpg"), names.data, content("b.png"))
    assert [m.bytes for m in got] == list(wanted)
    await names.session.post("All of them", media=names.media)
    assert [m.id for m in local.media] == [one.media_id for one in names.media]


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "a.jpg").write_bytes(makers.encoded(makers.scene(), "JPEG"))
    (tmp_path / "b.png").write_bytes(makers.encoded(makers.scene(), "PNG"))
    (tmp_path / "moves.gif").write_bytes(makers.gif(3))
    (tmp_path / "film.mp4").write_bytes(film())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_first_table_lists_the_functions_that_are_tested() -> None:
    assert set(table("The functions")) == set(FUNCTIONS) and len(FUNCTIONS) == 11


@pytest.mark.parametrize("name", FUNCTIONS)
async def test_a_function_of_the_table_does_what_it_says(
    local: LocalX, folder: Path, name: str
) -> None:
    site = Site()
    await site.start()
    site.pages["/b.png"] = answer(content("b.png"))
    async with local.client() as client:
        session = local.session(client, local.token)
        names: dict[str, Any] = {**NAMES, "session": session}
        names["data"] = makers.encoded(makers.scene(20, 20), "PNG")
        names["url"] = f"http://127.0.0.1:{site.port}/b.png"
        if name == "create a custom tweet":
            names["post_id"] = (await session.post("The first")).id
            media = await session.upload([Path("a.jpg"), Path("b.png")])
            names["media_ids"] = [one.media_id for one in media]
        elif "authorization" in name or "code" in name:
            local.x.world.tokens.clear()
            names["session"] = session = local.session(client)
            link, names["pending"] = session.begin()
            names["url"] = address = local.x.consent(link)
            names["code"] = re.findall(r"code=([^&]+)", address)[0]
        await run(table("The functions")[name], names)
        await FUNCTIONS[name](local, SimpleNamespace(**names))
    await site.stop()


# --- the ten parameters: each does its work, and each is missed where it is wrong


@row(PARAMETERS, "redirect_uri")
async def _redirect_uri(local: LocalX, names: SimpleNamespace) -> None:
    local.x.app.redirect_uris[:] = ["https://example.org/landed"]
    names.redirect_uri = "https://example.org/landed"
    assert (await signed_in(local, await names.example())).username == "sandbox"
    names.redirect_uri = "https://example.org/landed/"
    with pytest.raises(Unwilling, match="redirect_uri"):
        await signed_in(local, await names.example())


@row(PARAMETERS, "scope")
async def _scope(local: LocalX, names: SimpleNamespace) -> None:
    names.scope = "tweet.read tweet.write users.read"
    await signed_in(local, await names.example())
    (token,) = local.x.world.tokens
    assert token.scope == ("tweet.read", "tweet.write", "users.read") and token.refresh is None


@row(PARAMETERS, "client_id")
async def _client_id(local: LocalX, names: SimpleNamespace) -> None:
    assert (await signed_in(local, await names.example())).username == "sandbox"
    names.client_id = "another"
    with pytest.raises(Unwilling, match="client_id"):
        await signed_in(local, await names.example())


@row(PARAMETERS, "client_secret")
async def _client_secret(local: LocalX, names: SimpleNamespace) -> None:
    assert (await signed_in(local, await names.example())).username == "sandbox"
    names.client_secret = "another"
    with pytest.raises(Forbidden) as caught:
        await signed_in(local, await names.example())
    assert caught.value.refusal is Refusal.BAD_CLIENT


@row(PARAMETERS, "access_token")
async def _access_token(local: LocalX, names: SimpleNamespace) -> None:
    names.access_token = local.token.access_token
    await (await names.example()).post("With a token")
    assert [post.text for post in local.x.timeline()] == ["With a token"]
    names.access_token = "another"
    with pytest.raises(SignInNeeded):
        await (await names.example()).post("With another")


@row(PARAMETERS, "refresh_token")
async def _refresh_token(local: LocalX, names: SimpleNamespace) -> None:
    names.refresh_token = local.token.refresh_token
    await (await names.example()).post("With a new pair")
    assert [post.text for post in local.x.timeline()] == ["With a new pair"]
    names.refresh_token = "another"
    with pytest.raises(SignInNeeded):
        await (await names.example()).post("With another")


async def keys_of_the_example_work(local: LocalX, names: SimpleNamespace, name: str) -> None:
    async def upload() -> None:
        async with local.client(keys=await names.example()) as client:
            session = local.session(client, local.token)
            await session.post_files("By v1.1", makers.encoded(makers.scene(), "PNG"))

    await upload()
    assert [media.via for media in local.media] == ["v1.1"]
    setattr(names, name, "another")
    with pytest.raises(Refused) as caught:
        await upload()
    assert caught.value.refusal is Refusal.BAD_OAUTH1


@row(PARAMETERS, "oauth_token")
async def _oauth_token(local: LocalX, names: SimpleNamespace) -> None:
    await keys_of_the_example_work(local, names, "oauth_token")


@row(PARAMETERS, "oauth_token_secret")
async def _oauth_token_secret(local: LocalX, names: SimpleNamespace) -> None:
    await keys_of_the_example_work(local, names, "oauth_token_secret")


@row(PARAMETERS, "oauth_consumer_key")
async def _oauth_consumer_key(local: LocalX, names: SimpleNamespace) -> None:
    await keys_of_the_example_work(local, names, "oauth_consumer_key")


@row(PARAMETERS, "oauth_consumer_secret")
async def _oauth_consumer_secret(local: LocalX, names: SimpleNamespace) -> None:
    await keys_of_the_example_work(local, names, "oauth_consumer_secret")


async def signed_in(local: LocalX, app: App) -> Any:
    """Who is signed in, after the whole walk with this app."""
    async with local.client(app) as client:
        session = local.session(client)
        link, pending = session.begin()
        await session.land(local.x.consent(link), pending)
        return await session.account()


def test_the_second_table_lists_the_parameters_that_are_tested() -> None:
    assert set(table("The parameters")) == set(PARAMETERS) and len(PARAMETERS) == 10


@pytest.mark.parametrize("name", PARAMETERS)
async def test_a_parameter_of_the_table_has_its_place(local: LocalX, name: str) -> None:
    app, keys = local.app, local.keys
    example = table("The parameters")[name]
    assert re.search(rf"\b{name}\b", example)
    async with local.client() as client:
        names = SimpleNamespace(
            client=client,
            client_id=app.client_id,
            client_secret=app.client_secret,
            redirect_uri=app.redirect_uri,
            consumer_key=keys.consumer_key,
            consumer_secret=keys.consumer_secret,
            token=keys.token,
            token_secret=keys.token_secret,
            oauth_consumer_key=keys.consumer_key,
            oauth_consumer_secret=keys.consumer_secret,
            oauth_token=keys.token,
            oauth_token_secret=keys.token_secret,
        )
        names.example = lambda: run(example, {**NAMES, **vars(names)})
        await PARAMETERS[name](local, names)


# --- the rest of the guide


def test_the_script_at_the_top_of_the_guide_is_python_and_its_imports_are_there() -> None:
    (script,) = re.findall(r"```python\n(.+?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    imports = [line for line in script.splitlines() if line.startswith(("import", "from"))]
    exec("\n".join(imports), {})
    compile(script, GUIDE.name, "exec")


def test_every_name_of_a_module_in_the_guide_is_there() -> None:
    import importlib

    text = GUIDE.read_text("utf-8")
    rooms = "errors media oauth1 oauth2 session sources store tokens vault ways publisher upload"
    named = re.findall(rf"`(?:twitter_core\.)?({'|'.join(rooms.split())})\.(\w+)[`(]", text)
    assert len(named) > 8
    for module, name in named:
        if name != "py":
            # `session` is the module, and in the examples an object.
            found = (
                importlib.import_module(f"twitter_core.{module}"),
                module == "session" and Session,
            )
            assert any(hasattr(one, name) for one in found), name
