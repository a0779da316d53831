"""Tells X's refusals apart: a Request and its Answer into one error of the failure tree.

Decides only what is true, never what is done about it. The rules and their sources are the table
"Refusals" of the facts on the X API (official and seen, read 2026-11).
"""

from __future__ import annotations

from dataclasses import dataclass

from .call import Answer, Auth, Call, Request
from .errors import (
    BadMedia,
    CreditsDepleted,
    Duplicate,
    Forbidden,
    RateLimited,
    Refusal,
    Refused,
    SignInNeeded,
    Uncertain,
    UploadGone,
    XError,
)
from .wire import read_rate_limit

_TOKEN_CALLS = (Call.EXCHANGE, Call.REFRESH, Call.REVOKE)
_UPLOADS = (Call.UPLOAD_V11, Call.UPLOAD_V2)
_BAD_OAUTH1_CODES = {32, 89, 215}  # they come with 400, 401 or 403
_DETAIL_LENGTH = 300

# 403s that say in words what is wrong; the first that fits.
_WORDS = (
    ("maximum of one cashtag", Refusal.CASHTAGS),
    ("video longer than", Refusal.VIDEO_TOO_LONG),
    ("invalid url", Refusal.BAD_URL),
    ("not permitted to perform this action", Refusal.NOT_PERMITTED),
)


def check(answer: Answer, request: Request) -> None:
    """Returns if X did what was asked (2xx), else raises what `read` says."""
    if not answer.ok:
        raise read(answer, request)


def read(answer: Answer, request: Request) -> XError:
    """What an answer that is not 2xx means, as an error to raise."""
    status, said = answer.status, _Said.of(answer)
    # A create may have taken effect behind a 5xx, and so may whatever lies behind a redirect, which
    # X is not known to send. 408 and 425 are sent by what stands before X.
    if status < 400 or status >= 500 or status in (408, 425):
        return Uncertain(f"status {status}", status=status)
    if request.auth is Auth.OAUTH1 and (status == 401 or said.codes & _BAD_OAUTH1_CODES):
        return Refused(Refusal.BAD_OAUTH1, status=status, detail=said.detail)
    if (limited := _limited(answer, said)) is not None:
        return limited
    if request.call in _TOKEN_CALLS and status != 403:
        return _token_problem(status, said, request.call)
    if status == 401:
        return SignInNeeded(Refusal.SIGN_IN, status=status, detail=said.detail)
    if status == 403:
        return _forbidden(said, request)
    if request.call in _UPLOADS:
        return _upload_problem(status, said, request.call)
    if status in (404, 410):
        return Refused(Refusal.NOT_FOUND, status=status, detail=said.detail)
    if status == 400 and (
        324 in said.codes or ("media id" in said.text and "invalid" in said.text)
    ):
        return BadMedia(Refusal.BAD_MEDIA, status=status, detail=said.detail)
    return Refused(Refusal.INVALID, status=status, detail=said.detail)


@dataclass(frozen=True, slots=True)
class _Said:
    """What the body of a refusal says. `kind` is the last segment of `type`: its host varies."""

    detail: str = ""
    text: str = ""  # all of it, in lower case
    kind: str = ""
    title: str = ""
    reason: str = ""
    error: str = ""  # RFC 6749, 5.2
    codes: frozenset[int] = frozenset()

    @classmethod
    def of(cls, answer: Answer) -> _Said:
        body = answer.fields()
        listed = body.get("errors")
        listed = listed if isinstance(listed, list) else []
        errors = [item for item in listed if isinstance(item, dict)]
        codes = [item.get("code") for item in (*errors, body)]
        messages = [str(item.get("message") or item.get("detail") or "") for item in errors]
        own = [str(body.get(name) or "") for name in ("error_description", "detail", "title")]
        # The general detail ("One or more parameters …") says less than the messages.
        sentences = [sentence for sentence in (*messages, *own) if sentence]
        return cls(
            detail=sentences[0][:_DETAIL_LENGTH] if sentences else "",
            text="\n".join(sentences).lower(),
            kind=str(body.get("type") or "").rstrip("/").rpartition("/")[2].lower(),
            title=own[2].lower(),
            reason=str(body.get("reason") or "").lower(),
            error=str(body.get("error") or "").lower(),
            codes=frozenset(code for code in codes if isinstance(code, int)),
        )


