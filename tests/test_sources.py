"""Files from paths, bytes and URLs: what is fetched, and above all what is not."""

from __future__ import annotations

import asyncio
import datetime
import gzip
import ipaddress
import ssl
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

import httpcore
import pytest

from tests.site import Site, answer, redirect
from twitter_core.errors import Unsent, XError
from twitter_core.sources import Barred, Bounds, Source, Web, Why, local, resolve

PUBLIC, OTHER = "93.184.216.34", "2606:4700:4700::1111"


class Net(httpcore.AsyncNetworkBackend):
    """An internet with one site in it, whatever address it is asked for."""

    def __init__(self, site: Site) -> None:
        self.asked: list[str] = []
        self.connected: list[tuple[str, int]] = []
        self.names: dict[str, list[list[str]]] = {"files.example": [[PUBLIC]]}
        self.deaf: set[str] = set()
        self._site = site

    async def resolve(self, host: str, port: int) -> list[str]:
        """The next answer for a name; the last one for good."""
        self.asked.append(host)
        if host not in self.names:
            raise OSError("no such name")
        answers = self.names[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.connected.append((host, port))
        if host in self.deaf:
            raise httpcore.ConnectError("nobody there")
        return await httpcore.AnyIOBackend().connect_tcp("127.0.0.1", self._site.port, timeout)

    def web(self, tls: ssl.SSLContext | None = None, **bounds: Any) -> Web:
        return Web(Bounds(**bounds), resolve=self.resolve, network=self, tls=tls)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    it = Site()
    await it.start()
    yield it
    await it.stop()


@pytest.fixture
def net(site: Site) -> Net:
    return Net(site)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def read(file: Path) -> bytes | None:
    return file.read_bytes() if file.exists() else None


def left(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def barred(web: Web, url: str, file: Path) -> Barred:
    with pytest.raises(Barred) as caught:
        await asyncio.wait_for(web.fetch(url, file), 10)
    return caught.value


# --- what is fetched


async def test_a_file_is_fetched_whole(site: Site, net: Net, file: Path) -> None:
    body = bytes(range(256)) * 999
    site.pages["/a.png?size=1"] = answer(body)
    await net.web().fetch("http://files.example/a.png?size=1", file)
    assert read(file) == body
    assert net.connected == [(PUBLIC, 80)]


async def test_the_site_is_asked_by_its_name_and_told_nothing_of_us(
    site: Site, net: Net, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://proxy.example:1")
    site.pages["/a"] = answer(b"whole")
    await net.web().fetch("http://files.example:81/a", file)
    head = site.heads[0].lower()
    assert "\r\nhost: files.example:81\r\n" in head
    assert "\r\naccept-encoding: identity\r\n" in head and "\r\nuser-agent: telex" in head
    assert "cookie:" not in head and "authorization:" not in head
    assert net.connected == [(PUBLIC, 81)]


async def test_an_answer_without_a_length_is_fetched_whole(
    site: Site, net: Net, file: Path
) -> None:
    site.pages["/a"] = answer(
        b"5\r\nwhole\r\n0\r\n\r\n", content_length="", transfer_encoding="chunked"
    )
    await net.web().fetch("http://files.example/a", file)
    assert read(file) == b"whole"


# --- which URLs are not asked at all


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.png",
        "/etc/passwd",
        "//files.example/a",
        "file:///etc/passwd",
        "file://files.example/a",
        "ftp://files.example/a",
        "gopher://files.example/a",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "ws://files.example/a",
        "socks5://files.example/a",
        "http:files.example/a",
        "http:///a",
        "http://",
        "http://files.example:0/a",
        "http://files.example:99999/a",
        "http://files.example\\@files.example/a",
        "http://files.exam\nple/a",
        "http://0177.0.0.1/a",
        "http://①②⑦.0.0.1/a",
        "http://xn--/a",
        "http://files.example/" + "a" * 5000,
    ],
)
async def test_a_url_that_is_not_http_or_not_whole_is_not_asked(
    net: Net, file: Path, url: str
) -> None:
    error = await barred(net.web(private=True), url, file)
    assert error.why is Why.URL and str(error).startswith("url")  # and no tuple
    assert (net.asked, net.connected, read(file)) == ([], [], None)


@pytest.mark.parametrize("who", ["me:secret", "me", ":secret", "files.example"])
async def test_a_url_with_credentials_is_not_asked(net: Net, file: Path, who: str) -> None:
    error = await barred(net.web(), f"http://{who}@files.example/a", file)
    assert error.why is Why.CREDENTIALS and "secret" not in repr(error)
    assert (net.asked, net.connected) == ([], [])


# --- which addresses are not asked


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "127.1",
        "0",
        "0.0.0.0",
        "2130706433",
        "0x7f000001",
        "127。0。0。1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
    ],
)
async def test_this_machine_is_not_asked_however_it_is_written(
    site: Site, file: Path, host: str
) -> None:
    site.pages["/a"] = answer(b"a secret of this machine")
    error = await barred(Web(), f"http://{host}:{site.port}/a", file)
    assert error.why is Why.ADDRESS
    assert (site.connections, read(file)) == (0, None)


