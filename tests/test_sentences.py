"""Every sentence: for each thing that may be said there is one, and it is plain."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bot import overview, sentences
from twitter_core.entry import Entry, Question, State
from twitter_core.errors import Refusal
from twitter_core.line import Reason
from twitter_core.post import Media, Post

NOW = 1_700_000_000.0  # 14 November 2023, 22:13 UTC
HOUR, DAY = 3600.0, 86_400.0
LINK = "https://x.com/me/status/1"
STATUS = re.compile(r"\b(400|401|402|403|404|408|410|413|425|429|500|502|503|504)\b")
EXCEPTION = re.compile(r"\b[A-Z]\w*(Error|Exception)\b|\b(Uncertain|Unsent|Refused|Traceback)\b")


def fixed() -> Iterator[tuple[str, str]]:
    """All texts of the modules, with their names."""
    for name, value in (*vars(sentences).items(), *vars(overview).items()):
        if name.startswith("__"):
            continue
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, dict):
            yield from ((f"{name}[{key}]", text) for key, text in value.items())
        elif isinstance(value, tuple):
            yield from ((name, text) for pair in value for text in pair if isinstance(text, str))


def made() -> Iterator[tuple[str, str]]:
    """What the functions say, over the whole range of what they are asked."""
    for refusal in Refusal:
        for detail in ("", "Something that X said, at length. " * 20):
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
    yield "sign_in", sentences.sign_in("https://x.com/i/oauth2/authorize", "http://127.0.0.1:8080/")
    for username in ("", "me"):
        yield "signed_in", sentences.signed_in(username)
    yield "other_uploader", sentences.other_uploader()
    yield "renewed", sentences.renewed(NOW + HOUR, NOW)
    yield "last_sign_in", sentences.last_sign_in(NOW + HOUR, NOW)
    for number in (1, 4):
        yield "uploading", sentences.uploading(0, number)
        yield "posted", sentences.posted(LINK, number)
        yield "partly_posted", sentences.partly_posted(number, 5, LINK)
        yield "partly_posted", sentences.partly_posted(number, 5, "")
    yield "doubled", sentences.doubled(LINK)
    yield "and_more", overview.and_more(3)
    for parts in ((("a", 1),), (("a", 1), ("b", 1))):
        yield "preview", sentences.preview(parts, 280)
    for state in (State.DRAFT, State.QUEUED, State.POSTING, State.UNCERTAIN, State.FAILED):
        entry = Entry("k", state, Post("text", (Media("p"),)), 0)
        yield f"in_queue({state})", overview.in_queue(entry)


SAID = [*fixed(), *made()]


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
    [(0, "at 22:13 UTC"), (HOUR, "at 23:13 UTC"), (2 * HOUR, "at 15 November, 00:13 UTC")],
)
def test_a_rate_limit_tells_when_it_is_tried_again_and_the_day_where_it_is_another(
    seconds: float, text: str
) -> None:
    said = sentences.waiting(Reason.RATE_LIMIT, NOW + seconds, paused=False, now=NOW)
    assert said == f"Waiting: X takes no more posts for now. I try again {text}."


def test_a_day_is_told_without_a_zero_in_front() -> None:
    assert sentences.clock(NOW + 17 * DAY, NOW) == "1 December, 22:13 UTC"


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
