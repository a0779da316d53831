"""What is said of money: exact, short, and with the word that makes a post dear."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from bot.card import Scene, View, render
from bot.words import costs
from bot.words.costs import Purse
from twitter_core.entry import Entry, Question, State, Words
from twitter_core.line import Line
from twitter_core.post import Media, Post
from twitter_core.prices import Month, Prices

NOW = 1_700_000_000.0  # 14 November 2023
LINK = "https://example.org/a"
UNLINK = "Post without the link"


def draft(text: str = "", question: Question = Question.PREVIEW, **more: object) -> Entry:
    return Entry("1:2", State.DRAFT, Post(text, **more), NOW, question=question)  # type: ignore[arg-type]


def scene(purse: Purse = Purse()) -> Scene:
    return Scene("me", Line(), signed_in=True, now=NOW, purse=purse)


def seen(it: Entry, purse: Purse = Purse()) -> View:
    return render(it, scene(purse))


def labels(view: View) -> list[str]:
    return [button.label for row in view.buttons for button in row]


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "$0.00"),
        ("0.015", "$0.015"),
        ("0.200", "$0.20"),
        ("0.2", "$0.20"),
        ("12", "$12.00"),
        ("1234.5", "$1234.50"),
        ("0.0004", "$0.00"),
        ("0.0005", "$0.001"),
        ("-0.015", "$-0.015"),
    ],
)
def test_an_amount_has_cents_and_where_it_needs_them_tenths_of_these(
    amount: str, said: str
) -> None:
    assert costs.dollars(Decimal(amount)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "5 of 280 characters · $0.015"),
        ("one\n---\ntwo", "A thread of 2. · $0.03"),
        ("see README.md", "27 of 280 characters · $0.20"),
    ],
)
def test_a_draft_tells_its_cost_beside_its_length(text: str, said: str) -> None:
    assert said in seen(draft(text)).text


def test_a_picture_without_a_caption_tells_its_cost_too() -> None:
    it = draft("", Question.CONFIRM, media=(Media("p"),))
    assert seen(it).text == "Post this?\n\n$0.015"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "see README.md",
            (
                "README.md counts as a link: $0.20 instead of $0.015. "
                "Without the link it stays as a plain word."
            ),
        ),
        (
            "README.md or foo.py",
            (
                "README.md and foo.py count as links: $0.20 instead of $0.015. "
                "Without the link they stay as plain words."
            ),
        ),
        (
            f"Read {LINK}",
            f"{LINK} counts as a link: $0.20 instead of $0.015.\n\nWithout the link: Read",
        ),
        (
            "a.de b.de c.de d.de e.de",
            "a.de, b.de and c.de and 2 more count as links: $0.20 instead of $0.015.",
        ),
        ("one\n---\nsee foo.py", "foo.py counts as a link: $0.215 instead of $0.03."),
    ],
)
def test_the_words_that_count_as_links_are_named_with_what_they_cost(text: str, told: str) -> None:
    view = seen(draft(text))
    assert told.replace("a.de, b.de and c.de and", "a.de, b.de, c.de and") in view.text
    assert UNLINK in labels(view)


def test_where_nothing_would_be_left_there_is_no_such_button() -> None:
    view = seen(draft(LINK))
    assert "counts as a link" in view.text and "Without" not in view.text
    assert UNLINK not in labels(view)
    with_picture = seen(draft(LINK, media=(Media("p"),)))
    assert "Without the link there is no text." in with_picture.text
    assert UNLINK in labels(with_picture)


def test_without_a_link_nothing_is_said_of_any() -> None:
    view = seen(draft("hello"))
    assert "link" not in view.text and UNLINK not in labels(view)
    gone = seen(draft(f"Read {LINK}", unlinked=True))
    assert "counts as" not in gone.text and UNLINK not in labels(gone)
    assert gone.text == "Read\n\n4 of 280 characters · $0.015"


def test_where_links_cost_no_more_nobody_is_told_of_their_price() -> None:
    purse = Purse(Prices(create_with_url=Decimal("0.015")))
    assert "instead of" not in seen(draft(f"Read {LINK}"), purse).text


def test_over_the_budget_the_card_says_by_which_figures() -> None:
    purse = Purse(month=Month(Decimal("4.99"), 7), budget=Decimal(5))
    view = seen(draft("see README.md", Question.BUDGET), purse)
    assert "budget" in view.text
    assert "This month so far: $4.99 of $5.00. This post: $0.20." in view.text
    assert labels(view)[0] == "Post"
    assert "so far" not in seen(draft("hello", Question.BUDGET)).text, "it was lifted meanwhile"


def test_what_is_out_tells_its_cost_quietly_and_one_of_an_older_telex_tells_none() -> None:
    done = Entry("1:2", State.DONE, Post("a"), NOW, posted=("5",))
    assert seen(done).text == "Posted: https://x.com/me/status/5"
    assert seen(replace(done, cost=Decimal("0.2"))).text.endswith("/5\n$0.20")


@pytest.mark.parametrize("text", ["x" * 4096, f"{LINK} " * 150, f"{'y' * 250}.com " * 16])
@pytest.mark.parametrize("question", [Question.PREVIEW, Question.BUDGET, Question.ACCOUNT])
def test_with_all_that_is_said_of_money_a_draft_fits_into_a_message(
    text: str, question: Question
) -> None:
    purse = Purse(month=Month(Decimal("4.99"), 7), budget=Decimal(5))
    said = seen(draft(text + " @somebody_of_telegram", question), purse).text
    assert len(said.encode("utf-16-le")) // 2 <= 4096


@pytest.mark.parametrize(
    ("month", "budget", "said"),
    [
        (Month(), None, "November: 0 posts, $0.00"),
        (Month(Decimal("0.215"), 1), None, "November: 1 post, $0.215"),
        (Month(Decimal("0.93"), 41), Decimal(5), "November: 41 posts, $0.93 of $5.00"),
    ],
)
def test_a_month_is_one_short_line(month: Month, budget: Decimal | None, said: str) -> None:
    assert costs.month(Purse(month=month, budget=budget), NOW) == said


@pytest.mark.parametrize(
    ("spent", "budget", "said"),
    [
        ("1", None, costs.NO_BUDGET),
        ("1", "5", "I ask before a post would bring a month above $5.00."),
        ("5", "5", costs.USED_UP),
        ("0", "0", costs.USED_UP),
    ],
)
def test_the_budget_is_told_with_what_follows_from_it(
    spent: str, budget: str | None, said: str
) -> None:
    most = None if budget is None else Decimal(budget)
    assert said in costs.budget(Purse(month=Month(Decimal(spent)), budget=most), NOW)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("other words", "costs $0.035."),
        ("one\n---\ntwo", "costs $0.05."),
        ("see README.md", "costs $0.22: README.md counts as a link."),
        ("README.md and example.org", "costs $0.22: README.md and example.org count as links."),
    ],
)
def test_what_is_dear_to_post_again_says_so_before(text: str, said: str) -> None:
    out = replace(draft("words"), state=State.DONE, question=None, posted=("1",), doubles=("2",))
    changed = replace(out, words=(Words(1, text, edited=(NOW, 1)),), rewritten=True)
    assert said in seen(changed).text
    sure = render(changed, replace(scene(), menu="renew"))
    assert said in sure.text and "Back" in labels(sure)


def test_what_is_gone_tells_what_it_has_cost() -> None:
    gone = replace(draft(), state=State.DONE, posted=("1",), deleted=("1",), cost=Decimal("0.025"))
    assert seen(gone).text == "Deleted on X.\nIt cost $0.025 in all."
    thread = replace(gone, state=State.CANCELLED, first_try_at=NOW)
    assert seen(thread).text.endswith("all the same.\nIt cost $0.025 in all.")
