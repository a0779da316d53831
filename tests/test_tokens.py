"""Renewals: once, saved before they are used, and never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from twitter_core.errors import RateLimited, Refusal, SignInNeeded, Uncertain, Unsent
from twitter_core.oauth2 import Account, Token
from twitter_core.tokens import Keeper, SignIn, is_stale, renew_at

LIFE = 7200.0


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Safe:
    """A vault that remembers every save and can be full."""

    def __init__(self, value: SignIn | None) -> None:
        self.value = value
        self.saves: list[SignIn | None] = []
        self.is_full: Callable[[SignIn | None], bool] = lambda value: False

    def sign_in(self) -> SignIn | None:
        return self.value

    async def save_sign_in(self, value: SignIn | None) -> None:
        await asyncio.sleep(0)
        if self.is_full(value):
            raise OSError(28, "No space left on device")
        self.value = value
        self.saves.append(value)


class X:
    """Rotates refresh tokens as X does; `trouble` is raised one after the other instead."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.valid = "r0"
        self.sent: list[str] = []
        self.trouble: list[Exception | None] = []
        self.takes_effect = False  # whether a troubled renewal rotates all the same
        self.gate: asyncio.Event | None = None

    async def refresh(self, refresh_token: str) -> Token:
        self.sent.append(refresh_token)
        await (self.gate.wait() if self.gate else asyncio.sleep(0))
        trouble = self.trouble.pop(0) if self.trouble else None
        if trouble and not self.takes_effect:
            raise trouble
        if refresh_token != self.valid:
            raise SignInNeeded(Refusal.SIGN_IN, status=400)
        self.valid = f"r{len(self.sent)}"
        if trouble:
            raise trouble
        return pair(len(self.sent), self.clock.now)


def pair(number: int, issued_at: float, life: float = LIFE) -> Token:
    return Token(f"a{number}", f"r{number}", issued_at + life, "", issued_at)


ME = Account("7", "me", "Me")


class House:
    def __init__(self) -> None:
        self.clock = Clock()
        self.safe = Safe(SignIn(pair(0, self.clock.now), ME))
        self.x = X(self.clock)
        self.restart()

    def restart(self) -> None:
        self.keeper = Keeper(self.x, self.safe, clock=self.clock)

    def expire(self) -> None:
        self.clock.now += LIFE


class Slow(Safe):
    """A vault that shows what it was given at once, and has it on the disk when `written` is set."""

    def __init__(self, value: SignIn | None) -> None:
        super().__init__(value)
        self.written = asyncio.Event()

    async def save_sign_in(self, value: SignIn | None) -> None:
        self.value = value
        if value is not None and value.token.access_token != "a0":
            await self.written.wait()
        self.saves.append(value)


@pytest.fixture
def house() -> House:
    return House()


async def test_a_fresh_token_is_handed_out_without_asking_x(house: House) -> None:
    house.clock.now += LIFE - 31
    assert await house.keeper.access_token() == "a0"
    assert house.x.sent == []


async def test_a_stale_token_is_renewed_and_saved_before_it_is_used(house: House) -> None:
    house.clock.now += LIFE - 30
    assert await house.keeper.access_token() == "a1"
    before = SignIn(pair(0, 1000), ME)
    assert house.safe.saves == [
        replace(before, renewal_begun=1),
        SignIn(pair(1, house.clock.now), ME),
    ]


async def test_fifty_callers_at_expiry_are_one_renewal(house: House) -> None:
    house.expire()
    assert set(await asyncio.gather(*(house.keeper.access_token() for _ in range(50)))) == {"a1"}
    assert house.x.sent == ["r0"]


async def test_fifty_callers_share_a_failure(house: House) -> None:
    house.expire()
    house.x.trouble = [Unsent()] * 50
    found = await asyncio.gather(
        *(house.keeper.access_token() for _ in range(50)), return_exceptions=True
    )
    assert {type(item) for item in found} == {Unsent}
    assert house.x.sent == ["r0"]


def test_short_lives_are_scaled() -> None:
    token = pair(0, 1000, life=8)
    assert renew_at(SignIn(token)) == 1006
    assert not is_stale(token, 1005.9) and is_stale(token, 1006)
    assert renew_at(SignIn(pair(0, 1000))) == 6400
    odd = Token("a", "r", 10_000)
    assert renew_at(SignIn(odd)) == 8200 and not is_stale(odd, 9969)


async def test_a_renewal_that_cannot_be_noted_is_not_sent(house: House) -> None:
    house.expire()
    house.safe.is_full = lambda value: True
    with pytest.raises(OSError):
        await house.keeper.renew()
    with pytest.raises(Unsent):  # the call that wanted the token never left
        await house.keeper.access_token()
    assert house.x.sent == []


