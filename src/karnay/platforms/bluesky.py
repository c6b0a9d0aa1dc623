"""Bluesky: posts under record keys of our own, https://docs.bsky.app/docs/advanced-guides/posts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ConfigDict, field_validator

from karnay.accounts import NOTHING, Budget, Counts
from karnay.errors import AccountError, RateLimited, Rejected
from karnay.platforms.address import Address, loopback
from karnay.platforms.answers import own_words
from karnay.platforms.atproto import (
    BEARER,
    ENTRYWAY,
    ERRORS,
    Credentials,
    Door,
    address,
    record_key,
)
from karnay.platforms.base import (
    Absent,
    CannotTell,
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
from karnay.platforms.calls import Call, Given, Json, Ref
from karnay.rendering.limits import Limits
from karnay.secrets import SecretRef
from karnay.text.bluesky import detect, graphemes, show_link, utf8_bytes
from karnay.text.measure import Counter, Dialect
from karnay.text.richtext import Kind, RichText, Span, utf8_offsets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from karnay.accounts import Account
    from karnay.errors import PublishingError
    from karnay.platforms.wire import Wire
    from karnay.rendering.variant import Card, Part, Variant

APP = "https://bsky.app"
POST = "app.bsky.feed.post"

GRAPHEMES, BYTES = 300, 3000
"""https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json"""

THREAD = 25
"""Parts: the network sets no limit, so this is only where an announcement has become a book."""

_FACET = "app.bsky.richtext.facet"
_HANDLE = r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?"
_URI = r"\w+:(//)?[^\s/]\S*"
_LONGEST_URI = 8192  # bytes: https://atproto.com/specs/lexicon#string-formats
_EPOCH = datetime.fromtimestamp(0, UTC)


class Details(BaseModel):
    """What karnay.toml says of an account; `password` is an app password: it asks for no code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    handle: str
    password: SecretRef
    server: Address = ENTRYWAY

    @field_validator("handle")
    @classmethod
    def _is_whole(cls, value: str) -> str:
        handle = value.removeprefix("@").lower()
        if not re.fullmatch(_HANDLE, handle):
            raise ValueError("a handle is whole, like name.bsky.social")
        return handle


class Options(BaseModel):
    """What a post may say under `platforms.bluesky`; `card` shows a card for the post's link."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    card: bool = True


@dataclass(frozen=True)
class _Draft:
    """What the requests of one delivery are made of."""

    variant: Variant
    details: Details
    options: Options
    key: Key

    def steps(self) -> list[Step]:
        """The mentioned handles are looked up first, then come the posts in order."""
        looks = [self._look_up(handle, name) for handle, name in self._mentioned.items()]
        return [*looks, *(self._post(index) for index in range(len(self.variant.parts)))]

    @cached_property
    def _mentioned(self) -> Mapping[str, str]:
        """Each handle that the parts mention, with the step that looks it up."""
        spans = (span for part in self.variant.parts for span in part.text.spans)
        handles = dict.fromkeys(_handle(span) for span in spans if span.kind is Kind.MENTION)
        known = [handle for handle in handles if re.fullmatch(_HANDLE, handle)]
        return {handle: f"resolve-{number}" for number, handle in enumerate(known, start=1)}

    def _look_up(self, handle: str, name: str) -> Step:
        url = address(self.details.server, "identity.resolveHandle", handle=handle)
        return Step(name, Effect.SAFE, self.key.step(name), Call("GET", url))

    def _post(self, index: int) -> Step:
        name = _name(index)
        body = {
            "repo": self.details.handle,
            "collection": POST,
            "rkey": self._record_key(index),
            "record": self._record(index),
        }
        call = Call("POST", address(self.details.server, "repo.putRecord"), BEARER, body)
        return Step(name, Effect.KEYED, self.key.step(name), call, part=index)

    def _record_key(self, index: int) -> str:
        # putRecord replaces what is under the key, so two posts of one moment must not meet there:
        # the delivery's own lot spreads them over the second before. Later parts come later.
        lot = int(self.key.step("record key"), 16)
        due = (self.key.moment - _EPOCH) // timedelta(microseconds=1)
        return record_key(due - 1_000_000 + lot // 1024 % 900_000 + index, lot % 1024)

    def _record(self, index: int) -> Json:
        part = self.variant.parts[index]
        optional = {
            "langs": [self.variant.language] if self.variant.language else [],
            "facets": self._facets(part.text),
            "reply": _reply(index),
            "embed": self._embed(part),
        }
        return {
            "$type": POST,
            "createdAt": _written(self.key.moment + timedelta(milliseconds=index)),
            "text": part.text.text,
            **{name: value for name, value in optional.items() if value},
        }

    def _facets(self, text: RichText) -> list[Json]:
        offsets = utf8_offsets(text.text)
        facets = (self._facet(span, offsets) for span in sorted(text.spans))
        return [facet for facet in facets if facet is not None]

    def _facet(self, span: Span, offsets: Sequence[int]) -> Json | None:
        """The facet of a span; a mention's falls away where nobody has the handle."""
        index = {"byteStart": offsets[span.start], "byteEnd": offsets[span.end]}
        if span.kind is not Kind.MENTION:
            feature = _feature(span)
            return feature and {"index": index, "features": [feature]}
        step = self._mentioned.get(_handle(span))
        mention = {"$type": f"{_FACET}#mention", "did": Ref(step or "")}
        return Given(step, {"index": index, "features": [mention]}) if step else None

    def _embed(self, part: Part) -> Json | None:
        # A post has one embed: media leave no room for a card.
        wanted = self.options.card and not part.media
        return _external(part.card) if part.card and wanted and _is_uri(part.card.url) else None