def _limited(answer: Answer, said: _Said) -> Refused | None:
    """Money and rates: the same on every endpoint."""
    status = answer.status
    if "spend cap" in said.text:
        return CreditsDepleted(Refusal.SPEND_CAP, status=status, detail=said.detail)
    if status == 402 or said.kind == "credits" or said.title == "creditsdepleted":
        return CreditsDepleted(Refusal.CREDITS, status=status, detail=said.detail)
    if status != 429 and 88 not in said.codes and said.kind != "usage-capped":
        return None
    capped = said.kind == "usage-capped" or said.title == "usagecapexceeded"
    window = read_rate_limit(answer)
    return RateLimited(
        Refusal.MONTHLY_CAP if capped else Refusal.RATE_LIMIT,
        status=status,
        detail=said.detail,
        # The header counts the quarter of an hour, the cap a month.
        reset_at=window.reset_at if window and not capped else None,
    )


def _token_problem(status: int, said: _Said, call: Call) -> Refused:
    """The token endpoint. A missing parameter is our fault and says nothing of the token."""
    if status == 401 or said.error in ("invalid_client", "unauthorized_client"):
        return Forbidden(Refusal.BAD_CLIENT, status=status, detail=said.detail)
    refused = said.error in ("invalid_request", "invalid_grant")
    if refused and call is not Call.REVOKE and "missing" not in said.text:
        return SignInNeeded(Refusal.SIGN_IN, status=status, detail=said.detail)
    return Refused(Refusal.INVALID, status=status, detail=said.detail)


def _upload_problem(status: int, said: _Said, call: Call) -> XError:
    if status in (404, 410) and call is Call.UPLOAD_V11:
        return UploadGone(Refusal.UPLOAD_GONE, status=status, detail=said.detail)
    if status == 404:
        # v2 uploads answered 404 for minutes in outages (2025-05, 2026-01): no word on the media.
        return Uncertain("status 404", status=status)
    if status == 413:
        return BadMedia(Refusal.MEDIA_TOO_LARGE, status=status, detail=said.detail)
    if status == 400:
        return BadMedia(Refusal.BAD_MEDIA, status=status, detail=said.detail)
    return Refused(Refusal.INVALID, status=status, detail=said.detail)


def _forbidden(said: _Said, request: Request) -> Refused:
    detail = said.detail
    if "duplicate content" in said.text:
        return Duplicate(Refusal.DUPLICATE, status=403, detail=detail)
    if request.call is Call.UPLOAD_V11 and 453 in said.codes:
        return UploadGone(Refusal.UPLOAD_GONE, status=403, detail=detail)
    return Forbidden(_why_forbidden(said, request), status=403, detail=detail)


def _why_forbidden(said: _Said, request: Request) -> Refusal:
    if said.kind == "oauth1-permissions":
        return Refusal.READ_ONLY_APP
    if said.reason == "client-not-enrolled":
        return Refusal.NOT_ENROLLED
    if "suspended" in said.kind:
        return Refusal.SUSPENDED
    for words, refusal in _WORDS:
        if words in said.text:
            return refusal
    if (
        request.call is Call.UPLOAD_V2
        and request.auth is Auth.BEARER
        and said.detail == "Forbidden"
    ):
        return Refusal.MISSING_SCOPE
    if request.is_reply and ("reply" in said.text or "replies" in said.text):
        return Refusal.REPLY
    return Refusal.FORBIDDEN