@pytest.mark.parametrize("address", ["10.0.0.7", "169.254.169.254", "fe80::1", "fd00:ec2::254"])
async def test_a_name_that_leads_into_a_house_is_not_followed(
    net: Net, file: Path, address: str
) -> None:
    net.names["files.example"] = [[address]]
    error = await barred(net.web(), "http://files.example/a", file)
    assert (error.why, error.detail, net.connected) == (Why.ADDRESS, address, [])


@pytest.mark.parametrize("turn", [slice(None), slice(None, None, -1)], ids=["first", "last"])
async def test_one_address_that_is_not_public_bars_the_name(
    net: Net, file: Path, turn: slice
) -> None:
    net.names["files.example"] = [[PUBLIC, OTHER, "192.168.1.1"][turn]]
    assert (await barred(net.web(), "http://files.example/a", file)).why is Why.ADDRESS
    assert net.connected == []


async def test_a_name_that_changes_its_mind_is_connected_where_it_was_looked_at(
    site: Site, net: Net, file: Path
) -> None:
    net.names["files.example"] = [[PUBLIC], ["127.0.0.1"]]
    site.pages["/a"] = answer(b"whole")
    await net.web().fetch("http://files.example/a", file)
    assert net.connected == [(PUBLIC, 80)]
    assert net.asked == ["files.example"]


async def test_a_name_that_changes_its_mind_before_the_next_step_is_looked_at_again(
    site: Site, net: Net, file: Path
) -> None:
    net.names["files.example"] = [[PUBLIC], ["127.0.0.1"]]
    site.pages["/a"] = redirect("/b")
    site.pages["/b"] = answer(b"a secret of this machine")
    error = await barred(net.web(), "http://files.example/a", file)
    assert (error.why, error.detail) == (Why.ADDRESS, "127.0.0.1")
    assert (net.connected, site.connections) == ([(PUBLIC, 80)], 1)


async def test_an_address_of_a_house_is_asked_where_that_is_allowed(site: Site, file: Path) -> None:
    site.pages["/a"] = answer(b"whole")
    await Web(Bounds(private=True)).fetch(f"http://localhost:{site.port}/a", file)
    assert read(file) == b"whole"


async def test_the_next_address_of_a_name_is_tried_where_one_does_not_answer(
    site: Site, net: Net, file: Path
) -> None:
    net.names["files.example"] = [[OTHER, PUBLIC]]
    net.deaf.add(OTHER)
    site.pages["/a"] = answer(b"whole")
    await net.web().fetch("http://files.example/a", file)
    assert net.connected == [(OTHER, 80), (PUBLIC, 80)]


async def test_a_name_with_a_thousand_deaf_addresses_is_given_up(net: Net, file: Path) -> None:
    net.names["files.example"] = [[f"93.184.{n // 250}.{n % 250}" for n in range(1000)]]
    net.deaf.update(net.names["files.example"][0])
    with pytest.raises(Unsent):
        await net.web().fetch("http://files.example/a", file)
    assert len(net.connected) < 10


