"""The pages of /settings: what they show, and that each press sets what its label says."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal

import pytest

from bot.card import Button, View
from bot.preferences import Mode, Preferences
from bot.words import choices
from bot.words.choices import Surroundings
from twitter_core.post import WhoMayReply

PAGES = ("first", "mode", "undo", "who_may_reply", "footer")
TELEGRAM_TAKES = 64  # bytes of a button's data
ALL_DIFFERENT = Preferences(
    mode=Mode.CONFIRM,
    undo=30,
    threads=False,
    numbered=True,
    names_as_links=True,
    footer="#telex",
    made_with_ai=True,
    paid_partnership=True,
    who_may_reply=WhoMayReply.VERIFIED,
    quiet=True,
    zone="Europe/Berlin",
    slots=("09:00",),
    budget=Decimal(5),
)


def buttons(view: View) -> list[Button]:
    return [button for row in view.buttons for button in row]


def setters(now: Preferences) -> list[Button]:
    """The buttons of all pages that set something."""
    shown = [b for name in PAGES for b in buttons(choices.page(name, now, Surroundings(True)))]
    return [b for b in shown if b.data.split(":")[1] not in ("page", "ask", "v11")]


@pytest.mark.parametrize("now", [Preferences(), ALL_DIFFERENT])
def test_a_press_sets_what_its_button_says_and_twice_is_once(now: Preferences) -> None:
    for button in setters(now):
        _, field, value = button.data.split(":", 2)
        changed = choices.change(field, value)
        assert changed is not None, button
        once = replace(now, **changed)
        assert replace(once, **changed) == once
        assert len(button.data.encode()) <= TELEGRAM_TAKES
        if not button.label.startswith("✓"):
            assert once != now, f"{button.label} changes nothing"


@pytest.mark.parametrize("now", [Preferences(), ALL_DIFFERENT])
def test_what_is_chosen_is_marked_and_only_that(now: Preferences) -> None:
    for name, field in (("mode", "mode"), ("undo", "undo"), ("who_may_reply", "who_may_reply")):
        (marked,) = (b for b in buttons(choices.page(name, now, Surroundings())) if "✓" in b.label)
        changed = choices.change(*marked.data.split(":", 2)[1:])
        assert changed == {field: getattr(now, field)}


def test_every_choice_of_the_first_page_shows_in_its_text() -> None:
    plain = choices.page("first", Preferences(), Surroundings()).text
    for field in fields(ALL_DIFFERENT):
        if (other := getattr(ALL_DIFFERENT, field.name)) != field.default:
            changed = replace(Preferences(), **{field.name: other})
            assert choices.page("first", changed, Surroundings()).text != plain or (
                field.name == "numbered"
            )
    counted = choices.page("first", Preferences(numbered=True), Surroundings()).text
    assert "(1/3)" in counted


@pytest.mark.parametrize("data", ["mode:sometimes", "undo:7", "threads:maybe", "slots:x", "a:b"])
def test_a_button_that_is_no_longer_there_changes_nothing(data: str) -> None:
    assert choices.change(*data.split(":", 1)) is None


def test_v11_is_offered_again_only_where_it_was_given_up() -> None:
    labels = [b.label for b in buttons(choices.page("first", Preferences(), Surroundings(True)))]
    assert "Try v1.1 again" in labels
    labels = [b.label for b in buttons(choices.page("first", Preferences(), Surroundings()))]
    assert "Try v1.1 again" not in labels


def test_each_page_but_the_first_has_a_way_back() -> None:
    for name in PAGES[1:]:
        view = choices.page(name, ALL_DIFFERENT, Surroundings())
        assert view.buttons[-1] == (Button("Back", "set:page:first"),)
