"""Matrix: messages in a room, https://spec.matrix.org/latest/client-server-api/."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from karnay.accounts import NOTHING
from karnay.errors import AccountError, RateLimited, Rejected
from karnay.media.asset import Kind
from karnay.media.limits import (
    MEGABYTE,
    DocumentLimits,
    ImageLimits,
    MediaLimits,
    VideoLimits,
)
from karnay.platforms.address import Address
from karnay.platforms.answers import Answer, ErrorTable, Row
from karnay.platforms.base import (
    Effect,
    Exchange,
    Identity,
    Key,
    Receipt,
    Refusal,
    Sample,
    Sighting,
    Step,
)
from karnay.platforms.calls import Call, File, Json, Ref
from karnay.platforms.logins import Asked, Question
from karnay.platforms.sightings import Seen, Unsure, Wanted, essence, look
from karnay.platforms.wire import Wire, secret
from karnay.rendering.limits import Limits
from karnay.secrets import SecretRef
from karnay.text import html, matrix
from karnay.text.measure import Counter, Dialect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from karnay.accounts import Account, Budget
    from karnay.errors import PublishingError
    from karnay.media.asset import Asset
    from karnay.rendering.variant import Part, Variant
    from karnay.text.richtext import RichText

T = TypeVar("T")

SITE = "https://matrix.to/#"

EVENT = 65_536
"""Bytes of a whole event: https://spec.matrix.org/latest/client-server-api/#size-limits"""

ENVELOPE = 6_000
"""Bytes of it that are left to what is not text: ids, relations, and the servers' signatures."""

THREAD, FILES = 20, 10
"""Matrix sets no limits to these; a room's readers do."""

UPLOAD = 10 * MEGABYTE
"""Bytes of a file, where the server has not been asked for its own limit:
https://spec.matrix.org/latest/client-server-api/#get_matrixclientv1mediaconfig"""

ALT = 2_000
"""Code points of a description; part of an event, whose limit is far."""

PAGE, PAGES = 100, 5
"""Events in an answer, and answers that are looked through."""

MESSAGES: Mapping[Kind, str] = {
    Kind.IMAGE: "m.image",
    Kind.VIDEO: "m.video",
    Kind.DOCUMENT: "m.file",
}
"""https://spec.matrix.org/latest/client-server-api/#mroommessage-msgtypes"""

_BEARER = {"Authorization": "Bearer {token}"}


class Details(BaseModel):
    """An account's table in karnay.toml: its home server, a token, and the room's own id.

    The token must stay that of one device: a server knows a repeated message by it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    server: Address
    room: str = Field(pattern=r"^![^\s/?#]+$", max_length=255)
    token: SecretRef

    @property
    def place(self) -> str:
        """The address of the room, for calls."""
        return f"{self.server}/_matrix/client/v3/rooms/{quote(self.room, safe='')}"


class Options(BaseModel):
    """What a post may say under `platforms.matrix`: with `notice`, it is marked as a bot's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    notice: bool = False


@dataclass(frozen=True, slots=True)
class _Plan:
    """The steps of one post: its files, out of sight; its words, then the files shown; replies."""

    details: Details
    options: Options
    key: Key

    def steps(self, parts: Sequence[Part]) -> Iterator[Step]:
        """All of them, in order."""
        assets = list(enumerate(parts[0].media, start=1))
        yield from (self._upload(number, asset) for number, asset in assets)
        for index, part in enumerate(parts):
            content = {**self._words(part.text), **_relation(index)}
            yield self._event(f"create-{index + 1}", content, index)
            if index == 0:
                yield from (self._shown(number, asset) for number, asset in assets)

    def _upload(self, number: int, asset: Asset) -> Step:
        """https://spec.matrix.org/latest/client-server-api/#post_matrixmediav3upload"""
        name = f"upload-{number}"
        file = quote(asset.name, safe="")
        url = f"{self.details.server}/_matrix/media/v3/upload?filename={file}"
        call = Call("POST", url, _BEARER, File(asset))
        return Step(name, Effect.SAFE, self.key.step(name), call)

    def _words(self, text: RichText) -> dict[str, Json]:
        return {"msgtype": "m.notice" if self.options.notice else "m.text", **matrix.said(text)}

    def _shown(self, number: int, asset: Asset) -> Step:
        content = {**_file(asset), "url": Ref(f"upload-{number}")}
        return self._event(f"file-{number}", content)

    def _event(self, name: str, content: Json, part: int | None = None) -> Step:
        """https://spec.matrix.org/latest/client-server-api/#transaction-identifiers"""
        key = self.key.step(name)
        call = Call("PUT", f"{self.details.place}/send/m.room.message/{key}", _BEARER, content)
        return Step(name, Effect.KEYED, key, call, part)


