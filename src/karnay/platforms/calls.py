"""A call: one request as it is planned, shown, stored and sent; pure data."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from karnay.media.asset import Asset, asset_from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from karnay.platforms.base import Receipt

Json = Any
"""What JSON can hold, and in a plan also `Ref`, `Joined` and `Given`."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Stands in a body for what an earlier step will have received: `create-1`'s `id`.

    Receipts hold strings; `number` asks for a JSON number where the network wants one.
    """

    step: str
    name: str = "id"
    number: bool = field(default=False, kw_only=True)

    def __str__(self) -> str:
        """How a preview shows it."""
        return f"<{self.step}.{self.name}>"


@dataclass(frozen=True, slots=True)
class Joined:
    """Stands in a body for a text in which some pieces are references."""

    pieces: tuple[str | Ref, ...]

    def __str__(self) -> str:
        """How a preview shows it."""
        return "".join(map(str, self.pieces))


@dataclass(frozen=True, slots=True)
class Given:
    """Stands in a list for `value`, and is left out when that step found nothing."""

    step: str
    value: Json


@dataclass(frozen=True, slots=True)
class File:
    """Stands as a body, or in a `Form`, for an asset's bytes: all of them, or those of a piece.

    `start` and `length` are in bytes.
    """

    asset: Asset
    start: int = 0
    length: int | None = None

    @property
    def size(self) -> int:
        """Bytes that are sent."""
        return self.asset.size - self.start if self.length is None else self.length

    def __str__(self) -> str:
        """How a preview shows it."""
        if self.start == 0 and self.size == self.asset.size:
            return str(self.asset)
        return f"{self.asset} bytes {self.start:,} to {self.start + self.size:,}"


@dataclass(frozen=True, slots=True)
class Form:
    """A body of named fields: `multipart/form-data` if a `File` is among them, else urlencoded.

    A string is sent as it is, a `Ref` as what was received, anything else as JSON.
    """

    fields: Mapping[str, Json] = field(hash=False)

    @property
    def files(self) -> Mapping[str, File]:
        """The fields that are files."""
        return {name: value for name, value in self.fields.items() if isinstance(value, File)}

    @property
    def words(self) -> Mapping[str, str]:
        """The other fields, as they are sent."""
        return {
            name: _word(value) for name, value in self.fields.items() if not isinstance(value, File)
        }


def _word(value: Json) -> str:
    match value:
        case str():
            return value
        case Ref() | Joined():
            return str(value)
        case _:
            return _json(value)


Body = Any
"""JSON, a `Form`, a `File`, or None."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, complete but for secrets and for what earlier steps receive.

    Secrets stand in `url` and `headers` as `{name}` and are put in by the wire at the last moment,
    so that a plan can be shown, stored and hashed. What an earlier step receives stands in `url` as
    `{name}`, too, and `refs` says where it comes from. A `body` is sent as JSON, a `Form` as a
    form, a `File` as its bytes, None as no body at all.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    body: Body = None
    refs: Mapping[str, Ref] = field(default_factory=dict, hash=False)

    def content(self) -> bytes:
        """The very bytes of a body of JSON; for one with files, how a preview shows it.

        References not yet filled in appear as `<step.name>`.
        """
        return b"" if self.body is None else encode(self.body)

    @property
    def fields(self) -> Mapping[str, Json]:
        """The members of a body that is a JSON object, or the fields of a form; else nothing."""
        body = self.body.fields if isinstance(self.body, Form) else self.body
        return body if isinstance(body, dict) else {}

    @property
    def address(self) -> str:
        """The URL, with `<step.name>` for what is not received yet."""
        return _placed(self.url, {name: str(ref) for name, ref in self.refs.items()})

    def filled(self, receipts: Mapping[str, Receipt]) -> Call:
        """The call with every reference replaced by what its step received.

        Raises KeyError for a step without a receipt: the engine performs steps in order.
        """
        received = {name: receipts[ref.step].get(ref.name) for name, ref in self.refs.items()}
        body = filled(self.body, receipts)
        return replace(self, url=_located(self.url, received), body=body, refs={})


def encode(body: Body) -> bytes:
    """A JSON body as karnay sends it: UTF-8, keys in the order written, the same bytes always."""
    match body:
        case File():
            return str(body).encode()
        case Form():
            shown = {
                name: str(value) if isinstance(value, File) else _word(value)
                for name, value in body.fields.items()
            }
            return "\n".join(f"{name}: {value}" for name, value in shown.items()).encode()
        case _:
            return _json(body).encode()


