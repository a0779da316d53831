"""The demo: the whole tour as a new user runs it, every way out of it, and the chat in a terminal."""

from __future__ import annotations

import asyncio
import contextlib
import io
import itertools
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bot import __main__ as telex
from bot import demo
from bot.demo import browser, pictures, stage
from bot.demo.chat import Chat, Refusal
from bot.demo.house import House
from bot.demo.script import STEPS
from bot.demo.stage import Stage
from bot.demo.tour import Play, Step, Wrong, perform
from bot.demo.transcript import Transcript
from bot.sandbox.faults import Fault

ROOT = Path(__file__).parent.parent
DEMO = (sys.executable, "-m", "bot", "demo")


@pytest.fixture
def trap() -> Iterator[socket.socket]:
    """A port to which nobody may come."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        sock.setblocking(False)
        yield sock


@pytest.fixture
def foreign(tmp_path: Path, trap: socket.socket) -> dict[str, str]:
    """Settings that belong to somebody's real bot: used, they would break the demo, or be seen."""
    url = f"http://127.0.0.1:{trap.getsockname()[1]}"
    return {
        "TELEGRAM_BOT_TOKEN": "987654321:REAL-token-of-a-real-bot",
        "TELEGRAM_OWNER_IDS": "987654321",
        "TELEGRAM_API_URL": url,
        "TELEGRAM_LOCAL_FILES": "/nowhere-REAL",
        "X_CLIENT_ID": "REAL-client",
        "X_CLIENT_SECRET": "REAL-client-secret",
        "X_REDIRECT_URI": "https://REAL.example/callback",
        "X_SCOPE": "REAL.scope",
        "X_API_KEY": "REAL-key",
        "X_UPLOAD": "REAL",
        "X_API_URL": url,
        "X_UPLOAD_URL": url,
        "X_AUTHORIZE_URL": f"{url}/REAL",
        "DATA_DIR": str(tmp_path / "REAL"),
        "LISTEN": "REAL",
        "ALBUM_WINDOW": "REAL",
        "LOG_LEVEL": "REAL",
        "HTTP_PROXY": url,
        "http_proxy": url,
        "ALL_PROXY": url,
    }


