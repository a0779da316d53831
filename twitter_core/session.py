"""One account on X in direct calls: sign in, upload, post. Each does it now and once, or raises.

Keeps no queue and repeats no post: after Uncertain it may be on X or not, and only looking tells
(`Client.own_posts`). What must be neither lost nor doubled is for `publisher`.
"""

from __future__ import annotations

import asyncio
import os
import time
import unicodedata
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from authlib.common.security import generate_token

from . import limits, oauth2, sources, text
from .client import Client
from .errors import Forbidden, Refusal, SignInNeeded, UploadGone
from .media import Fit, Unusable
from .oauth2 import Landing, PendingSignIn, Token
from .post import Flags, Kind, Poll, Tweet
from .sources import Source, Web
from .tokens import Keeper, SignIn, Vault
from .upload import CATEGORIES, Progress, Uploaded
from .ways import Way
from .wire import Account, Created
from .workshop import Workshop

_AT_ONCE = 4  # files on their way to X
_SECRET = 64  # characters of a state and of a verifier
_MOST = {Kind.PHOTO: limits.PHOTOS, Kind.GIF: limits.GIFS, Kind.VIDEO: limits.VIDEOS}
_KINDS = {category: kind for kind, category in CATEGORIES.items()}

Files = Source | Sequence[Source]


class NotLanded(SignInNeeded):
    """An address that does not complete the sign-in; `landing` says why (see `oauth2.Landing`).

    After a WrongState or NoCode the right one may still come, else the sign-in begins anew.
    """

    def __init__(self, landing: Landing) -> None:
        super().__init__(Refusal.SIGN_IN, detail=type(landing).__name__)
        self.landing = landing


class WrongKind(Unusable):
    """The file is fine, but not of the kind that was asked for."""

    def __init__(self, wanted: Kind, found: Kind) -> None:
        super().__init__(Refusal.NOT_A_PICTURE, found.value)
        self.wanted = wanted
        self.found = found

    def __str__(self) -> str:
        return f"{self.found.value} instead of {self.wanted.value}"


class Pocket:
    """`tokens.Vault` in memory: the sign-in ends with the process (`vault.StoreVault` keeps it)."""

    def __init__(self, token: Token | None = None) -> None:
        self._value = SignIn(token) if token is not None else None

    def sign_in(self) -> SignIn | None:
        """What is kept now."""
        return self._value

    async def save_sign_in(self, value: SignIn | None) -> None:
        """Keep it."""
        self._value = value


