"""The library without Telegram: what its docstring promises."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

import twitter_core
from bot.sandbox.x import X
from twitter_core.client import Endpoints
from twitter_core.oauth2 import App


async def test_the_example_of_the_docstring_signs_in_and_posts_a_photo(tmp_path: Path) -> None:
    code = [
        textwrap.dedent(block) for block in re.findall(r"(?:^    .*\n|^\n)+", _doc(), re.MULTILINE)
    ]
    example, imports = (block for block in code if block.strip())
    names: dict[str, Any] = {}
    exec(imports + example, names)
    assert len(example.strip().splitlines()) <= 11  # the line with `def`, and ten more

    x = X()
    await x.start()
    try:
        picture = tmp_path / "picture.png"
        picture.write_bytes(_png())

        async def ask(link: str) -> str:
            return x.consent(link)

        app = App(x.app.client_id, x.app.client_secret or "", x.app.redirect_uris[0])
        endpoints = Endpoints(x.url, x.upload_url, f"{x.url}/i/oauth2/authorize")
        post_id = await names["post_photo"](endpoints, app, ask, picture, "Ten lines")
        (post,) = x.timeline()
        assert (post.id, post.text) == (post_id, "Ten lines")
        assert [media.bytes for media in post.media] == [picture.read_bytes()]
    finally:
        await x.stop()


def _doc() -> str:
    return (twitter_core.__doc__ or "") + "\n"


def _png() -> bytes:
    from io import BytesIO

    from PIL import Image

    content = BytesIO()
    Image.new("RGB", (8, 8), "navy").save(content, "PNG")
    return content.getvalue()
