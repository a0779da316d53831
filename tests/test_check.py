"""What `telex check` makes of what it sees: tables of verdicts, and looks at this machine."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import socket
import threading
import time
from collections.abc import Sequence
from decimal import Decimal
from email.utils import formatdate
from pathlib import Path

import pytest
from rich.console import Console

from bot import callback, check, config
from bot.check import (
    folder,
    loop,
    machine_verdicts,
    report,
    seen,
    settings_verdicts,
    telegram_verdicts,
    watch,
    x_verdicts,
)
from bot.check.finding import Chapter, Finding, Verdict, note, right, wrong
from bot.config import Settings
from tests.stage import Stage, stage
from twitter_core.errors import (
    CreditsDepleted,
    Forbidden,
    Refusal,
    Refused,
    SignInNeeded,
    Uncertain,
    Unsent,
    UploadGone,
    XError,
)
from twitter_core.oauth2 import Token
from twitter_core.store import Store
from twitter_core.tokens import SignIn
from twitter_core.vault import StoreVault
from twitter_core.wire import Account

ME, OTHER = Account("1", "me", "Me"), Account("2", "other", "Other")
ALL = "tweet.read tweet.write users.read media.write offline.access"
BAD_KEYS = Refused(Refusal.BAD_OAUTH1, status=401)
BAD_CLIENT = Forbidden(Refusal.BAD_CLIENT, status=401)
GONE = UploadGone(Refusal.UPLOAD_GONE, status=404)
READ_ONLY = Forbidden(Refusal.READ_ONLY_APP, status=403)
RIGHT, NOTE, WRONG = Verdict.RIGHT, Verdict.NOTE, Verdict.WRONG


def client(kind: str) -> str:
    return base64.b64encode(f"abc:1:{kind}".encode()).decode()


def of_x(
    *,
    app: XError | None = None,
    keys: seen.Keys | None = None,
    stored: seen.Stored | seen.Unreadable | None = None,
    scope: str = ALL,
    way: str = "auto",
    ahead: float | None = 0.0,
) -> dict[str, Finding]:
    """The findings, by topic."""
    found = seen.X(
        "x", seen.App(client("ci"), has_secret=True, answer=app), scope, way, keys, stored, ahead
    )
    return {finding.topic: finding for finding in x_verdicts.judge(found)}


def some_keys(account: Account | XError = ME, **changes: object) -> seen.Keys:
    known = {"user_id": "1", "level": "read-write", "upload_asked": True}
    return seen.Keys(account, **{**known, **changes})  # type: ignore[arg-type]


def a_sign_in(asked: Account | XError | None = ME, **changes: object) -> seen.Stored:
    return seen.Stored(**{"account": ME, "scope": ALL, "asked": asked, **changes})  # type: ignore[arg-type]


# --- X


@pytest.mark.parametrize(
    ("kind", "has_secret", "mend"),
    [
        ("ci", False, "This client needs its secret"),
        ("na", True, "empty X_CLIENT_SECRET"),
        ("na", False, "Compare X_CLIENT_ID with"),
        ("ci", True, "Compare both"),
        ("zz", True, "Compare both"),
    ],
)
def test_a_client_that_x_does_not_know_is_advised_by_its_kind(
    kind: str, has_secret: bool, mend: str
) -> None:
    app = seen.App(client(kind), has_secret=has_secret, answer=BAD_CLIENT)
    finding = x_verdicts.app("x", app)
    assert finding.verdict is WRONG
    assert mend in finding.mend
    assert ("without a secret" in finding.seen) is not has_secret


@pytest.mark.parametrize("text", ["", "client", "ÄÖÜ", "a" * 5, "===="])
def test_a_client_id_that_says_nothing_of_its_kind_is_no_error(text: str) -> None:
    assert x_verdicts.kind_of(text) == ""


@pytest.mark.parametrize(
    ("scope", "way", "has_keys", "verdict", "lacking"),
    [
        (ALL, "auto", False, RIGHT, ""),
        (f"{ALL} like.read", "auto", False, RIGHT, ""),
        ("tweet.read users.read media.write", "auto", True, WRONG, "tweet.write"),
        ("tweet.read tweet.write users.read offline.access", "auto", False, WRONG, "media.write"),
        ("tweet.read tweet.write users.read offline.access", "v2", True, WRONG, "media.write"),
        ("tweet.read tweet.write users.read offline.access", "auto", True, NOTE, "media.write"),
        ("tweet.read tweet.write users.read media.write", "auto", False, NOTE, "offline.access"),
    ],
)
def test_a_scope_is_missed_where_something_would_not_work_without_it(
    scope: str, way: str, has_keys: bool, verdict: Verdict, lacking: str
) -> None:
    keys = some_keys() if has_keys else None
    asked = of_x(scope=scope, way=way, keys=keys)["Scopes"]
    granted = of_x(stored=a_sign_in(scope=scope), way=way, keys=keys)["Scopes granted"]
    for finding in (asked, granted):
        assert finding.verdict is verdict
        assert lacking in finding.seen
        assert bool(finding.mend) is (verdict is not RIGHT)


def test_what_x_did_not_say_of_the_scopes_granted_is_not_held_against_it() -> None:
    assert "Scopes granted" not in of_x(stored=a_sign_in(scope=""))


@pytest.mark.parametrize(
    ("stored", "verdict", "words"),
    [
        (None, NOTE, "nobody is signed in yet"),
        (seen.Unreadable("JSONDecodeError"), WRONG, "cannot be read"),
        (a_sign_in(), RIGHT, "`telex run` keeps it so"),
        (a_sign_in(is_last=True), RIGHT, "two hours at most"),
        (a_sign_in(None), RIGHT, "as stored"),
        (a_sign_in(None, is_last=True, is_over=True), WRONG, "has ended"),
        (a_sign_in(SignInNeeded(Refusal.SIGN_IN)), NOTE, "at the moment"),
        (a_sign_in(SignInNeeded(Refusal.SIGN_IN), is_last=True), WRONG, "any more"),
        (a_sign_in(CreditsDepleted(Refusal.CREDITS)), WRONG, "credits are used up"),
        (a_sign_in(Unsent("ConnectError")), WRONG, "does not answer"),
        (a_sign_in(Uncertain("status 503", status=503)), WRONG, "answers 503"),
        (a_sign_in(None, account=None), RIGHT, "an account"),
    ],
)
def test_a_stored_sign_in_is_judged_by_what_comes_after_it(
    stored: seen.Stored | seen.Unreadable | None, verdict: Verdict, words: str
) -> None:
    finding = of_x(stored=stored)["Sign-in"]
    assert (finding.verdict, words in finding.seen) == (verdict, True), finding
    assert bool(finding.mend) is (verdict is not RIGHT)


@pytest.mark.parametrize(
    ("keys", "verdicts"),
    [
        (some_keys(), {"Keys": RIGHT, "Read": RIGHT, "v1.1": RIGHT}),
        (some_keys(level="read", upload=GONE), {"Keys": RIGHT, "Read": WRONG, "v1.1": NOTE}),
        (some_keys(level="", upload=READ_ONLY), {"Keys": RIGHT, "Read": WRONG, "v1.1": NOTE}),
        (some_keys(level="", upload=None), {"Keys": RIGHT, "Read": RIGHT, "v1.1": RIGHT}),
        (some_keys(level="", upload_asked=False), {"Keys": RIGHT, "Read": NOTE}),
        (some_keys(level="", upload=GONE), {"Keys": RIGHT, "Read": NOTE, "v1.1": NOTE}),
        (some_keys(upload=Uncertain("x")), {"Keys": RIGHT, "Read": RIGHT, "v1.1": NOTE}),
        (
            some_keys(upload=Refused(Refusal.RATE_LIMIT)),
            {"Keys": RIGHT, "Read": RIGHT, "v1.1": WRONG},
        ),
        (some_keys(BAD_KEYS, upload=BAD_KEYS, level=""), {"Keys": WRONG}),
        (some_keys(Unsent("x"), upload=Unsent("x"), level=""), {"Keys": WRONG}),
        (some_keys(Forbidden(Refusal.SUSPENDED), level=""), {"Keys": WRONG}),
        (
            some_keys(CreditsDepleted(Refusal.CREDITS)),
            {"Keys": WRONG, "Read": RIGHT, "v1.1": RIGHT},
        ),
    ],
)
def test_keys_are_judged_apart_from_what_they_may_do(
    keys: seen.Keys, verdicts: dict[str, Verdict]
) -> None:
    found = of_x(keys=keys)
    topics = (x_verdicts.KEYS, x_verdicts.LEVEL, x_verdicts.UPLOAD)
    assert {t.split(" ")[0]: found[t].verdict for t in topics if t in found} == verdicts


def test_a_clock_that_is_off_is_said_in_place_of_blaming_the_keys() -> None:
    assert "clock" in of_x(keys=some_keys(BAD_KEYS), ahead=7200.0)[x_verdicts.KEYS].seen
    assert "clock" not in of_x(keys=some_keys(BAD_KEYS), ahead=20.0)[x_verdicts.KEYS].seen


def test_v11_that_is_gone_is_wrong_where_nothing_else_is_allowed() -> None:
    keys = some_keys(upload=GONE)
    assert of_x(keys=keys, way="auto")[x_verdicts.UPLOAD].verdict is NOTE
    assert of_x(keys=keys, way="v1.1")[x_verdicts.UPLOAD].verdict is WRONG


@pytest.mark.parametrize(
    ("keys", "stored", "verdict"),
    [
        (some_keys(), a_sign_in(), RIGHT),
        (some_keys(OTHER, user_id="2"), a_sign_in(), WRONG),
        (some_keys(CreditsDepleted(Refusal.CREDITS), user_id="2"), a_sign_in(None), WRONG),
        (some_keys(CreditsDepleted(Refusal.CREDITS), user_id=""), a_sign_in(None), None),
        (some_keys(OTHER), a_sign_in(None, account=None), None),
        (some_keys(OTHER), None, None),
        (None, a_sign_in(), None),
    ],
)
def test_both_credentials_are_compared_where_both_are_known(
    keys: seen.Keys | None, stored: seen.Stored | None, verdict: Verdict | None
) -> None:
    finding = of_x(keys=keys, stored=stored).get(x_verdicts.ONE)
    assert (finding.verdict if finding else None) is verdict


def test_one_trouble_that_stops_several_questions_is_wrong_once() -> None:
    away = Unsent("ConnectError")
    found = of_x(app=away, keys=some_keys(away, upload=away), stored=a_sign_in(away))
    assert [f.topic for f in found.values() if f.verdict is WRONG] == [x_verdicts.APP]


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_of_x_has_a_sentence_and_a_way_to_mend_it(refusal: Refusal) -> None:
    finding = x_verdicts.refused("Topic", Refused(refusal, detail="Their words"))
    assert finding.seen and not finding.seen.endswith(".")
    assert finding.mend.endswith((".", "”", "you", "something."))
    assert "press" not in finding.mend


def test_the_cost_is_told_with_the_owners_prices_and_not_where_there_is_none() -> None:
    assert x_verdicts.cost(0, Decimal("0.01")) == ""
    assert x_verdicts.cost(2, Decimal("0.5")) == "X charges about $1.00 for this check."


# --- Telegram


def test_telegram_is_judged_no_further_than_it_answers() -> None:
    no = seen.Telegram("api", seen.No(401, "Unauthorized"), "", ((1, seen.No(401)),))
    assert [f.topic for f in telegram_verdicts.judge(no)] == ["Bot"]
    bot = seen.Bot("it_bot", "It")
    told = seen.Telegram(
        "api", bot, seen.Silence("x"), ((1, seen.Silence("x")), (2, seen.Chat("A")))
    )
    assert [f.verdict for f in telegram_verdicts.judge(told)] == [RIGHT, NOTE, NOTE, RIGHT]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (seen.No(404), "does not take TELEGRAM_BOT_TOKEN"),
        (seen.No(429, "Too Many Requests"), "answers 429, Too Many Requests"),
        (seen.Silence("ReadTimeout"), "no answer of Telegram's (ReadTimeout)"),
    ],
)
def test_a_bot_that_does_not_answer_is_wrong(answer: seen.No | seen.Silence, words: str) -> None:
    finding = telegram_verdicts.bot(seen.Telegram("api", answer))
    assert finding.verdict is WRONG and words in finding.seen and finding.mend


# --- this machine


@pytest.mark.parametrize(
    ("ahead", "verdict", "words"),
    [
        (None, NOTE, "nobody answered"),
        (0.0, RIGHT, "right"),
        (-59.0, RIGHT, "right"),
        (61.0, WRONG, "1 min ahead"),
        (-7200.0, WRONG, "2 h behind"),
        (5460.0, WRONG, "1 h 31 min ahead"),
    ],
)
def test_a_clock_is_wrong_beyond_a_minute(
    ahead: float | None, verdict: Verdict, words: str
) -> None:
    finding = machine_verdicts.clock(ahead)
    assert (finding.verdict, words in finding.seen) == (verdict, True)


def test_an_answer_tells_the_time_by_its_date_and_the_nearest_one_counts() -> None:
    now = 1_795_000_000.0
    stamped = {"date": formatdate(now - 10, usegmt=True)}
    assert watch.ahead_of(stamped, now, None) == 10
    assert watch.ahead_of(stamped, now, 3.0) == 3.0
    assert watch.ahead_of(stamped, now, -30.0) == 10
    assert watch.ahead_of({}, now, None) is None
    assert watch.ahead_of({"date": "yesterday"}, now, 5.0) == 5.0


LISTEN, HERE, THERE = "127.0.0.1:8080", "http://127.0.0.1:8080/cb", "https://example.com/cb"


@pytest.mark.parametrize(
    ("door", "url", "is_telex", "told", "verdicts", "words"),
    [
        (seen.Door(is_free=True), HERE, True, "200", [RIGHT, RIGHT], "from another device"),
        (seen.Door(is_free=True), THERE, True, "200", [RIGHT, RIGHT], "leads to the landing page"),
        (seen.Door(is_telex=True), HERE, True, "200", [RIGHT, RIGHT], "leads"),
        (seen.Door(is_free=True), THERE, False, "502", [RIGHT, WRONG], "another program"),
        (seen.Door(is_free=True), THERE, False, "ConnectError", [RIGHT, WRONG], "not answered"),
        (seen.Door(why="denied"), HERE, False, "ConnectError", [WRONG, WRONG], "not answered"),
    ],
)
def test_the_redirect_address_has_to_lead_to_the_landing_page(
    door: seen.Door, url: str, is_telex: bool, told: str, verdicts: list[Verdict], words: str
) -> None:
    page = seen.Landing(LISTEN, url, door, is_telex, told.isdecimal(), told)
    found = machine_verdicts.landing(page)
    assert [finding.verdict for finding in found] == verdicts
    assert words in found[1].seen
    if found[1].verdict is WRONG:
        assert ("reverse proxy" in found[1].mend) is (url == THERE)


def verdicts(found: Sequence[Finding]) -> dict[str, Verdict]:
    return {finding.topic: finding.verdict for finding in found}


def test_a_data_folder_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "not" / "yet"
    found = machine_verdicts.folder(folder.look(path))
    assert verdicts(found)["Data folder"] is RIGHT
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_data_folder_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "data"):
        assert verdicts(machine_verdicts.folder(folder.look(path))) == {"Data folder": WRONG}


def test_a_data_folder_that_cannot_even_be_looked_for_is_one_that_cannot_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shut(self: Path, **_: object) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", shut)
    found = machine_verdicts.folder(folder.look(tmp_path / "data"))
    assert verdicts(found) == {"Data folder": WRONG}
    assert "cannot be written to" in found[0].seen


def test_only_a_folder_that_is_open_itself_lets_others_at_what_is_in_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    assert verdicts(machine_verdicts.folder(folder.look(data)))["Privacy"] is RIGHT
    (data / "telex.json").touch()
    (data / "telex.json").chmod(0o644)
    assert verdicts(machine_verdicts.folder(folder.look(data)))["Privacy"] is NOTE
    data.chmod(0o750)
    assert verdicts(machine_verdicts.folder(folder.look(data)))["Privacy"] is WRONG


@pytest.mark.parametrize(("free", "verdict"), [(10, WRONG), (500, NOTE), (5000, RIGHT)])
def test_a_disk_that_is_nearly_full_is_told(free: int, verdict: Verdict) -> None:
    data = seen.Folder("data", is_there=True, free=free * 1024 * 1024)
    assert verdicts(machine_verdicts.folder(data))["Space"] is verdict


@pytest.mark.parametrize("stopper", ["not a folder", "not yours", "not writable"])
def test_whatever_is_in_the_way_of_the_data_folder_has_a_sentence(stopper: str) -> None:
    (finding,) = machine_verdicts.folder(seen.Folder("data", is_there=True, stopper=stopper))
    assert finding.verdict is WRONG and finding.mend


# --- the settings


def test_each_setting_tells_where_it_comes_from_and_no_secret_is_shown() -> None:
    found = settings_verdicts.judge(
        ("A", "B", "C", "D", "E", "F", "G"),
        {"A"},
        written={"A": "hidden", "B": "1", "C": "1", "D": "", "E": "9", "F": ""},
        given={"B": "2", "C": "1"},
        complaints={"E": "E is odd: use something else"},
        may_be_empty=("F", "G"),
    )
    assert [(f.topic, f.seen) for f in found] == [
        ("A", "is set, from .env"),
        ("B", "2, from the environment, which wins over .env"),
        ("C", "1, from the environment"),
        ("E", "is odd"),
        ("F", "is empty, from .env"),
        ("Not set", "D, G (the defaults hold)"),
    ]
    assert found[3] == wrong("E", "is odd", "Use something else.")


# --- how it is shown

CHAPTERS = [Chapter("One", (right("A", "is [bold]fine[/]"), note("B", "so so", "Look.")))]


def shown(chapters: Sequence[Chapter], **kind: object) -> str:
    console = Console(file=io.StringIO(), highlight=False, markup=False, **kind)  # type: ignore[arg-type]
    report.show(console, chapters)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_without_a_terminal_each_finding_is_one_line_however_long() -> None:
    long = Chapter("Two", (wrong("C", "x" * 300, "y" * 300),))
    said = shown([*CHAPTERS, long], width=40).splitlines()
    assert said == [
        "ok     A: is [bold]fine[/]",
        "note   B: so so -> Look.",
        f"wrong  C: {'x' * 300} -> {'y' * 300}",
        "1 thing is wrong, 1 note to look at.",
    ]


def test_a_colour_that_is_forced_makes_no_table_where_there_is_no_terminal() -> None:
    assert "─" not in shown(CHAPTERS, force_terminal=True, width=100)


def test_the_gravest_verdict_counts() -> None:
    assert report.worst([]) is RIGHT
    assert report.worst(CHAPTERS) is NOTE
    assert report.worst([*CHAPTERS, Chapter("", (wrong("C", "", ""),))]) is WRONG


# --- the loop


def test_a_name_server_that_is_silent_does_not_hold_up_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: silent.wait(30))

    async def ask() -> str:
        try:
            async with asyncio.timeout(0.05):
                await asyncio.get_running_loop().getaddrinfo("example.com", 443)
        except TimeoutError:
            return "given up"
        return "answered"

    begun = time.monotonic()
    assert loop.run(ask()) == "given up"
    assert time.monotonic() - begun < 5
    silent.set()


def test_names_are_still_looked_up_and_a_no_is_a_no() -> None:
    async def ask(name: str) -> object:
        return await asyncio.get_running_loop().getaddrinfo(name, 80, type=socket.SOCK_STREAM)

    assert loop.run(ask("127.0.0.1"))
    with pytest.raises(OSError):
        loop.run(ask("no such host"))


# --- asking, in this process


async def examined(it: Stage, **changes: str) -> tuple[dict[str, Finding], str]:
    it.settings["X_REDIRECT_URI"] = f"http://127.0.0.1:{it.landing}/callback"
    settings = Settings(**{**it.settings, **changes})  # type: ignore[arg-type]
    chapters, last = await check.examine(settings)
    return {one.topic: one for chapter in chapters for one in chapter.findings}, last


async def test_everybody_is_asked_and_everything_comes_out(tmp_path: Path) -> None:
    async with stage(tmp_path) as it:
        found, last = await examined(it)
        assert {f.verdict for f in found.values()} == {RIGHT, NOTE}
        assert found["Sign-in"].verdict is NOTE
        assert last == "X charges about $0.01 for this check."
        away = {"X_UPLOAD": "v2", "LISTEN": "", "TELEGRAM_API_URL": "http://127.0.0.1:1"}
        found, _ = await examined(it, **away)
        assert found["Bot"].verdict is WRONG
        assert "v1.1 upload" not in found and "X_REDIRECT_URI" not in found


async def test_a_stored_sign_in_is_asked_for_and_a_landing_page_that_is_served_is_known(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path) as it:
        pair = it.x.sign_in()
        token = Token(
            pair["access_token"], pair["refresh_token"], time.time() + 7000, ALL, time.time()
        )
        store = Store(it.data)
        await StoreVault(store).save_sign_in(SignIn(token))

        async def land(address: str) -> str:
            return "There is no code in this address."

        server = callback.Server(callback.app("http://127.0.0.1/callback", land))
        sock = callback.bind("127.0.0.1", it.landing)
        serving = asyncio.ensure_future(server.serve(sockets=[sock]))
        found, last = await examined(it)
        server.should_exit = True
        await serving
        await store.close()
        assert found["Sign-in"].seen.startswith("@sandbox is signed in")
        assert found["One account"].verdict is RIGHT
        assert found["LISTEN"].seen.startswith("a Telex that is running")
        assert found["X_REDIRECT_URI"].verdict is RIGHT
        assert last == "X charges about $0.02 for this check."


def test_wrong_settings_end_it_before_anybody_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in config.NAMES:
        monkeypatch.delenv(name, raising=False)
    assert check.main() == 2
    said = capsys.readouterr().out
    assert "wrong  X_CLIENT_ID: is not set -> " in said
    assert "asked once the settings are right" in said
    (tmp_path / ".env").write_text("this is no setting\n")
    assert check.main() == 2
    assert capsys.readouterr().err.startswith("telex: .env, line 1")
