"""The example script, as somebody runs it: in a process of its own, with a keyboard."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from pathlib import Path

import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.x import X
from tests import makers
from tests.films import film

ROOT = Path(__file__).parent.parent


async def start(
    x: X, folder: Path, *arguments: str, environment: dict[str, str] | None = None
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "examples" / "post.py"),
        *("--folder", str(folder / "kept"), *arguments),
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            **(x.settings() if environment is None else environment),
        },
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def sign_in(script: asyncio.subprocess.Process, x: X) -> None:
    assert script.stdin is not None and script.stdout is not None
    assert b"paste the address" in await script.stdout.readline()
    link = (await script.stdout.readline()).decode().strip()
    script.stdin.write(b"https://example.org/not-it\n")
    assert b"NoCode" in await script.stdout.readline()
    script.stdin.write(f"{x.consent(link)}\n".encode())


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def end(script: asyncio.subprocess.Process) -> tuple[int | None, list[str], str]:
    out, err = await asyncio.wait_for(script.communicate(), 60)
    return script.returncode, out.decode().splitlines(), err.decode().strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.jpg").write_bytes(makers.encoded(makers.scene(), "JPEG"))
    (tmp_path / "b.png").write_bytes(makers.encoded(makers.scene(), "PNG"))
    (tmp_path / "moves.gif").write_bytes(makers.gif(3))
    (tmp_path / "film.mp4").write_bytes(film())
    return tmp_path


async def test_it_signs_in_and_posts_a_picture_a_gif_a_video_and_a_poll(folder: Path) -> None:
    x = X()
    await x.start()
    given = ("--picture", "a.jpg", "b.png", "--gif", "moves.gif", "--video", "film.mp4")
    script = await start(x, folder, *given, "--poll", "Tea or coffee?", "Tea", "Coffee")
    await sign_in(script, x)
    status, out, err = await end(script)
    posts = x.timeline()
    assert (status, err) == (0, "")
    assert out == [
        "Signed in as @sandbox",
        *(f"https://x.com/i/web/status/{post.id}" for post in posts),
    ]
    assert [post.text for post in posts] == ["A picture", "A GIF", "A video", "Tea or coffee?"]
    media = [medium for post in posts for medium in post.media]
    categories = ["tweet_image", "tweet_image", "tweet_gif", "tweet_video"]
    assert [medium.category for medium in media] == categories
    names = ("a.jpg", "b.png", "moves.gif", "film.mp4")
    assert [sha(m.bytes) for m in media] == [sha((folder / n).read_bytes()) for n in names]
    assert posts[-1].poll == {"options": ["Tea", "Coffee"], "duration_minutes": 1440}

    # The sign-in is kept, by nobody but its owner.
    again = await start(x, folder, "--poll", "And now?", "Tea", "Coffee")
    assert (await end(again))[0] == 0
    assert x.timeline()[-1].text == "And now?"
    assert (folder / "kept" / "telex.json").stat().st_mode & 0o077 == 0
    await x.stop()


async def test_it_says_in_a_line_what_went_wrong(folder: Path) -> None:
    x = X()
    await x.start()
    x.api.faults.add(Fault(path="/2/tweets", drop="after"))
    script = await start(x, folder, "--poll", "Tea or coffee?", "Tea", "Coffee")
    await sign_in(script, x)
    status, _, err = await end(script)
    assert (status, len(x.timeline())) == (1, 1)
    assert err == "X gave no clear answer: look whether the post is there before you try again."

    for arguments, words in (
        (("--picture", "none.jpg"), "FileNotFoundError"),
        (("--picture", x.url), "Barred"),
        (("--gif", "a.jpg"), "WrongKind"),
        (("--poll", "Which?", "Tea"), "ValueError: a poll has 2 to 4 options"),
    ):
        status, _, err = await end(await start(x, folder, *arguments))
        assert status == 1 and words in err and len(err.splitlines()) == 1
    await x.stop()


async def test_it_says_what_is_not_set(folder: Path) -> None:
    status, _, err = await end(await start(X(), folder, environment={}))
    assert (status, err) == (1, "'X_CLIENT_ID' is not set")
