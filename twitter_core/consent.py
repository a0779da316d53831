"""What the owner is asked before a post goes out, and what a yes makes of it. Pure."""

from __future__ import annotations

from dataclasses import replace

from . import links, thread
from .entry import ENDED, Entry, Question, State
from .events import Approved, Charged


def must_ask(entry: Entry) -> bool:
    """Whether the owner is to be asked before `entry`, as it is now, goes out."""
    if entry.ask is Question.COSTLY:
        return any(links.find(tweet.text) for tweet in thread.split(entry.post))
    return entry.ask is not None


def asked(entry: Entry) -> Entry:
    """`entry`, complete as it is: a draft where the owner is to be asked."""
    if not must_ask(entry):
        return entry
    return replace(entry, state=State.DRAFT, question=entry.ask, ask=None, open_until=None)


def comes_early(entry: Entry, event: Approved) -> bool:
    """Whether a yes is for what waits already, and changes it: a button of an older card."""
    if entry.state is not State.QUEUED:
        return False
    return entry.ask is not None or (event.unlinked and entry.due is not None)


def given(entry: Entry, event: Approved) -> Entry:
    """A draft as the owner approves of it.

    Too long a text becomes a thread, as its button said; whoever was asked about the budget is not
    asked again.
    """
    post = replace(entry.post, unlinked=entry.post.unlinked or event.unlinked)
    if thread.excess(post):
        post = replace(post, cut=replace(post.cut, threads=True))
    return replace(
        entry,
        post=post,
        tweets=entry.tweets if post == entry.post else (),
        ask=None,
        over_budget=entry.over_budget or entry.question is Question.BUDGET,
    )


def charge(entry: Entry, event: Charged) -> Entry:
    """X has charged for something that was read for it."""
    grown = replace(entry, cost=entry.cost + event.cost)
    if entry.state in ENDED:
        # Its card and the history showed another sum before.
        return replace(grown, recorded=False, shown=False)
    return grown
