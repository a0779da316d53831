"""Entities: hidden links come out, offsets count UTF-16 units, nothing of the text is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.entities import Entity, names, to_plain

URL = "https://example.com/page"


def link(offset: int, length: int, url: str = URL) -> Entity:
    return Entity("text_link", offset, length, url)


@pytest.mark.parametrize(
    ("text", "entities", "plain"),
    [
        ("see here now", [link(4, 4)], f"see here {URL} now"),
        ("here", [link(0, 4)], f"here {URL}"),
        ("one two", [link(0, 3, "https://a.com"), link(4, 3, "https://b.com")], None),
        ("one two", [link(4, 3, "https://b.com"), link(0, 3, "https://a.com")], None),
        ("no links", [], "no links"),
        ("bold here", [Entity("bold", 0, 9), link(5, 4)], f"bold here {URL}"),
        ("https://example.com", [Entity("url", 0, 19)], "https://example.com"),
        ("@name", [Entity("mention", 0, 5)], "@name"),
        ("name", [Entity("text_mention", 0, 4)], "name"),
        ("here", [link(0, 4, "")], "here"),
    ],
)
def test_a_hidden_link_comes_behind_its_words(
    text: str, entities: list[Entity], plain: str | None
) -> None:
    assert to_plain(text, entities) == (plain or "one https://a.com two https://b.com")


@pytest.mark.parametrize(
    "words",
    [
        "https://example.com/page",
        "example.com/page",
        "HTTP://Example.com/page/",
        "example.com/page ",
    ],
)
def test_an_address_that_stands_there_already_is_not_said_twice(words: str) -> None:
    assert to_plain(words, [link(0, len(words))]) == words


@pytest.mark.parametrize("before", ["👍", "👩‍👩‍👧", "🇪🇺🇪🇺", "𝕏", "é", "日本"])
def test_offsets_count_utf_16_units(before: str) -> None:
    units = len(before.encode("utf-16-le")) // 2
    text = f"{before}here👍."
    assert to_plain(text, [link(units, 4)]) == f"{before}here {URL}👍."
    assert to_plain(text, [link(units, 6)]) == f"{before}here👍 {URL}."


@pytest.mark.parametrize(
    "entities",
    [
        [link(0, 4, "https://a.com"), link(0, 4, "https://a.com")],
        [link(0, 4, "https://a.com"), link(2, 2, "https://b.com")],
        [link(0, 4, "https://a.com"), link(1, 1, "https://b.com")],
        [link(2, 2, "https://b.com"), link(0, 4, "https://a.com")],
        [link(4, 0), link(0, 0)],
    ],
)
def test_of_links_that_overlap_no_word_is_lost_or_doubled(entities: list[Entity]) -> None:
    plain = to_plain("here now", entities)
    for address in ("https://a.com", "https://b.com", URL):
        plain = plain.replace(f" {address}", "")
    assert plain == "here now"


@pytest.mark.parametrize(
    "entity", [link(0, 99), link(99, 4), link(-1, 2), link(0, -1), link(2, -5), link(-5, -5)]
)
def test_an_entity_that_lies_outside_of_the_text_loses_none_of_it(entity: Entity) -> None:
    assert to_plain("here", [entity]).replace(f" {URL}", "") == "here"


def test_half_of_a_surrogate_pair_becomes_a_character_that_can_be_sent() -> None:
    to_plain("half: \ud83d", []).encode()
    to_plain("👍👍", [link(1, 2)]).encode()


ENTITIES = st.builds(
    Entity,
    st.sampled_from(["text_link", "bold", "url"]),
    st.integers(-3, 30),
    st.integers(-3, 30),
    st.sampled_from(["", "§"]),
)


@given(st.text(), st.lists(ENTITIES, max_size=6))
def test_whatever_the_entities_the_words_stay_and_can_be_sent(
    text: str, entities: list[Entity]
) -> None:
    text = text.replace("§", "")
    plain = to_plain(text, entities)
    plain.encode()
    splits_a_character = any(ord(c) > 0xFFFF for c in text)
    assert splits_a_character or plain.replace(" §", "") == text


@pytest.mark.parametrize(
    ("text", "entities", "plain"),
    [
        ("@durov", [Entity("mention", 0, 6)], "https://t.me/durov"),
        ("👍 @durov, hi", [Entity("mention", 3, 6)], "👍 https://t.me/durov, hi"),
        (
            "@one_1 and here",
            [Entity("mention", 0, 6), link(11, 4)],
            f"https://t.me/one_1 and here {URL}",
        ),
        ("name", [Entity("text_mention", 0, 4)], "name"),
        ("@durov", [], "@durov"),
    ],
)
def test_names_become_links_where_that_is_wanted(
    text: str, entities: list[Entity], plain: str
) -> None:
    assert to_plain(text, entities, names_as_links=True) == plain
    assert to_plain(text, [e for e in entities if e.type == "mention"]) == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@durov", ("@durov",)),
        ("@durov, @durov; @tele_x!", ("@durov", "@tele_x")),
        ("me@example.com", ()),
        ("@ab", ()),
        ("x.com/@durov", ()),
        ("(@durov)", ("@durov",)),
    ],
)
def test_names_are_found_where_telegram_sees_them(text: str, found: tuple[str, ...]) -> None:
    assert names(text) == found