def _name(index: int) -> str:
    return f"create-{index + 1}"


def _handle(span: Span) -> str:
    return span.value.removeprefix("@").lower()


def _feature(span: Span) -> Json | None:
    """What a link or tag is to a reader; nothing where the lexicon would not take it."""
    if span.kind is Kind.LINK and _is_uri(span.value):
        return {"$type": f"{_FACET}#link", "uri": span.value}
    signs = {Kind.HASHTAG: "", Kind.CASHTAG: "$"}
    tag = signs.get(span.kind, "") + span.value
    return {"$type": f"{_FACET}#tag", "tag": tag} if span.kind in signs and _is_tag(tag) else None


def _is_uri(value: str) -> bool:
    return bool(re.fullmatch(_URI, value)) and len(value.encode()) <= _LONGEST_URI


def _is_tag(value: str) -> bool:
    """At most 64 graphemes and 640 bytes: lexicons/app/bsky/richtext/facet.json."""
    tag = RichText(value)
    return bool(value) and graphemes(tag) <= 64 and utf8_bytes(tag) <= 640


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _reply(index: int) -> Json | None:
    root, parent = _name(0), _name(index - 1)
    reply = {
        "root": {"uri": Ref(root), "cid": Ref(root, "cid")},
        "parent": {"uri": Ref(parent), "cid": Ref(parent, "cid")},
    }
    return reply if index else None


def _external(card: Card) -> Json:
    said = {"uri": card.url, "title": card.title, "description": card.description}
    return {"$type": "app.bsky.embed.external", "external": said}


def _details(account: Account) -> Details:
    return cast("Details", account.details)


def _door(account: Account, wire: Wire) -> Door:
    details = _details(account)
    keys = Credentials(account.name, details.handle, details.password, details.server)
    return Door(keys, wire)


def _profile(details: Details) -> str:
    """Where people see the account; a sandbox shows its posts itself."""
    site = details.server if loopback(details.server) else APP
    return f"{site}/profile/{details.handle}"


def _receipt(body: Mapping[str, Any], details: Details) -> Receipt:
    uri, cid = str(body["uri"]), str(body["cid"])
    link = f"{_profile(details)}/post/{uri.rpartition('/')[2]}"
    return Receipt(uri, link, {"cid": cid})


def _no(status: int, name: str, said: str, error: type[PublishingError], **headers: str) -> Refusal:
    named = {header.replace("_", "-"): value for header, value in headers.items()}
    return Refusal(status, {"error": name, "message": said}, error, named)


def _session(ending: str) -> Mapping[str, Any]:
    claims = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJkaWQ6cGxjOnRpY3QifQ"
    return {
        "did": "did:plc:ewvi7nxzyoun6zhxrhs64oiz",
        "handle": "tict.bsky.social",
        "accessJwt": f"{claims}.access{ending}",
        "refreshJwt": f"{claims}.refresh{ending}",
        "active": True,
    }


_XRPC = "/xrpc/com.atproto."
_URI_OF_SAMPLE = "at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3n2yzv22kzy2l"
_STORED = {
    "uri": _URI_OF_SAMPLE,
    "cid": "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua",
    "validationStatus": "valid",
}