@pytest.fixture
def place(tmp_path: Path, foreign: dict[str, str]) -> Path:
    """A folder with somebody's `.env`."""
    folder = tmp_path / "place"
    folder.mkdir()
    lines = (f"{name}={value}\n" for name, value in foreign.items())
    (folder / ".env").write_text("".join(lines))
    return folder


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@contextlib.contextmanager
def running(
    place: Path, temporary: Path, *arguments: str, **how: object
) -> Iterator[subprocess.Popen[str]]:
    """The demo as a process of its own, in a group of its own as a shell would start it."""
    more = how.pop("environment", {})
    assert isinstance(more, dict)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process: subprocess.Popen[str] = subprocess.Popen(  # type: ignore[call-overload]
        [*DEMO, *arguments],
        cwd=place,
        env=environment | more,
        text=True,
        start_new_session=True,
        **(given | how),
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    if not listed.exists():
        pytest.skip("this system does not list a process's children in /proc")
    return [int(child) for child in listed.read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# --- the tour ---------------------------------------------------------------------------------


def test_the_tour_comes_out_right_beside_somebodys_real_settings(
    place: Path,
    temporary: Path,
    foreign: dict[str, str],
    trap: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in foreign.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.chdir(place)
    before = os.umask(0o022)
    try:
        status = telex.main(["demo", "--tour"])
    finally:
        os.umask(before)
    shown = capsys.readouterr()

    assert status == 0, shown.out
    assert shown.err == ""
    assert [step.title for step in STEPS if step.title not in shown.out] == []
    assert f"All {len(STEPS)} steps came out right" in shown.out
    assert "X        POST /1.1/media/upload.json 200" in shown.out
    assert [line for line in shown.out.splitlines() if len(line) > 80] == []
    assert "\x1b" not in shown.out  # no terminal, no colour

    assert not [value for value in foreign.values() if value in shown.out]
    assert "REAL" not in shown.out
    with pytest.raises(BlockingIOError):  # nobody came
        trap.accept()
    assert [entry.name for entry in place.iterdir()] == [".env"]
    assert not (place.parent / "REAL").exists()
    assert list(temporary.iterdir()) == []


def test_a_refused_post_fails_the_tour_with_what_was_expected_and_the_log(tmp_path: Path) -> None:
    out = io.StringIO()
    problem = {"title": "Forbidden", "status": 403, "detail": "Not today.", "type": "about:blank"}

    async def refuse(play: Play) -> None:
        refusal = Fault(method="POST", path="/2/tweets", status=403, body=problem, times=None)
        play.stage.x.api.faults.add(refusal)

    until_photo = STEPS[: [step.title for step in STEPS].index("A photo is posted at once") + 1]
    steps = (Step("X is in a bad mood", refuse), *until_photo, Step("Never played", refuse))
    assert not played(tmp_path, out, steps)
    told = out.getvalue()
    assert "✗ Expected: a message with “https://x.com/”" in told
    assert "Found: Not posted:" in told
    assert "The last lines of Telex's log:" in told
    assert "INFO" in told.partition("Telex's log:")[2]
    assert f"✗ Step {len(steps) - 1} of {len(steps)} failed: A photo is posted at once." in told
    assert "Never played" not in told


def played(folder: Path, out: io.StringIO, steps: tuple[Step, ...], *command: str) -> bool:
    async def play() -> bool:
        async with Stage(folder, command or stage.RUN) as it:
            return await perform(it, Transcript(out, colour=False), steps)

    return asyncio.run(play())


def test_a_crash_of_the_bot_fails_the_tour_with_its_last_words(tmp_path: Path) -> None:
    out = io.StringIO()
    crash = (sys.executable, "-c", "import sys; print('alas', file=sys.stderr); sys.exit(3)")
    assert not played(tmp_path, out, STEPS, *crash)
    assert "Found: Telex ended with status 3" in out.getvalue()
    assert "\n  alas\n" in out.getvalue()
    assert f"✗ Step 1 of {len(STEPS)} failed: Telex starts." in out.getvalue()


def test_a_bot_that_does_nothing_fails_the_tour_when_the_time_is_up(tmp_path: Path) -> None:
    out = io.StringIO()
    steps = (replace(STEPS[0], limit=0.2),)
    assert not played(tmp_path, out, steps, sys.executable, "-c", "import time; time.sleep(99)")
    assert "Expected: that it asks for messages, within 0.2 s" in out.getvalue()
    assert "Found: Telex has said nothing" in out.getvalue()
    assert "Telex has logged nothing." in out.getvalue()


DEAF = (
    sys.executable,
    "-c",
    "import signal; signal.signal(15, signal.SIG_IGN); print(flush=True); signal.pause()",
)


async def deaf(it: Stage) -> None:
    """Until the bot ignores SIGTERM."""
    while not it.logged(1):
        await asyncio.sleep(0.02)


async def test_a_bot_that_does_not_end_by_itself_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "GRACE", 0.2)
    async with Stage(tmp_path, DEAF) as it:
        await it.within(20, deaf(it))
    assert it.bot is not None
    assert it.bot.returncode == -signal.SIGKILL


def test_a_button_that_is_not_there_is_told(tmp_path: Path) -> None:
    it = Stage(tmp_path)
    play = Play(it, Transcript(io.StringIO(), colour=False))
    with pytest.raises(Wrong) as wrong:
        play.presses(it.owner.sends_text("no buttons here"), "Post")
    assert wrong.value.expected == "a button [Post]"


# --- every way out ----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_ends_the_tour_and_leaves_nothing(
    place: Path, temporary: Path, foreign: dict[str, str], name: str, status: int
) -> None:
    with running(place, temporary, "--tour", environment=foreign) as process:
        assert process.stdout is not None
        while "A stranger" not in process.stdout.readline():
            assert process.poll() is None
        (bot,) = children(process.pid)
        environment = Path(f"/proc/{bot}/environ").read_text()
        if name == "SIGINT":
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does it
        else:
            process.send_signal(signal.Signals[name])
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (status, "")
    assert out.endswith("\nStopped; everything is tidied away.\n")
    assert "REAL" not in environment
    assert not is_alive(bot)
    assert list(temporary.iterdir()) == []


@pytest.mark.usefixtures("capsys")
@pytest.mark.parametrize("lasts", [20, 0], ids=["during a step", "at the end"])
def test_control_c_again_and_again_does_not_disturb_the_tidying_up(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, lasts: float
) -> None:
    stages = []

    def make(folder: Path) -> Stage:
        stages.append(Stage(folder, DEAF))
        return stages[0]

    async def be_impatient(play: Play) -> None:
        await deaf(play.stage)
        for seconds in (0.05, 0.1, 0.2):
            asyncio.get_running_loop().call_later(seconds, signal.raise_signal, signal.SIGINT)
        await asyncio.sleep(lasts)

    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setattr(stage, "GRACE", 0.5)
    monkeypatch.setattr(demo, "Stage", make)
    monkeypatch.setattr(demo, "STEPS", (Step("Again and again", be_impatient),))
    assert demo.main(tour=True) == 130
    assert stages[0].bot is not None
    assert stages[0].bot.returncode == -signal.SIGKILL
    assert list(temporary.iterdir()) == []


def test_a_reader_who_goes_away_ends_the_tour_quietly(place: Path, temporary: Path) -> None:
    with running(place, temporary, "--tour") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=30) == 128 + signal.SIGPIPE
        assert process.stderr.read() == ""
        process.stdout = None
    assert list(temporary.iterdir()) == []