async def test_a_pair_that_cannot_be_saved_is_kept_and_not_used_until_it_is(house: House) -> None:
    house.expire()
    house.safe.is_full = lambda value: value is not None and value.token.access_token == "a1"
    for _ in range(3):
        with pytest.raises(Unsent):
            await house.keeper.access_token()
    with pytest.raises(OSError):
        await house.keeper.renew()
    house.safe.is_full = lambda value: False
    assert await house.keeper.access_token() == "a1"
    assert house.safe.value == SignIn(pair(1, house.clock.now), ME)
    assert house.x.sent == ["r0"]


async def test_a_pair_that_waits_for_the_disk_gives_way_to_a_new_sign_in(house: House) -> None:
    house.expire()
    house.safe.is_full = lambda value: value is not None and value.token.access_token == "a1"
    with pytest.raises(Unsent):
        await house.keeper.access_token()
    await house.keeper.adopt(pair(9, house.clock.now))
    assert await house.keeper.access_token() == "a9"


async def test_a_lost_answer_is_tried_once_more_with_the_old_token(house: House) -> None:
    house.expire()
    house.x.trouble = [Uncertain()]
    assert await house.keeper.access_token() == "a2"
    assert house.x.sent == ["r0", "r0"]


async def test_if_x_had_exchanged_it_the_owner_is_asked_and_x_only_twice(house: House) -> None:
    house.expire()
    house.x.trouble, house.x.takes_effect = [Uncertain()], True
    for _ in range(3):
        with pytest.raises(SignInNeeded):
            await house.keeper.access_token()
    assert house.x.sent == ["r0", "r0"]
    assert house.safe.value and house.safe.value.dead and house.safe.value.account == ME


async def test_two_lost_answers_are_the_end_even_over_a_restart(house: House) -> None:
    house.expire()
    house.x.trouble = [Uncertain()] * 9
    with pytest.raises(Unsent):  # the call that wanted the token never left
        await house.keeper.access_token()
    house.restart()
    with pytest.raises(SignInNeeded):
        await house.keeper.access_token()
    with pytest.raises(SignInNeeded):
        await house.keeper.renew()
    assert house.x.sent == ["r0", "r0"]


async def test_after_a_crash_in_a_renewal_it_is_tried_once_more_and_not_more(house: House) -> None:
    house.expire()
    assert house.safe.value
    house.safe.value = replace(house.safe.value, renewal_begun=1)
    house.x.trouble = [Uncertain()] * 9
    with pytest.raises(Uncertain):
        await house.keeper.renew()
    with pytest.raises(SignInNeeded):
        await house.keeper.renew()
    assert house.x.sent == ["r0"]


async def test_an_outage_of_x_ends_no_sign_in(house: House) -> None:
    house.expire()
    house.x.trouble = [Uncertain(status=503)] * 10
    for _ in range(5):
        with pytest.raises(Uncertain):
            await house.keeper.renew()
    assert house.safe.value and house.safe.value.renewal_begun == 0
    assert await house.keeper.access_token() == "a11"


@pytest.mark.parametrize("trouble", [Unsent(), RateLimited(reset_at=5)])
async def test_a_renewal_that_did_not_happen_does_not_count(
    house: House, trouble: Exception
) -> None:
    house.expire()
    house.x.trouble = [trouble] * 3
    for _ in range(3):
        with pytest.raises(type(trouble)):
            await house.keeper.access_token()
    assert house.safe.value == SignIn(pair(0, 1000), ME)
    assert await house.keeper.access_token() == "a4"


async def test_a_refused_renewal_uses_what_somebody_else_has_stored(house: House) -> None:
    house.expire()
    house.x.gate = asyncio.Event()
    house.x.valid = "another"
    waiting = asyncio.create_task(house.keeper.access_token())
    while not house.x.sent:
        await asyncio.sleep(0)
    house.safe.value = SignIn(pair(5, house.clock.now))
    house.x.gate.set()
    assert await waiting == "a5"


async def test_a_dead_pair_is_used_as_long_as_its_access_token_lives(house: House) -> None:
    house.x.valid = "another"
    with pytest.raises(SignInNeeded):
        await house.keeper.renew()
    house.clock.now += LIFE - 1
    assert await house.keeper.access_token() == "a0"
    house.clock.now += 1
    with pytest.raises(SignInNeeded):
        await house.keeper.access_token()
    assert house.x.sent == ["r0"]


async def test_without_offline_access_the_sign_in_ends_with_its_token(house: House) -> None:
    house.safe.value = SignIn(Token("a", "", 2000, "", 1000))
    assert await house.keeper.access_token() == "a"
    house.clock.now = 2000
    with pytest.raises(SignInNeeded):
        await house.keeper.access_token()
    assert house.x.sent == []