SAMPLE = Sample(
    account={
        "platform": "bluesky",
        "handle": "tict.bsky.social",
        "password": "env:BLUESKY_PASSWORD",
    },
    secrets={"BLUESKY_PASSWORD": "k7xq-m2vd-w9ta-p4ze"},
    network=(
        Exchange("POST", f"{_XRPC}server.createSession", 200, _session("One")),
        Exchange("POST", f"{_XRPC}server.refreshSession", 200, _session("Two")),
        Exchange("GET", f"{_XRPC}server.getSession", 200, _session("")),
        Exchange("GET", f"{_XRPC}identity.resolveHandle", 200, {"did": "did:plc:abcdefghijklmnop"}),
        Exchange("POST", f"{_XRPC}repo.putRecord", 200, _STORED),
        Exchange("GET", f"{_XRPC}repo.getRecord", 200, {**_STORED, "value": {"$type": POST}}),
    ),
    refusals=(
        _no(400, "ExpiredToken", "Token has expired", AccountError),
        _no(400, "InvalidToken", "Token could not be verified", AccountError),
        _no(401, "AuthenticationRequired", "Invalid identifier or password", AccountError),
        _no(401, "AccountTakedown", "Account has been taken down", AccountError),
        _no(401, "AccountDeactivated", "Account is deactivated", AccountError),
        _no(403, "AccountNotFound", "Account not found", AccountError),
        _no(
            400,
            "InvalidRequest",
            "Invalid app.bsky.feed.post record: grapheme too big (maximum 300, got 313)"
            " at $.record.text",
            Rejected,
        ),
        _no(400, "InvalidSwap", "Record was at another version", Rejected),
        _no(413, "PayloadTooLarge", "request entity too large", Rejected),
        _no(429, "RateLimitExceeded", "Rate Limit Exceeded", RateLimited, retry_after="120"),
        _no(
            429,
            "RateLimitExceeded",
            "Rate Limit Exceeded",
            RateLimited,
            ratelimit_reset="1893456000",
        ),
    ),
)
"""Answers as the reference server gives them: https://github.com/bluesky-social/atproto."""


class Bluesky:
    """One record per part, under a key of our own: writing it again changes nothing."""

    name = "bluesky"
    title = "Bluesky"
    details: type[BaseModel] = Details
    options: type[BaseModel] = Options
    settling = timedelta()  # we ask the server that stores, not the one that lists
    # 5,000 points an hour and 35,000 a day for one account; a record that is put costs 2.
    # https://docs.bsky.app/docs/advanced-guides/rate-limits
    budgets = (
        Budget(2_500, timedelta(hours=1), Counts.REQUESTS),
        Budget(17_500, timedelta(days=1), Counts.REQUESTS),
    )
    sample = SAMPLE

    def limits(
        self, account: Account, *, media: bool = False, options: Mapping[str, Any] = NOTHING
    ) -> Limits:
        """300 graphemes and 3,000 bytes, with or without media."""
        kept = frozenset({Kind.LINK, Kind.MENTION, Kind.HASHTAG, Kind.CASHTAG})
        return Limits(
            counters=(
                Counter("graphemes", GRAPHEMES, graphemes),
                Counter("bytes", BYTES, utf8_bytes),
            ),
            dialect=Dialect(keeps=kept, detect=detect, show_link=show_link),
            parts=THREAD,
            card=True,
        )

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """A look-up for every handle, then a `putRecord` for every part."""
        options = Options.model_validate(dict(variant.options))
        return _Draft(variant, _details(account), options, key).steps()

    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        """Look up one handle, or write one record. Raises a PublishingError, and nothing else."""
        if step.part is None:
            return self._resolve(step, wire)
        details = _details(account)
        return _door(account, wire).ask(
            step.call, effect=step.effect, read=lambda body: _receipt(body, details)
        )

    def _resolve(self, step: Step, wire: Wire) -> Receipt:
        answer = wire.send(step.call, effect=step.effect)
        if answer.status == 400:  # nobody has the handle
            return Receipt("")
        return wire.understood(
            answer, effect=step.effect, table=ERRORS, read=lambda body: Receipt(str(body["did"]))
        )

    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        """Ask the server that holds the account's records for the one under our key."""
        if step.part is None:
            return Absent()
        where = {name: step.call.body[name] for name in ("repo", "collection", "rkey")}
        url = address(_door(account, wire).server, "repo.getRecord", **where)
        answer = wire.send(Call("GET", url), effect=Effect.SAFE)
        if answer.status == 400:
            missing = answer.member("error") == "RecordNotFound"
            return Absent() if missing else CannotTell(own_words(answer))
        return wire.understood(
            answer,
            effect=Effect.SAFE,
            table=ERRORS,
            read=lambda body: _receipt(body, _details(account)),
        )

    def identify(self, account: Account, wire: Wire) -> Identity:
        """The account as its server knows it. Raises AccountError where it is not active."""
        details = _details(account)
        call = Call("GET", address(details.server, "server.getSession"), BEARER)
        known = _door(account, wire).ask(call, effect=Effect.SAFE, read=_known)
        if known.get("active") is False:
            raise AccountError(f"{details.handle} is {known.get('status') or 'not active'}")
        return Identity(known["handle"], _profile(details), {"did": known["did"]})


def _known(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "did": str(body["did"]), "handle": str(body["handle"])}


PLATFORM = Bluesky()