def address(shown: str) -> str:
    found = re.search(r"Open (http://127\.0\.0\.1:\d+/) in a browser", shown)
    assert found is not None, shown
    return found[1]


@pytest.mark.parametrize(("name", "status"), [("SIGINT", 0), ("SIGTERM", 143)])
def test_without_a_terminal_the_page_is_served_until_a_signal(
    place: Path, temporary: Path, name: str, status: int
) -> None:
    with running(place, temporary) as process:
        assert process.stdout is not None
        shown = ""
        while "in a browser" not in shown:
            shown += process.stdout.readline()
            assert process.poll() is None
        assert "<h1" in httpx.get(address(shown), trust_env=False).text
        (bot,) = children(process.pid)
        process.send_signal(signal.Signals[name])
        process.communicate(timeout=20)
        assert process.returncode == status
    assert not is_alive(bot)
    assert list(temporary.iterdir()) == []


def test_after_the_tour_the_page_shows_what_the_tour_did(place: Path, temporary: Path) -> None:
    at = Terminal()
    ends = {"stdin": at.theirs, "stdout": at.theirs, "stderr": at.theirs}
    with running(place, temporary, "--tour", "--page", **ends) as process:
        at.reads("/ in a browser.")
        assert f"All {len(STEPS)} steps came out right" in at.shown
        with httpx.stream("GET", f"{address(at.shown)}events", trust_env=False) as events:
            lines = "".join(
                itertools.takewhile(lambda line: "ready" not in line, events.iter_lines())
            )
        assert "The last ferry has gone." in lines
        process.send_signal(signal.SIGINT)
        at.reads("tidied away.")
        assert process.wait(timeout=20) == 0
    os.close(at.ours)
    os.close(at.theirs)
    assert list(temporary.iterdir()) == []


def test_without_a_terminal_the_page_does_not_follow_the_tour(place: Path, temporary: Path) -> None:
    with running(place, temporary, "--tour", "--page") as process:
        out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "/ in a browser." not in out


