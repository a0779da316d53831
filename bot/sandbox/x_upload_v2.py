"""The v2 upload of the local X: one shot for stills, chunks of 1 MB for the rest, alt text."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox import x_forms as forms
from bot.sandbox import x_media
from bot.sandbox import x_problems as problems
from bot.sandbox.x_gate import Caller, Endpoint, Handler, charge, guarded
from bot.sandbox.x_shapes import Flag, Id, Items, Number, Shape, Text, Things, check
from bot.sandbox.x_state import State
from bot.sandbox.x_world import Media

CHUNK = 1024 * 1024  # larger ones got an empty 413
ALT_TEXT_PRICE = Decimal("0.005")

INITIALIZE = Things(
    {
        "media_type": Text(choice=tuple(sorted(x_media.TYPES))),
        "total_bytes": Number(0, 17_179_869_184),
        "media_category": Text(choice=tuple(sorted(x_media.CATEGORIES))),
        "additional_owners": Items(Id()),
        "shared": Flag(),
    },
    needed=("media_type", "total_bytes"),
)
METADATA = Things(
    {"id": Id(), "metadata": Things({"alt_text": Things({"text": Text(1, 1000)}, ("text",))})},
    needed=("id",),
)


def routes(state: State) -> list[Route]:
    def endpoint(handler: Handler, limit: str | None = "upload") -> Endpoint:
        async def refusing(state: State, caller: Caller, request: Request) -> Response:
            try:
                return await handler(state, caller, request)
            except x_media.TooLarge as error:
                raise problems.Problem(413) from error
            except x_media.Bad as error:
                raise problems.invalid(str(error)) from error

        return guarded(state, limit, ("media.write",), refusing, writes=True)

    root = "/2/media/upload"
    return [
        Route(root, endpoint(_one_shot), methods=["POST"]),
        Route(root, endpoint(_status, None), methods=["GET"]),
        Route(f"{root}/initialize", endpoint(_initialize), methods=["POST"]),
        Route(f"{root}/{{id}}/append", endpoint(_append), methods=["POST"]),
        Route(f"{root}/{{id}}/finalize", endpoint(_finalize), methods=["POST"]),
        Route("/2/media/metadata", endpoint(_metadata, "metadata"), methods=["POST"]),
    ]


async def _one_shot(state: State, caller: Caller, request: Request) -> Response:
    data, words = await _fields(request, ("media_category", "additional_owners"))
    category = words.get("media_category")
    if category is None:
        raise problems.invalid("The field media_category is required.")
    if len(data) > x_media.LARGEST["photo"]:
        raise x_media.TooLarge
    if not category.endswith("_image"):
        raise x_media.Bad(f"{category} must be uploaded in chunks")
    owners = words.get("additional_owners", "")
    media = x_media.begin(state, caller, "v2", category, owners=owners)
    x_media.finish(state, media, data)
    return _answer(state, media)


async def _initialize(state: State, caller: Caller, request: Request) -> Response:
    given = await forms.json_object(request)
    check(given, INITIALIZE)
    media = x_media.begin(
        state,
        caller,
        "v2",
        given.get("media_category"),
        given["total_bytes"],
        given["media_type"],
        ",".join(given.get("additional_owners", [])),
    )
    return _answer(state, media)


async def _append(state: State, caller: Caller, request: Request) -> Response:
    data, words = await _fields(request, ("segment_index",))
    media = _mine(state, caller, request.path_params["id"])
    x_media.append(media, words.get("segment_index", ""), data, CHUNK)
    return JSONResponse({"data": {"expires_at": int(media.ends)}})


async def _finalize(state: State, caller: Caller, request: Request) -> Response:
    media = _mine(state, caller, request.path_params["id"])
    x_media.finish(state, media)
    return _answer(state, media)


async def _status(state: State, caller: Caller, request: Request) -> Response:
    asked = dict(request.query_params)
    if set(asked) - {"command", "media_id"} or asked.get("command", "STATUS") != "STATUS":
        raise problems.invalid("The query parameters of this request are not valid.")
    media = _mine(state, caller, asked.get("media_id", ""))
    x_media.look_again(state, media)
    return _answer(state, media)


async def _metadata(state: State, caller: Caller, request: Request) -> Response:
    given = await forms.json_object(request)
    check(given, METADATA)
    media = _mine(state, caller, given["id"])
    metadata: dict[str, Any] = given.get("metadata", {})
    if "alt_text" in metadata:
        if media.finalized and media.sort == "video":
            raise problems.invalid("Only images and GIFs have an alt text")
        charge(state, caller, "alt text", ALT_TEXT_PRICE)
        media.alt_text = metadata["alt_text"]["text"]
    return JSONResponse({"data": {"id": media.id, "associated_metadata": metadata}})


def _mine(state: State, caller: Caller, media_id: str) -> Media:
    check(media_id, Id(), "id")
    media = x_media.owned(state, caller, media_id)
    if media is None:
        raise problems.invalid(f"The media id [{media_id}] is not known.", {"id": [media_id]})
    return media


async def _fields(request: Request, others: Iterable[str]) -> tuple[bytes, dict[str, str]]:
    """The file, and the other fields; from multipart, or from JSON with the file in base64."""
    if request.query_params:
        name = next(iter(request.query_params))
        raise problems.invalid(f"The query parameter [{name}] is not one of []")
    if forms.kind(request) == "application/json":
        given = await forms.json_object(request)
        shapes: dict[str, Shape] = {"media": Text(), "segment_index": Number(0, 999)}
        shapes |= {"media_category": Text(), "additional_owners": Text()}
        check(given, Things({k: shapes[k] for k in ("media", *others)}, needed=("media",)))
        return forms.unbase64(given.pop("media")), {k: str(v) for k, v in given.items()}
    fields = await forms.form(request)
    unknown = set(fields) - {"media", *others}
    if unknown:
        name = min(unknown)
        raise problems.invalid(
            f"$.{name}: is not defined in the schema and the schema does not allow additional "
            "properties"
        )
    if "media" not in fields:
        raise problems.invalid("$.media: is missing but it is required")
    media = fields.pop("media").value
    return media, {name: field.text for name, field in fields.items()}


def _answer(state: State, media: Media) -> Response:
    return JSONResponse({"data": {"id": media.id, **x_media.describe(state, media)}})