async def test_the_systems_resolver_gives_every_address_once() -> None:
    assert set(await resolve("localhost", 80)) <= {"127.0.0.1", "::1"}
    assert await resolve("127.0.0.1", 80) == ["127.0.0.1"]


# --- redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed(site: Site, net: Net, file: Path, status: int) -> None:
    net.names["mirror.example"] = [[OTHER]]
    site.pages["/a"] = redirect("http://mirror.example/x/b", f"{status} Moved")
    site.pages["/x/b"] = redirect("../c")
    site.pages["/c"] = answer(b"whole")
    await net.web().fetch("http://files.example/a", file)
    assert read(file) == b"whole"
    assert [host for host, _ in net.connected] == [PUBLIC, OTHER, OTHER]


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("http://127.0.0.1/", Why.ADDRESS),
        ("http://[::ffff:10.0.0.1]/", Why.ADDRESS),
        ("//metadata.example/latest", Why.ADDRESS),
        ("http://me:secret@files.example/b", Why.CREDENTIALS),
        ("file:///etc/passwd", Why.URL),
        ("ftp://files.example/b", Why.URL),
        ("http://files.example\\@metadata.example/", Why.REDIRECT),
        ("", Why.REDIRECT),
    ],
)
async def test_what_a_redirect_leads_to_is_looked_at_again(
    site: Site, net: Net, file: Path, to: str, why: Why
) -> None:
    for host in ("127.0.0.1", "::ffff:10.0.0.1"):
        net.names[host] = [[host]]
    net.names["metadata.example"] = [["169.254.169.254"]]
    site.pages["/a"] = redirect(to)
    site.pages["/b"] = answer(b"whole")
    assert (await barred(net.web(), "http://files.example/a", file)).why is why
    assert net.connected == [(PUBLIC, 80)]


@pytest.mark.parametrize(("steps", "goes"), [(3, True), (4, False)])
async def test_three_redirects_are_followed_and_a_fourth_is_not(
    site: Site, net: Net, file: Path, steps: int, goes: bool
) -> None:
    for n in range(steps):
        site.pages[f"/{n}"] = redirect(f"/{n + 1}")
    site.pages[f"/{steps}"] = answer(b"whole")
    if goes:
        await net.web().fetch("http://files.example/0", file)
        return
    assert (await barred(net.web(), "http://files.example/0", file)).why is Why.REDIRECTS
    assert len(site.heads) == 4


async def test_a_cookie_is_not_brought_back(site: Site, net: Net, file: Path) -> None:
    site.pages["/a"] = redirect("/b", set_cookie="who=you; Path=/")
    site.pages["/b"] = answer(b"whole")
    await net.web().fetch("http://files.example/a", file)
    assert "who" not in site.heads[1]


# --- how much


async def test_a_file_of_just_the_size_that_is_allowed_is_fetched(
    site: Site, net: Net, file: Path
) -> None:
    site.pages["/a"] = answer(b"x" * 1000)
    await net.web(size=1000).fetch("http://files.example/a", file)
    assert len(read(file) or b"") == 1000


async def test_a_file_that_says_it_is_too_large_is_not_waited_for(
    site: Site, net: Net, file: Path
) -> None:
    async def never_ends(writer: asyncio.StreamWriter) -> None:
        writer.write(answer(content_length=1001))
        await asyncio.Event().wait()

    site.pages["/a"] = never_ends
    error = await barred(net.web(size=1000), "http://files.example/a", file)
    assert error.why is Why.SIZE and read(file) is None


async def test_a_file_that_does_not_end_is_cut_off(site: Site, net: Net, file: Path) -> None:
    async def never_ends(writer: asyncio.StreamWriter) -> None:
        writer.write(answer(content_length="", transfer_encoding="chunked"))
        while True:
            writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
            await writer.drain()

    site.pages["/a"] = never_ends
    assert (await barred(net.web(size=50_000), "http://files.example/a", file)).why is Why.SIZE
    assert len(read(file) or b"") <= 50_000


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
async def test_what_is_packed_all_the_same_is_unpacked(
    site: Site, net: Net, file: Path, pack: Callable[[bytes], bytes]
) -> None:
    body = bytes(range(256)) * 20_000
    encoding = "gzip" if pack is gzip.compress else "deflate"
    site.pages["/a"] = answer(pack(body), content_encoding=encoding)
    await net.web().fetch("http://files.example/a", file)
    assert read(file) == body


