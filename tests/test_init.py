"""`telex init`: the conversation with a person who is played, and the file that comes of it."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given as for_any
from hypothesis import strategies as some

from bot import config, init
from bot.check import seen
from bot.check.finding import Finding
from bot.init import envfile, questions
from bot.init.interview import Interview
from bot.init.live import Live, NotYet
from tests.stage import stage
from twitter_core.errors import Forbidden, Refusal, Refused, XError
from twitter_core.wire import Account

TOKEN = "123456789:AAFtokentokentokentokentokentoken"
ANSWERS = {
    "TELEGRAM_BOT_TOKEN": TOKEN,
    "TELEGRAM_OWNER_IDS": "7",
    "X_CLIENT_ID": "client",
    "X_CLIENT_SECRET": "",
}
KEYS = {question.name: f"key-{n}" for n, question in enumerate(questions.KEYS)}
GROUPS = ("keys", "settings", "again")


class Person:
    """An `Asker` who answers from a list for each setting, and keeps what stands there after it."""

    def __init__(self, answers: Mapping[str, str | list[str]], **agreed: bool) -> None:
        self.answers = {k: [v] if isinstance(v, str) else list(v) for k, v in answers.items()}
        self.agreed = agreed  # "keys", "settings" and "again"
        self.asked: list[str] = []
        self.offered: dict[str, str] = {}
        self.heard: list[str] = []

    def _answer(self, prompt: str, default: str) -> str:
        (name,) = [name for name in config.NAMES if f"({name})" in prompt]
        self.asked.append(name)
        self.offered[name] = default
        left = self.answers.get(name, [])
        return left.pop(0) if left else default

    async def text(self, prompt: str, default: str) -> str:
        return self._answer(prompt, default)

    async def secret(self, prompt: str) -> str:
        return self._answer(prompt, "")

    async def choice(self, prompt: str, choices: tuple[str, ...], default: str) -> str:
        return self._answer(prompt, default)

    async def agrees(self, prompt: str, *, default: bool) -> bool:
        (which,) = [name for name in GROUPS if name in prompt]
        return self.agreed.get(which, default)

    def head(self, title: str) -> None: ...

    def explain(self, text: str) -> None: ...

    def say(self, text: str) -> None:
        self.heard.append(text)

    complain = say

    def tell(self, finding: Finding) -> None:
        self.heard.append(f"{finding.verdict} {finding.topic}")

    def waiting(self, text: str) -> AbstractContextManager[object]:
        return contextlib.nullcontext()


class World:
    """`Services` that know one token, one client and one set of keys."""

    def __init__(self, **said: XError | None) -> None:
        self.said = said
        self.is_away = False

    async def telegram(self, values: Mapping[str, str]) -> seen.Telegram:
        if self.is_away:
            return seen.Telegram("api", seen.Silence("ConnectError"))
        if values.get("TELEGRAM_BOT_TOKEN") != TOKEN:
            return seen.Telegram("api", seen.No(401))
        owners = [one for one in values.get("TELEGRAM_OWNER_IDS", "").split(",") if one]
        chats = tuple((int(one), seen.Chat("Somebody")) for one in owners)
        return seen.Telegram("api", seen.Bot("bot", "Bot"), "", chats)

    async def app(self, values: Mapping[str, str]) -> seen.X:
        app = seen.App(values["X_CLIENT_ID"], has_secret=False, answer=self.said.get("app"))
        return seen.X("x", app, "")

    async def keys(self, values: Mapping[str, str]) -> seen.X:
        if not all(values.get(name) for name in KEYS):
            raise NotYet
        account = self.said.get("keys") or Account("1", "me", "Me")
        keys = seen.Keys(account, level="read-write")
        return seen.X("x", seen.App("", has_secret=False), "", keys=keys)


async def hold(
    person: Person,
    world: World | None = None,
    *,
    written: Mapping[str, str] = {},
    given: Mapping[str, str] = {},
) -> dict[str, str]:
    talk = Interview(person, world or World(), written=written, given=given)
    return {name: value for name, value in (await talk.hold()).items() if value}


async def test_the_fewest_answers_are_three_and_enters() -> None:
    person = Person(ANSWERS)
    values = await hold(person)
    assert config.complaints_about(values) == {}
    assert person.asked == [*list(ANSWERS)[:2], "X_REDIRECT_URI", *list(ANSWERS)[2:]]


async def test_whoever_wants_to_is_asked_for_everything_but_where_x_is() -> None:
    person = Person({**ANSWERS, **KEYS}, keys=True, settings=True)
    values = await hold(person)
    left = set(config.NAMES) - set(person.asked)
    assert left == {"X_API_URL", "X_UPLOAD_URL", "X_AUTHORIZE_URL", "X_PRICES"}
    assert {name: values[name] for name in KEYS} == KEYS
    assert config.complaints_about(values) == {}


@pytest.mark.parametrize(
    ("written", "redirect", "listen"),
    [
        ({}, "http://127.0.0.1:9000/callback", "127.0.0.1:9000"),
        ({"LISTEN": "127.0.0.1:8080"}, "http://localhost:9000/callback", "127.0.0.1:9000"),
        ({}, "http://[::1]:9000/callback", "[::1]:9000"),
        (
            {"X_REDIRECT_URI": "http://127.0.0.1:9000/callback", "LISTEN": "127.0.0.1:9000"},
            "http://127.0.0.1:9001/callback",
            "127.0.0.1:9001",
        ),
        ({}, "http://127.0.0.1:8080/there", None),
        ({}, "https://telex.example.org/callback", None),
        ({"LISTEN": ""}, "http://127.0.0.1:9000/callback", ""),
        ({"LISTEN": "0.0.0.0:80"}, "http://127.0.0.1:9000/callback", "0.0.0.0:80"),
    ],
)
async def test_the_landing_page_goes_where_the_callback_address_leads(
    written: Mapping[str, str], redirect: str, listen: str | None
) -> None:
    person = Person({**ANSWERS, "X_REDIRECT_URI": redirect})
    values = await Interview(person, World(), written=written, given={}).hold()
    assert values.get("LISTEN") == listen
    is_moved = listen not in (None, written.get("LISTEN"))
    assert any("the sign-in can end there" in text for text in person.heard) == is_moved


async def test_each_question_says_where_its_answer_is_found() -> None:
    for question in questions.ALL:
        is_second = question.name in ("X_API_SECRET", "X_ACCESS_TOKEN_SECRET")
        assert bool(question.where) is not is_second, question
        assert question.is_secret is (question.name in config.SECRET)


async def test_an_answer_that_is_no_setting_is_asked_for_again_without_being_repeated() -> None:
    person = Person({**ANSWERS, "TELEGRAM_BOT_TOKEN": ["hush hush", TOKEN]})
    assert (await hold(person))["TELEGRAM_BOT_TOKEN"] == TOKEN
    assert not any("hush" in heard for heard in person.heard)


async def test_what_telegram_refuses_is_asked_for_again_or_kept_as_the_person_says() -> None:
    other = TOKEN.replace("A", "B")
    person = Person({**ANSWERS, "TELEGRAM_BOT_TOKEN": [other, TOKEN]}, again=True)
    assert (await hold(person))["TELEGRAM_BOT_TOKEN"] == TOKEN
    person = Person({**ANSWERS, "TELEGRAM_BOT_TOKEN": other}, again=False)
    assert (await hold(person))["TELEGRAM_BOT_TOKEN"] == other


async def test_without_a_network_everything_can_be_entered_all_the_same() -> None:
    world = World()
    world.is_away = True
    assert await hold(Person(ANSWERS, again=False), world) == {
        **{name: value for name, value in ANSWERS.items() if value},
        "X_REDIRECT_URI": "http://127.0.0.1:8080/callback",
    }


@pytest.mark.parametrize(
    ("question", "pasted", "meant", "is_said"),
    [
        (questions.TOKEN, TOKEN, TOKEN, False),
        (questions.TOKEN, f"  {TOKEN}\t", TOKEN, True),
        (questions.TOKEN, f"{TOKEN[:9]}\n {TOKEN[9:]}", TOKEN, True),
        (questions.TOKEN, f"\ufeff{TOKEN}\u200b", TOKEN, True),
        (questions.CLIENT_ID, "cli ent", "client", True),
        (questions.OWNERS, " 7, 8 ", "7, 8", True),
        (questions.OWNERS, "7, 8", "7, 8", False),
        (questions.SCOPE, "tweet.read users.read\n", "tweet.read users.read", True),
    ],
)
def test_stray_white_space_is_taken_out_where_none_belongs(
    question: questions.Question, pasted: str, meant: str, is_said: bool
) -> None:
    assert questions.tidy(question, pasted) == (meant, is_said)


async def test_enter_keeps_a_secret_and_a_dash_takes_it_out() -> None:
    written = {**ANSWERS, "X_CLIENT_SECRET": "secret"}
    kept = await hold(Person({}), written=written)
    assert kept["X_CLIENT_SECRET"] == "secret"
    gone = await hold(Person({"X_CLIENT_SECRET": "-"}), written=written)
    assert "X_CLIENT_SECRET" not in gone


async def test_what_is_in_the_file_is_offered() -> None:
    person = Person({}, settings=True)
    await hold(person, written={**ANSWERS, "X_SCOPE": "", "LISTEN": "", "LOG_LEVEL": "DEBUG"})
    assert person.offered["X_CLIENT_ID"] == "client"
    assert person.offered["LISTEN"] == "", "which means: none"
    assert person.offered["X_SCOPE"].startswith("tweet.read"), "which means: the default"
    assert person.offered["LOG_LEVEL"] == "DEBUG"


async def test_what_the_environment_says_is_not_asked_for_even_where_it_is_refused() -> None:
    bad = {"TELEGRAM_BOT_TOKEN": TOKEN.replace("A", "B"), "X_CLIENT_ID": "theirs"}
    person = Person({"TELEGRAM_OWNER_IDS": "7"}, again=False)
    values = await hold(person, given=bad, written={"X_CLIENT_ID": "mine"})
    assert values["X_CLIENT_ID"] == "theirs", "for it wins, so it is what has to be right"
    assert not {*bad} & {*person.asked}
    assert "wrong Bot" in person.heard


async def test_a_client_that_x_does_not_know_is_asked_for_with_its_secret() -> None:
    world = World(app=Forbidden(Refusal.BAD_CLIENT))
    person = Person({**ANSWERS, "X_CLIENT_SECRET": "secret"}, again=False)
    await hold(person, world)
    assert "wrong App (OAuth 2.0)" in person.heard


async def test_keys_that_are_set_are_looked_at_even_where_they_are_not_asked_for() -> None:
    person = Person({}, keys=False)
    await hold(person, World(keys=Refused(Refusal.BAD_OAUTH1)), written={**ANSWERS, **KEYS})
    assert "wrong Keys (OAuth 1.0a)" in person.heard


async def test_three_keys_of_four_are_not_left_at_that() -> None:
    answers: dict[str, str | list[str]] = {**ANSWERS, **KEYS}
    answers["X_ACCESS_TOKEN"] = ["", "found it"]
    values = await hold(Person(answers, keys=True))
    assert values["X_ACCESS_TOKEN"] == "foundit"
    assert config.complaints_about(values) == {}


async def test_a_wrong_setting_that_nobody_asked_for_is_asked_for_at_the_end() -> None:
    person = Person({**ANSWERS, "LOG_LEVEL": "INFO"})
    values = await hold(person, written={"LOG_LEVEL": "LOUD"})
    assert person.asked[-1] == "LOG_LEVEL"
    assert values["LOG_LEVEL"] == "INFO"


async def test_one_that_init_cannot_ask_for_is_told_and_does_not_go_round_for_ever() -> None:
    person = Person(ANSWERS)
    await hold(person, written={"X_API_URL": "nowhere"})
    assert any(heard.startswith("X_API_URL is not a whole URL") for heard in person.heard)


# --- the file


def read(text: str) -> dict[str, str | None]:
    return dict(dotenv_values(stream=io.StringIO(text)))


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        ("", {"A": "1"}, "A=1\n"),
        ("A=1\n", {}, "A=1\n"),
        ("A=1\n", {"A": "2"}, "A=2\n"),
        ("A=1", {"A": "2"}, "A=2"),
        ("A=1", {"B": "2"}, "A=1\n\nB=2\n"),
        ("# a\nexport A = 'x y' # mine\nB=1\n", {"A": "2"}, "# a\nexport A =2 # mine\nB=1\n"),
        ("\n\n  A=\n", {"A": "2"}, "\n\n  A=2\n"),
        ("A\n", {"A": "2"}, "A=2\n"),
        ('A="secret #1" # one\n', {"A": "2"}, "A=2 # one\n"),
        ("A='two\nlines'\nB=1\n", {"A": "2"}, "A=2\nB=1\n"),
        ("A=1\r\nB=2\r\n", {"A": "3"}, "A=3\r\nB=2\r\n"),
        ("A=1\nA=2\n", {"A": "3"}, "A=1\nA=3\n"),
        ("#A=1\nWHAT=2 # ?\n", {"A": "3"}, "#A=1\nWHAT=2 # ?\n\nA=3\n"),
        ("A=1\n", {"A": ""}, "A=\n"),
        ("A=1\n", {"A": "two words"}, "A=two words\n"),
        ("A=1\n", {"A": "it's #1 \\"}, "A='it\\'s #1 \\\\'\n"),
    ],
)
def test_a_line_is_changed_and_every_other_one_stays(
    before: str, changes: dict[str, str], after: str
) -> None:
    assert envfile.rewrite(before, changes, {}) == after


@for_any(some.text(some.characters(codec="utf-8", exclude_characters="\r\0"), max_size=30))
def test_a_value_is_read_as_it_was_written_or_refused(value: str) -> None:
    text = "# mine\nA=1\nB=2\n"
    try:
        done = envfile.rewrite(text, {"A": value, "C": value}, {})
    except ValueError:
        assert "${" in value or "\n" in value or not value.isprintable() or value != value.strip()
        return
    assert {name: found or "" for name, found in read(done).items()} == {
        "A": value,
        "B": "2",
        "C": value,
    }


def test_new_settings_stand_below_what_they_are_for() -> None:
    about = {"A": "About a.", "B": "About both.", "C": "About both."}
    done = envfile.rewrite("", {"A": "1", "B": "2", "C": "3"}, about)
    assert done == "# About a.\nA=1\n\n# About both.\nB=2\nC=3\n"


def test_the_example_can_be_filled_in_and_keeps_its_comments() -> None:
    example = (Path(__file__).parent.parent / ".env.example").read_text(encoding="utf-8")
    done = envfile.rewrite(example, {"X_CLIENT_ID": "client", "LISTEN": ""}, {})
    assert done == example.replace("X_CLIENT_ID=", "X_CLIENT_ID=client").replace(
        "LISTEN=127.0.0.1:8080", "LISTEN="
    )


def test_the_file_is_its_owners_alone_whatever_it_was(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\n")
    path.chmod(0o666)
    envfile.write(path, "A=2\n")
    assert path.read_text() == "A=2\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == [".env"]


def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("A=1\n")
    (tmp_path / ".env").symlink_to("real")
    envfile.write(tmp_path / ".env", "A=2\n")
    assert (tmp_path / ".env").is_symlink()
    assert (tmp_path / "real").read_text() == "A=2\n"


@pytest.mark.parametrize("where", ["fsync", "replace"])
@pytest.mark.parametrize("trouble", [OSError(28, "full"), KeyboardInterrupt()])
def test_a_write_that_is_stopped_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, trouble: BaseException
) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\n")

    def stop(*_: object) -> None:
        raise trouble

    with monkeypatch.context() as patch:
        patch.setattr(os, where, stop)
        with pytest.raises(type(trouble)):
            envfile.write(path, "A=2\n")
    assert path.read_text() == "A=1\n"
    assert [one.name for one in tmp_path.iterdir()] == [".env"]


# --- asking for real, and without a terminal


async def test_the_services_are_asked_with_what_is_known_so_far(tmp_path: Path) -> None:
    async with stage(tmp_path) as it:
        names = ("TELEGRAM_API_URL", "X_API_URL", "X_UPLOAD_URL", "DATA_DIR")
        values = {name: it.settings[name] for name in names}
        bot = await Live().telegram({**values, "TELEGRAM_BOT_TOKEN": it.telegram.token})
        assert (bot.bot, bot.chats) == (seen.Bot("telex_sandbox_bot", "Telex"), ())
        app = {"X_CLIENT_ID": it.x.app.client_id, "X_CLIENT_SECRET": it.x.app.client_secret or ""}
        assert (await Live().app({**values, **app})).app.answer is None
        assert (await Live().app({**values, **app, "X_CLIENT_SECRET": ""})).app.answer is not None
        keys = {name: it.settings[name] for name in KEYS}
        found = await Live().keys({**values, **keys})
        assert found.keys is not None and isinstance(found.keys.account, Account)
        assert (found.keys.level, found.stored) == ("read-write", None)
        with pytest.raises(NotYet):
            await Live().keys({**values, **keys, "X_API_KEY": ""})


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, no settings, and no terminal."""
    monkeypatch.chdir(tmp_path)
    for name in config.NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.stdin", None)
    return tmp_path


