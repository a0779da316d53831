"""Every sentence: for each thing that may be said there is one, and it is plain."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import polls, slots, times, zones
from bot.alts import Misfit
from bot.preferences import Preferences
from bot.words import advice, changes, choices, costs, later, overview, sentences
from twitter_core.entry import THERE, Entry, Question, State, Words
from twitter_core.errors import Refusal
from twitter_core.line import Reason
from twitter_core.post import Flags, Media, Post, WhoMayReply
from twitter_core.prices import Month
from twitter_core.wire import RateLimit

NOW = 1_700_000_000.0  # 14 November 2023, 22:13 UTC
HOUR, DAY = 3600.0, 86_400.0
LIST = Path(__file__).parent.parent / "docs" / "SENTENCES.md"
HEAD = """\
# What the bot says

Every sentence of the chat, written by a test from what the code says. Figures, names and texts in
them are examples.
"""
LENGTHY = "Something that X said, at length. "  # tries the bounds, and is nothing to read
LINK = "https://x.com/me/status/1"
STATUS = re.compile(r"\b(400|401|402|403|404|408|410|413|425|429|500|502|503|504)\b")
EXCEPTION = re.compile(r"\b[A-Z]\w*(Error|Exception)\b|\b(Uncertain|Unsent|Refused|Traceback)\b")


# All that speak in the chat. Nothing that an owner reads stands anywhere else.
ROOMS = (sentences, advice, overview, later, costs, changes, choices)
NO_SENTENCES = (
    "PURPOSE",
    "_EVERYONE",
    "CONSOLE",
    "ROUND_HALF_UP",
    "COMMANDS",
)  # for the program's own use


def fixed() -> Iterator[tuple[str, str]]:
    """All texts of the modules, with their names."""
    for name, value in (pair for room in ROOMS for pair in vars(room).items()):
        if name.startswith("__") or name in NO_SENTENCES or value == THERE:
            continue
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, dict):
            yield from ((f"{name}[{key}]", text) for key, text in _texts(value))
        elif isinstance(value, tuple):
            pairs = (pair for pair in value if isinstance(pair, tuple))
            yield from ((name, text) for pair in pairs for text in pair if isinstance(text, str))


def _texts(table: Mapping[Any, Any]) -> Iterator[tuple[Any, str]]:
    for key, value in table.items():
        for text in value if isinstance(value, tuple) else (value,):
            # Advice has a place for what X says, or for a number.
            yield key, text.replace(" ({})", "").replace("{}", "1")


def made() -> Iterator[tuple[str, str]]:
    """What the functions say, over the whole range of what they are asked."""
    for refusal in Refusal:
        for detail in ("", LENGTHY * 20):
            yield f"failed({refusal})", sentences.failed(refusal, detail, "")
            yield f"not_deleted({refusal})", sentences.not_deleted(refusal, detail)
            yield f"not_renewed({refusal})", sentences.not_renewed(refusal, detail)
            yield f"last_refusal({refusal})", sentences.last_refusal(refusal, detail)
    yield "failed(earlier)", sentences.failed(Refusal.DUPLICATE, "", LINK)
    for reason in (*Reason, None):
        for until in (None, NOW, NOW + DAY):
            for paused in (True, False):
                yield f"waiting({reason})", sentences.waiting(reason, until, paused=paused, now=NOW)
    for ahead in (0, 1, 20):
        yield f"turn({ahead})", sentences.turn(ahead)
    yield from about_the_sign_in()
    yield from about_posts()
    yield from about_times()
    yield from about_money()
    yield from about_changes()
    yield from about_settings()
    yield "status", _status()


def about_the_sign_in() -> Iterator[tuple[str, str]]:
    yield "sign_in", sentences.sign_in("https://x.com/i/oauth2/authorize", "http://127.0.0.1:8080/")
    for username in ("", "me"):
        yield "signed_in", sentences.signed_in(username)
    yield "other_uploader", sentences.other_uploader()
    yield "renewed", sentences.renewed(NOW + HOUR, NOW)
    yield "last_sign_in", sentences.last_sign_in(NOW + HOUR, NOW)


def about_posts() -> Iterator[tuple[str, str]]:
    for number in (1, 4):
        yield "uploading", sentences.uploading(0, number)
        yield "posted", sentences.posted(LINK, number)
        yield "partly_posted", sentences.partly_posted(number, 5, LINK)
        yield "partly_posted", sentences.partly_posted(number, 5, "")
    yield "doubled", sentences.doubled(LINK)
    yield "on_page", overview.on_page(1, 3)
    for misfit, detail in zip(polls.Misfit, ("12", "x" * 26, "2"), strict=True):
        yield "poll_refused", sentences.poll_refused(polls.Refused(misfit, detail))
    yield "footer_too_long", sentences.footer_too_long(120, 100)
    for number in (1, 19):
        yield "too_long", sentences.too_long(number)
    yield "strangers", sentences.strangers(("@durov",))
    yield "strangers", sentences.strangers(("@durov", "@telegram", "@x_x", "@y_y"))
    for text in ("", "The text of it"):
        yield "lost", sentences.lost(text)
    for parts in ((("a", 1),), (("a", 1), ("b", 1))):
        yield "preview", sentences.preview(parts, 280)
    for state in (State.DRAFT, State.QUEUED, State.POSTING, State.UNCERTAIN, State.FAILED):
        entry = Entry("k", state, Post("text", (Media("p"),)), 0)
        for due in (None, NOW + HOUR):
            yield f"in_queue({state})", overview.in_queue(replace(entry, due=due), NOW, UTC)


def about_settings() -> Iterator[tuple[str, str]]:
    for name in ("first", "mode", "undo", "who_may_reply", "footer"):
        for chosen in (Preferences(), Preferences(footer="#telex", threads=False)):
            view = choices.page(name, chosen, choices.Surroundings(v11_given_up=True))
            yield "page", view.text
            yield from (("page", button.label) for row in view.buttons for button in row)


def about_changes() -> Iterator[tuple[str, str]]:
    for refusal in Refusal:
        yield f"blocked({refusal})", changes.blocked(refusal, "")
        yield f"on({refusal})", advice.on(refusal, "")
    for pictures in (1, 4):
        yield "ask_alt", changes.ask_alt(pictures)
        yield "alt_set", changes.alt_set((1,), pictures)
    for misfit in (
        Misfit(pictures=1, number=1, length=1001),
        Misfit(pictures=4, number=2, length=1001),
        Misfit(pictures=4, number=5),
        Misfit(pictures=4, lines=5),
    ):
        yield "alt_misfit", changes.alt_misfit(misfit)
    for who in (None, *WhoMayReply):
        chosen = Flags(made_with_ai=True, paid_partnership=who is not None, who_may_reply=who)
        yield "flags", changes.flags(chosen)
        yield from (("switches", label) for row in changes.switches(chosen) for label, _ in row)
    for text, posted in (("new", ("1",)), ("old", ("1",)), ("new", (THERE,))):
        words = Words(1, text, edited=(NOW, 1))
        entry = Entry("k", State.DONE, Post("old"), 0, posted=posted, words=(words,))
        yield "outdated", changes.outdated(entry)


def _status() -> str:
    return overview.status(
        account="me",
        signed_in=True,
        ended=False,
        renewal_at=NOW + HOUR,
        good_until=None,
        way="v2",
        other_keys=True,
        line="",
        waiting=2,
        scheduled=3,
        failed=1,
        purse=costs.Purse(month=Month(Decimal("0.93"), 41), budget=Decimal(5)),
        limits={"create": RateLimit(100, 58, int(NOW + HOUR))},
        version="0.1.0",
        now=NOW,
    )


def about_money() -> Iterator[tuple[str, str]]:
    month = Month(Decimal("0.93"), 41)
    for budget in (None, Decimal(5), Decimal("0.5")):
        purse = costs.Purse(month=month, budget=budget)
        yield "month", costs.month(purse, NOW)
        yield "budget", costs.budget(purse, NOW)
        for text in ("a", "README.md", "a.de b.de c.de d.de", "https://a.de", "see https://a.de"):
            for question in (Question.PREVIEW, Question.BUDGET):
                entry = Entry("k", State.DRAFT, Post(text, (Media("p"),)), 0, question=question)
                yield from (("of_draft", part) for part in costs.of_draft(entry, purse))
                yield "due", costs.due(entry, purse)
    out = Entry("k", State.DONE, Post("a"), 0, posted=("1",), cost=Decimal("0.2"))
    yield "paid", costs.paid(out)
    yield "paid_in_all", costs.paid_in_all(out)
    for text in ("b", "example.com", "example.com example.org"):
        yield "of_renewal", costs.of_renewal(out, Post(text), costs.NO_LIMIT)


def about_times() -> Iterator[tuple[str, str]]:
    for zone in (UTC, ZoneInfo("Europe/Berlin")):
        for at in (NOW + HOUR, NOW + 400 * DAY):
            yield "scheduled", later.scheduled(at, NOW, zone)
            yield "was_due", later.was_due(at, NOW, zone)
            yield "meant", later.meant(at, NOW, zone)
            yield "short", later.short(at, NOW, zone)
        for why in times.Why:
            local = datetime.fromtimestamp(NOW, zone)
            found = times.Misread(why, local, ("9:00", "21:00"))
            yield f"misread({why})", later.misread("x" * 200, found, NOW, zone)
            yield f"misread({why})", later.misread("", found, NOW, zone)
        yield "misread", later.misread("soon", times.Misread(times.Why.NOTHING), NOW, zone)
    for seconds in (0.1, 5, 30):
        yield "held", later.held(seconds)
    yield "no_zone", later.no_zone()
    for groups in ((), ("mon-fri 09:00", "sat 11:00")):
        yield "slots_shown", later.slots_shown(groups, "", "")
        yield "slots_shown", later.slots_shown(groups, "Europe/Berlin", "tomorrow")
    for wrong in (slots.Wrong(), slots.Wrong("word"), slots.Wrong(is_too_many=True)):
        yield "slots_wrong", later.slots_wrong(wrong)
    for name in ("", "Europe/Berlin"):
        yield "zone_shown", later.zone_shown(name, NOW)
    for unknown in (zones.NotOne(), zones.NotOne(("Asia/Istanbul", "Europe/Istanbul"))):
        yield "zone_unknown", later.zone_unknown("x", unknown)


SAID = [*fixed(), *made()]
# These give words for a sentence, or answer a question of the program's.
PARTS = {"clock", "fit", "dollars", "name", "moment", "of_links", "on_deletion", "on_other"}


def test_every_sentence_is_made_here_once() -> None:
    made_here = {name.partition("(")[0] for name, _ in made()} | PARTS
    for room in ROOMS:
        for name, function in vars(room).items():
            is_own = getattr(function, "__module__", "") == room.__name__
            if is_own and not name.startswith("_") and inspect.isfunction(function):
                says = function.__annotations__.get("return", "")
                assert (
                    name in made_here
                    or "str" not in says
                    or says == "dict[str, Any] | None"
                    or (name in ("found_links", "switches"))
                ), f"{room.__name__}.{name} is in no list"


def test_all_sentences_stand_in_one_list_to_be_read_in_one_go() -> None:
    listed = _listed()
    before = LIST.read_text("utf-8") if LIST.exists() else ""
    if before != listed:
        LIST.write_text(listed, "utf-8")
    assert before == listed, "docs/SENTENCES.md was not what the bot says; it is written anew"


def _is_another(name: str) -> bool:
    """The same advice about another deed: a few of these are enough to read."""
    base, _, refusal = name.rstrip(")").partition("(")
    others = ("not_deleted", "not_renewed", "last_refusal", "blocked", "on")
    return base in others and refusal not in (Refusal.SIGN_IN, Refusal.NOT_PERMITTED)


def test_each_fits_a_phone() -> None:
    for name, text in SAID:
        # What X says comes shortened, and is quoted whole; the help is a page to scroll.
        most = 1600 if name == "HELP" or LENGTHY[:-1] in text else 700
        if "xxx" not in text:
            assert len(text) <= most, name
            assert max(map(len, text.split())) <= 60, f"{name}: a word that no line holds"


def _listed() -> str:
    """The list: room by room, each sentence once, in the order of the code."""
    parts = [HEAD]
    for room in ROOMS:
        (title,) = (room.__doc__ or "").splitlines()[:1]
        parts.append(f"\n## {room.__name__.rpartition('.')[2]}\n\n{title}\n\n")
        seen: dict[str, None] = {}
        for name, text in SAID:
            base = re.split(r"[(\[]", name)[0]
            own = vars(room).get(base)
            is_own = own is not None and getattr(own, "__module__", room.__name__) == room.__name__
            first = next(r for r in ROOMS if base in vars(r))
            is_example = LENGTHY not in text and "xxx" not in text and not _is_another(name)
            is_shown = is_own and (first is room or inspect.isfunction(own)) and is_example
            if is_shown:
                seen.setdefault(text)
        parts += [f"- {text.replace(chr(10), '<br>')}\n" for text in seen]
    return "".join(parts)


@pytest.mark.parametrize(("name", "text"), SAID, ids=[name for name, _ in SAID])
def test_it_is_plain_words(name: str, text: str) -> None:
    assert text == text.strip() and text
    assert "{" not in text and "}" not in text and "()" not in text and "  " not in text
    assert not EXCEPTION.search(text)
    assert not STATUS.search(text)
    assert not text.endswith(":")
    assert "None" not in text


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_is_told_in_a_sentence_of_its_own(refusal: Refusal) -> None:
    said = sentences.failed(refusal, "", "")
    assert said.startswith("Not posted: ") and said.endswith(".")
    others = {sentences.failed(other, "", "") for other in Refusal if other is not refusal}
    assert said not in others


@pytest.mark.parametrize("refusal", Refusal)
def test_what_x_says_at_length_is_shortened(refusal: Refusal) -> None:
    detail = "word " * 60  # as much as is kept of it
    assert len(sentences.failed(refusal, detail, "")) < 800


@pytest.mark.parametrize("question", Question)
def test_every_question_has_its_words(question: Question) -> None:
    assert sentences.QUESTIONS[question].endswith("?")


def test_every_reason_to_wait_is_told_apart() -> None:
    said = {sentences.waiting(reason, None, paused=False, now=NOW) for reason in Reason}
    assert len(said) == len(Reason)
    assert all(text.startswith("Waiting: ") for text in said)


def test_a_pause_is_told_before_any_other_reason() -> None:
    assert "/resume" in sentences.waiting(Reason.CREDITS, None, paused=True, now=NOW)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "at 22:13 UTC"), (2 * HOUR, "at 00:13 UTC"), (12 * HOUR, "at 15 November, 10:13 UTC")],
)
def test_a_rate_limit_tells_when_it_is_tried_again_and_the_day_where_it_could_be_mistaken(
    seconds: float, text: str
) -> None:
    said = sentences.waiting(Reason.RATE_LIMIT, NOW + seconds, paused=False, now=NOW)
    assert said == f"Waiting: X takes no more posts for now. I try again {text}."


def test_a_day_is_told_without_a_zero_in_front() -> None:
    assert sentences.clock(NOW + 17 * DAY, NOW) == "1 December, 22:13 UTC"


def test_times_are_shown_by_the_owners_clock() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert sentences.clock(NOW, NOW, berlin) == "23:13 CET"
    assert sentences.clock(NOW + HOUR, NOW, berlin) == "00:13 CET"
    assert sentences.clock(NOW + DAY, NOW, berlin) == "15 November, 23:13 CET"
    assert sentences.clock(NOW - DAY, NOW, berlin) == "13 November, 23:13 CET"
    said = sentences.waiting(Reason.RATE_LIMIT, NOW, paused=False, now=NOW, zone=berlin)
    assert "23:13 CET" in said
    assert "23:13 CET" in sentences.renewed(NOW, NOW, berlin)
    assert "23:13 CET" in sentences.last_sign_in(NOW, NOW, berlin)


def test_what_waits_for_money_tells_of_the_spend_cap_as_well() -> None:
    said = sentences.waiting(Reason.CREDITS, None, paused=False, now=NOW)
    assert "credits" in said and "spend cap" in said


@pytest.mark.parametrize("refusal", Refusal)
def test_where_nothing_was_posted_nobody_is_told_to_press_what_is_not_there(
    refusal: Refusal,
) -> None:
    for said in (
        sentences.not_deleted(refusal, ""),
        sentences.not_renewed(refusal, ""),
        sentences.last_refusal(refusal, ""),
    ):
        assert "press try again" not in said.lower() and "Not posted" not in said
        assert said.endswith(".") and ",." not in said
    assert sentences.not_renewed(refusal, "").startswith("The sign-in could not be renewed: ")
    assert "press" not in sentences.not_renewed(refusal, "")
    assert "press" not in sentences.last_refusal(refusal, "")


def test_a_refused_deletion_tells_what_to_press_on_its_card() -> None:
    assert sentences.not_deleted(Refusal.NOT_ENROLLED, "").endswith("then press Delete once more.")


@pytest.mark.parametrize(
    ("redirect_uri", "never"),
    [
        ("http://127.0.0.1:8080/callback", True),
        ("http://localhost/callback", True),
        ("http://[::1]:8080/callback", True),
        ("https://telex.example.org/callback", False),
        ("https://127.0.0.1.example.org/callback", False),
    ],
)
def test_only_a_page_on_this_machine_is_said_never_to_load_on_a_phone(
    redirect_uri: str, never: bool
) -> None:
    said = sentences.sign_in("https://x.com/i/oauth2/authorize", redirect_uri)
    assert ("on a phone" in said) == never
    assert redirect_uri in said and "within 30 seconds" in said


def test_nothing_is_said_of_what_telex_cannot_know() -> None:
    assert "not running" not in sentences.QUESTIONS[Question.OLD]
    assert "had gone" not in sentences.QUESTIONS[Question.LATE]
    assert "let me look" not in sentences.QUESTIONS[Question.LOST]
    assert "Nothing was posted" not in sentences.BROKEN and "press" in sentences.BROKEN


def test_a_duplicate_names_the_older_post() -> None:
    assert LINK in sentences.failed(Refusal.DUPLICATE, "", LINK)


@pytest.mark.parametrize("state", State)
def test_a_late_press_is_answered_in_words_whatever_the_state(state: State) -> None:
    assert sentences.TOO_LATE[state.value]


def test_the_answer_to_a_press_fits_into_telegrams_bubble() -> None:
    answers = (*sentences.PRESSED.values(), *sentences.TOO_LATE.values())
    assert all(len(text) <= 200 for text in answers)


@pytest.mark.parametrize("text", ["x" * 4096, "👍" * 2048, "👩‍👩‍👧" * 800])
def test_a_preview_fits_into_a_message_and_cuts_no_character(text: str) -> None:
    for parts in (((text, 9),), ((text, 9), (text, 9))):
        said = sentences.preview(parts, 280)
        assert len(said.encode("utf-16-le")) // 2 <= 4096
        said.encode()
        assert "…" in said


def test_commands_are_as_telegram_wants_them() -> None:
    for name, about in sentences.COMMANDS:
        assert re.fullmatch(r"[a-z0-9_]{1,32}", name)
        assert 1 <= len(about) <= 256
        assert name == "help" or f"/{name}" in sentences.HELP
