"""The CID of a record: CIDv1, DAG-CBOR, SHA-256, in base32.

https://atproto.com/specs/data-model and https://ipld.io/specs/codecs/dag-cbor/spec/
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

_DAG_CBOR, _RAW = 0x71, 0x55
_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP, _TAG = range(7)
_LINK_TAG = 42


def cid_of_record(record: dict[str, Any]) -> str:
    """The CID of a record as JSON holds it (`$link` and `$bytes` stand for links and bytes)."""
    return _cid(_DAG_CBOR, _encoded(record))


def cid_of_blob(content: bytes) -> str:
    """The CID of an uploaded file."""
    return _cid(_RAW, content)


def _cid(codec: int, content: bytes) -> str:
    whole = bytes([1, codec, 0x12, 0x20]) + hashlib.sha256(content).digest()
    return "b" + base64.b32encode(whole).decode().rstrip("=").lower()


def _encoded(value: Any) -> bytes:  # noqa: PLR0911 - one line for each kind of value
    match value:
        case None:
            return b"\xf6"
        case bool():
            return b"\xf5" if value else b"\xf4"
        case int():
            return _head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
        case str():
            return _head(_TEXT, len(value.encode())) + value.encode()
        case list():
            return _head(_LIST, len(value)) + b"".join(_encoded(item) for item in value)
        case {"$link": str(link), **rest} if not rest:
            return _head(_TAG, _LINK_TAG) + _byte_string(b"\0" + _unbased(link[1:].upper(), 8))
        case dict():
            return _head(_MAP, len(value)) + b"".join(_members(value))
        case _:
            raise TypeError(f"no record holds a {type(value).__name__}")


def _members(value: dict[str, Any]) -> list[bytes]:
    """Keys in DAG-CBOR's order: shorter ones first, then by their bytes."""
    keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
    return [_encoded(key) + _encoded(value[key]) for key in keys]


def _byte_string(content: bytes) -> bytes:
    return _head(_BYTES, len(content)) + content


def _unbased(text: str, group: int) -> bytes:
    return base64.b32decode(text + "=" * (-len(text) % group))


def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    width = next(width for width in (1, 2, 4, 8) if number < 1 << 8 * width)
    return bytes([kind << 5 | 24 + width.bit_length() - 1]) + number.to_bytes(width, "big")
