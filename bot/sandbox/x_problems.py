"""How X says no: every refusal that the local X knows, as status and body.

The hosts of the `type` differ on purpose, as they do on the real one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

NEW = "https://api.x.com/2/problems/"
OLD = "https://api.twitter.com/2/problems/"
INVALID = "One or more parameters to your request was invalid."
DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
NOT_PERMITTED = "You are not permitted to perform this action."


class Problem(Exception):
    """A refusal; `body` None is an empty body, as behind a 413."""

    def __init__(
        self, status: int, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})

    def response(self) -> Response:
        if self.body is None:
            return Response(status_code=self.status, headers=self.headers)
        plain = isinstance(self.body, dict) and "errors" in self.body and "type" not in self.body
        oauth = isinstance(self.body, dict) and "error" in self.body
        kind = "application/json" if plain or oauth else "application/problem+json"
        content = json.dumps(self.body, ensure_ascii=False).encode()
        return Response(content, self.status, self.headers, media_type=kind)


def titled(
    status: int, title: str, detail: str | None = None, kind: str = "about:blank"
) -> Problem:
    body = {"title": title, "detail": detail or title, "type": kind, "status": status}
    return Problem(status, body)


def unauthorized() -> Problem:
    return titled(401, "Unauthorized")


def forbidden(detail: str = "Forbidden") -> Problem:
    return titled(403, "Forbidden", detail)


def duplicate() -> Problem:
    return forbidden(DUPLICATE)


def not_permitted() -> Problem:
    return forbidden(NOT_PERMITTED)


def invalid(message: str, parameters: Mapping[str, list[str]] | None = None) -> Problem:
    body = {
        "errors": [{"parameters": dict(parameters or {}), "message": message}],
        "title": "Invalid Request",
        "detail": INVALID,
        "type": NEW + "invalid-request",
        "status": 400,
    }
    return Problem(400, body)


def media_ids(ids: list[str]) -> Problem:
    return invalid("Your media IDs are invalid.", {"media.media_ids": ids})


def credits_depleted(account_id: str) -> Problem:
    body = {
        "account_id": account_id,
        "title": "CreditsDepleted",
        "detail": f"Your enrolled account [{account_id}] does not have any credits "
        "to fulfill this request.",
        "type": OLD + "credits",
        "status": 402,
    }
    return Problem(402, body)


def oauth1_permissions() -> Problem:
    detail = (
        "Your client app is not configured with the appropriate oauth1 app permissions "
        "for this endpoint."
    )
    return titled(403, "Forbidden", detail, OLD + "oauth1-permissions")


def not_enrolled(client_id: str) -> Problem:
    body = {
        "client_id": client_id,
        "detail": "When authenticating requests to the Twitter API v2 endpoints, you must use keys "
        "and tokens from a Twitter developer App that is attached to a Project.",
        "registration_url": "https://developer.twitter.com/en/docs/projects/overview",
        "title": "Client Forbidden",
        "required_enrollment": "Appropriate Level of API Access",
        "reason": "client-not-enrolled",
        "type": OLD + "client-forbidden",
        "status": 403,
    }
    return Problem(403, body)


def suspended() -> Problem:
    detail = "Your account is suspended and is not permitted to access this feature."
    return titled(403, "Forbidden", detail, NEW + "user-suspended")


def spend_cap() -> Problem:
    return forbidden("Monthly spend cap reached.")


def usage_capped() -> Problem:
    detail = "Usage cap exceeded: Monthly product cap"
    return titled(429, "UsageCapExceeded", detail, NEW + "usage-capped")


def too_many(headers: Mapping[str, str] | None = None) -> Problem:
    problem = titled(429, "Too Many Requests")
    problem.headers = dict(headers or {})
    return problem


def not_found(kind: str, resource_id: str, parameter: str = "id") -> dict[str, Any]:
    """Not a refusal of the request: X answers 200 and lists what it did not find."""
    return {
        "value": resource_id,
        "detail": f"Could not find {kind} with {parameter}: [{resource_id}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": parameter,
        "resource_id": resource_id,
        "type": NEW + "resource-not-found",
    }


def page_not_found() -> Problem:
    return titled(404, "Not Found")


def v1(status: int, code: int, message: str) -> Problem:
    return Problem(status, {"errors": [{"code": code, "message": message}]})


def v1_no_auth() -> Problem:
    return v1(400, 215, "Bad Authentication data.")


def v1_unauthenticated() -> Problem:
    return v1(401, 32, "Could not authenticate you.")


def v1_token() -> Problem:
    return v1(401, 89, "Invalid or expired token.")


def v1_timestamp() -> Problem:
    return v1(401, 135, "Timestamp out of bounds.")


def v1_media(message: str) -> Problem:
    return v1(400, 324, message)


def v1_no_access() -> Problem:
    message = (
        "You currently have access to a subset of X API V2 endpoints and limited v1.1 endpoints "
        "(e.g. media post, oauth) only. If you need access to this endpoint, you may need a "
        "different access level."
    )
    return v1(403, 453, message)


def v1_too_many(headers: Mapping[str, str] | None = None) -> Problem:
    problem = v1(429, 88, "Rate limit exceeded")
    problem.headers = dict(headers or {})
    return problem


def oauth(status: int, error: str, description: str) -> Problem:
    return Problem(status, {"error": error, "error_description": description})
