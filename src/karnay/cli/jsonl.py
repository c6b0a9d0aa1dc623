"""JSON lines: a stream of texts in, a stream of answers out, each as soon as it is known."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from karnay.cli.yardstick import Unmeasurable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

    from karnay.cli.yardstick import Measurement

_CHUNK = 1 << 16  # bytes read at once
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_JSON = {str: "a string", bool: "true or false"}


class _BadLine(Exception):
    """A line that is not what it should be."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one line asks: a text, and what else of the post matters."""

    text: str
    media: bool
    spoiler: str


Answer = dict[str, Any]


class Source(Protocol):
    """A stream of bytes."""

    def read1(self, size: int, /) -> bytes:
        """What has come, but no more than that; waits only where nothing has."""
        ...


def answer_all(
    source: Source, out: BinaryIO, answer: Callable[[Line], Answer], default: Line
) -> bool:
    """Answer each line that is not blank, in order; whether all could be.

    `default` holds what a line does not say. All lines that have come are answered before more are
    waited for; takes no more memory than one line needs.
    """
    well = True
    for document in _answers(_lines(source, out.flush), answer, default):
        well = well and "error" not in document
        out.write(json.dumps(document).encode() + b"\n")
    out.flush()
    return well


def _lines(source: Source, before_waiting: Callable[[], None]) -> Iterator[bytes]:
    """The lines without their ends; `before_waiting` is called before any read that may block."""
    begun: list[bytes] = []
    while chunk := source.read1(_CHUNK):
        *lines, rest = chunk.split(b"\n")
        for line in lines:
            yield b"".join((*begun, line))
            begun.clear()
        begun.append(rest)
        before_waiting()
    yield b"".join(begun)


def measured(measurement: Measurement) -> Answer:
    """A measurement as one line shows it; every counter but the first by its unit's name."""
    first, *others = measurement.uses
    return {
        "used": first.used,
        "limit": first.limit,
        "fits": measurement.fits,
        **{other.unit: other.used for other in others},
        "native_unit": measurement.native_unit,
        "entities": measurement.entities(),
        "problems": [
            *({"message": said, "severity": "error"} for said in measurement.faults),
            *({"message": said, "severity": "warning"} for said in measurement.warnings),
        ],
    }


def _answers(
    lines: Iterable[bytes], answer: Callable[[Line], Answer], default: Line
) -> Iterator[Answer]:
    for number, line in enumerate(lines):
        raw = line.removeprefix(_BYTE_ORDER_MARK) if number == 0 else line
        if raw.strip():
            yield _answered(raw, answer, default)


def _answered(raw: bytes, answer: Callable[[Line], Answer], default: Line) -> Answer:
    name = None
    try:
        document = _document(raw)
        name = _id(document)
        return {"id": name, **answer(_line(document, default))}
    except (_BadLine, Unmeasurable) as error:
        return {"id": name, "error": str(error)}
    except RecursionError:
        return {"id": name, "error": "nested too deeply"}


def _document(raw: bytes) -> dict[str, Any]:
    try:
        document = json.loads(raw.decode())
    except UnicodeDecodeError as error:
        raise _BadLine(f"not UTF-8: byte 0x{raw[error.start]:02x} at {error.start}") from None
    except ValueError as error:
        raise _BadLine(f"not JSON: {error}") from None
    if not isinstance(document, dict):
        raise _BadLine('not a JSON object like {"id": "1", "text": "Hello"}')
    return document


def _id(document: dict[str, Any]) -> Any:
    name = document.get("id")
    if isinstance(name, (dict, list, bool)) or (
        isinstance(name, float) and not math.isfinite(name)
    ):
        raise _BadLine('"id" must be a string or a number')
    return name


def _line(document: dict[str, Any], default: Line) -> Line:
    if "text" not in document:
        raise _BadLine('there is no "text"')
    return Line(
        _of(str, document, "text", None),
        _of(bool, document, "media", default.media),
        _of(str, document, "spoiler", default.spoiler),
    )


def _of(kind: type, document: dict[str, Any], key: str, default: Any) -> Any:
    """The value of the key; null counts as not said, where there is a default."""
    value = document.get(key)
    if value is None and default is not None:
        return default
    if not isinstance(value, kind):
        raise _BadLine(f'"{key}" must be {_JSON[kind]}')
    return value
