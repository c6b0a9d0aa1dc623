"""Which texts and entities Telegram takes."""

from __future__ import annotations

from typing import Any

import pytest

from karnay.sandbox.marks import Mark
from karnay.sandbox.telegram.entities import marks, refusal_of_entities, refusal_of_text

TEXT = "a👉b"  # UTF-16: a at 0, the hand at 1 and 2, b at 3


def an_entity(offset: object = 0, length: object = 1, **more: Any) -> dict[str, Any]:
    return {"type": "bold", "offset": offset, "length": length, **more}


@pytest.mark.parametrize("text", ["x", "x" * 4096, "😀" * 4096, "\u200bx"])
def test_a_text_of_up_to_4096_code_points_is_taken(text: str) -> None:
    assert refusal_of_text(text) == ""


@pytest.mark.parametrize("text", ["x" * 4097, "😀" * 4097])
def test_a_longer_text_is_refused(text: str) -> None:
    assert refusal_of_text(text) == "message is too long"


@pytest.mark.parametrize("text", ["", " ", "\n\u2028\t"])
def test_a_blank_text_is_refused(text: str) -> None:
    assert refusal_of_text(text) == "message text is empty"


@pytest.mark.parametrize(("offset", "length"), [(0, 1), (1, 2), (0, 4), (3, 1)])
def test_an_entity_may_cover_whole_characters(offset: int, length: int) -> None:
    assert refusal_of_entities(TEXT, [an_entity(offset, length)]) == ""


@pytest.mark.parametrize(
    ("offset", "length", "reason"),
    [
        (2, 1, "begins in a middle of a UTF-16 symbol"),
        (0, 2, "ends in a middle of a UTF-16 symbol"),
        (3, 2, "ends after the end of the text"),
        (-1, 1, "incorrect offset"),
        (0, 0, "incorrect length"),
        ("0", 1, "incorrect offset"),
        (True, 1, "incorrect offset"),
        (None, 1, "incorrect offset"),
    ],
)
def test_an_entity_elsewhere_is_refused(offset: object, length: object, reason: str) -> None:
    assert reason in refusal_of_entities(TEXT, [an_entity(offset, length)])


@pytest.mark.parametrize(
    "entity", [an_entity(type="strong"), an_entity(type="text_link"), "bold", {"offset": 0}]
)
def test_an_entity_of_no_known_shape_is_refused(entity: object) -> None:
    assert refusal_of_entities(TEXT, [entity]).startswith("can't parse MessageEntity")


def test_entities_must_be_a_list() -> None:
    assert refusal_of_entities(TEXT, "bold") == "can't parse entities JSON object"


def test_marks_count_code_points() -> None:
    assert marks(TEXT, [an_entity(3, 1)]) == (Mark(2, 3, "bold"),)


def test_what_telegram_links_by_itself_is_marked_too() -> None:
    found = marks("see https://a.uz #tag", [])
    assert [(mark.kind, mark.target) for mark in found] == [
        ("link", "https://a.uz"),
        ("hashtag", ""),
    ]


def test_nothing_is_linked_inside_code() -> None:
    code = an_entity(0, 5, type="code")
    assert [mark.kind for mark in marks("#tags", [code])] == ["code"]
