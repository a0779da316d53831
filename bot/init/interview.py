"""The conversation of `telex init`: asks, tidies, has each answer looked at, and asks again.

Reads and writes no file; what it was told is in the values that it returns, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from urllib.parse import urlsplit

from bot import addresses, config
from bot.check import telegram_verdicts, x_verdicts
from bot.check.finding import Finding, Verdict
from bot.check.machine_verdicts import clock, is_far_off

from . import questions
from .asker import Asker
from .live import NotYet, Services
from .questions import Question

EMPTY = "-"  # the answer that takes a secret out, for an empty one keeps it
Look = Callable[[], Awaitable[Iterable[Finding]]]


class Interview:
    """One walk through the settings.

    `written` are the settings of the file, `given` those of the environment: they win, so they are
    not asked for.
    """

    def __init__(
        self,
        asker: Asker,
        services: Services,
        *,
        written: Mapping[str, str],
        given: Mapping[str, str],
    ) -> None:
        self._asker = asker
        self._services = services
        self._given = given
        self._values = {**written, **given}

    async def hold(self) -> dict[str, str]:
        """Ask for everything; the settings as they shall be, by name."""
        self._asker.head("Telegram")
        await self._ask_until_right((questions.TOKEN,), self._look_at_bot)
        await self._ask_until_right((questions.OWNERS,), self._look_at_owners)
        self._asker.head("X")
        before = self._landing()
        await self._ask(questions.REDIRECT)
        self._follow(before)
        both = (questions.CLIENT_ID, questions.CLIENT_SECRET)
        await self._ask_until_right(both, self._look_at_app)
        await self._ask_for_keys()
        self._asker.head("Telex itself")
        self._asker.explain(questions.ABOUT_OTHERS)
        if await self._asker.agrees(questions.ASK_FOR_OTHERS, default=False):
            await self._ask_until_right((questions.SCOPE,), self._look_at_scope)
            for question in questions.OTHERS:
                await self._ask(question)
        await self._mend()
        return self._values

    # --- one setting

    async def _ask(self, question: Question) -> None:
        name = question.name
        if name in self._given:
            self._asker.say(f"{name} comes from the environment, which wins over .env.")
            return
        if question.where:
            self._asker.explain(question.where)
        while True:
            answer, had_strays = questions.tidy(question, await self._answer(question))
            if had_strays:
                self._asker.say(questions.STRAY)
            value = self._meant(question, answer)
            complaint = config.complaints_about({name: value}).get(name)
            if complaint is None:
                self._values[name] = value
                return
            self._asker.complain(complaint)

    async def _answer(self, question: Question) -> str:
        now = self._now(question.name)
        prompt = f"{question.prompt} ({question.name})"
        if question.choices:
            return await self._asker.choice(prompt, question.choices, now)
        if not question.is_secret:
            return await self._asker.text(prompt, now)
        keep = f" [Enter keeps it, {EMPTY} takes it out]" if now else ""
        return await self._asker.secret(prompt + keep)

    def _now(self, name: str) -> str:
        value = self._values.get(name, "")
        is_meant = bool(value) or (name == config.MAY_BE_EMPTY and name in self._values)
        return value if is_meant else config.default(name)

    def _meant(self, question: Question, answer: str) -> str:
        if not question.is_secret:
            return answer
        return "" if answer == EMPTY else answer or self._values.get(question.name, "")

    def _landing(self) -> str:
        """Where on this machine the callback address leads, as LISTEN says it; "" for nowhere."""
        name = questions.REDIRECT.name
        address = self._now(name)
        if config.complaints_about({name: address}).get(name):
            return ""
        url = urlsplit(address)
        host = url.hostname or ""
        if url.port is None or not addresses.is_loopback(host):
            return ""
        host = "127.0.0.1" if host.endswith("localhost") else f"[{host}]" if ":" in host else host
        return f"{host}:{url.port}"

    def _follow(self, before: str) -> None:
        """Move the landing page along with the callback address that led to it `before`."""
        name, there = config.MAY_BE_EMPTY, self._landing()
        if name in self._given or self._now(name) != before or there in ("", before):
            return
        self._values[name] = there
        self._asker.say(f"{name} is {there} now, so that the sign-in can end there.")

    # --- several, and what the services say to them

    async def _ask_until_right(self, asked: tuple[Question, ...], look: Look) -> None:
        while True:
            for question in asked:
                await self._ask(question)
            findings = await self._findings(look)
            is_wrong = any(finding.verdict is Verdict.WRONG for finding in findings)
            if not is_wrong or all(question.name in self._given for question in asked):
                return
            if not await self._asker.agrees("Do you want to enter it again?", default=True):
                return

    async def _findings(self, look: Look) -> list[Finding]:
        try:
            findings = list(await look())
        except NotYet:  # settings that it needs are still wrong: `_mend` asks for them
            return []
        for finding in findings:
            self._asker.tell(finding)
        return findings

    async def _look_at_bot(self) -> Iterable[Finding]:
        with self._asker.waiting("Asking Telegram …"):
            found = await self._services.telegram({**self._values, "TELEGRAM_OWNER_IDS": ""})
        return telegram_verdicts.judge(found)

    async def _look_at_owners(self) -> Iterable[Finding]:
        with self._asker.waiting("Asking Telegram …"):
            found = await self._services.telegram(self._values)
        return [
            one for one in telegram_verdicts.judge(found) if one.topic == telegram_verdicts.OWNER
        ]

    async def _look_at_app(self) -> Iterable[Finding]:
        with self._asker.waiting("Asking X …"):
            found = await self._services.app(self._values)
        return [x_verdicts.app(found.host, found.app)]

    async def _look_at_keys(self) -> Iterable[Finding]:
        with self._asker.waiting("Asking X …"):
            found = await self._services.keys(self._values)
        is_off = is_far_off(found.ahead)
        off = [clock(found.ahead)] if is_off else []
        return [
            *off,
            *x_verdicts.keys(found.host, found.keys, found.way, is_off=is_off),
            *x_verdicts.one_account(found.keys, found.stored),
        ]

    async def _look_at_scope(self) -> Iterable[Finding]:
        given = (self._now(questions.SCOPE.name)).split()
        has_keys = all(self._values.get(question.name) for question in questions.KEYS)
        return [x_verdicts.scopes("Scopes", "X_SCOPE", tuple(given), has_v11=has_keys)]

    async def _ask_for_keys(self) -> None:
        is_set = all(self._values.get(question.name) for question in questions.KEYS)
        self._asker.explain(questions.ABOUT_KEYS)
        prompt = questions.ASK_FOR_KEYS_ANEW if is_set else questions.ASK_FOR_KEYS
        if not await self._asker.agrees(prompt, default=False):
            if is_set:
                await self._findings(self._look_at_keys)
            return
        await self._ask_until_right(questions.KEYS, self._look_at_keys)

    async def _mend(self) -> None:
        """What was not asked for, or fits the rest no more, may be wrong too."""
        while complaints := config.complaints_about(self._values):
            name, complaint = next(iter(complaints.items()))
            self._asker.complain(complaint)
            if name in self._given or name not in questions.BY_NAME:
                return
            await self._ask(questions.BY_NAME[name])
