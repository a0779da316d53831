"""Uploads to X, each a generator: it yields what to send (or how long to pause), is sent what came
back, and returns what was Uploaded.

Sends nothing and never waits itself. One walk for both of X's dialects.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Final

from . import limits, problem
from .call import Answer, FilePart, Request, Slice
from .dialect import Dialect, Source
from .errors import BadMedia, RateLimited, Refusal, Uncertain, Unsent, XError
from .post import Kind

CATEGORIES: Final = {Kind.PHOTO: "tweet_image", Kind.GIF: "tweet_gif", Kind.VIDEO: "tweet_video"}
IN_FLIGHT: Final = 4  # chunks at once
TRIES: Final = 3  # for each chunk, and for each question how the processing goes
LONGEST_PROCESSING: Final = 900.0  # seconds
PAUSES: Final = (1.0, 60.0)  # the bounds within which X's `check_after_secs` is believed
WINDOWS: Final = 3  # of X's rate limits that one upload goes through: 512 chunks are more than 500

Progress = Callable[[int, int], None]  # bytes sent, bytes in all


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A medium on X, known until `expires_at` (epoch seconds). It belongs to its uploader."""

    media_id: str
    expires_at: float
    media_key: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Send nothing for so many seconds: X has said so."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Until:
    """Send nothing before `at` (epoch seconds): X takes no more of these requests for now."""

    at: float


Step = tuple[Request, ...] | Pause | Until  # the requests of a step go out at the same time
Results = tuple[Answer | XError, ...]  # in their order; () after a Pause or an Until
Calls = Generator[Step, Results, Uploaded]


def begin(dialect: Dialect, source: Source, category: str, now: float, progress: Progress) -> Calls:
    """One medium: an image in one request, a GIF or video in chunks. `now` is in epoch seconds.

    Raises what `problem.read` says, and Uncertain where X does not come to an end with it.
    """
    if category == CATEGORIES[Kind.PHOTO]:
        answer = yield from _ask(dialect.one_shot(source, category))
        return _uploaded(dialect, answer, now)
    answer = yield from _ask(dialect.initialize(source, category))
    started = _uploaded(dialect, answer, now)
    yield from _append_all(dialect, started.media_id, source, progress)
    answer = yield from _ask_in_time(dialect.finalize(started.media_id))
    yield from _processed(dialect, started.media_id, answer)
    return _uploaded(dialect, answer, now)


def describe(dialect: Dialect, media_id: str, alt: str) -> Generator[Step, Results, None]:
    """Sets the alt text of a medium (at most 1000 characters), before it is posted."""
    yield from _ask(dialect.describe(media_id, alt))


def _ask(request: Request) -> Generator[Step, Results, Answer]:
    (result,) = yield (request,)
    if isinstance(result, XError):
        raise result
    problem.check(result, request)
    return result


def _ask_in_time(request: Request) -> Generator[Step, Results, Answer]:
    """The same of an upload that is under way: a rate limit does not let it begin anew."""
    for _ in range(WINDOWS):
        try:
            return (yield from _ask(request))
        except RateLimited as error:
            if error.reset_at is None:
                raise
            yield Until(error.reset_at)
    return (yield from _ask(request))


def _append_all(
    dialect: Dialect, media_id: str, source: Source, progress: Progress
) -> Generator[Step, Results, None]:
    waiting = [(index, TRIES) for index in range(-(-source.size // limits.CHUNK_SIZE))]
    sent = 0
    windows = WINDOWS
    while waiting:
        wave, waiting = waiting[:IN_FLIGHT], waiting[IN_FLIGHT:]
        parts = [_chunk(source, index) for index, _ in wave]
        requests = tuple(
            dialect.append(media_id, index, part, size)
            for (index, _), (part, size) in zip(wave, parts, strict=True)
        )
        results = yield requests
        again = []
        full: RateLimited | None = None
        for (index, tries), request, result in zip(wave, requests, results, strict=True):
            error = _error(result, request)
            if error is None:
                sent += _size(source, index)
            elif tries > 1 and isinstance(error, Unsent | Uncertain):
                again.append((index, tries - 1))  # X knows it by its index: twice does no harm
            elif isinstance(error, RateLimited) and error.reset_at is not None and windows:
                again.append((index, tries))
                full = error
            else:
                raise error
        waiting = again + waiting
        progress(sent, source.size)
        if full is not None and full.reset_at is not None:
            windows -= 1
            yield Until(full.reset_at)


def _processed(dialect: Dialect, media_id: str, answer: Answer) -> Generator[Step, Results, None]:
    """Wait, at X's own pace, until it has made of the chunks what it shows."""
    waited = 0.0
    misses = 0
    while (seconds := _check_after(dialect, answer)) is not None:
        if waited >= LONGEST_PROCESSING:
            raise Uncertain("X does not come to an end with the processing")
        yield Pause(seconds)
        waited += seconds
        try:
            answer = yield from _ask_in_time(dialect.status(media_id))
            misses = 0
        except (Unsent, Uncertain):
            misses += 1
            if misses >= TRIES:
                raise


def _check_after(dialect: Dialect, answer: Answer) -> float | None:
    """Seconds until X is to be asked again; None: ready. Raises BadMedia where X gave up."""
    processing = dialect.read(answer)[1].get("processing_info")
    if not isinstance(processing, dict) or processing.get("state") == "succeeded":
        return None
    if processing.get("state") == "failed":
        said = processing.get("error")
        words = str(said.get("message") or "") if isinstance(said, dict) else ""
        raise BadMedia(Refusal.BAD_MEDIA, status=answer.status, detail=words)
    seconds = processing.get("check_after_secs")
    wanted = float(seconds) if isinstance(seconds, int | float) else PAUSES[0]
    return min(max(wanted, PAUSES[0]), PAUSES[1])


def _error(result: Answer | XError, request: Request) -> XError | None:
    if isinstance(result, XError):
        return result
    return None if result.ok else problem.read(result, request)


def _chunk(source: Source, index: int) -> tuple[FilePart, int]:
    start, size = index * limits.CHUNK_SIZE, _size(source, index)
    content = source.content
    part = (
        content[start : start + size] if isinstance(content, bytes) else Slice(content, start, size)
    )
    return FilePart("media", part), size


def _size(source: Source, index: int) -> int:
    return min(limits.CHUNK_SIZE, source.size - index * limits.CHUNK_SIZE)


def _uploaded(dialect: Dialect, answer: Answer, now: float) -> Uploaded:
    media_id, body = dialect.read(answer)
    if not media_id:
        raise Uncertain(f"{answer.status}, no media id", status=answer.status)
    _check_after(dialect, answer)  # an image that X could not read says so at once
    lifetime = body.get("expires_after_secs")
    key = body.get("media_key")
    return Uploaded(
        media_id=media_id,
        expires_at=now + (lifetime if isinstance(lifetime, int) else limits.MEDIA_LIFETIME),
        media_key=key if isinstance(key, str) else "",
    )