def _file(asset: Asset) -> dict[str, Json]:
    """Clients read `body` out where they do not show the file.

    https://spec.matrix.org/latest/client-server-api/#mimage
    """
    sides = {"w": asset.width, "h": asset.height, "duration": round(asset.seconds * 1000)}
    info = {"mimetype": asset.mime, "size": asset.size}
    return {
        "msgtype": MESSAGES[asset.kind],
        "body": asset.alt or asset.name,
        "filename": asset.name,
        "info": {**info, **{name: value for name, value in sides.items() if value}},
    }


def _relation(index: int) -> dict[str, Json]:
    """https://spec.matrix.org/latest/client-server-api/#threading"""
    if index == 0:
        return {}
    thread = {
        "rel_type": "m.thread",
        "event_id": Ref("create-1"),
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": Ref(f"create-{index}")},
    }
    return {"m.relates_to": thread}


def _moment(answer: Answer, now: datetime) -> datetime | None:
    """https://spec.matrix.org/latest/client-server-api/#rate-limiting"""
    milliseconds = answer.member("retry_after_ms")
    known = isinstance(milliseconds, int) and 0 <= milliseconds < 1e12
    return now + timedelta(milliseconds=milliseconds) if known else None


class _Gone(Rejected):
    """There is no such event."""


# https://spec.matrix.org/latest/client-server-api/#standard-error-response
ERRORS = ErrorTable(
    rows=(
        Row(403, "m_too_large", Rejected),
        Row(400, "m_unknown_token", AccountError),
    ),
    moment=_moment,
)
_GONE_IS_FINE = replace(ERRORS, rows=(Row(404, "m_not_found", _Gone), *ERRORS.rows))


def _details(account: Account) -> Details:
    return cast("Details", account.details)


def _text(body: Mapping[str, Any], name: str) -> str:
    found = body[name]
    if not isinstance(found, str) or not found:
        raise ValueError(f"no {name}")
    return found


def _uploaded(body: Mapping[str, Any]) -> Receipt:
    return Receipt(_text(body, "content_uri"))


def _sent(details: Details) -> Callable[[Mapping[str, Any]], Receipt]:
    def read(body: Mapping[str, Any]) -> Receipt:
        event = _text(body, "event_id")
        return Receipt(event, f"{SITE}/{quote(details.room, safe='!:$')}/{quote(event, safe='$:')}")

    return read