def _json(value: Json) -> str:
    return json.dumps(_shown(value), ensure_ascii=False, separators=(",", ":"))


def _located(url: str, received: Mapping[str, str]) -> str:
    """The URL with what was received: as it is where it is the whole of it, else as one piece."""
    whole = {f"{{{name}}}": value for name, value in received.items()}
    if url in whole:
        return whole[url]
    return _placed(url, {name: quote(value, safe="") for name, value in received.items()})


def _placed(url: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        url = url.replace(f"{{{name}}}", value)
    return url


def _shown(value: Json) -> Json:
    match value:
        case Ref() | Joined() | File():
            return str(value)
        case Given():
            return _shown(value.value)
        case dict():
            return {key: _shown(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_shown(inner) for inner in value]
        case _:
            return value


def filled(value: Body, receipts: Mapping[str, Receipt]) -> Body:
    """The body with every `Ref` replaced by what its step received. Raises KeyError."""
    match value:
        case Ref():
            received = receipts[value.step].get(value.name)
            return int(received) if value.number else received
        case Joined():
            return "".join(filled(piece, receipts) for piece in value.pieces)
        case Form():
            return Form(filled(dict(value.fields), receipts))
        case dict():
            return {key: filled(inner, receipts) for key, inner in value.items()}
        case list() | tuple():
            return [filled(_bare(item), receipts) for item in value if _stands(item, receipts)]
        case _:
            return value


def _stands(item: Json, receipts: Mapping[str, Receipt]) -> bool:
    return not isinstance(item, Given) or bool(receipts[item.step].id)


def _bare(item: Json) -> Json:
    return item.value if isinstance(item, Given) else item


def references(value: Body) -> set[str]:
    """The names of the steps whose receipts a body waits for."""
    waited = {value.step} if isinstance(value, Ref | Given) else set()
    return waited.union(*map(references, _inside(value)))


def _inside(value: Body) -> Iterable[Body]:
    match value:
        case Given():
            return (value.value,)
        case Joined():
            return value.pieces
        case Form():
            return value.fields.values()
        case dict():
            return value.values()
        case list() | tuple():
            return value
        case _:
            return ()


def files_in(value: Body) -> list[File]:
    """The files of a body, in their order."""
    match value:
        case File():
            return [value]
        case Form():
            return list(value.files.values())
        case _:
            return []


_REF, _JOINED, _GIVEN, _FORM, _FILE = (
    f"\ue000{name}" for name in ("ref", "joined", "given", "form", "file")
)
"""Private-use marks that no network's field is named."""


def packed(value: Body) -> Json:
    """The body in a form that JSON can hold and `unpacked` reads back."""
    mark = _PACKED.get(type(value))
    if mark:
        name, held = mark
        return {name: held(value)}
    match value:
        case dict():
            return {key: packed(inner) for key, inner in value.items()}
        case list() | tuple():
            return [packed(inner) for inner in value]
        case _:
            return value


def unpacked(value: Json) -> Body:
    """The inverse of `packed`."""
    match value:
        case dict() if len(value) == 1 and (mark := next(iter(value))) in _UNPACKED:
            return _UNPACKED[mark](value[mark])
        case dict():
            return {key: unpacked(inner) for key, inner in value.items()}
        case list():
            return [unpacked(inner) for inner in value]
        case _:
            return value


_PACKED: Mapping[type, tuple[str, Callable[[Any], Json]]] = {
    Ref: (_REF, lambda ref: [ref.step, ref.name, ref.number]),
    Joined: (_JOINED, lambda joined: [packed(piece) for piece in joined.pieces]),
    Given: (_GIVEN, lambda given: [given.step, packed(given.value)]),
    Form: (_FORM, lambda form: packed(dict(form.fields))),
    File: (_FILE, lambda file: [file.asset.as_json(), file.start, file.length]),
}
_UNPACKED: Mapping[str, Callable[[Json], Body]] = {
    _REF: lambda held: Ref(held[0], held[1], number=held[2]),
    _JOINED: lambda held: Joined(tuple(unpacked(piece) for piece in held)),
    _GIVEN: lambda held: Given(held[0], unpacked(held[1])),
    _FORM: lambda held: Form(unpacked(held)),
    _FILE: lambda held: File(asset_from_json(held[0]), held[1], held[2]),
}
