"""The sign-in as the owner sees it: /auth, the landing, /status, /refresh, /logout.

The landing page and the pasted address end in one function, `land`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, tzinfo

from telegram import Update
from telegram.ext import ContextTypes

from twitter_core import oauth2
from twitter_core.client import Client
from twitter_core.entry import ENDED, State
from twitter_core.errors import Refusal, Refused, SignInNeeded, XError
from twitter_core.publisher import Publisher
from twitter_core.tokens import Keeper, SignIn, is_last, renew_at
from twitter_core.vault import StoreVault
from twitter_core.ways import Ways

from .card import Button, View
from .messenger import Messenger, answer
from .words import overview, sentences
from .words.costs import Purse

log = logging.getLogger(__name__)

Context = ContextTypes.DEFAULT_TYPE


class Account:
    """The handlers of the sign-in, and what the landing page calls."""

    def __init__(
        self,
        client: Client,
        keeper: Keeper,
        vault: StoreVault,
        publisher: Publisher,
        ways: Ways,
        messenger: Messenger,
        *,
        clock: Callable[[], float],
        new_secret: Callable[[], str],
        hide: Callable[[str], None],
        changed: Callable[[], None],
        version: str,
        zone: Callable[[], tzinfo] = lambda: UTC,
    ) -> None:
        """`new_secret` makes a state or verifier, `hide` keeps a secret out of the log, and
        `changed` hears that the sign-in is another one.
        """
        self._client = client
        self._keeper = keeper
        self._vault = vault
        self._publisher = publisher
        self._ways = ways
        self._messenger = messenger
        self._clock = clock
        self._new_secret = new_secret
        self._hide = hide
        self._changed = changed
        self._version = version
        self._zone = zone

    # --- handlers

    async def on_auth(self, update: Update, context: Context) -> None:
        """`/auth`, or its button: the link to X's consent page, as a button and as text."""
        if update.callback_query is not None:
            await answer(update.callback_query)
        if update.effective_chat is None:
            return
        chat = update.effective_chat.id
        link, pending = oauth2.begin(
            self._client.app,
            self._client.endpoints.authorize,
            state=self._new_secret(),
            verifier=self._new_secret(),
            now=self._clock(),
            asked_by=str(chat),
        )
        self._hide(pending.state)
        self._hide(pending.verifier)
        try:
            await self._vault.save_pending(pending)
        except OSError:
            await self._messenger.send(chat, View(sentences.DISK_REFUSES))
            return
        text = sentences.sign_in(link, self._client.app.redirect_uri)
        await self._messenger.send(chat, View(text, ((Button(sentences.OPEN_X, url=link),),)))

    def is_landing(self, text: str) -> bool:
        """Whether a message is the address that a browser landed on: never a draft."""
        return oauth2.is_landing(self._client.app, text)

    async def on_landing(self, update: Update, context: Context) -> None:
        """The pasted address."""
        if update.message is not None:
            answer = await self.land(update.message.text or "")
            await self._messenger.send(update.message.chat_id, View(answer))

    async def on_refresh(self, update: Update, context: Context) -> None:
        """`/refresh`: renew the token pair now."""
        if update.message is not None:
            await self._messenger.send(update.message.chat_id, await self._renewed())

    async def on_logout(self, update: Update, context: Context) -> None:
        """`/logout`: revoke and forget."""
        if update.message is not None:
            await self._messenger.send(update.message.chat_id, View(await self._log_out()))

    async def on_status(self, update: Update, context: Context) -> None:
        """`/status`: account, sign-in, what waits."""
        if update.message is not None:
            await self._messenger.send(update.message.chat_id, View(self._status()))

    # --- what they do

    async def land(self, address: str) -> str:
        """Complete the sign-in with the address a browser was sent to; returns the answer."""
        pending = self._vault.pending()
        landing = oauth2.landed(pending, address, self._clock())
        match landing:
            case oauth2.Code(code) if pending is not None:
                self._hide(code)
                return await self._exchange(code, pending)
            case oauth2.Denied():
                await self._use_up()
                return sentences.DENIED
            case oauth2.WrongState():
                return sentences.WRONG_STATE
            case oauth2.Expired():
                await self._use_up()
                return sentences.EXPIRED
            case oauth2.NoCode():
                return sentences.NO_CODE
            case _:
                return sentences.NOT_PENDING

    async def on_page(self, address: str) -> str:
        """The landing page: the answer is shown there, and told in the chat that asked."""
        pending = self._vault.pending()
        answer = await self.land(address)
        if pending is not None and self._vault.pending() is None:
            self._messenger.tell(int(pending.asked_by), View(answer))
        return answer

    async def _exchange(self, code: str, pending: oauth2.PendingSignIn) -> str:
        if not await self._use_up():
            return sentences.SIGN_IN_NOT_SAVED
        try:
            token = await self._client.exchange(code, pending.verifier)
        except SignInNeeded:
            return sentences.CODE_REFUSED
        except Refused as error:
            log.warning("X refused the code: %s", error)
            is_client = error.refusal is Refusal.BAD_CLIENT
            return sentences.BAD_CLIENT if is_client else sentences.CODE_REFUSED
        except XError as error:
            log.warning("X gave no answer to the code: %s", error)
            return sentences.SIGN_IN_UNREACHABLE
        self._hide(token.access_token)
        self._hide(token.refresh_token)
        try:
            await self._keeper.adopt(token)
        except OSError:
            return sentences.SIGN_IN_NOT_SAVED
        name = await self.learn_name()
        self._changed()
        self._publisher.release()
        note = f"\n\n{sentences.other_uploader()}" if self._is_other_uploader() else ""
        return sentences.signed_in(name) + note

    async def _use_up(self) -> bool:
        """A state is good for one use, whatever comes of it."""
        try:
            await self._vault.save_pending(None)
        except OSError:
            return False
        return True

    async def learn_name(self) -> str:
        """Ask X whose sign-in it is, where that is not known; returns the user name or ""."""
        if (account := self._keeper.account) is not None:
            return account.username
        try:
            account = await self._keeper.use(self._client.me)
            self._publisher.ledger.add(self._publisher.ledger.prices.user)
            await self._keeper.name(account)
        except (XError, OSError) as error:
            log.warning("the account's name could not be fetched: %s", error)
            return ""
        self._publisher.wake()
        return account.username

    def _is_other_uploader(self) -> bool:
        account = self._keeper.account
        uploader = self._ways.uploader
        return account is not None and bool(uploader) and uploader != account.id

    async def _renewed(self) -> View:
        if (before := self._vault.sign_in()) is None:
            return View(sentences.NOT_SIGNED_IN)
        if not before.token.refresh_token and not self._keeper.ended:
            until = before.token.expires_at
            return View(sentences.last_sign_in(until, self._clock(), self._zone()))
        try:
            await self._keeper.renew()
        except SignInNeeded:
            return View(sentences.SIGN_IN_ENDED, ((Button(sentences.SIGN_IN, "auth:"),),))
        except Refused as error:
            return View(sentences.not_renewed(error.refusal, error.detail))
        except OSError:
            return View(sentences.DISK_REFUSES)
        except XError:
            return View(sentences.RENEWAL_FAILED)
        self._changed()
        current = self._vault.sign_in()
        now = self._clock()
        until = current.token.expires_at if current else now
        return View(sentences.renewed(until, now, self._zone()))

    async def _log_out(self) -> str:
        try:
            await self._vault.save_pending(None)
            gone = await self._keeper.forget()
        except OSError:
            return sentences.DISK_REFUSES
        self._changed()
        self._publisher.wake()
        if gone is None:
            return sentences.NOT_SIGNED_IN
        return sentences.LOGGED_OUT if await self._revoke(gone) else sentences.LOGGED_OUT_HERE

    async def _revoke(self, gone: SignIn) -> bool:
        told = True
        # The refresh token first: it is the one that lives for months.
        for token in (gone.token.refresh_token, gone.token.access_token):
            try:
                if token:
                    await self._client.revoke(token)
            except XError as error:
                log.warning("X could not be told of the sign-out: %s", error)
                told = False
        return told

    def _status(self) -> str:
        sign_in = self._vault.sign_in()
        account = self._keeper.account
        entries = self._publisher.entries()
        line = self._publisher.line
        ledger = self._publisher.ledger
        now = self._clock()
        is_held = line.stands_still(now)
        zone = self._zone()
        held = sentences.waiting(
            line.reason,
            line.until,
            paused=line.paused,
            now=now,
            zone=zone,
            go_on="send /resume",  # there is no button here
        )
        lasts = sign_in is not None and not is_last(sign_in)
        return overview.status(
            account=account.username if account is not None else "",
            signed_in=sign_in is not None,
            ended=sign_in is not None and self._keeper.ended,
            renewal_at=renew_at(sign_in) if sign_in is not None and lasts else None,
            good_until=sign_in.token.expires_at if sign_in is not None and not lasts else None,
            way=self._ways.choose(self._publisher.account),
            other_keys=self._is_other_uploader(),
            line=held if is_held else "",
            waiting=sum(e.state not in (*ENDED, State.FAILED) and e.due is None for e in entries),
            scheduled=sum(e.state is State.QUEUED and e.due is not None for e in entries),
            failed=sum(e.state is State.FAILED for e in entries),
            purse=Purse(ledger.prices, ledger.current, ledger.budget),
            limits=self._client.rate_limits,
            version=self._version,
            now=now,
            zone=zone,
        )