def _key_of(*told: Json) -> str:
    """A transaction's id of what is told: the same for the same change."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class _Server:
    """An account's home server, and its room."""

    details: Details
    wire: Wire

    def ask(
        self,
        call: Call,
        effect: Effect,
        read: Callable[[Any], T],
        *,
        table: ErrorTable = ERRORS,
    ) -> T:
        """The answer to that call as `read` reads it. Raises PublishingError."""
        token = secret(self.details.token)
        return self.wire.ask(call, effect=effect, table=table, read=read, secrets={"token": token})

    def get(self, path: str, read: Callable[[Any], T]) -> T:
        """What is there; changes nothing. Raises PublishingError."""
        return self.ask(Call("GET", f"{self.details.server}{path}", _BEARER), Effect.SAFE, read)

    def who(self) -> str:
        """The user that the token is of."""
        return self.get("/_matrix/client/v3/account/whoami", lambda body: _text(body, "user_id"))

    def posts(self, me: str, wanted: Wanted) -> Iterator[Seen]:
        """What the user said in the room since then, newest first. Raises Unsure.

        https://spec.matrix.org/latest/client-server-api/#get_matrixclientv3roomsroomidmessages
        """
        after, path = "", self.details.place.removeprefix(self.details.server)
        for _ in range(PAGES):
            events, after = self.get(f"{path}/messages?dir=b&limit={PAGE}{after}", _page)
            for event in events:
                if _made(event) < wanted.earliest:
                    return
                if event["sender"] == me and event["type"] == "m.room.message":
                    yield self._seen(event)
            if not after:
                return
        raise Unsure(f"{PAGES * PAGE} events or more are newer than what we look for")

    def _seen(self, event: Mapping[str, Any]) -> Seen:
        content = event["content"]
        relation = content.get("m.relates_to") or {}
        before = (relation.get("m.in_reply_to") or {}).get("event_id")
        said = essence(content.get("body") or "")
        return Seen(_sent(self.details)(event), _made(event), said, before, doubtful=not content)


def _page(body: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], str]:
    events, end = body["chunk"], body.get("end")
    if not isinstance(events, list):
        raise TypeError("no list")
    return events, f"&from={quote(end, safe='')}" if end else ""


