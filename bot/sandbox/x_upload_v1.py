"""The v1.1 upload of the local X, for OAuth 1.0a only; `State.v11` says whether it still lives."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox import x_forms as forms
from bot.sandbox import x_media
from bot.sandbox import x_problems as problems
from bot.sandbox.x_gate import Caller, Endpoint, Handler, guarded
from bot.sandbox.x_state import State
from bot.sandbox.x_world import Media

CHUNK = 5 * 1024 * 1024
ALT_TEXT = 1000


def routes(state: State) -> list[Route]:
    def alive(limit: str | None, handler: Handler) -> Endpoint:
        inner = guarded(state, limit, (), handler, writes=True, v1=True)

        async def endpoint(request: Request) -> Response:
            if state.v11 == "404":
                return problems.v1(404, 34, "Sorry, that page does not exist.").response()
            if state.v11 == "410":
                return Response(status_code=410)
            if state.v11 == "453":
                return problems.v1_no_access().response()
            return await inner(request)

        return endpoint

    return [
        Route("/1.1/media/upload.json", alive("upload", _upload), methods=["POST"]),
        Route("/1.1/media/upload.json", alive(None, _status), methods=["GET"]),
        Route("/1.1/media/metadata/create.json", alive("metadata", _metadata), methods=["POST"]),
    ]


async def _upload(state: State, caller: Caller, request: Request) -> Response:
    given = await forms.form(request)
    # tweepy sends the words of a chunked upload in the body, other clients in the query.
    words = {**request.query_params, **{k: v.text for k, v in given.items() if k != "media"}}
    try:
        match words.get("command"):
            case None:
                return _simple(state, caller, words, given)
            case "INIT":
                return _init(state, caller, words)
            case "APPEND":
                media = _mine(state, caller, words)
                x_media.append(media, words.get("segment_index", ""), _bytes(given), CHUNK)
                return Response(status_code=204)
            case "FINALIZE":
                media = _mine(state, caller, words)
                x_media.finish(state, media)
                return JSONResponse(_told(state, media), 201)
            case other:
                raise problems.v1_media(f"Invalid command: {other}")
    except x_media.TooLarge as error:
        raise problems.Problem(413) from error
    except x_media.Bad as error:
        raise problems.v1_media(str(error)) from error


def _simple(
    state: State, caller: Caller, words: dict[str, str], given: dict[str, forms.Field]
) -> Response:
    data = _bytes(given)
    if len(data) > x_media.LARGEST["photo"]:
        raise x_media.TooLarge
    category = words.get("media_category")
    owners = words.get("additional_owners", "")
    media = x_media.begin(state, caller, "v1.1", category, owners=owners)
    x_media.finish(state, media, data)
    if media.sort == "video":
        raise x_media.Bad("media type unrecognized.")
    return JSONResponse(_told(state, media))


def _init(state: State, caller: Caller, words: dict[str, str]) -> Response:
    if not words.get("total_bytes", "").isdigit() or not words.get("media_type"):
        raise x_media.Bad("total_bytes and media_type are required.")
    media = x_media.begin(
        state,
        caller,
        "v1.1",
        words.get("media_category"),
        int(words["total_bytes"]),
        words["media_type"],
        words.get("additional_owners", ""),
    )
    return JSONResponse(_told(state, media), 202)


async def _status(state: State, caller: Caller, request: Request) -> Response:
    if request.query_params.get("command") != "STATUS":
        raise problems.v1_media("Invalid command")
    media = _mine(state, caller, dict(request.query_params))
    x_media.look_again(state, media)
    return JSONResponse(_told(state, media))


async def _metadata(state: State, caller: Caller, request: Request) -> Response:
    given = await forms.json_object(request)
    text = given.get("alt_text")
    text = text.get("text") if isinstance(text, dict) else None
    if not isinstance(text, str) or not 0 < len(text) <= ALT_TEXT:
        raise problems.v1_media("alt_text.text must be 1 to 1000 characters")
    media = _mine(state, caller, {"media_id": str(given.get("media_id", ""))})
    if media.sort == "video":
        raise problems.v1_media("Only images and GIFs have an alt text")
    media.alt_text = text
    return Response(status_code=200)


def _mine(state: State, caller: Caller, words: dict[str, str]) -> Media:
    media = x_media.owned(state, caller, words.get("media_id", ""))
    if media is None:
        raise problems.v1_media(f"media id {words.get('media_id')} not found")
    return media


def _bytes(given: dict[str, forms.Field]) -> bytes:
    if "media" in given:
        return given["media"].value
    if "media_data" in given:
        return forms.unbase64(given["media_data"].text)
    raise x_media.Bad("media parameter is missing.")


def _told(state: State, media: Media) -> dict[str, object]:
    told = x_media.describe(state, media)
    if media.state == "failed":
        error = {"code": 1, "name": "InvalidMedia", "message": "Unsupported video format"}
        told["processing_info"]["error"] = error
    return {"media_id": int(media.id), "media_id_string": media.id, **told}
