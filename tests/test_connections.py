"""Connections opened ahead, over real sockets on loopback, with and without TLS."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from twitter_core.connections import Spares


class Server:
    """Answers every request; says when it has accepted and when a peer has gone."""

    def __init__(self) -> None:
        self.accepted = 0
        self.asked = 0
        self.gone = asyncio.Event()
        self.writers: list[asyncio.StreamWriter] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self.writers.append(writer)
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.asked += 1
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            self.gone.set()
        writer.close()


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that vouches for itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + cert.public_bytes(serialization.Encoding.PEM)
    )
    return file


class House:
    def __init__(self, scheme: str, port: int, tls: ssl.SSLContext, server: Server) -> None:
        self.url = httpcore.URL(f"{scheme}://127.0.0.1:{port}/")
        self.server = server
        self.spares = Spares(tls)
        self.pool = httpcore.AsyncConnectionPool(ssl_context=tls, network_backend=self.spares)

    async def ask(self) -> int:
        return (await self.pool.request("GET", self.url)).status


@pytest.fixture(params=["http", "https"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    server = Server()
    theirs, ours = None, ssl.create_default_context()
    if request.param == "https":
        file = certificate(tmp_path)
        theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        theirs.load_cert_chain(file)
        ours.load_verify_locations(file)
    listener = await asyncio.start_server(server, "127.0.0.1", 0, ssl=theirs)
    house = House(request.param, listener.sockets[0].getsockname()[1], ours, server)
    yield house
    await house.pool.aclose()
    await house.spares.aclose()
    listener.close()
    for writer in server.writers:
        writer.close()


async def test_the_next_request_finds_the_connection_and_its_handshake_done(house: House) -> None:
    await house.spares.open(house.url)
    assert (house.server.accepted, house.server.asked) == (1, 0)
    assert await house.ask() == 200
    assert await house.ask() == 200
    assert (house.server.accepted, house.server.asked) == (1, 2)


async def test_there_is_one_spare_a_host_at_most(house: House) -> None:
    await asyncio.gather(*(house.spares.open(house.url) for _ in range(5)))
    await house.spares.open(house.url)
    assert house.server.accepted == 1


async def test_a_request_waits_for_a_connection_that_is_being_opened(house: House) -> None:
    opening = asyncio.create_task(house.spares.open(house.url))
    await asyncio.sleep(0)
    assert await house.ask() == 200
    await opening
    assert house.server.accepted == 1


async def test_two_requests_at_once_get_a_connection_each(house: House) -> None:
    await house.spares.open(house.url)
    assert {*await asyncio.gather(house.ask(), house.ask())} == {200}
    assert house.server.accepted == 2


async def test_a_spare_that_its_peer_has_closed_is_not_handed_out(house: House) -> None:
    await house.spares.open(house.url)
    house.server.writers[0].close()
    await asyncio.sleep(0.01)  # the end travels over a real socket
    assert await house.ask() == 200
    assert house.server.accepted == 2


async def test_a_spare_that_nobody_takes_is_closed(house: House) -> None:
    house.spares._lifetime = 0
    await house.spares.open(house.url)
    async with asyncio.timeout(5):
        await house.server.gone.wait()
    assert await house.ask() == 200
    assert house.server.accepted == 2


async def test_closing_closes_the_spares(house: House) -> None:
    await house.spares.open(house.url)
    await house.spares.aclose()
    async with asyncio.timeout(5):
        await house.server.gone.wait()


async def test_closing_ends_an_opening(house: House) -> None:
    opening = asyncio.create_task(house.spares.open(house.url))
    await asyncio.sleep(0)
    await house.spares.aclose()
    await opening
    assert house.spares._spares == {}


async def test_a_host_that_cannot_be_reached_is_left_to_the_request() -> None:
    spares = Spares(ssl.create_default_context())
    await spares.open(httpcore.URL("http://127.0.0.1:9/"))
    with pytest.raises(httpcore.ConnectError):
        await spares.connect_tcp("127.0.0.1", 9, timeout=1)
    await spares.aclose()


async def test_a_certificate_that_is_not_trusted_opens_nothing(tmp_path: Path) -> None:
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    theirs.load_cert_chain(certificate(tmp_path))
    listener = await asyncio.start_server(Server(), "127.0.0.1", 0, ssl=theirs)
    spares = Spares(ssl.create_default_context())
    await spares.open(httpcore.URL(f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"))
    assert spares._spares == {}
    listener.close()
