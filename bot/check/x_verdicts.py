"""What was seen of X, into findings. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from bot.words import advice
from bot.words.advice import CONSOLE
from twitter_core.errors import (
    CreditsDepleted,
    Refusal,
    Refused,
    SignInNeeded,
    Uncertain,
    UploadGone,
    XError,
)
from twitter_core.wire import Account

from . import seen
from .finding import Finding, Verdict, note, right, wrong
from .machine_verdicts import is_far_off

APP, SCOPES, SIGN_IN, GRANTED = "App (OAuth 2.0)", "Scopes", "Sign-in", "Scopes granted"
KEYS, LEVEL, UPLOAD, ONE = "Keys (OAuth 1.0a)", "Read and write", "v1.1 upload", "One account"
TO_POST = ("tweet.read", "tweet.write", "users.read")
TO_UPLOAD, TO_STAY = "media.write", "offline.access"


def judge(x: seen.X) -> tuple[Finding, ...]:
    """All there is to say of X."""
    has_v11 = x.keys is not None and x.way != "v2"
    is_off = is_far_off(x.ahead)
    found = [app(x.host, x.app)]
    found.append(scopes(SCOPES, "X_SCOPE", tuple(x.scope.split()), has_v11=has_v11))
    found += sign_in(x.host, x.stored, has_v11=has_v11)
    found += keys(x.host, x.keys, x.way, is_off=is_off)
    found += one_account(x.keys, x.stored)
    return tuple(_once(found))


def _once(found: list[Finding]) -> Iterator[Finding]:
    """Where the same stands in the way of several, it is said once."""
    said = set()
    for finding in found:
        trouble = (finding.seen, finding.mend)
        if finding.verdict is Verdict.WRONG and trouble in said:
            yield note(finding.topic, "could not be asked for either")
        else:
            yield finding
        said.add(trouble)


# --- the app


def kind_of(client_id: str) -> Literal["confidential", "public", ""]:
    """What a client id says of its client, once decoded (…:ci or …:na) [seen 2026-11]."""
    try:
        text = base64.b64decode(client_id + "=" * (-len(client_id) % 4), validate=True)
    except (binascii.Error, ValueError):
        return ""
    if text.endswith(b":ci"):
        return "confidential"
    return "public" if text.endswith(b":na") else ""


def app(host: str, client: seen.App) -> Finding:
    """Whether X knows the client id, and takes the secret with it."""
    if client.answer is None:
        how = "its secret" if client.has_secret else "no secret (a public client)"
        return right(APP, f"{host} knows X_CLIENT_ID with {how}")
    if not isinstance(client.answer, Refused):
        return silent(APP, host, client.answer)
    if client.answer.refusal is not Refusal.BAD_CLIENT:
        return refused(APP, client.answer)
    how = "and X_CLIENT_SECRET" if client.has_secret else "without a secret"
    return wrong(APP, f"X does not take X_CLIENT_ID {how}", _mend(client))


def _mend(client: seen.App) -> str:
    where = f"at {CONSOLE} (your app, Keys and tokens, OAuth 2.0)"
    kind = kind_of(client.client_id)
    if kind == "confidential" and not client.has_secret:
        return f"This client needs its secret: make one {where} and set X_CLIENT_SECRET."
    if kind == "public" and client.has_secret:
        return "This is a public client (Native App), which has no secret: empty X_CLIENT_SECRET."
    if not client.has_secret:
        return f"Compare X_CLIENT_ID with the Client ID {where}."
    return f"Compare both with the Client ID {where}, and make a new Client Secret there."


# --- scopes


def scopes(topic: str, of: str, given: tuple[str, ...], *, has_v11: bool) -> Finding:
    """Whether what is asked for (X_SCOPE), or was granted, is enough."""
    lacking = [scope for scope in TO_POST if scope not in given]
    if TO_UPLOAD not in given and not has_v11:
        lacking.append(TO_UPLOAD)
    if lacking:
        return wrong(topic, f"{of} lacks {' '.join(lacking)}", _ask_for(lacking))
    if TO_UPLOAD not in given:
        return note(topic, f"{of} lacks {TO_UPLOAD}: media go by v1.1 alone", _ask_for([TO_UPLOAD]))
    if TO_STAY not in given:
        return note(topic, f"{of} lacks {TO_STAY}: it ends after two hours", _ask_for([TO_STAY]))
    return right(topic, f"{of} has all that Telex needs")


def _ask_for(lacking: list[str]) -> str:
    return f"See that X_SCOPE has {' '.join(lacking)}, then send /auth to the bot (once more)."


# --- the sign-in


def sign_in(
    host: str, stored: seen.Stored | seen.Unreadable | None, *, has_v11: bool
) -> list[Finding]:
    """The sign-in that is stored, and what it allows."""
    match stored:
        case None:
            seen_so_far, mend = (
                "nobody is signed in yet",
                "Start `telex run`, then send /auth to the bot.",
            )
            return [note(SIGN_IN, seen_so_far, mend)]
        case seen.Unreadable(why):
            return [
                wrong(
                    SIGN_IN,
                    f"telex.json in DATA_DIR cannot be read ({why})",
                    "Put a back-up in its place, or move it away to begin anew.",
                )
            ]
        case seen.Stored():
            found = [_stored(host, stored)]
            if granted := tuple(stored.scope.split()):
                found.append(scopes(GRANTED, "the sign-in", granted, has_v11=has_v11))
            return found


def _stored(host: str, stored: seen.Stored) -> Finding:
    name = f"@{stored.account.username}" if stored.account is not None else "an account"
    again = "Send /auth to the bot."
    if stored.is_over:
        return wrong(SIGN_IN, f"{name}'s sign-in has ended", again)
    match stored.asked:
        case None:
            return right(SIGN_IN, f"{name}, as stored: the token waits for `telex run` to renew it")
        case Account(username=username):
            lasts = "for two hours at most" if stored.is_last else "and `telex run` keeps it so"
            return right(SIGN_IN, f"@{username} is signed in, {lasts}")
        case SignInNeeded() if not stored.is_last:
            return note(
                SIGN_IN,
                f"X does not take {name}'s access token at the moment",
                "Start `telex run`: it renews the token, and asks for /auth if X refuses that too.",
            )
        case SignInNeeded():
            return wrong(SIGN_IN, f"X does not take {name}'s sign-in any more", again)
        case Refused() as error:
            return refused(SIGN_IN, error)
        case error:
            return silent(SIGN_IN, host, error)


# --- OAuth 1.0a


def keys(host: str, found: seen.Keys | None, way: str, *, is_off: bool) -> list[Finding]:
    """Whose the keys are, what they may do, and whether v1.1 takes uploads from them."""
    if found is None:
        return [right(KEYS, "not set: media go by v2")]
    match found.account:
        case Refused(refusal=Refusal.BAD_OAUTH1):
            return [_bad_keys(is_off=is_off)]
        case Account(username=username):
            said = [right(KEYS, f"@{username}'s")]
        case CreditsDepleted() as error:
            said = [refused(KEYS, error)]  # so X took the signature
        case Refused() as error:
            return [refused(KEYS, error)]
        case error:
            return [silent(KEYS, host, error)]
    said.append(level(found))
    if found.upload_asked:
        said.append(_upload(found, way))
    return said


def _bad_keys(*, is_off: bool) -> Finding:
    if is_off:
        return wrong(
            KEYS,
            "X takes no signature of a clock that is so far off, so it is not known if they are "
            "right",
            "Mend the clock (see there), then run the check again.",
        )
    return wrong(
        KEYS,
        "X does not take them",
        "Compare X_API_KEY, X_API_SECRET, X_ACCESS_TOKEN and X_ACCESS_TOKEN_SECRET with "
        f"{CONSOLE} (your app, Keys and tokens), or make them anew there.",
    )


def level(found: seen.Keys) -> Finding:
    """Whether the app, and the access token made with it, may write."""
    refusal = found.upload.refusal if isinstance(found.upload, Refused) else None
    if found.level == "read" or refusal is Refusal.READ_ONLY_APP:
        return wrong(
            LEVEL,
            "the app, or the access token that was made with it, may only read",
            f"Give the app Read and write at {CONSOLE} (User authentication settings), make a new "
            "access token there, and put it into X_ACCESS_TOKEN and X_ACCESS_TOKEN_SECRET.",
        )
    if found.level or (found.upload_asked and found.upload is None):
        return right(LEVEL, "the app and its access token may write")
    return note(
        LEVEL,
        "X does not tell",
        f"See that the app has Read and write at {CONSOLE} (User authentication settings).",
    )


def _upload(found: seen.Keys, way: str) -> Finding:
    error = found.upload
    if error is None:
        return right(UPLOAD, "works")
    if found.level == "read" or (isinstance(error, Refused) and _is_said_already(error)):
        return note(UPLOAD, "not known before what stands above is mended")
    if isinstance(error, UploadGone):
        said = "X does not offer it to this app"
        if way == "v1.1":
            return wrong(UPLOAD, said, "Set X_UPLOAD to auto or v2.")
        return note(UPLOAD, f"{said}: media go by v2 instead")
    if isinstance(error, Refused):
        return refused(UPLOAD, error)
    return note(UPLOAD, "gave no clear answer: media go by v2 meanwhile")


def _is_said_already(error: Refused) -> bool:
    return error.refusal in (Refusal.READ_ONLY_APP, Refusal.BAD_OAUTH1)


# --- both together


def one_account(found: seen.Keys | None, stored: object) -> list[Finding]:
    """Whether both credentials are of one account; nothing where that cannot be told."""
    if found is None or not isinstance(stored, seen.Stored):
        return []
    uploader = found.account if isinstance(found.account, Account) else None
    asked = stored.asked if isinstance(stored.asked, Account) else None
    poster = asked or stored.account
    uploader_id = uploader.id if uploader is not None else found.user_id
    if poster is None or not uploader_id:
        return []
    if uploader_id == poster.id:
        return [right(ONE, f"the keys and the sign-in are both @{poster.username}'s")]
    whose = f"@{uploader.username}'s" if uploader is not None else "another account's"
    return [
        wrong(
            ONE,
            f"the keys are {whose} and the sign-in is @{poster.username}'s, and media can be "
            "posted only by whoever uploaded them",
            f"Make the access token anew at {CONSOLE} as @{poster.username}, send /auth to the "
            "bot for the other account, or empty the four keys.",
        )
    ]


# --- what any question to X may come to


def refused(topic: str, error: Refused) -> Finding:
    """X said no."""
    said = advice.on_other(error.refusal, error.detail)
    head, dot, rest = said.partition(". ")
    if dot:
        return wrong(topic, f"{head[:1].lower() if head[:2] != 'X ' else 'X'}{head[1:]}", rest)
    return wrong(topic, said.rstrip("."), f"See {CONSOLE}.")


def silent(topic: str, host: str, error: XError) -> Finding:
    """No clear answer."""
    if isinstance(error, Uncertain) and error.status is not None:
        return wrong(topic, f"{host} answers {error.status}", "Try again in a few minutes.")
    return wrong(
        topic,
        f"{host} does not answer ({error})",
        "Look at this machine's network and proxy, and at X_API_URL.",
    )


def cost(questions: int, price: Decimal) -> str:
    """What the check has cost, for its last line; "" where it was nothing."""
    return f"X charges about ${questions * price:.2f} for this check." if questions else ""