async def test_nobody_signed_in_needs_a_sign_in(house: House) -> None:
    house.safe.value = None
    with pytest.raises(SignInNeeded):
        await house.keeper.access_token()


async def test_a_401_renews_once_and_repeats_once(house: House) -> None:
    seen = []

    async def call(token: str) -> str:
        seen.append(token)
        if token == "a0":
            raise SignInNeeded(Refusal.SIGN_IN)
        return "done"

    assert await house.keeper.use(call) == "done"
    assert seen == ["a0", "a1"]


async def test_a_sign_in_that_was_revoked_on_x_has_ended_at_once(house: House) -> None:
    house.x.valid = "revoked"

    async def call(token: str) -> None:
        raise SignInNeeded(Refusal.SIGN_IN)

    for _ in range(2):
        with pytest.raises(SignInNeeded):
            await house.keeper.use(call)
        assert house.keeper.ended
    assert house.x.sent == ["r0"]


async def test_an_outage_of_401s_throws_nothing_away(house: House) -> None:
    async def call(token: str) -> None:
        raise SignInNeeded(Refusal.SIGN_IN)

    with pytest.raises(SignInNeeded):
        await house.keeper.use(call)
    assert house.safe.value == SignIn(pair(1, house.clock.now), ME)
    assert not house.keeper.ended


async def test_other_errors_of_a_call_pass_through(house: House) -> None:
    async def call(token: str) -> None:
        raise Uncertain("the post itself")

    with pytest.raises(Uncertain, match="the post itself"):
        await house.keeper.use(call)
    assert house.x.sent == []


async def test_a_renewal_that_another_caller_did_is_not_done_again(house: House) -> None:
    await house.keeper.renew(seen="a0")
    await house.keeper.renew(seen="a0")
    assert house.x.sent == ["r0"]
    await house.keeper.renew()
    assert house.x.sent == ["r0", "r1"]


async def test_a_caller_that_goes_away_does_not_take_the_new_pair_along(house: House) -> None:
    house.expire()
    house.x.gate = asyncio.Event()
    waiting = asyncio.create_task(house.keeper.access_token())
    while not house.x.sent:
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    house.x.gate.set()
    await house.keeper.settle()
    assert house.safe.value == SignIn(pair(1, house.clock.now), ME)


async def test_a_new_sign_in_waits_for_a_renewal_and_wins(house: House) -> None:
    house.expire()
    house.x.gate = asyncio.Event()
    waiting = asyncio.create_task(house.keeper.access_token())
    while not house.x.sent:
        await asyncio.sleep(0)
    adopting = asyncio.create_task(house.keeper.adopt(pair(9, house.clock.now), ME))
    await asyncio.sleep(0)
    house.x.gate.set()
    await asyncio.gather(waiting, adopting)
    assert house.safe.value == SignIn(pair(9, house.clock.now), ME)


async def test_a_name_comes_later_and_a_logout_hands_back_what_to_revoke(house: House) -> None:
    await house.keeper.adopt(pair(9, house.clock.now))
    await house.keeper.name(ME)
    assert house.keeper.account == ME
    assert await house.keeper.forget() == SignIn(pair(9, house.clock.now), ME)
    await house.keeper.name(ME)
    assert house.safe.saves[-1] is None
    assert house.keeper.account is None


async def test_only_where_the_owner_has_to_help_a_sign_in_has_ended(house: House) -> None:
    def ended(value: SignIn | None, now: float = 1000) -> bool:
        house.safe.value, house.clock.now = value, now
        return house.keeper.ended

    good = SignIn(pair(0, 1000))
    assert ended(None)
    assert not ended(good) and not ended(good, 99_999)
    assert not ended(replace(good, dead=True)) and ended(replace(good, dead=True), 9000)
    assert not ended(replace(good, renewal_begun=2)) and ended(replace(good, renewal_begun=2), 9000)


def test_no_token_is_shown_in_a_repr(house: House) -> None:
    assert "a0" not in repr(house.safe.value) and "r0" not in repr(house.safe.value)


async def test_who_asks_while_the_new_pair_is_being_written_waits_and_renews_nothing(
    house: House,
) -> None:
    slow = house.safe = Slow(house.safe.value)
    house.restart()
    house.expire()
    first = asyncio.create_task(house.keeper.access_token())
    while slow.value is None or slow.value.token.access_token == "a0":
        await asyncio.sleep(0)
    late = asyncio.create_task(house.keeper.access_token())
    for _ in range(5):
        await asyncio.sleep(0)
    assert not late.done(), "used before it was saved"
    slow.written.set()
    assert await first == await late == "a1"
    assert house.x.sent == ["r0"]