def _made(event: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(int(event["origin_server_ts"]) / 1000, UTC)


_ROOM, _ME = "!jEsUZKDJdhlrceRyVU:matrix.example", "@tict:matrix.example"


def _no(status: int, code: str, said: str, error: type[PublishingError], **more: Any) -> Refusal:
    return Refusal(status, {"errcode": code, "error": said, **more}, error)


def _pieces(body: Mapping[str, Json]) -> list[str]:
    shown = html.parsed(body.get("formatted_body", ""))
    return [shown.text[span.start : span.end] for span in shown.spans]


SAMPLE = Sample(
    account={
        "platform": "matrix",
        "server": "https://matrix.example",
        "room": _ROOM,
        "token": "env:MATRIX_TOKEN",
    },
    secrets={"MATRIX_TOKEN": "syt_dGljdA_mAdEuPToKeNfOrTests_3NrQ5z"},
    network=(
        Exchange("POST", "/upload", 200, {"content_uri": "mxc://matrix.example/AQwafuaFswefuhsf"}),
        Exchange("GET", "/account/whoami", 200, {"user_id": _ME, "device_id": "ABC1234"}),
        Exchange("GET", "/joined_rooms", 200, {"joined_rooms": [_ROOM]}),
        Exchange("GET", "/media/config", 200, {"m.upload.size": 50_000_000}),
        Exchange("GET", "/messages", 200, {"chunk": [], "start": "t47429-4392820_219380"}),
        Exchange("PUT", "", 200, {"event_id": "$Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg"}),
    ),
    refusals=(
        _no(401, "M_UNKNOWN_TOKEN", "Unrecognised access token", AccountError, soft_logout=True),
        _no(401, "M_MISSING_TOKEN", "Missing access token", AccountError),
        _no(403, "M_FORBIDDEN", "User not in room", AccountError),
        _no(404, "M_NOT_FOUND", "Unknown room", AccountError),
        _no(413, "M_TOO_LARGE", "event too large", Rejected),
        _no(400, "M_BAD_JSON", "Content not JSON.", Rejected),
        _no(429, "M_LIMIT_EXCEEDED", "Too many requests", RateLimited, retry_after_ms=2000),
    ),
    marks=_pieces,
)
"""Answers as https://spec.matrix.org/latest/client-server-api/ documents them."""


class Matrix:
    """One event per part, and one per file; repeated, it is the same event."""

    name = "matrix"
    title = "Matrix"
    details: type[BaseModel] = Details
    options: type[BaseModel] = Options
    settling = timedelta(minutes=1)
    budgets: tuple[Budget, ...] = ()  # each server has its own, and tells it when it is spent
    sample = SAMPLE
    login = Asked(
        (
            Question(
                "token",
                "access token",
                "https://spec.matrix.org/latest/client-server-api/#post_matrixclientv3login",
            ),
        )
    )

    def limits(
        self, account: Account, *, media: bool = False, options: Mapping[str, Any] = NOTHING
    ) -> Limits:
        """What fits into an event, in bytes, said twice where it is formatted."""
        size = account.facts.get("upload_size", UPLOAD)
        return Limits(
            counters=(Counter("bytes", EVENT - ENVELOPE, matrix.measure),),
            dialect=Dialect(keeps=frozenset(html.TAGS), detect=matrix.detect),
            parts=THREAD,
            media=_media(size),
        )

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """Its files, out of sight; then an event for each part, after the first for each file."""
        options = Options.model_validate(dict(variant.options))
        return list(_Plan(_details(account), options, key).steps(variant.parts))

    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        """Upload a file, or send one event. Raises a PublishingError, and nothing else."""
        details = _details(account)
        read = _uploaded if step.effect is Effect.SAFE else _sent(details)
        return _Server(details, wire).ask(step.call, step.effect, read)

    def edit(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> Receipt:
        """Replace what an event says; where it stands in a thread, it stays.

        https://spec.matrix.org/latest/client-server-api/#event-replacements
        """
        details = _details(account)
        said = {k: value for k, value in step.call.fields.items() if k != "m.relates_to"}
        relation = {"rel_type": "m.replace", "event_id": receipt.id}
        body = {
            **said,
            "body": f"* {said['body']}",
            "m.new_content": said,
            "m.relates_to": relation,
        }
        url = f"{details.place}/send/m.room.message/{_key_of('edit', receipt.id, said)}"
        _Server(details, wire).ask(Call("PUT", url, _BEARER, body), Effect.KEYED, _sent(details))
        return receipt

    def delete(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> None:
        """Redact an event: https://spec.matrix.org/latest/client-server-api/#redactions"""
        details = _details(account)
        key = _key_of("delete", receipt.id)
        url = f"{details.place}/redact/{quote(receipt.id, safe='')}/{key}"
        call = Call("PUT", url, _BEARER, {})
        with contextlib.suppress(_Gone):
            _Server(details, wire).ask(call, Effect.KEYED, _sent(details), table=_GONE_IS_FINE)

    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        """Look through what our user said in the room lately."""
        server, fields = _Server(_details(account), wire), step.call.fields
        relation = fields.get("m.relates_to") or {}
        before = (relation.get("m.in_reply_to") or {}).get("event_id")
        wanted = Wanted(essence(fields["body"]), before, since)
        return look(server.posts(server.who(), wanted), wanted)

    def identify(self, account: Account, wire: Wire) -> Identity:
        """The user that the token is of, and the server's limit to files as a fact.

        Raises AccountError where the user is not in the room:
        https://spec.matrix.org/latest/client-server-api/#get_matrixclientv3joined_rooms
        """
        details = _details(account)
        server = _Server(details, wire)
        me = server.who()
        rooms = server.get("/_matrix/client/v3/joined_rooms", lambda body: body["joined_rooms"])
        if details.room not in rooms:
            raise AccountError(f"{me} is not in {details.room}: invite it, and have it join")
        facts = server.get("/_matrix/client/v1/media/config", _facts)
        return Identity(me, f"{SITE}/{quote(details.room, safe='!:')}", facts)


def _facts(body: Mapping[str, Any]) -> dict[str, int]:
    size = body.get("m.upload.size")
    return {"upload_size": size} if isinstance(size, int) else {}


def _media(size: int) -> MediaLimits:
    images = ("image/jpeg", "image/png", "image/gif", "image/webp")
    return MediaLimits(
        most=FILES,
        images=ImageLimits(images, size, animated=True, max_animated_bytes=size),
        videos=VideoLimits(("video/mp4", "video/webm", "video/quicktime"), size),
        documents=DocumentLimits(("application/pdf",), size),
        most_videos=FILES,
        most_documents=FILES,
        mixed=True,
        alt=ALT,
    )


PLATFORM = Matrix()
