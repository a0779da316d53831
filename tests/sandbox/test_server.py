"""The local service: what is slow, cold or wrong is so exactly as planned."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.sandbox import server
from bot.sandbox.server import Cold, Exchange, Fault, Service


class Echo:
    """A service with an effect to count, a long poll, and a way to see what arrived."""

    def __init__(self) -> None:
        self.effects = 0
        self.release = asyncio.Event()
        self.service = Service(
            "echo",
            [
                Route("/echo", self.echo, methods=["POST", "GET"]),
                Route("/large", self.large),
                Route("/poll", self.poll),
                Route("/gone", self.until_gone),
            ],
        )

    async def echo(self, request: Request) -> Response:
        self.effects += 1
        return JSONResponse({"size": len(await request.body()), "effects": self.effects})

    async def large(self, request: Request) -> Response:
        return Response(bytes(200_000))

    async def poll(self, request: Request) -> Response:
        await self.release.wait()
        return PlainTextResponse("released")

    async def until_gone(self, request: Request) -> Response:
        while not await request.is_disconnected():
            await asyncio.sleep(0.01)
        self.effects += 1
        return PlainTextResponse("")


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    echo = Echo()
    await echo.service.start()
    yield echo
    await echo.service.stop()


@pytest.fixture
async def client(echo: Echo) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=echo.service.url, timeout=5, trust_env=False) as client:
        yield client


async def test_every_request_is_written_down(echo: Echo, client: httpx.AsyncClient) -> None:
    followed: list[tuple[str, int]] = []
    echo.service.on_exchange.append(lambda what, e: followed.append((what, e.number)))
    await client.post("/echo?a=1", content=b"hello", headers={"X-Thing": "yes"})
    (exchange,) = echo.service.exchanges
    assert (exchange.method, exchange.path, exchange.query) == ("POST", "/echo", "a=1")
    assert exchange.headers["x-thing"] == "yes"
    assert exchange.body == b"hello"
    assert (exchange.status, exchange.answer) == (200, b'{"size":5,"effects":1}')
    assert exchange.effect and exchange.ended is not None
    assert followed == [("start", exchange.number), ("end", exchange.number)]
    assert echo.service.seen("post", "/ec.*") == [exchange]


async def test_of_many_large_requests_only_the_last_are_remembered_whole(
    echo: Echo, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "WHOLE", 500_000)
    for number in range(4):
        await client.post("/echo", content=bytes([number]) * 200_000)
    await client.post("/echo", content=b"small")
    sizes = [len(exchange.body) for exchange in echo.service.exchanges]
    assert sizes == [65_536, 65_536, 200_000, 200_000, 5]


async def test_of_many_large_answers_only_the_last_are_remembered_whole(
    echo: Echo, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "WHOLE", 500_000)
    for _ in range(4):
        assert len((await client.get("/large")).content) == 200_000
    await client.post("/echo", content=b"small")
    sizes = [len(exchange.answer) for exchange in echo.service.exchanges[:4]]
    assert sizes == [65_536, 65_536, 200_000, 200_000]


async def test_a_connection_is_kept_and_known_by_its_number(
    echo: Echo, client: httpx.AsyncClient
) -> None:
    await client.get("/echo")
    await client.get("/echo")
    assert len({e.connection for e in echo.service.exchanges}) == 1


async def test_five_megabytes_arrive_whole(echo: Echo, client: httpx.AsyncClient) -> None:
    answer = await client.post("/echo", content=b"x" * 5_000_000)
    assert answer.json()["size"] == 5_000_000


async def test_a_delay_is_added_to_every_request(echo: Echo, client: httpx.AsyncClient) -> None:
    echo.service.delay = 0.05
    for _ in range(2):
        begun = time.monotonic()
        await client.get("/echo")
        assert 0.05 <= time.monotonic() - begun < 0.5


async def test_a_fresh_connection_waits_for_its_handshakes(
    echo: Echo, client: httpx.AsyncClient
) -> None:
    echo.service.delay, echo.service.cold = 0.05, Cold(idle=60, delays=2)
    begun = time.monotonic()
    await client.get("/echo")
    assert time.monotonic() - begun >= 0.15
    begun = time.monotonic()
    await client.get("/echo")
    assert time.monotonic() - begun < 0.14


async def test_a_connection_opened_early_is_warm_when_it_is_used(echo: Echo) -> None:
    echo.service.delay, echo.service.cold = 0.05, Cold(idle=60, delays=2)
    reader, writer = await asyncio.open_connection("127.0.0.1", echo.service.port)
    await asyncio.sleep(0.12)
    begun = time.monotonic()
    writer.write(b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"200" in await reader.readline()
    assert time.monotonic() - begun < 0.14
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("used", [True, False])
async def test_an_idle_connection_is_closed(echo: Echo, used: bool) -> None:
    echo.service.cold = Cold(idle=0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", echo.service.port)
    if used:
        writer.write(b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 2)
    assert answer.startswith(b"HTTP/1.1 200" if used else b"")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(("when", "effects"), [("before", 0), ("middle", 1), ("after", 1)])
async def test_a_drop_is_a_connection_that_ends_without_an_answer(
    echo: Echo, client: httpx.AsyncClient, when: str, effects: int
) -> None:
    planted = echo.service.faults.add(Fault(drop=when))  # type: ignore[arg-type]
    with pytest.raises(httpx.RemoteProtocolError):
        await client.post("/echo")
    assert echo.effects == effects
    assert echo.service.exchanges[0].note == f"dropped {when}"
    assert echo.service.exchanges[0].effect is bool(effects)
    assert planted.fired == 1
    assert (await client.post("/echo")).status_code == 200


@pytest.mark.parametrize(("when", "effects"), [("before", 0), ("after", 1)])
async def test_a_hang_lasts_until_the_client_goes_away(
    echo: Echo, client: httpx.AsyncClient, when: str, effects: int
) -> None:
    echo.service.faults.add(Fault(hang=when))  # type: ignore[arg-type]
    with pytest.raises(httpx.ReadTimeout):
        await client.post("/echo", timeout=httpx.Timeout(10, read=0.1))
    await echo.service.until(lambda: echo.service.exchanges[0].ended is not None)
    assert echo.effects == effects
    assert echo.service.exchanges[0].status is None


@pytest.mark.parametrize(("when", "effects"), [("before", 0), ("after", 1)])
async def test_another_answer_comes_instead_of_the_true_one(
    echo: Echo, client: httpx.AsyncClient, when: str, effects: int
) -> None:
    fault = Fault(status=503, body={"a": 1}, headers={"X-Why": "test"}, when=when)  # type: ignore[arg-type]
    echo.service.faults.add(fault)
    answer = await client.post("/echo")
    assert (answer.status_code, answer.json(), answer.headers["x-why"]) == (503, {"a": 1}, "test")
    assert echo.effects == effects
    assert (await client.post("/echo")).status_code == 200


@pytest.mark.parametrize(("when", "effects"), [("before", 0), ("after", 1)])
async def test_a_call_happens_at_its_time_and_ends_the_connection(
    echo: Echo, client: httpx.AsyncClient, when: str, effects: int
) -> None:
    calls: list[tuple[str, int]] = []

    def call(exchange: Exchange) -> None:
        calls.append((exchange.path, echo.effects))

    planted = echo.service.faults.add(Fault(call=call, when=when))  # type: ignore[arg-type]
    with pytest.raises(httpx.RemoteProtocolError):
        await client.post("/echo")
    await planted.wait()
    assert calls == [("/echo", effects)]


async def test_a_fault_fires_only_where_and_as_often_as_it_says(
    echo: Echo, client: httpx.AsyncClient
) -> None:
    planted = echo.service.faults.add(
        Fault(method="POST", path="/echo", skip=1, times=2, status=500)
    )
    assert (await client.get("/echo")).status_code == 200
    statuses = [(await client.post("/echo")).status_code for _ in range(5)]
    assert statuses == [200, 500, 500, 200, 200]
    assert planted.fired == 2


async def test_faults_queue_up_and_can_be_taken_back(echo: Echo, client: httpx.AsyncClient) -> None:
    echo.service.faults.add(Fault(status=500))
    echo.service.faults.add(Fault(status=502))
    last = echo.service.faults.add(Fault(status=504, times=None))
    statuses = [(await client.get("/echo")).status_code for _ in range(4)]
    assert statuses == [500, 502, 504, 504]
    echo.service.faults.remove(last)
    assert (await client.get("/echo")).status_code == 200


async def test_a_stop_does_not_wait_for_long_polls(echo: Echo, client: httpx.AsyncClient) -> None:
    poll = asyncio.create_task(client.get("/poll"))
    await echo.service.until(lambda: bool(echo.service.exchanges))
    begun = time.monotonic()
    await echo.service.stop()
    assert time.monotonic() - begun < 1
    with pytest.raises(httpx.RemoteProtocolError):
        await poll


async def test_a_restart_uses_the_same_port(echo: Echo, client: httpx.AsyncClient) -> None:
    await client.get("/echo")
    url = echo.service.url
    await echo.service.stop()
    with pytest.raises(httpx.ConnectError):
        await client.get("/echo")
    await echo.service.start()
    assert echo.service.url == url
    assert (await client.get("/echo")).json()["effects"] == 2


async def test_a_handler_learns_that_its_client_left(echo: Echo, client: httpx.AsyncClient) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await client.get("/gone", timeout=httpx.Timeout(10, read=0.05))
    await echo.service.until(lambda: echo.effects == 1)