async def test_where_the_port_is_taken_another_one_is_found(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        async with (
            House(tmp_path, Stage(tmp_path), STEPS, taken.getsockname()[1]) as house,
            httpx.AsyncClient(trust_env=False) as http,
        ):
            assert (await http.get(house.page.url)).status_code == 200


# --- the chat ---------------------------------------------------------------------------------


class Terminal:
    """Both ends of a terminal; what is shown is read until something stands in it."""

    def __init__(self) -> None:
        self.ours, self.theirs = pty.openpty()
        self.shown = ""

    def types(self, line: str, until: str) -> None:
        seen = len(self.shown)
        os.write(self.ours, f"{line}\n".encode())
        self.reads(until, seen + len(line))

    def reads(self, until: str, start: int = 0) -> None:
        while until not in self.shown[start:]:
            readable, _, _ = select.select([self.ours], [], [], 30)
            assert readable, f"{until!r} does not come, but:\n{self.shown[start:]}"
            self.shown += os.read(self.ours, 65536).decode()


@pytest.mark.parametrize("colourless", [True, False])
def test_in_a_terminal_one_chats_with_the_bot_until_control_c(
    place: Path, temporary: Path, colourless: bool
) -> None:
    environment = {"TERM": "xterm", **({"NO_COLOR": "1"} if colourless else {})}
    at = Terminal()
    ends = {"stdin": at.theirs, "stdout": at.theirs, "stderr": at.theirs}
    with running(place, temporary, environment=environment, **ends) as process:
        at.reads("nothing is kept.")
        at.types("/auth", "[Open X]")
        at.types("!open", "Signed in as @sandbox")
        at.types("!photo The bay at dusk", "[Open] [Delete]")
        at.types("gm", "[Post] ")
        at.types("!press [Post]", "[Open] [Delete]")
        at.types("!open", "(@sandbox: gm)")
        at.types("!timeline", "(@sandbox: The bay at dusk [1 picture])")
        at.types("!dance", "are all there is")
        process.send_signal(signal.SIGINT)
        at.reads("tidied away.")
        assert process.wait(timeout=20) == 0
    os.close(at.ours)
    os.close(at.theirs)
    assert ("\x1b[" not in at.shown) is colourless
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("!open", "no message of Telex has a link"),
        ("!press Post", r"there is no button \[Post\]"),
        ("!photo /nowhere.jpg A caption", "/nowhere.jpg: No such file"),
        ("!photo " + "x" * 1025, "caption of more than 1024"),
        ("x" * 4097, "4096"),
        ("!what", "!open, !photo, !press and !timeline"),
    ],
)
async def test_what_cannot_be_done_is_told(tmp_path: Path, line: str, reason: str) -> None:
    chat = Chat(Stage(tmp_path), Transcript(io.StringIO(), colour=False))
    with pytest.raises(Refusal, match=reason):
        await chat.take(line)


async def test_a_file_is_sent_as_it_is(tmp_path: Path) -> None:
    picture = pictures.draw(pictures.NOON)
    (tmp_path / "noon.jpg").write_bytes(picture)
    it = Stage(tmp_path)
    await Chat(it, Transcript(io.StringIO(), colour=False)).take(
        f"!photo {tmp_path}/noon.jpg High noon"
    )
    sent = it.owner.chat.last
    assert sent.text == "High noon"
    assert it.telegram.file(sent.raw["photo"][-1]["file_id"]) == picture


# --- the parts --------------------------------------------------------------------------------


def test_lines_are_at_most_80_wide_and_links_are_whole_where_they_shall_be_followed() -> None:
    link = "http://127.0.0.1/" + "x" * 90
    for whole in (False, True):
        out = io.StringIO()
        show = Transcript(out, colour=False, whole=whole)
        show.person(f"{link} {'word ' * 30}")
        show.telex(link, ["Open"])
        show.traffic("Telegram", link, "200")
        show.aside("word " * 30)
        show.right("word " * 30)
        lines = out.getvalue().splitlines()
        assert [line for line in lines if len(line) > 80 and not (whole and link in line)] == []
        assert (out.getvalue().count(link) == 2) is whole
        assert any(line.endswith("… 200") for line in lines)


async def test_the_browser_stays_on_this_machine(tmp_path: Path) -> None:
    for address in ("https://x.com/i/oauth2/authorize", "http://localhost.example/"):
        with pytest.raises(browser.Lost, match="is not on this machine"):
            await browser.consent(address)


async def test_the_browser_tells_what_xs_page_says_instead(tmp_path: Path) -> None:
    it = Stage(tmp_path)
    await it.x.start()
    try:
        with pytest.raises(browser.Lost, match=r"X's page \(400\) says: response_type"):
            await browser.consent(f"{it.x.url}/i/oauth2/authorize")
    finally:
        await it.x.stop()


def test_each_hour_has_its_picture_and_always_the_same() -> None:
    hours = (pictures.DAWN, pictures.NOON, pictures.DUSK)
    drawn = [pictures.draw(hour) for hour in hours]
    assert [pictures.draw(hour) for hour in hours] == drawn
    assert len(set(drawn)) == 3
    assert all(data.startswith(b"\xff\xd8\xff") and len(data) < 200_000 for data in drawn)
