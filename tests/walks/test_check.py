"""`telex check` against both services: what is right, what is not, and that it disturbs nobody."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from decimal import Decimal
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.sandbox.server import Exchange, Fault, Service
from tests.stage import Stage
from tests.walks.shell import command, environment, lines, telex, wrong


@pytest.fixture
def open_door(stage: Stage) -> Stage:
    """The address that X sends the browser to is the one where the landing page is served."""
    address = f"http://127.0.0.1:{stage.landing}/callback"
    stage.x.app.redirect_uris.append(address)
    stage.settings["X_REDIRECT_URI"] = address
    return stage


async def begin(stage: Stage) -> None:
    await stage.start()
    await stage.ready()
    await stage.sign_in()


def charged(stage: Stage) -> Decimal:
    return sum((charge.amount for charge in stage.x.bill), Decimal(0))


def asked_as(stage: Stage, scheme: str) -> list[str]:
    """The paths that X was asked for with this kind of authorization."""
    asked = [e for service in stage.x.services for e in service.exchanges]
    return [e.path for e in asked if e.headers.get("authorization", "").startswith(f"{scheme} ")]


async def test_with_everything_right_and_nobody_signed_in_it_says_what_comes_next(
    open_door: Stage,
) -> None:
    stage = open_door
    status, said = await telex(stage, "check")
    assert (status, wrong(said)) == (0, set()), said
    found = lines(said)
    assert found["Bot"].startswith("ok @telex_sandbox_bot (Telex)")
    assert found["Owner"] == f"ok {stage.owner.id} is Owner"
    assert found["Keys (OAuth 1.0a)"] == "ok @sandbox's"
    assert found["Sign-in"].startswith("note nobody is signed in yet") and "/auth" in said
    assert found["v1.1 upload"] == "ok works"
    assert found["X_REDIRECT_URI"].startswith("ok ")
    assert found["X_CLIENT_SECRET"] == "ok is set, from the environment"
    assert "\x1b" not in said
    assert f"${charged(stage):.2f}" in said and charged(stage) == Decimal("0.010")


async def test_it_makes_no_folder_posts_nothing_and_polls_nothing(open_door: Stage) -> None:
    stage = open_door
    await telex(stage, "check")
    assert not stage.data.exists()
    assert stage.telegram.requests("getUpdates") == []
    assert stage.creates() == [] and stage.x.timeline() == ()
    assert all(media.bytes == b"" for media in stage.x.world.media.values())


async def test_beside_a_running_bot_it_reads_the_sign_in_and_disturbs_nothing(
    open_door: Stage,
) -> None:
    stage = open_door
    await begin(stage)
    path = stage.data / "telex.json"
    before, polls = path.read_bytes(), len(stage.telegram.requests("getUpdates"))
    lock = (stage.data / "lock").stat()
    said_before = len(stage.owner.chat.messages)
    status, said = await telex(stage, "check")
    assert (status, said.splitlines()[-2]) == (0, "Everything is right."), said
    found = lines(said)
    assert found["Sign-in"].startswith("ok @sandbox is signed in")
    assert found["LISTEN"].startswith("ok a Telex that is running")
    assert found["One account"].startswith("ok ")
    assert path.read_bytes() == before
    assert (stage.data / "lock").stat() == lock
    assert len(stage.owner.chat.messages) == said_before
    assert stage.grants("refresh_token") == []
    assert all(e.status in (None, 200) for e in stage.telegram.requests("getUpdates")[polls:])
    assert stage.bot is not None and stage.bot.returncode is None
    stage.owner.sends_text("/post as if nothing had been")
    await stage.owner.sees("Posted")


async def test_a_sign_in_that_is_under_way_can_be_finished_after_a_check(open_door: Stage) -> None:
    stage = open_door
    await stage.start()
    await stage.ready()
    sent = stage.owner.sends_text("/auth")
    link = await stage.owner.sees("Sign in to X with this link", after=sent)
    status, said = await telex(stage, "check")
    assert (status, lines(said)["X_REDIRECT_URI"][:3]) == (0, "ok "), said
    sent = stage.owner.sends_text(stage.x.consent(link.buttons[0][0].url or ""))
    await stage.owner.sees("Signed in as", after=sent)


async def test_a_token_whose_time_is_over_is_left_to_the_bot_to_renew(stage: Stage) -> None:
    await begin(stage)
    await stage.stop()
    path = stage.data / "telex.json"
    tables: Any = json.loads(path.read_text())
    (row,) = tables["sign_in"].values()
    row["token"]["expires_at"] = time.time() - 5
    path.write_text(json.dumps(tables))
    asked = len(asked_as(stage, "Bearer"))
    _, said = await telex(stage, "check")
    assert lines(said)["Sign-in"].startswith("ok @sandbox, as stored")
    assert len(asked_as(stage, "Bearer")) == asked
    assert stage.grants("refresh_token") == []
    await stage.start()
    await stage.ready()
    stage.owner.sends_text("/post with the refresh token that was spared")
    await stage.owner.sees("Posted")


async def test_a_pair_that_the_bot_renews_in_that_very_moment_is_looked_for_again(
    stage: Stage,
) -> None:
    await begin(stage)
    await stage.stop()
    path = stage.data / "telex.json"
    old = stage.x.world.tokens[-1]

    def renew(what: str, exchange: Exchange) -> None:
        if what == "start" and old.access in exchange.headers.get("authorization", ""):
            old.access_ended = True
            path.write_text(path.read_text().replace(old.access, stage.x.sign_in()["access_token"]))

    stage.x.api.on_exchange.append(renew)
    _, said = await telex(stage, "check")
    assert lines(said)["Sign-in"].startswith("ok @sandbox is signed in")
    stage.x.world.tokens[-1].access_ended = True
    _, said = await telex(stage, "check")
    assert lines(said)["Sign-in"].startswith("note X does not take")


@pytest.mark.parametrize(
    ("token", "status"),
    [("123456789:AAFanothertokenanothertokenanothertoken", "401"), ("1:short", "404")],
)
async def test_a_bot_token_that_telegram_does_not_take(
    open_door: Stage, token: str, status: str
) -> None:
    ended, said = await telex(open_door, "check", TELEGRAM_BOT_TOKEN=token)
    assert (ended, wrong(said)) == (1, {"Bot"}), status
    assert "@BotFather" in lines(said)["Bot"]
    assert token not in said and token.partition(":")[2] not in said
    assert "Webhook" not in lines(said)


async def test_a_webhook_is_told_by_its_host_alone(open_door: Stage) -> None:
    open_door.telegram.webhook = "https://hooks.example.com/secret-path-of-theirs"
    status, said = await telex(open_door, "check")
    assert (status, wrong(said)) == (1, {"Webhook"})
    assert "hooks.example.com" in said and "secret-path" not in said
    assert open_door.telegram.webhook, "it is still there"


async def test_an_owner_who_has_not_pressed_start_is_told_where(open_door: Stage) -> None:
    stage = open_door
    status, said = await telex(stage, "check", TELEGRAM_OWNER_IDS="424242")
    assert status == 0
    assert lines(said)["Owner"].startswith("note 424242 has not written")
    assert "https://t.me/telex_sandbox_bot" in said


async def test_a_client_secret_that_x_does_not_take_uses_up_no_sign_in(open_door: Stage) -> None:
    stage = open_door
    await begin(stage)
    status, said = await telex(stage, "check", X_CLIENT_SECRET="another-secret")
    assert (status, wrong(said)) == (1, {"App (OAuth 2.0)"})
    assert lines(said)["Sign-in"].startswith("ok ")
    assert stage.grants("refresh_token") == []


async def test_a_confidential_client_without_its_secret_is_told_what_it_lacks(
    open_door: Stage,
) -> None:
    status, said = await telex(open_door, "check", X_CLIENT_SECRET="")
    assert (status, wrong(said)) == (1, {"App (OAuth 2.0)"})
    assert "set X_CLIENT_SECRET" in lines(said)["App (OAuth 2.0)"]


async def test_keys_of_another_account_than_the_sign_in(open_door: Stage) -> None:
    stage = open_door
    await begin(stage)
    other = stage.x.world.add_account("somebody", "Somebody", time.time())
    made = stage.x.world.add_oauth1(other, stage.x.app)
    keys = {"X_ACCESS_TOKEN": made.token, "X_ACCESS_TOKEN_SECRET": made.secret}
    status, said = await telex(stage, "check", **keys)
    assert (status, wrong(said)) == (1, {"One account"})
    assert "@somebody's" in lines(said)["One account"] and "@sandbox's" in said
    assert made.secret not in said


async def test_a_read_only_app_is_told_from_keys_that_are_wrong(open_door: Stage) -> None:
    open_door.x.oauth1.read_write = False
    status, said = await telex(open_door, "check")
    assert (status, wrong(said)) == (1, {"Read and write"})
    assert "Read and write at https://console.x.com" in said
    assert lines(said)["v1.1 upload"].startswith("note not known")
    status, said = await telex(open_door, "check", X_API_SECRET="not-the-secret")
    assert (status, wrong(said)) == (1, {"Keys (OAuth 1.0a)"})


async def test_a_scope_that_is_missing_where_it_is_asked_for_and_where_it_was_granted(
    open_door: Stage,
) -> None:
    stage = open_door
    little = "tweet.read users.read offline.access"
    whole, stage.settings = stage.settings, {**stage.settings, "X_SCOPE": little}
    status, said = await telex(stage, "check")
    assert (status, wrong(said)) == (1, {"Scopes"})
    assert "X_SCOPE lacks tweet.write" in said
    await begin(stage)
    stage.settings = whole
    status, said = await telex(stage, "check", X_UPLOAD="v2")
    assert (status, wrong(said)) == (1, {"Scopes granted"})
    assert "lacks tweet.write media.write" in said and "/auth" in said


@pytest.mark.parametrize(("hours", "way"), [(2, "behind"), (-2, "ahead")])
async def test_a_clock_two_hours_off_is_what_is_wrong_and_not_the_keys(
    open_door: Stage, hours: int, way: str
) -> None:
    stage = open_door

    def theirs() -> float:
        return time.time() + hours * 3600

    stage.x.clock = theirs
    for service in stage.x.services:
        service.clock = theirs
    status, said = await telex(stage, "check")
    assert status == 1
    assert lines(said)["Clock"].startswith(f"wrong 2 h {way}")
    assert "clock" in lines(said)["Keys (OAuth 1.0a)"]
    assert "X_API_SECRET" not in lines(said)["Keys (OAuth 1.0a)"]


@pytest.mark.parametrize(("way", "verdict"), [("v1.1", "wrong"), ("auto", "note")])
async def test_a_v11_upload_that_is_gone_is_wrong_only_where_it_is_asked_for(
    open_door: Stage, way: str, verdict: str
) -> None:
    open_door.x.v11 = "410"
    status, said = await telex(open_door, "check", X_UPLOAD=way)
    assert lines(said)["v1.1 upload"].startswith(verdict)
    assert status == (1 if verdict == "wrong" else 0)


async def test_used_up_credits_are_no_fault_of_the_keys(open_door: Stage) -> None:
    open_door.x.credits = Decimal(0)
    status, said = await telex(open_door, "check")
    assert status == 1
    assert "credits are used up" in lines(said)["Keys (OAuth 1.0a)"]
    assert lines(said)["v1.1 upload"] == "ok works"
    assert "X charges" not in said


async def test_services_that_are_away_are_told_in_sentences(open_door: Stage) -> None:
    stage = open_door
    await stage.x.stop()
    await stage.telegram.stop()
    begun = time.monotonic()
    status, said = await telex(stage, "check")
    assert status == 1 and time.monotonic() - begun < 15
    assert wrong(said) == {"Bot", "App (OAuth 2.0)"}, "and the rest follows from that"
    assert "TELEGRAM_API_URL" in said and "X_API_URL" in said
    assert "Traceback" not in said
    await stage.x.start()
    await stage.telegram.start()


async def test_services_that_never_answer_are_given_up_on_within_seconds(open_door: Stage) -> None:
    stage = open_door
    for service in (*stage.x.services, stage.telegram.service):
        service.faults.add(Fault(hang="before", times=None))
    begun = time.monotonic()
    status, said = await telex(stage, "check")
    assert status == 1 and time.monotonic() - begun < 20
    assert wrong(said) == {"Bot", "App (OAuth 2.0)"}
    assert "Traceback" not in said


async def test_pages_of_a_proxy_are_no_answers(open_door: Stage) -> None:
    stage = open_door
    page = "<h1>Bad Gateway</h1>"
    for service in (*stage.x.services, stage.telegram.service):
        service.faults.add(Fault(status=502, body=page, times=None))
    status, said = await telex(stage, "check")
    assert status == 1
    assert "502" in lines(said)["Bot"] and "502" in lines(said)["App (OAuth 2.0)"]


async def test_another_program_behind_the_redirect_address(stage: Stage) -> None:
    async def page(request: object) -> PlainTextResponse:
        return PlainTextResponse("I am somebody else")

    other = Service("other", [Route("/callback", page)])
    await other.start()
    address = f"127.0.0.1:{other.port}"
    try:
        url = f"http://{address}/callback"
        status, said = await telex(stage, "check", LISTEN=address, X_REDIRECT_URI=url)
        assert (status, wrong(said)) == (1, {"LISTEN", "X_REDIRECT_URI"})
        assert "another program answers" in lines(said)["X_REDIRECT_URI"]
        status, said = await telex(stage, "check", LISTEN="", X_REDIRECT_URI=url)
        assert status == 0 and "pasting" in lines(said)["LISTEN"]
    finally:
        await other.stop()


async def test_a_redirect_address_that_leads_nowhere(stage: Stage) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/callback"
        status, said = await telex(stage, "check", X_REDIRECT_URI=url)
    assert (status, wrong(said)) == (1, {"X_REDIRECT_URI"})
    assert "same port" in said


async def test_settings_that_are_wrong_are_all_named_and_nobody_is_asked(stage: Stage) -> None:
    status, said = await telex(
        stage, "check", X_CLIENT_ID="", LISTEN="nonsense", TELEGRAM_BOT_TOKEN="secret nonsense"
    )
    assert (status, wrong(said)) == (2, {"X_CLIENT_ID", "LISTEN", "TELEGRAM_BOT_TOKEN"})
    assert "secret nonsense" not in said
    services = (*stage.x.services, stage.telegram.service)
    assert [e for service in services for e in service.exchanges] == []


async def test_an_env_file_that_cannot_be_read_is_one_line_and_status_2(stage: Stage) -> None:
    (stage.folder / ".env").write_text("this is no setting\n")
    status, said = await telex(stage, "check")
    assert (status, said.count("\n")) == (2, 1)
    assert said.startswith("telex: .env, line 1, cannot be read: ")


async def test_where_a_setting_comes_from_and_what_is_none(open_door: Stage) -> None:
    stage = open_door
    path = stage.folder / ".env"
    path.write_text("ALBUM_WINDOW=9\nX_UPLOAD=v2\nX_CLIENTID=oops\n")
    path.chmod(0o644)
    _, said = await telex(stage, "check")
    assert lines(said)["X_UPLOAD"] == "ok v2, from .env"
    assert lines(said)["ALBUM_WINDOW"] == "ok 0.3, from the environment, which wins over .env"
    assert "X_CLIENTID is not a setting of Telex; is X_CLIENT_ID meant?" in said
    assert "chmod 600 .env" in said
    assert "oops" not in said


async def test_a_torn_telex_json_is_told_and_stays_as_it_is(open_door: Stage) -> None:
    stage = open_door
    stage.data.mkdir(mode=0o700)
    path = stage.data / "telex.json"
    path.write_bytes(torn := b'{"sign_in": {"1": {"key": "x", "tok')
    path.chmod(0o600)
    status, said = await telex(stage, "check")
    assert (status, wrong(said)) == (1, {"Sign-in"})
    assert "back-up" in said and path.read_bytes() == torn
    assert [p.name for p in stage.data.iterdir()] == ["telex.json"]


async def test_a_data_folder_that_others_can_read_is_wrong_and_left_as_it_is(
    open_door: Stage,
) -> None:
    stage = open_door
    stage.data.mkdir()
    stage.data.chmod(0o755)
    status, said = await telex(stage, "check")
    assert (status, wrong(said)) == (1, {"Privacy"})
    assert f"chmod -R go= '{stage.data}'" in said
    assert stage.data.stat().st_mode & 0o777 == 0o755
    stage.data.chmod(0o700)


async def test_control_c_in_the_middle_ends_it_in_one_line_at_most(open_door: Stage) -> None:
    stage = open_door
    hung = stage.telegram.faults.add(Fault(hang="before", times=None))
    process = await asyncio.create_subprocess_exec(
        *command("check"),
        cwd=stage.folder,
        env=environment(stage.settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    await hung.wait()
    process.send_signal(2)
    said, _ = await asyncio.wait_for(process.communicate(), 5)
    assert process.returncode == 130
    assert b"Traceback" not in said
    stage.log.touch()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_data_folder_that_may_not_be_written_to(open_door: Stage) -> None:
    closed = open_door.folder / "closed"
    closed.mkdir(mode=0o500)
    status, said = await telex(open_door, "check", DATA_DIR=str(closed / "data"))
    assert (status, wrong(said)) == (1, {"Data folder"})
