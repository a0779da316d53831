"""The card: every state has a face that fits into a message, and buttons that help."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from bot.card import Button, Scene, View, link, render
from twitter_core.entry import (
    THERE,
    Attempt,
    Entry,
    Failure,
    Question,
    State,
    Upload,
    Words,
)
from twitter_core.errors import Refusal
from twitter_core.line import Hold, Line, Reason
from twitter_core.post import Cut, Flags, Media, Post, Tweet, WhoMayReply

NOW = 1_700_000_000.0
# The longest that there are: a chat id of 52 bits, a group id of 64, and "once more".
LONGEST_KEY = f"{2**52 - 1}:{2**64 - 1}#2"
LABELS = {
    "Post",
    "Post as a reply",
    "Post as a thread",
    "Post without the link",
    "Cancel",
    "Try again",
    "Discard",
    "It is there",
    "Post again",
    "Open",
    "Delete",
    "Delete the second",
    "Sign in",
    "Later…",
    "Stop",
    "Post now",
    "In an hour",
    "Tonight",
    "Tomorrow morning",
    "Next free slot",
    "Type a time",
    "Back",
    "More…",
    "Alt text",
    "Delete and post again",
    "Leave it",
}
# What stands behind the label of a switch.
SWITCHES = ("Made with AI: ", "Paid: ", "Replies: ")
TEXTS = ("", "hello", "x" * 4096, "👍" * 2048, "https://example.com/" + "y" * 300 + " " * 2 + "z")
IDS = ("1999999999999999999", "1999999999999999998")
PHOTOS = tuple(Media(f"p{n}", order=n) for n in range(10))

LINES = (
    Line(),
    Line(paused=True),
    *(Line(hold=Hold(reason)) for reason in Reason),
    *(Line(hold=Hold(reason, NOW + 60)) for reason in Reason),
    Line(paused=True, hold=Hold(Reason.CREDITS)),
)
SCENES = tuple(
    Scene(username, line, signed_in, NOW, ahead)
    for username, line, signed_in, ahead in product(("", "me"), LINES, (True, False), (0, 3))
)
MENU = replace(SCENES[0], menu="later", has_slots=True)
MENUS = (MENU, *(replace(SCENES[0], menu=name) for name in ("more", "renew")))


def entry(state: State, text: str = "hello", photos: int = 0, **more: object) -> Entry:
    post = Post(text, PHOTOS[:photos])
    tweets = (Tweet(text, tuple(range(min(photos, 4)))),)
    it = Entry(LONGEST_KEY, state, post, NOW, tweets=tweets, uploads=(None,) * photos)
    return replace(it, **more)  # type: ignore[arg-type]


def entries() -> Iterator[Entry]:
    """One of everything that may have to be shown."""
    for text, question in product(TEXTS, Question):
        yield entry(State.DRAFT, text, 0 if text else 1, question=question)
    for photos, held_up, tries in product((0, 1, 4, 10), (True, False), (0, 9)):
        yield entry(State.QUEUED, photos=photos, held_up=held_up, tries=tries)
        yield entry(State.QUEUED, photos=photos, open_until=NOW + 1, tweets=())
        yield entry(State.POSTING, photos=photos)
        yield entry(State.QUEUED, photos=photos, hold=10.0, held_until=NOW + 7)
    for text in TEXTS:
        yield entry(State.QUEUED, text, due=NOW + 1e6, photos=0 if text else 4)
        for due in (NOW - 5000, NOW + 5000):
            yield entry(State.DRAFT, text, due=due, question=Question.OVERDUE)
    for posted in ((), IDS[:1], (THERE,)):
        yield entry(State.QUEUED, posted=posted)
        for refusal, detail, earlier in product(Refusal, ("", "d" * 300), ("", IDS[0])):
            failure = Failure(refusal, detail, earlier)
            yield entry(State.FAILED, posted=posted, failure=failure)
    yield from changed_entries()
    for text, asks in product(TEXTS, (None, Question.LOST)):
        attempt = Attempt(0, text, (), "7", NOW)
        yield entry(State.UNCERTAIN, text, 1, question=asks, attempt=attempt)
    for state, posted, deleted, deleting, doubles, failure in product(
        (State.DONE, State.CANCELLED),
        ((), IDS[:1], IDS, (THERE,)),
        ((), IDS[:1], IDS),
        ((), IDS[:1]),
        ((), IDS[1:]),
        (None, Failure(Refusal.FORBIDDEN, "d" * 300)),
    ):
        for first_try_at in (None, NOW):
            yield entry(
                state,
                posted=posted,
                deleted=deleted,
                deleting=deleting,
                doubles=doubles,
                failure=failure,
                first_try_at=first_try_at,
            )


def changed_entries() -> Iterator[Entry]:
    """What was edited, is to be posted again, or says something about itself."""
    for flags, text in product(FLAGS, ("hello", TEXTS[3])):
        draft = entry(State.DRAFT, text, question=Question.PREVIEW)
        waits = entry(State.QUEUED, "", 1)
        for it in (draft, waits):
            yield replace(it, post=replace(it.post, flags=flags))
    for text, posted, refusal in product(TEXTS[2:4], ((), IDS[:1]), Refusal):
        failure = Failure(refusal, "d" * 300, of_deletion=not posted)
        for replaces in ("", "7:1"):
            yield changed(
                entry(State.FAILED, text, posted=posted, failure=failure, replaces=replaces)
            )
    yield entry(State.QUEUED, replaces="7:1", clearing=True)
    for state, posted, spared, deleted in product(
        (State.DONE, State.CANCELLED), (IDS, (THERE,), (THERE, IDS[0])), (True, False), ((), IDS)
    ):
        it = entry(state, posted=posted, deleted=deleted, heir="7:1#2", spared=spared)
        yield changed(replace(it, deleting=IDS if spared else ()))


def changed(it: Entry) -> Entry:
    """An entry whose message says something else by now."""
    return replace(it, words=(Words(1, "goodbye", edited=(NOW, 1)),), rewritten=True)


FLAGS = (
    Flags(),
    Flags(made_with_ai=True),
    *(Flags(True, True, who) for who in WhoMayReply),
)


def buttons(view: View) -> list[Button]:
    return [button for row in view.buttons for button in row]


def labels(view: View) -> list[str]:
    return [button.label for button in buttons(view)]


EVERYTHING = list(entries())


@pytest.mark.parametrize("state", State)
def test_whatever_there_is_to_show_telegram_takes_it(state: State) -> None:
    # What has ended or waits for the owner looks the same whatever holds the line.
    scenes = SCENES if state in (State.QUEUED, State.UNCERTAIN) else (SCENES[0], SCENES[-1])
    for it, scene in product([it for it in EVERYTHING if it.state is state], (*scenes, *MENUS)):
        view = render(it, scene)
        assert view.text.strip()
        assert len(view.text.encode("utf-16-le")) // 2 <= 4096
        assert "{" not in view.text and "None" not in view.text
        assert not any(line.endswith(":") for line in view.text.splitlines())
        for button in buttons(view):
            assert button.label in LABELS or button.label.startswith(SWITCHES)
            assert bool(button.data) != bool(button.url)
            assert len(button.data.encode()) <= 64
            assert THERE not in button.url and f"/{THERE}" not in view.text


def test_what_waits_for_the_owner_has_a_button_that_goes_on_and_one_that_ends_it() -> None:
    for it in EVERYTHING:
        verbs = {button.data.split(":")[0] for button in buttons(render(it, SCENES[0]))}
        if it.needs_owner:
            assert {"post", "again", "repost"} & verbs
            assert {"cancel", "discard"} & verbs


def test_what_is_going_out_at_this_moment_has_no_buttons() -> None:
    assert buttons(render(entry(State.POSTING), SCENES[0])) == []


# --- what it says


def seen(it: Entry, **scene: object) -> View:
    default = Scene("me", Line(), signed_in=True, now=NOW)
    return render(it, replace(default, **scene))  # type: ignore[arg-type]


def test_a_bare_text_is_shown_as_it_would_go_out_with_post_and_cancel() -> None:
    view = seen(entry(State.DRAFT, "hello", question=Question.PREVIEW))
    assert view.text == "hello\n\n5 of 280 characters · $0.015"
    assert view.buttons[0] == (
        Button("Post", f"post:{LONGEST_KEY}"),
        Button("Later…", f"menu.later:{LONGEST_KEY}"),
        Button("Cancel", f"cancel:{LONGEST_KEY}"),
    )


# --- times

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_post_that_can_be_stopped_says_for_how_long_and_has_one_button() -> None:
    view = seen(entry(State.QUEUED, hold=10.0, held_until=NOW + 10))
    assert view.text == "Goes out in 10 s, unless you press Stop."
    assert labels(view) == ["Stop"]


def test_what_is_said_of_a_hold_does_not_change_every_second() -> None:
    held = entry(State.QUEUED, hold=10.0, held_until=NOW + 10)
    said = {seen(held, now=NOW + seconds).text for seconds in range(10)}
    assert len(said) == 2


def test_a_hold_goes_on_beside_the_uploads() -> None:
    view = seen(entry(State.QUEUED, photos=4, hold=5.0, held_until=NOW + 5))
    assert view.text == "Uploading 0/4…\nGoes out in 5 s, unless you press Stop."


def test_after_a_restart_a_hold_is_not_said_to_be_longer_than_it_is() -> None:
    assert "in 10 s" in seen(entry(State.QUEUED, hold=10.0, held_until=NOW + 3600)).text


@pytest.mark.parametrize("scene", [{"signed_in": False}, {"line": Line(paused=True)}])
def test_what_does_not_go_out_by_itself_in_a_moment_has_nothing_to_be_stopped(
    scene: dict[str, object],
) -> None:
    view = seen(entry(State.QUEUED, hold=10.0, held_until=NOW + 10), **scene)
    assert labels(view)[:2] == ["Later…", "Cancel"]
    assert "Goes out" not in view.text


def test_a_scheduled_post_shows_its_time_with_weekday_and_zone_and_what_goes_out() -> None:
    view = seen(entry(State.QUEUED, due=NOW + 86_400), zone=BERLIN)
    assert view.text.startswith(
        "Goes out on Wednesday 15 November, 23:13 (Europe/Berlin).\n\nhello\n\n5 of 280"
    )
    assert labels(view)[:3] == ["Post now", "Later…", "Cancel"]
    assert "2024" in seen(entry(State.QUEUED, due=NOW + 86_400 * 60)).text


def test_an_overdue_post_asks_with_the_time_that_it_had() -> None:
    view = seen(entry(State.DRAFT, due=NOW - 7200, question=Question.OVERDUE), zone=BERLIN)
    assert "It was to go out on Tuesday 14 November, 21:13 (Europe/Berlin)." in view.text
    assert labels(view)[:3] == ["Post now", "Later…", "Cancel"]


def test_a_stopped_post_is_a_draft_again() -> None:
    view = seen(entry(State.DRAFT, question=Question.STOPPED))
    assert "nothing was sent" in view.text and "hello" in view.text
    assert labels(view)[:3] == ["Post", "Later…", "Cancel"]


@pytest.mark.parametrize(
    "it", [entry(State.DRAFT), entry(State.QUEUED), entry(State.QUEUED, due=9e9)]
)
def test_later_opens_the_times_to_choose_from(it: Entry) -> None:
    assert labels(seen(it, menu="later")) == [
        *("In an hour", "Tonight", "Tomorrow morning", "Type a time", "Back")
    ]
    assert "Next free slot" in labels(seen(it, menu="later", has_slots=True))


def test_a_thread_that_is_half_out_cannot_wait_for_a_time() -> None:
    assert "Later…" not in labels(seen(entry(State.QUEUED, posted=IDS[:1])))
    assert "Later…" not in labels(seen(entry(State.DRAFT, posted=IDS[:1])))


# --- and what else


def test_a_late_photo_asks_whether_it_shall_be_a_reply() -> None:
    view = seen(entry(State.DRAFT, "", 1, question=Question.LATE))
    assert "album" in view.text
    assert labels(view)[:3] == ["Post as a reply", "Later…", "Discard"]


@pytest.mark.parametrize(("done", "text"), [(0, "0/4"), (2, "2/4"), (3, "3/4")])
def test_the_uploads_are_counted(done: int, text: str) -> None:
    uploads = (Upload("m", NOW + 1),) * done + (None,) * (4 - done)
    assert text in seen(entry(State.QUEUED, photos=4, uploads=uploads)).text


def test_what_waits_says_for_what() -> None:
    waits = entry(State.QUEUED)
    assert "/auth" in seen(waits, signed_in=False).text
    assert "/resume" in seen(waits, line=Line(paused=True)).text
    held = Line(hold=Hold(Reason.RATE_LIMIT, NOW + 60))
    assert "22:14 UTC" in seen(waits, line=held).text
    assert "3 posts" in seen(waits, ahead=3).text


def test_a_hold_that_is_over_is_not_shown_any_more() -> None:
    waits = entry(State.QUEUED)
    assert seen(waits, line=Line(hold=Hold(Reason.NETWORK, NOW))) == seen(waits)


def test_where_credits_are_used_up_one_button_goes_on() -> None:
    line = Line(hold=Hold(Reason.CREDITS))
    for it in (entry(State.QUEUED), entry(State.UNCERTAIN)):
        assert "Try again" in labels(seen(it, line=line))


@pytest.mark.parametrize(
    "scene",
    [{"signed_in": False}, {"line": Line(hold=Hold(Reason.SIGN_IN))}],
    ids=["signed out", "ended by X"],
)
def test_what_may_be_out_waits_for_the_sign_in_with_the_way_to_it(scene: dict[str, object]) -> None:
    said = seen(entry(State.UNCERTAIN), **scene).text
    assert "/auth" in said and "not signed in" in said
    assert "there…" not in said and "goes out by itself" not in said


def test_what_may_be_out_is_not_said_to_be_looked_for_while_the_line_stands_still() -> None:
    it = entry(State.UNCERTAIN, held_up=True)
    for line in (Line(paused=True), Line(hold=Hold(Reason.NETWORK, NOW + 60))):
        said = seen(it, line=line).text
        assert "there…" not in said and "Waiting: " in said
        assert "go first" not in said
    assert "/resume" in seen(it, line=Line(paused=True), signed_in=False).text


def test_what_may_be_out_says_that_those_behind_it_go_first() -> None:
    assert seen(entry(State.UNCERTAIN)).text.endswith("there…")
    assert "go first" in seen(entry(State.UNCERTAIN, held_up=True)).text


def test_a_lost_post_shows_its_text_and_asks() -> None:
    attempt = Attempt(0, "the words", (), "7", NOW)
    view = seen(entry(State.UNCERTAIN, question=Question.LOST, attempt=attempt))
    assert "the words" in view.text
    assert labels(view) == ["It is there", "Post again", "Discard"]


def test_a_post_that_is_out_shows_its_address_and_open_and_delete() -> None:
    view = seen(entry(State.DONE, posted=IDS[:1]))
    address = f"https://x.com/me/status/{IDS[0]}"
    assert view.text == f"Posted: {address}"
    assert buttons(view) == [Button("Open", url=address), Button("Delete", f"delete:{LONGEST_KEY}")]


def test_where_the_accounts_name_is_not_known_the_address_works_all_the_same() -> None:
    assert link("", "5") == "https://x.com/i/web/status/5"
    assert link("", IDS[0]) in seen(entry(State.DONE, posted=IDS[:1]), username="").text


def test_a_double_is_told_with_its_address_and_a_button_that_deletes_it() -> None:
    view = seen(entry(State.DONE, posted=IDS[:1], doubles=IDS[1:]))
    assert IDS[1] in view.text and IDS[0] in view.text
    assert labels(view) == ["Delete the second", "Open", "Delete"]


def test_a_thread_that_failed_in_its_middle_says_what_is_out() -> None:
    tweets = (Tweet("a"), Tweet("b"), Tweet("c"))
    failure = Failure(Refusal.DUPLICATE)
    it = entry(State.FAILED, tweets=tweets, posted=IDS[:1], failure=failure)
    assert f"1 of 3 are out: https://x.com/me/status/{IDS[0]}" in seen(it).text
    cancelled = replace(it, state=State.CANCELLED)
    assert "1 of 3 are out" in seen(cancelled).text
    assert labels(seen(cancelled)) == ["Open", "Delete"]


def test_a_duplicate_links_to_the_older_post() -> None:
    it = entry(State.FAILED, failure=Failure(Refusal.DUPLICATE, earlier=IDS[0]))
    assert link("me", IDS[0]) in seen(it).text


def test_a_deletion_is_shown_from_its_beginning_to_its_end() -> None:
    out = entry(State.DONE, posted=IDS)
    assert seen(replace(out, deleting=IDS)).text == "Deleting…"
    assert IDS[1] in seen(replace(out, deleted=IDS[:1])).text
    gone = seen(replace(out, deleted=IDS))
    assert (gone.text, gone.buttons) == ("Deleted on X.", ())
    refused = seen(replace(out, failure=Failure(Refusal.FORBIDDEN, "No.")))
    assert "Not deleted" in refused.text and "Delete" in labels(refused)


def test_a_refused_deletion_of_half_a_thread_tells_why() -> None:
    tweets = (Tweet("a"), Tweet("b"))
    it = entry(State.CANCELLED, tweets=tweets, posted=IDS[:1])
    refused = seen(replace(it, failure=Failure(Refusal.FORBIDDEN, "No.")))
    assert "No." in refused.text and "1 of 2 are out" in refused.text
    assert "Try again" not in refused.text
    assert labels(refused) == ["Open", "Delete"]
    assert "went wrong" not in seen(it).text


def test_half_a_thread_with_a_try_behind_it_is_not_said_to_be_all() -> None:
    tweets = (Tweet("a"), Tweet("b"))
    it = entry(State.CANCELLED, tweets=tweets, posted=IDS[:1], first_try_at=NOW)
    assert "may be on X" in seen(it).text
    assert "may be there" in seen(replace(it, deleted=IDS[:1])).text
    sure = replace(it, first_try_at=None)
    assert "may be" not in seen(sure).text
    assert seen(replace(sure, deleted=IDS[:1])).text == "Deleted on X."


def test_what_was_discarded_with_a_try_behind_it_is_not_said_to_be_off_x() -> None:
    assert "Nothing was posted" in seen(entry(State.CANCELLED)).text
    unsure = seen(entry(State.CANCELLED, first_try_at=NOW)).text
    assert "Nothing was posted" not in unsure


def test_where_threads_are_off_too_long_a_text_says_by_how_much_and_offers_one() -> None:
    draft = entry(State.DRAFT, question=Question.TOO_LONG)
    draft = replace(draft, post=Post("x" * 283, cut=Cut(threads=False)))
    view = render(draft, SCENES[0])
    assert "3 characters too long" in view.text
    assert [b.label for row in view.buttons for b in row][:1] == ["Post as a thread"]
    fits = replace(draft, post=Post("x" * 280, cut=Cut(threads=False)), question=Question.PREVIEW)
    assert "Post" in [b.label for row in render(fits, SCENES[0]).buttons for b in row]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("with @durov today", True),
        ("mail me@example.com", False),
        ("https://t.me/durov and @ 7", False),
    ],
)
def test_telegram_names_are_told_before_and_after(text: str, told: bool) -> None:
    before = entry(State.DRAFT, text, question=Question.PREVIEW)
    after = entry(State.DONE, text, posted=IDS[:1])
    for it in (before, after):
        assert ("whoever has that name" in render(it, SCENES[0]).text) is told


# --- what changed


def test_what_the_chat_and_x_say_differently_is_told_with_a_way_out() -> None:
    view = seen(changed(entry(State.DONE, posted=IDS[:1])))
    assert view.text.endswith(
        "You changed the message; X still shows the old text. "
        "To delete it and post it again costs $0.025."
    )
    assert labels(view) == ["Delete and post again", "Leave it", "Open", "Delete"]


def test_what_has_no_address_cannot_be_posted_again() -> None:
    view = seen(changed(entry(State.DONE, posted=(THERE,))))
    assert "only you can delete it there" in view.text
    assert labels(view) == ["Leave it"]


def test_an_old_post_says_that_the_new_one_is_made_ready_and_then_that_it_is_gone() -> None:
    old = changed(entry(State.DONE, posted=IDS[:1], deleting=IDS[:1], spared=True))
    assert "is made ready; then this one is deleted" in seen(old).text
    assert seen(replace(old, spared=False)).text == "Deleting…"
    gone = replace(old, spared=False, deleting=(), deleted=IDS[:1], heir="7:1#2")
    assert seen(gone).text == "Deleted on X. The changed one has a card of its own."


def test_a_new_post_whose_old_one_is_not_deleted_says_so_with_what_helps() -> None:
    failure = Failure(Refusal.NOT_PERMITTED, of_deletion=True)
    view = seen(entry(State.FAILED, failure=failure, replaces="7:1"))
    assert view.text.startswith("Not posted, for the old post is still on X: ")
    assert "Delete once more" not in view.text
    assert labels(view) == ["Try again", "Discard"]
    own = Failure(Refusal.FILE_GONE)
    assert "The old post stays" in seen(entry(State.FAILED, failure=own, replaces="7:1")).text


def test_a_failed_post_that_was_edited_shows_its_new_text() -> None:
    failed = entry(State.FAILED, "goodbye", failure=Failure(Refusal.SUSPENDED))
    assert "goodbye" not in seen(failed).text
    edited = replace(failed, words=(Words(1, "goodbye", edited=(NOW, 1)),))
    assert seen(edited).text.endswith("goodbye")


def test_a_reply_that_x_refuses_in_a_thread_tells_what_is_out_and_both_ways_on() -> None:
    tweets = (Tweet("a"), Tweet("b"), Tweet("c"))
    it = entry(State.FAILED, tweets=tweets, posted=IDS[:1], failure=Failure(Refusal.REPLY))
    view = seen(it)
    assert view.text.startswith(f"1 of 3 are out: https://x.com/me/status/{IDS[0]}\n")
    assert "Try again to go on" in view.text and "Delete to take back" in view.text
    assert labels(view) == ["Try again", "Discard", "Open", "Delete"]


@pytest.mark.parametrize("state", [State.DRAFT, State.QUEUED])
def test_what_waits_has_switches_for_its_flags_and_with_pictures_a_way_to_alt_texts(
    state: State,
) -> None:
    plain, photo = entry(state, question=Question.PREVIEW), entry(state, photos=1)
    assert labels(seen(plain))[-1:] == ["More…"]
    assert labels(seen(photo))[-2:] == ["Alt text", "More…"]
    assert labels(seen(plain, menu="more")) == [
        "Made with AI: off",
        "Paid: off",
        "Replies: everyone",
        "Back",
    ]
    assert "More…" not in labels(seen(replace(plain, posted=IDS[:1])))
    flags = Flags(True, False, WhoMayReply.FOLLOWING)
    flagged = replace(plain, post=replace(plain.post, flags=flags))
    assert seen(flagged).text.endswith("Made with AI · replies: people you follow")
