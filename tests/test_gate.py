"""Who is an owner: only the private chat of a listed user, whatever an update looks like."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gate import ALLOWED_UPDATES, is_owners

OWNER, STRANGER, BOT = 42, 43, 99
OWNERS = frozenset({OWNER, 44})

PERSON = {"id": OWNER, "is_bot": False, "first_name": "O"}
CHAT = {"id": OWNER, "type": "private", "first_name": "O"}
MESSAGE = {"message_id": 5, "date": 1, "from": PERSON, "chat": CHAT, "text": "hello"}
CARD = {
    "message_id": 6,
    "date": 1,
    "from": {"id": BOT, "is_bot": True, "first_name": "B"},
    "chat": CHAT,
    "text": "card",
}
PRESS = {"id": "1", "from": PERSON, "message": CARD, "chat_instance": "1", "data": "post:1"}

OWN: dict[str, dict[str, Any]] = {
    "message": {"update_id": 1, "message": MESSAGE},
    "edited": {"update_id": 1, "edited_message": MESSAGE},
    "press": {"update_id": 1, "callback_query": PRESS},
    "press on a card of long ago": {
        "update_id": 1,
        "callback_query": {**PRESS, "message": {"chat": CHAT, "message_id": 6, "date": 0}},
    },
    "forward": {
        "update_id": 1,
        "message": {
            **MESSAGE,
            "forward_origin": {"type": "user", "date": 1, "sender_user": {"id": STRANGER}},
        },
    },
    "reply": {"update_id": 1, "message": {**MESSAGE, "reply_to_message": CARD}},
    "by an inline bot": {"update_id": 1, "message": {**MESSAGE, "via_bot": {"id": 7}}},
}


def changed(update: Mapping[str, Any], path: str, value: object) -> dict[str, Any]:
    """A copy with what stands at `path` replaced; `...` takes it away."""
    copied = copy.deepcopy(dict(update))
    at: Any = copied
    *way, last = path.split(".")
    for step in way:
        at = at[step]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return copied


GROUP = {"id": -100, "type": "supergroup", "title": "Family"}
FOREIGN: dict[str, dict[str, Any]] = {
    "nothing": {},
    "bare": {"update_id": 1},
    "stranger": {
        "update_id": 1,
        "message": {
            **MESSAGE,
            "from": {"id": STRANGER},
            "chat": {"id": STRANGER, "type": "private"},
        },
    },
    "owner in a group": changed(OWN["message"], "message.chat", GROUP),
    "owner in a group whose id is his own": changed(
        OWN["message"], "message.chat.type", "supergroup"
    ),
    "stranger in the owner's chat": changed(OWN["message"], "message.from.id", STRANGER),
    "owner in a stranger's chat": changed(OWN["message"], "message.chat.id", STRANGER),
    "owner in the other owner's chat": changed(OWN["message"], "message.chat.id", 44),
    "channel": {"update_id": 1, "channel_post": MESSAGE},
    "as a channel": changed(OWN["message"], "message.sender_chat", {"id": OWNER}),
    "business": {"update_id": 1, "business_message": MESSAGE},
    "business chat": changed(OWN["message"], "message.business_connection_id", "x"),
    "by the owner's business bot": changed(OWN["message"], "message.sender_business_bot", {}),
    "guest": {"update_id": 1, "guest_message": MESSAGE},
    "guest query": changed(OWN["message"], "message.guest_query_id", "x"),
    "guest bot called by a user": changed(OWN["message"], "message.guest_bot_caller_user", PERSON),
    "guest bot called by a chat": changed(OWN["message"], "message.guest_bot_caller_chat", GROUP),
    "empty marks count too": changed(OWN["message"], "message.business_connection_id", ""),
    "two kinds at once": {**OWN["message"], **OWN["press"]},
    "inline query": {"update_id": 1, "inline_query": {"from": PERSON}},
    "membership": {"update_id": 1, "my_chat_member": {"from": PERSON, "chat": CHAT}},
    "press of a stranger": changed(OWN["press"], "callback_query.from.id", STRANGER),
    "press in a group": changed(OWN["press"], "callback_query.message.chat", GROUP),
    "press in a business chat": changed(
        OWN["press"], "callback_query.message.business_connection_id", "x"
    ),
    "press on an inline message": changed(OWN["press"], "callback_query.message", ...),
    "press with no message at all": changed(OWN["press"], "callback_query.message", None),
    "no sender": changed(OWN["message"], "message.from", ...),
    "no chat": changed(OWN["message"], "message.chat", ...),
    "no type": changed(OWN["message"], "message.chat.type", ...),
}
SHAPES = [None, True, False, 1, 42.0, "42", [], {}, [42], {"id": True}, {"id": "42"}, float("nan")]
PATHS = [
    (name, path)
    for name, paths in {
        "message": ("message", "message.from", "message.chat", "message.from.id"),
        "press": (
            "callback_query",
            "callback_query.message",
            "callback_query.from",
            "callback_query.message.chat",
            "callback_query.message.chat.id",
        ),
    }.items()
    for path in paths
]


@pytest.mark.parametrize("what", OWN)
def test_an_owner_in_his_own_chat_is_let_in(what: str) -> None:
    assert is_owners(OWN[what], OWNERS)


@pytest.mark.parametrize("what", FOREIGN)
def test_everybody_and_everything_else_is_kept_out(what: str) -> None:
    assert not is_owners(FOREIGN[what], OWNERS)


@pytest.mark.parametrize("shape", SHAPES, ids=repr)
@pytest.mark.parametrize(("what", "path"), PATHS)
def test_forged_shapes_are_kept_out_without_an_error(what: str, path: str, shape: object) -> None:
    assert not is_owners(changed(OWN[what], path, shape), OWNERS)


@pytest.mark.parametrize("owners", [frozenset({1}), frozenset({0}), frozenset({0, 1})])
@pytest.mark.parametrize("forged", [True, False])
def test_true_is_not_the_number_one(owners: frozenset[int], forged: bool) -> None:
    update = changed(OWN["message"], "message.from.id", forged)
    assert not is_owners(changed(update, "message.chat.id", forged), owners)


def test_without_owners_nobody_is_one() -> None:
    assert not any(is_owners(update, frozenset()) for update in OWN.values())


WORDS = st.sampled_from(
    [*ALLOWED_UPDATES, "from", "chat", "id", "type", "message_id", "sender_chat", "update_id"]
)
VALUES = st.recursive(
    st.sampled_from([None, True, 0, 1, OWNER, STRANGER, -1, 1.5, "", "private", "42"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=20,
)


@given(st.dictionaries(WORDS, VALUES, max_size=5))
def test_whatever_comes_is_answered_and_let_in_only_with_the_owners_id_in_both_places(
    update: dict[str, Any],
) -> None:
    if is_owners(update, OWNERS):
        (kind,) = (kind for kind in ALLOWED_UPDATES if kind in update)
        content = update[kind]
        message = content["message"] if kind == "callback_query" else content
        assert content["from"]["id"] == message["chat"]["id"] and content["from"]["id"] in OWNERS
        assert message["chat"]["type"] == "private"
