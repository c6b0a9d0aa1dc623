"""Calls: forms, files and references, as they are stored, shown and sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from karnay.media.asset import Asset, Kind
from karnay.platforms.base import Effect, Receipt, Step, step_from_json
from karnay.platforms.calls import Call, File, Form, Joined, Ref, references
from karnay.testing.assets import Shelf
from karnay.testing.network import sent_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karnay.platforms.calls import Body

CONTENT = b"\r\n--\x00 a picture of \xff"
PICTURE = Asset(Kind.IMAGE, 'йиғилиш "1".jpg', "ab" * 32, "image/jpeg", len(CONTENT), 4, 3)
SHELF = Shelf({PICTURE.hash: CONTENT})
RECEIPTS: Mapping[str, Receipt] = {
    "start": Receipt("a/b?c", data={"url": "https://up.example/1?sig=%2F"}),
    "upload-1": Receipt("77"),
}
WORDS = {
    "caption": "Имзо & 1=1",
    "entities": [{"offset": 0}],
    "silent": True,
    "of": Ref("upload-1"),
}
BODIES: Mapping[str, Body] = {
    "none": None,
    "json": {"a": [1, Ref("upload-1", number=True)]},
    "joined": {"a": Joined(("<a ", Ref("start", "url"), Ref("upload-1"), ">"))},
    "form": Form(WORDS),
    "multipart": Form({**WORDS, "photo": File(PICTURE)}),
    "file": File(PICTURE),
    "piece": File(PICTURE, 2, 5),
}
bodies = pytest.mark.parametrize("name", BODIES)


def a_call(name: str) -> Call:
    return Call(
        "POST", "https://x.example/{of}", {"A": "{token}"}, BODIES[name], {"of": Ref("start")}
    )


@bodies
def test_a_stored_call_is_the_call(name: str) -> None:
    step = Step("create-1", Effect.ONCE, "k", a_call(name), part=0)
    assert step_from_json(json.loads(json.dumps(step.as_json()))) == step


@bodies
def test_the_same_call_is_the_same_bytes(name: str) -> None:
    calls = [a_call(name).filled(RECEIPTS), a_call(name).filled(RECEIPTS)]
    assert len({sent_bytes(call, SHELF) for call in calls}) == 1


@bodies
def test_nothing_is_left_to_fill_in(name: str) -> None:
    call = a_call(name).filled(RECEIPTS)
    assert not references(call.body)
    assert not call.refs


def test_pieces_are_joined_with_what_was_received() -> None:
    call = a_call("joined")
    assert call.filled(RECEIPTS).body == {"a": "<a https://up.example/1?sig=%2F77>"}
    assert call.content() == b'{"a":"<a <start.url><upload-1.id>>"}'


def test_a_form_is_sent_field_by_field() -> None:
    sent = sent_bytes(a_call("form").filled(RECEIPTS), SHELF)
    assert sent == (
        b"caption=%D0%98%D0%BC%D0%B7%D0%BE+%26+1%3D1"
        b"&entities=%5B%7B%22offset%22%3A0%7D%5D&silent=true&of=77"
    )


def test_a_file_in_a_form_is_whole_and_has_its_name_and_type() -> None:
    sent = sent_bytes(a_call("multipart").filled(RECEIPTS), SHELF)
    assert CONTENT in sent
    assert b"Content-Type: image/jpeg" in sent
    assert "йиғилиш".encode() in sent


def test_a_file_is_sent_as_its_bytes() -> None:
    assert sent_bytes(a_call("file"), SHELF) == CONTENT


def test_a_piece_of_a_file_is_its_bytes_from_there() -> None:
    assert sent_bytes(a_call("piece"), SHELF) == CONTENT[2:7]


def test_what_was_received_is_one_piece_of_an_address() -> None:
    assert a_call("none").filled(RECEIPTS).url == "https://x.example/a%2Fb%3Fc"


def test_an_address_that_was_received_is_used_as_it_is() -> None:
    call = Call("PUT", "{there}", refs={"there": Ref("start", "url")})
    assert call.filled(RECEIPTS).url == "https://up.example/1?sig=%2F"


def test_a_preview_shows_what_will_stand_there() -> None:
    shown = a_call("multipart")
    assert shown.address == "https://x.example/<start.id>"
    assert shown.content().decode().splitlines() == [
        "caption: Имзо & 1=1",
        'entities: [{"offset":0}]',
        "silent: true",
        "of: <upload-1.id>",
        f'photo: <йиғилиш "1".jpg: image/jpeg, {len(CONTENT)} bytes, sha256 abababababab>',
    ]
