"""The repositories of a Bluesky server: who lives here, which records and blobs they keep."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from karnay.sandbox.bluesky.cid import cid_of_blob, cid_of_record
from karnay.sandbox.bluesky.lexicon import POST, faults, is_tid
from karnay.sandbox.bluesky.tokens import refused
from karnay.sandbox.marks import Mark
from karnay.sandbox.world import Published

if TYPE_CHECKING:
    from datetime import datetime

    from karnay.sandbox.world import World

HANDLE = "tict-demo.test"
_HANDLE = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+test")
_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"
_MARKS = {"link": "uri", "mention": "did", "tag": "tag"}
_SHOWN = {"tag": "hashtag"}

Record = dict[str, Any]


def did(handle: str) -> str:
    """The DID of a handle, the same for the same one."""
    digest = base64.b32encode(hashlib.sha256(handle.encode()).digest()).decode().lower()
    return f"did:plc:{digest[:24]}"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a record lives."""

    repo: str  # the DID
    collection: str
    rkey: str

    @property
    def uri(self) -> str:
        """The at:// URI."""
        return f"at://{self.repo}/{self.collection}/{self.rkey}"


class Repositories:
    """The accounts and their records; every handle below `.test` has an account."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._handles = {did(HANDLE): HANDLE}
        self._blobs: set[str] = set()
        self._numbers = count()

    def known(self, name: str) -> str | None:
        """The DID of a handle or DID, or None where nobody of that name lives here."""
        name = name.lower().removeprefix("@")
        if _HANDLE.fullmatch(name):
            self._handles[did(name)] = name
            return did(name)
        return name if name in self._handles else None

    def handle(self, repo: str) -> str:
        """The handle of a DID that lives here."""
        return self._handles[repo]

    def get(self, at: Address) -> Published | None:
        """The post at that address, or None."""
        return self.world.ledger.get("bluesky", self.handle(at.repo), at.uri)

    def new_key(self) -> str:
        """A TID of the present moment: microseconds, then 10 bits that tell clocks apart."""
        value = (
            int(self.world.clock.now().timestamp() * 1_000_000) << 10 | next(self._numbers) % 1024
        )
        return "".join(_SORTABLE[value >> shift & 31] for shift in range(60, -5, -5))

    def put(self, at: Address, record: Record, server: str) -> Published:
        """Keep a valid post; raises the server's refusals."""
        self._check(at, record)
        post = self._post(at, record, server)
        self.world.ledger.put(post)
        return post

    def keep_blob(self, content: bytes, mime_type: str) -> Record:
        """Keep an uploaded file; the blob object is what a record refers to it by."""
        cid = cid_of_blob(content)
        self._blobs.add(cid)
        link = {"$link": cid}
        return {"$type": "blob", "ref": link, "mimeType": mime_type, "size": len(content)}

    def _check(self, at: Address, record: Record) -> None:
        if at.collection != POST:
            raise refused("InvalidRequest", f"Lexicon not found: lex:{at.collection}")
        if record.get("$type", POST) != POST:
            raise refused(
                "InvalidRequest", f"Invalid $type: expected {POST}, got {record['$type']}"
            )
        if not is_tid(at.rkey):
            raise refused("InvalidRequest", f"Invalid record key for {POST}: {at.rkey} is no TID")
        for fault in faults(record):
            raise refused("InvalidRequest", f"Invalid {POST} record: {fault}")
        self._check_references(record)

    def _check_references(self, record: Record) -> None:
        thumb = record.get("embed", {}).get("external", {}).get("thumb")
        if thumb and thumb["ref"].get("$link") not in self._blobs:
            raise refused("BlobNotFound", "Could not find blob")
        for name, reference in record.get("reply", {}).items():
            if not self._stands(reference):
                raise refused("InvalidRequest", f"reply.{name} is no record of that uri and cid")

    def _stands(self, reference: Record) -> bool:
        post = self.world.ledger.find("bluesky", reference["uri"])
        return post is not None and post.body["cid"] == reference["cid"]

    def _post(self, at: Address, record: Record, server: str) -> Published:
        old, handle = self.get(at), self.handle(at.repo)
        value = {"$type": POST, **record}
        return Published(
            platform="bluesky",
            account=handle,
            id=at.uri,
            link=f"{server}/profile/{handle}/post/{at.rkey}",
            text=record["text"],
            at=old.at if old else self.world.clock.now(),
            reply_to=record.get("reply", {}).get("parent", {}).get("uri", ""),
            language=next(iter(record.get("langs", [])), ""),
            marks=_marks(record),
            card=record.get("embed", {}).get("external"),
            body={"uri": at.uri, "cid": _cid(value), "value": value},
        )


def _cid(record: Record) -> str:
    try:
        return cid_of_record(record)
    except TypeError as error:
        raise refused("InvalidRequest", f"Invalid record: {error}") from None


def _marks(record: Record) -> tuple[Mark, ...]:
    text = record["text"].encode()
    return tuple(
        Mark(*_code_points(text, facet["index"]), *_shown(feature))
        for facet in record.get("facets", [])
        for feature in facet["features"]
    )


def _code_points(text: bytes, index: dict[str, int]) -> tuple[int, int]:
    start, end = (len(text[: index[name]].decode()) for name in ("byteStart", "byteEnd"))
    return start, end


def _shown(feature: Record) -> tuple[str, str]:
    kind = feature["$type"].partition("#")[2]
    return _SHOWN.get(kind, kind), feature[_MARKS[kind]]


def moment(when: datetime) -> str:
    """A datetime as AT Protocol writes it."""
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
