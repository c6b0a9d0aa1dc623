"""The repositories of a Bluesky server: who lives here, which records and blobs they keep."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from karnay.sandbox.bluesky.blobs import Blobs
from karnay.sandbox.bluesky.cid import cid_of_record
from karnay.sandbox.bluesky.gates import GATES, gate_faults
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
        self.blobs = Blobs(world)
        self._gates: dict[str, Published] = {}
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
        """The post or gate at that address, or None."""
        if at.collection in GATES:
            return self._gates.get(at.uri)
        return self.world.ledger.get("bluesky", self.handle(at.repo), at.uri)

    def take_down(self, at: Address) -> None:
        """Make sure that there is nothing at that address."""
        post = self.get(at)
        self._gates.pop(at.uri, None)
        if post is not None:
            self.world.ledger.take_down(post)

    def new_key(self) -> str:
        """A TID of the present moment: microseconds, then 10 bits that tell clocks apart."""
        value = (
            int(self.world.clock.now().timestamp() * 1_000_000) << 10 | next(self._numbers) % 1024
        )
        return "".join(_SORTABLE[value >> shift & 31] for shift in range(60, -5, -5))

    def put(self, at: Address, record: Record, server: str) -> Published:
        """Keep a valid post or gate; raises the server's refusals."""
        self._check(at, record)
        if at.collection in GATES:
            self._gates[at.uri] = gate = self._gate(at, record)
            return gate
        post = self._post(at, record, server)
        self.world.ledger.put(post)
        return post

    def _check(self, at: Address, record: Record) -> None:
        if at.collection not in {POST, *GATES}:
            raise refused("InvalidRequest", f"Lexicon not found: lex:{at.collection}")
        kind = record.get("$type", at.collection)
        if kind != at.collection:
            raise refused("InvalidRequest", f"Invalid $type: expected {at.collection}, got {kind}")
        if not is_tid(at.rkey):
            said = f"Invalid record key for {at.collection}: {at.rkey} is no TID"
            raise refused("InvalidRequest", said)
        found = faults(record) if at.collection == POST else gate_faults(at.collection, record)
        for fault in found:
            raise refused("InvalidRequest", f"Invalid {at.collection} record: {fault}")
        self._check_references(at, record)

    def _check_references(self, at: Address, record: Record) -> None:
        self.blobs.check(at.repo, record.get("embed"))
        old, reply = self.get(at), record.get("reply", {})
        known = old.body["value"].get("reply", {}) if old else {}
        for name, reference in reply.items():
            # What a post answers may be changed later: the answer goes on naming it as it was.
            if reference != known.get(name) and not self._stands(reference):
                raise refused("InvalidRequest", f"reply.{name} is no record of that uri and cid")
        if at.collection in GATES:
            self._check_gate(at, record)

    def _check_gate(self, at: Address, gate: Record) -> None:
        post = Address(at.repo, POST, at.rkey)
        if gate["post"] != post.uri or self.get(post) is None:
            raise refused("InvalidRequest", f"post is no post of this repository under {at.rkey}")

    def _gate(self, at: Address, record: Record) -> Published:
        value = {"$type": at.collection, **record}
        return Published(
            platform="bluesky",
            account=self.handle(at.repo),
            id=at.uri,
            link="",
            text="",
            at=self.world.clock.now(),
            body={"uri": at.uri, "cid": _cid(value), "value": value},
        )

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
            card=self._card(at.repo, record.get("embed", {}).get("external")),
            media=self.blobs.shown(at.repo, record.get("embed")),
            body={"uri": at.uri, "cid": _cid(value), "value": value},
        )

    def _card(self, repo: str, card: Record | None) -> dict[str, str] | None:
        if card is None:
            return None
        said = {name: card[name] for name in ("uri", "title", "description")}
        thumb = card.get("thumb")
        return {**said, "thumbnail": self.blobs.page_of(repo, thumb)} if thumb else said


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
