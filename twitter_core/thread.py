"""Splits a post into what X takes: at most four photos, or one GIF, or one video, in each tweet."""

from __future__ import annotations

from .limits import PHOTOS
from .post import Kind, Post, Tweet


def split(post: Post) -> tuple[Tweet, ...]:
    """The tweets of `post`, in order; each after the first is a reply to the one before it.

    The text stands in the first. Photos that follow each other share a tweet, four at most;
    a GIF or a video has one of its own. Nothing is dropped.
    """
    groups = _group(post)
    first = Tweet(post.text, groups[0] if groups else (), poll=post.poll, flags=post.flags)
    return (first, *(Tweet("", group, flags=post.flags) for group in groups[1:]))


def _group(post: Post) -> list[tuple[int, ...]]:
    groups: list[tuple[int, ...]] = []
    for index, media in enumerate(post.media):
        joins = (
            groups
            and media.kind is Kind.PHOTO
            and post.media[groups[-1][-1]].kind is Kind.PHOTO
            and len(groups[-1]) < PHOTOS
        )
        if joins:
            groups[-1] = (*groups[-1], index)
        else:
            groups.append((index,))
    return groups
