"""Whose post it is, and what it replies to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from twitter_core import binding
from twitter_core.entry import THERE, Attempt, Entry, Question, State
from twitter_core.events import Asked, Claimed, Continued, Event
from twitter_core.post import Post

ENTRY = Entry("7:1", State.QUEUED, Post("hello"), 0.0, account="7")
UNCERTAIN = replace(ENTRY, state=State.UNCERTAIN, attempt=Attempt(0, "hello", (), "7", 0.0))
ASKED = replace(UNCERTAIN, question=Question.LOST)


@pytest.mark.parametrize(
    ("entry", "account", "event"),
    [
        (replace(ENTRY, account=""), "7", Claimed("7")),
        (ENTRY, "7", None),
        (ENTRY, "8", Asked(Question.ACCOUNT)),
        (UNCERTAIN, "8", Asked(Question.LOST)),
        (ASKED, "8", None),
        (replace(ENTRY, state=State.POSTING), "8", None),
        (replace(ENTRY, state=State.FAILED), "8", None),
        (replace(ENTRY, state=State.DONE), "8", None),
    ],
)
def test_a_post_is_given_to_the_account_signed_in_or_its_owner_is_asked(
    entry: Entry, account: str, event: Event | None
) -> None:
    assert binding.to_account(entry, account) == event


@pytest.mark.parametrize(
    ("parent", "last", "event"),
    [
        (None, "100", Continued("100")),
        (None, "", Asked(Question.PARENT)),
        (replace(ENTRY, state=State.DONE, posted=("100", "101")), "", Continued("101")),
        (replace(ENTRY, state=State.DONE, posted=(THERE,)), "", Asked(Question.PARENT)),
        (replace(ENTRY, state=State.CANCELLED), "", Asked(Question.PARENT)),
        (replace(ENTRY, state=State.FAILED), "", Asked(Question.PARENT)),
        (replace(ENTRY, state=State.DRAFT), "", None),
        (replace(ENTRY, state=State.DONE, posted=("100",), deleting=("100",)), "", None),
        (ENTRY, "", None),
        (UNCERTAIN, "", None),
        (ASKED, "", None),  # it may be out: to say that it is not would be a lie
    ],
)
def test_what_continues_a_post_waits_for_it_replies_to_it_or_asks(
    parent: Entry | None, last: str, event: Event | None
) -> None:
    assert binding.to_thread(parent, last) == event
