"""Bodies on their way out: what a call's body is to httpx, its files opened meanwhile."""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from karnay.media.cabinet import MediaGone
from karnay.platforms.calls import File, Form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from karnay.platforms.calls import Call


class Files(Protocol):
    """Where the bytes of assets are."""

    def open(self, name: str) -> BinaryIO:
        """The file of that hash, to read. Raises MediaGone."""
        ...


class NoFiles:
    """Holds nothing."""

    def open(self, name: str) -> BinaryIO:
        """Raise MediaGone."""
        raise MediaGone(f"there is no cabinet that could hold {name}")


@contextlib.contextmanager
def prepared(call: Call, files: Files) -> Iterator[dict[str, Any]]:
    """The arguments for `httpx.Client.build_request` that are its body.

    Files are streamed, and closed at the end; a piece of a file is read into memory. Raises
    MediaGone, OSError.
    """
    with contextlib.ExitStack() as opened:
        match call.body:
            case None:
                yield {}
            case File() as file:
                yield {"content": opened.enter_context(_opened(file, files))}
            case Form() as form if form.files:
                streams = {
                    name: (file.asset.name, opened.enter_context(_opened(file, files)), _mime(file))
                    for name, file in form.files.items()
                }
                yield {"data": dict(form.words), "files": streams}
            case Form() as form:
                yield {"data": dict(form.words)}
            case _:
                yield {"content": call.content()}


def content_type(call: Call) -> str | None:
    """The `Content-Type` of the call's body; None where it has none.

    The boundary between the fields comes from what they hold: the same bytes at every attempt.
    """
    match call.body:
        case None:
            return None
        case File() as file:
            return _mime(file)
        case Form() as form if form.files:
            digest = hashlib.sha256(call.content()).hexdigest()
            return f"multipart/form-data; boundary={digest[:32]}"
        case Form():
            return "application/x-www-form-urlencoded"
        case _:
            return "application/json"


def _mime(file: File) -> str:
    return file.asset.mime if file.size == file.asset.size else "application/octet-stream"


@contextlib.contextmanager
def _opened(file: File, files: Files) -> Iterator[BinaryIO | bytes]:
    with files.open(file.asset.hash) as stream:
        if file.size == file.asset.size:
            yield stream
        else:
            stream.seek(file.start)
            yield stream.read(file.size)