def test_without_a_terminal_the_environment_is_written_down(
    alone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in ANSWERS.items():
        monkeypatch.setenv(name, value)
    assert init.main() == 0
    assert "TELEGRAM_BOT_TOKEN" in (said := capsys.readouterr().out) and TOKEN not in said
    assert read((alone / ".env").read_text()) == {k: v for k, v in ANSWERS.items() if v}
    before = (alone / ".env").read_bytes()
    assert init.main() == 0
    assert "nothing in it has changed" in capsys.readouterr().out
    assert (alone / ".env").read_bytes() == before


def test_without_a_terminal_what_is_missing_is_told_in_one_line(
    alone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init.main() == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "TELEGRAM_OWNER_IDS is not set" in said
    assert list(alone.iterdir()) == []


def test_in_a_folder_that_cannot_be_written_to_nobody_is_asked_in_vain(
    alone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(init, "_is_terminal", lambda stream: True)
    monkeypatch.setattr(os, "access", lambda path, mode: path != alone)
    assert init.main() == 1
    said = capsys.readouterr()
    assert "cannot be written here; nothing was written" in said.err and not said.out


def test_a_file_that_cannot_be_read_or_written_is_left_alone(
    alone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = alone / ".env"
    path.write_text(nonsense := "this is no setting\n")
    assert init.main() == 2
    assert (path.read_text(), capsys.readouterr().err[:16]) == (nonsense, "telex: .env, lin")
    path.write_text("# mine\n")
    for name, value in ANSWERS.items():
        monkeypatch.setenv(name, value)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert init.main() == 1
    assert "No space left on device" in capsys.readouterr().err
    assert path.read_text() == "# mine\n"
