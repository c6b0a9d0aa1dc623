"""Which records are posts."""

from __future__ import annotations

from typing import Any

import pytest

from karnay.sandbox.bluesky.lexicon import faults, is_tid

TEXT = "Ҳаёт – see https://a.uz #мир"
WORD = {"byteStart": 0, "byteEnd": 8}
LINK = {"$type": "app.bsky.richtext.facet#link", "uri": "https://a.uz"}
CARD = {"uri": "https://a.uz", "title": "", "description": ""}


def a_record(**changes: Any) -> dict[str, Any]:
    return {"text": TEXT, "createdAt": "2026-11-24T04:00:00.000Z", **changes}


def a_facet(index: object = None, feature: object = None) -> dict[str, Any]:
    return {"index": index or WORD, "features": [feature or LINK]}


def an_embed(**changes: Any) -> dict[str, Any]:
    return {"$type": "app.bsky.embed.external", "external": {**CARD, **changes}}


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "👨‍👩‍👧‍👦" * 119},
        {"text": "я" * 300},
        {"text": ""},
        {"createdAt": "2026-11-24T09:00:00+05:00"},
        {"langs": ["uz-Cyrl", "ru", "en"]},
        {"tags": ["a"] * 8},
        {"facets": [a_facet()]},
        {"facets": [a_facet({"byteStart": 0, "byteEnd": len(TEXT.encode())})]},
        {"facets": [a_facet(feature={"$type": "app.bsky.richtext.facet#tag", "tag": "мир"})]},
        {"embed": an_embed()},
        {"something": "else"},
    ],
)
def test_a_post_within_the_rules_is_taken(changes: dict[str, Any]) -> None:
    assert list(faults(a_record(**changes))) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"text": "я" * 301}, "grapheme too big (maximum 300, got 301) at $.text"),
        ({"text": "👨‍👩‍👧‍👦" * 121}, "string too big (maximum 3000, got 3025) at $.text"),
        ({"text": None}, 'Missing required key "text"'),
        ({"createdAt": None}, 'Missing required key "createdAt"'),
        ({"createdAt": "2026-11-24 04:00"}, "Invalid datetime"),
        ({"createdAt": "2026-11-24T04:00:00"}, "Invalid datetime"),
        ({"createdAt": "2026-13-24T04:00:00Z"}, "Invalid datetime"),
        ({"langs": ["en", "ru", "uz", "kk"]}, "array too big (maximum 3, got 4)"),
        ({"langs": ["no language"]}, "Invalid language"),
        ({"langs": "en"}, "Expected array"),
        ({"tags": ["a"] * 9}, "array too big (maximum 8, got 9)"),
        ({"tags": ["я" * 65]}, "grapheme too big (maximum 64, got 65)"),
        ({"reply": {"root": {"uri": "at://a", "cid": "b"}}}, 'Missing required key "parent"'),
        ({"embed": {"$type": "app.bsky.embed.record"}}, "takes only app.bsky.embed.images"),
        ({"labels": {"values": []}}, "Expected com.atproto.label.defs#selfLabels"),
        ({"embed": an_embed(title=None)}, 'Missing required key "title"'),
        ({"embed": an_embed(uri="no address")}, "Invalid uri"),
        ({"embed": an_embed(thumb="picture.jpg")}, "Expected blob"),
    ],
)
def test_a_post_against_the_rules_is_refused(changes: dict[str, Any], fault: str) -> None:
    assert fault in next(faults(a_record(**changes)))


@pytest.mark.parametrize(
    "index",
    [
        {"byteStart": 0, "byteEnd": 0},
        {"byteStart": 8, "byteEnd": 0},
        {"byteStart": -1, "byteEnd": 8},
        {"byteStart": 0, "byteEnd": len(TEXT.encode()) + 1},
        {"byteStart": 1, "byteEnd": 8},
        {"byteStart": 0, "byteEnd": 7},
        {"byteStart": 0},
        {"byteStart": "0", "byteEnd": 8},
        "0..8",
    ],
)
def test_a_facet_must_stand_on_whole_characters_of_the_text(index: object) -> None:
    assert "$.facets[0].index" in next(faults(a_record(facets=[a_facet(index)])))


@pytest.mark.parametrize(
    "feature",
    [
        {"$type": "app.bsky.richtext.facet#link"},
        {"$type": "app.bsky.richtext.facet#link", "uri": "a.uz"},
        {"$type": "app.bsky.richtext.facet#mention", "did": "tict.uz"},
        {"$type": "app.bsky.richtext.facet#tag", "tag": "#мир"},
        {"$type": "app.bsky.richtext.facet#tag", "tag": ""},
        {"$type": "app.bsky.richtext.facet#bold"},
        "link",
    ],
)
def test_a_feature_must_be_one_that_is_known_and_whole(feature: object) -> None:
    assert "features[0]" in next(faults(a_record(facets=[a_facet(feature=feature)])))


@pytest.mark.parametrize("key", ["3k4duaz5vfs2b", "2222222222222"])
def test_a_tid_is_a_record_key(key: str) -> None:
    assert is_tid(key)


@pytest.mark.parametrize("key", ["self", "3k4duaz5vfs2", "3K4DUAZ5VFS2B", "z222222222222", ""])
def test_other_keys_are_none(key: str) -> None:
    assert not is_tid(key)