async def test_a_bomb_is_cut_off_and_takes_no_memory(site: Site, net: Net, file: Path) -> None:
    bomb = gzip.compress(b"\0" * 200_000_000, compresslevel=9)
    site.pages["/a"] = answer(bomb, content_encoding="gzip")
    web = net.web(size=10_000_000)
    tracemalloc.start()
    try:
        error = await barred(web, "http://files.example/a", file)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert error.why is Why.SIZE
    assert len(read(file) or b"") <= 10_000_000
    assert peak < 8_000_000


@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip", "\u00b9"])
async def test_a_packing_that_is_not_known_is_barred(
    site: Site, net: Net, file: Path, encoding: str
) -> None:
    site.pages["/a"] = answer(b"whole", content_encoding=encoding)
    assert (await barred(net.web(), "http://files.example/a", file)).why is Why.ENCODING


async def test_a_broken_packing_is_barred(site: Site, net: Net, file: Path) -> None:
    site.pages["/a"] = answer(b"not gzip at all", content_encoding="gzip")
    assert (await barred(net.web(), "http://files.example/a", file)).why is Why.ENCODING


@pytest.mark.parametrize("packed", [True, False])
async def test_a_file_that_is_cut_short_is_not_taken_for_whole(
    site: Site, net: Net, file: Path, packed: bool
) -> None:
    if packed:
        site.pages["/a"] = answer(gzip.compress(b"whole" * 99)[:-9], content_encoding="gzip")
    else:
        site.pages["/a"] = answer(b"whol", content_length=5)
    with pytest.raises(Unsent):
        await net.web().fetch("http://files.example/a", file)


# --- how long


async def test_a_site_that_trickles_is_left_when_the_time_is_up(
    site: Site, net: Net, file: Path
) -> None:
    async def trickles(writer: asyncio.StreamWriter) -> None:
        writer.write(answer(content_length=10**6))
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    site.pages["/a"] = trickles
    with pytest.raises(Unsent, match=r"within 0\.3 s"):
        await asyncio.wait_for(net.web(seconds=0.3).fetch("http://files.example/a", file), 10)


async def test_the_time_counts_for_all_steps_together(site: Site, net: Net, file: Path) -> None:
    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(redirect("/a"))

    site.pages["/a"] = slow
    web = net.web(seconds=0.3, redirects=99)
    with pytest.raises(Unsent, match=r"within 0\.3 s"):
        await asyncio.wait_for(web.fetch("http://files.example/a", file), 10)