class Session:
    """All calls raise the errors of `errors`; those with files also media.Unusable, sources.Barred
    and OSError. ValueError: X could not take it however often it is asked, so it was not asked.

    A token that is stale, or that X refuses with a 401, is renewed first, and the call made again.
    """

    def __init__(
        self,
        client: Client,
        vault: Vault | None = None,
        *,
        way: Way | None = None,
        web: Web | None = None,
        workshop: Workshop | None = None,
        room: int = limits.TEXT_WEIGHT,
        clock: Callable[[], float] = time.time,
        secret: Callable[[int], str] = generate_token,
    ) -> None:
        """`vault` keeps the sign-in; None: in memory.

        `way` is how files are uploaded; None: by v1.1 while the client's OAuth 1.0a keys are this
        account's and it is there, else by v2. `web` bounds downloads, `room` the weight of a text.
        """
        self._client = client
        self._vault = vault or Pocket()
        self._keeper = Keeper(client, self._vault, clock=clock)
        self._wanted = way
        self._v11_is_gone = False
        self._web = web or Web()
        self._workshop = workshop or Workshop()
        self._room = room
        self._clock = clock
        self._secret = secret

    # --- the sign-in

    def begin(self) -> tuple[str, PendingSignIn]:
        """The link to X's consent page, and what `land` needs when the browser is back.

        What is kept of it is good for one landing, and for ten minutes.
        """
        app, page = self._client.app, self._client.endpoints.authorize
        state, verifier = self._secret(_SECRET), self._secret(_SECRET)
        return oauth2.begin(app, page, state=state, verifier=verifier, now=self._clock())

    async def land(self, address: str, pending: PendingSignIn | None) -> Token:
        """Complete the sign-in with the address that the browser was sent to, or its query.

        Raises NotLanded where it is not the right one, SignInNeeded where the code is too old.
        """
        landing = oauth2.landed(pending, address, self._clock())
        if pending is None or not isinstance(landing, oauth2.Code):
            raise NotLanded(landing)
        return await self.exchange(landing.code, pending.verifier)

    async def exchange(self, code: str, verifier: str) -> Token:
        """A token pair for X's code (good for 30 seconds), kept from now on."""
        token = await self._client.exchange(code, verifier)
        await self._keeper.adopt(token)
        return token

    async def renew(self) -> Token:
        """A new pair, kept in place of the old one."""
        await self._keeper.renew()
        if (current := self._vault.sign_in()) is None:
            raise SignInNeeded(Refusal.SIGN_IN)
        return current.token

    async def account(self) -> Account:
        """Who is signed in. X is asked once (it costs `limits.PRICE_USER_READ`)."""
        if (account := self._keeper.account) is None:
            account = await self._keeper.use(self._client.me)
            await self._keeper.name(account)
        return account

    # --- files

    async def upload(
        self,
        files: Files,
        kind: Kind | None = None,
        *,
        alts: Sequence[str] = (),
        progress: Progress = lambda sent, total: None,
    ) -> tuple[Uploaded, ...]:
        """Bring files to X, made to fit, in their order; they wait there for a day to be posted.

        A file is a `Path`, bytes, or a URL as text. `kind` is told from the bytes where it is None.
        `alts` describe the images and GIFs, in their order.
        """
        async with self._fitted(_listed(files), kind, alts) as fitted:
            return await self._send_all(fitted, alts, progress)

    # --- posts

    async def post(
        self,
        words: str = "",
        *,
        media: Iterable[Uploaded | str] = (),
        poll: Poll | None = None,
        reply_to: str | None = None,
        flags: Flags = Flags(),
    ) -> Created:
        """One post: text, ids of media that were uploaded, or a poll. `reply_to` is a post's id."""
        ids = [one if isinstance(one, str) else one.media_id for one in media]
        if len(ids) > limits.PHOTOS:
            raise ValueError(f"a post takes {limits.PHOTOS} media at most")
        if ids and poll is not None:
            raise ValueError("a post has media or a poll, not both")
        tweet = self._tweet(words, poll, flags, alone=not ids)
        return await self._keeper.use(
            lambda token: self._client.create(token, tweet, ids, reply_to)
        )

    async def post_files(
        self,
        words: str,
        files: Files,
        kind: Kind | None = None,
        *,
        alts: Sequence[str] = (),
        reply_to: str | None = None,
        flags: Flags = Flags(),
        progress: Progress = lambda sent, total: None,
    ) -> Created:
        """One post with up to four photos, or a GIF, or a video. All is checked before it goes."""
        self._tweet(words, None, flags, alone=False)
        given = _listed(files)
        _check_together([kind or Kind.PHOTO] * len(given))
        async with self._fitted(given, kind, alts) as fitted:
            _check_together([_KINDS[fit.category] for fit in fitted])
            media = await self._send_all(fitted, alts, progress)
        return await self.post(words, media=media, reply_to=reply_to, flags=flags)

    def _tweet(self, words: str, poll: Poll | None, flags: Flags, *, alone: bool) -> Tweet:
        words = text.normalize(words)
        if not words and alone:
            raise ValueError("a post without media has a text")
        if (weight := text.weigh(words)) > self._room:
            raise Forbidden(Refusal.TOO_LONG, detail=f"{weight} of {self._room}")
        return Tweet(words, poll=poll and _fit_poll(poll), flags=flags)

    @asynccontextmanager
    async def _fitted(
        self, files: Sequence[Source], kind: Kind | None, alts: Sequence[str]
    ) -> AsyncIterator[list[Fit]]:
        _check_alts(alts, len(files))
        fitted: list[Fit] = []
        async with AsyncExitStack() as stack:
            for source in files:
                path = await stack.enter_async_context(sources.local(source, self._web))
                fit = await self._workshop.fit(path)
                stack.callback(fit.discard)
                _check_kind(fit, kind, is_described=any(alts[len(fitted) : len(fitted) + 1]))
                fitted.append(fit)
            yield fitted

    async def _send_all(
        self, fitted: Sequence[Fit], alts: Sequence[str], progress: Progress
    ) -> tuple[Uploaded, ...]:
        total = sum(fit.path.stat().st_size for fit in fitted)
        sent = [0] * len(fitted)
        lanes = asyncio.Semaphore(_AT_ONCE)

        async def send(index: int, fit: Fit) -> Uploaded:
            def tell(so_far: int, _: int) -> None:
                sent[index] = so_far
                progress(sum(sent), total)

            async with lanes:
                uploaded = await self._send(fit, alts[index] if index < len(alts) else "", tell)
            tell(fit.path.stat().st_size, 0)
            return uploaded

        tasks = [asyncio.create_task(send(*item)) for item in enumerate(fitted)]
        try:
            return tuple(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _send(self, fit: Fit, alt: str, progress: Progress) -> Uploaded:
        x, file = self._client, (fit.path, fit.mime, fit.category)
        if self._way() is Way.V11:
            try:
                done = await x.upload_v11(*file, progress=progress)
            except UploadGone:
                if self._wanted is not None:
                    raise
                self._v11_is_gone = True
            else:
                if alt:
                    await x.describe_v11(done.media_id, alt)
                return done
        done = await self._keeper.use(lambda token: x.upload_v2(token, *file, progress=progress))
        if alt:
            await self._keeper.use(lambda token: x.describe_v2(token, done.media_id, alt))
        return done

    def _way(self) -> Way:
        keys, account = self._client.keys, self._keeper.account
        if self._wanted is not None:
            return self._wanted
        # Media belong to their uploader: what another account's keys upload, no post would take.
        is_other = keys is not None and account is not None and keys.user_id != account.id
        return Way.V2 if keys is None or is_other or self._v11_is_gone else Way.V11


def _listed(files: Files) -> Sequence[Source]:
    given = [files] if isinstance(files, str | bytes | os.PathLike) else files
    if not given:
        raise ValueError("no file")
    return given


def _check_alts(alts: Sequence[str], files: int) -> None:
    if isinstance(alts, str) or len(alts) > files:
        raise ValueError("as many alt texts as files, at most")
    if any(len(alt) > limits.ALT_TEXT_LENGTH for alt in alts):
        raise ValueError(f"an alt text has at most {limits.ALT_TEXT_LENGTH} characters")


def _check_kind(fit: Fit, wanted: Kind | None, *, is_described: bool) -> None:
    found = _KINDS[fit.category]
    # A GIF that does not move is a photo to X.
    is_still_gif = wanted is Kind.GIF and fit.mime == "image/gif"
    if wanted is not None and found is not wanted and not is_still_gif:
        raise WrongKind(wanted, found)
    if is_described and found is Kind.VIDEO:
        raise ValueError("X takes alt texts for images and GIFs")


def _check_together(kinds: Sequence[Kind]) -> None:
    if len(set(kinds)) > 1 or len(kinds) > _MOST[kinds[0]]:
        raise ValueError("a post takes up to four photos, or one GIF, or one video")


def _fit_poll(poll: Poll) -> Poll:
    options = tuple(unicodedata.normalize("NFC", option).strip() for option in poll.options)
    fewest, most = limits.POLL_OPTIONS
    if not fewest <= len(options) <= most:
        raise ValueError(f"a poll has {fewest} to {most} options")
    if not all(1 <= len(option) <= limits.POLL_OPTION_LENGTH for option in options):
        raise ValueError(f"an option has 1 to {limits.POLL_OPTION_LENGTH} characters")
    shortest, longest = limits.POLL_MINUTES
    if not shortest <= poll.minutes <= longest:
        raise ValueError(f"a poll is open for {shortest} to {longest} minutes")
    return Poll(options, poll.minutes)