async def test_a_name_that_is_looked_up_for_ever_is_left_too(file: Path) -> None:
    async def never(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    web = Web(Bounds(seconds=0.2), resolve=never)
    with pytest.raises(Unsent, match=r"within 0\.2 s"):
        await asyncio.wait_for(web.fetch("http://files.example/a", file), 10)


# --- what goes wrong


@pytest.mark.parametrize("status", [204, 206, 304, 401, 403, 404, 410])
async def test_an_answer_without_the_file_is_barred(
    site: Site, net: Net, file: Path, status: int
) -> None:
    site.pages["/a"] = answer(b"", f"{status} No", content_length="")
    error = await barred(net.web(), "http://files.example/a", file)
    assert (error.why, error.detail, read(file)) == (Why.STATUS, str(status), None)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
async def test_trouble_that_passes_may_be_tried_again(
    site: Site, net: Net, file: Path, status: int
) -> None:
    site.pages["/a"] = answer(b"", f"{status} Later")
    with pytest.raises(Unsent):
        await net.web().fetch("http://files.example/a", file)


async def test_no_answer_and_no_such_host_may_be_tried_again(
    site: Site, net: Net, file: Path
) -> None:
    site.pages["/a"] = b""
    for url in ("http://files.example/a", "http://nowhere.example/a"):
        with pytest.raises(Unsent):
            await net.web().fetch(url, file)


async def test_a_name_that_cannot_be_written_is_barred(file: Path) -> None:
    error = await barred(Web(), f"http://{'a' * 70}.example/a", file)
    assert error.why is Why.URL


async def test_no_error_tells_the_url(site: Site, net: Net, file: Path) -> None:
    site.pages["/secret?key=secret"] = answer(b"", "404 No")
    site.pages["/other?key=secret"] = answer(b"", "500 No")
    for path in ("secret", "other"):
        with pytest.raises(XError) as caught:
            await net.web().fetch(f"http://files.example/{path}?key=secret", file)
        assert "secret" not in repr(caught.value)


# --- TLS


def certificate(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """For a server of that name, and for those who trust it."""
    from cryptography import x509  # Authlib brings it along
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = signed.public_bytes(serialization.Encoding.PEM)
    (folder / "pem").write_bytes(
        pem
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "pem")
    client = ssl.create_default_context(cadata=pem.decode())
    return server, client


@pytest.mark.parametrize(("name", "fits"), [("files.example", True), ("evil.example", False)])
async def test_a_site_proves_its_name_although_it_is_reached_by_its_address(
    tmp_path: Path, file: Path, name: str, fits: bool
) -> None:
    server, trusting = certificate(name, tmp_path)
    asked: list[str | None] = []
    server.sni_callback = lambda _, name, __: asked.append(name)
    site = Site()
    await site.start(server)
    site.pages["/a"] = answer(b"whole")
    net = Net(site)
    try:
        if fits:
            await net.web(trusting).fetch("https://files.example/a", file)
            assert read(file) == b"whole"
        else:
            with pytest.raises(Unsent):
                await net.web(trusting).fetch("https://files.example/a", file)
    finally:
        await site.stop()
    assert (net.connected, asked) == ([(PUBLIC, 443)], ["files.example"])


async def test_a_redirect_does_not_lead_out_of_tls(tmp_path: Path, file: Path) -> None:
    server, trusting = certificate("files.example", tmp_path)
    site = Site()
    await site.start(server)
    site.pages["/a"] = redirect("http://files.example/b")
    net = Net(site)
    try:
        error = await barred(net.web(trusting), "https://files.example/a", file)
    finally:
        await site.stop()
    assert (error.why, net.connected) == (Why.REDIRECT, [(PUBLIC, 443)])


# --- any source


async def test_a_path_is_used_where_it_is(tmp_path: Path, net: Net) -> None:
    mine = tmp_path / "mine.png"
    mine.write_bytes(b"whole")
    async with local(mine, net.web()) as path:
        assert path == mine
    assert mine.read_bytes() == b"whole"


@pytest.mark.parametrize("source", [b"whole", "http://files.example/a"])
async def test_bytes_and_urls_become_a_private_file_for_as_long_as_it_is_needed(
    site: Site, net: Net, source: Source
) -> None:
    site.pages["/a"] = answer(b"whole")
    async with local(source, net.web()) as path:
        assert path.read_bytes() == b"whole"
        assert path.parent.stat().st_mode & 0o077 == 0
    assert not path.parent.exists()


async def test_nothing_is_left_of_a_download_that_was_barred(
    site: Site, net: Net, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    site.pages["/a"] = answer(b"x" * 99, content_length="", connection="close")
    with pytest.raises(Barred):
        async with local("http://files.example/a", net.web(size=50)):
            pass
    assert not left(tmp_path)


async def test_a_text_is_never_taken_for_a_path(tmp_path: Path, net: Net) -> None:
    mine = tmp_path / "mine.png"
    mine.write_bytes(b"whole")
    for text in (str(mine), mine.as_uri()):
        with pytest.raises(Barred):
            async with local(text, net.web()):
                pass


def test_a_public_address_of_these_tests_is_one() -> None:
    assert all(ipaddress.ip_address(one).is_global for one in (PUBLIC, OTHER))
