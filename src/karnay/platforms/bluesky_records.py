"""The records of a Bluesky post: what karnay.toml and the post say, made into requests.

https://docs.bsky.app/docs/advanced-guides/posts
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from karnay.platforms.address import Address
from karnay.platforms.atproto import BEARER, address, record_key
from karnay.platforms.atproto_identity import ENTRYWAY
from karnay.platforms.base import Effect, Key, Step
from karnay.platforms.bluesky_media import Carrier, embed_of
from karnay.platforms.calls import Call, Given, Json, Ref
from karnay.secrets import SecretRef
from karnay.text.bluesky import graphemes, utf8_bytes
from karnay.text.richtext import Kind, RichText, Span, utf8_offsets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from karnay.rendering.variant import Part, Variant

POST = "app.bsky.feed.post"

VIDEO_SERVICE = "https://video.bsky.app"
"""https://docs.bsky.app/docs/tutorials/video"""

_FACET = "app.bsky.richtext.facet"
_HANDLE = r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?"
_URI = r"\w+:(//)?[^\s/]\S*"
_LIST = r"at://[^/\s]+/app\.bsky\.graph\.list/[^/\s]+"
_LONGEST_URI = 8192  # bytes: https://atproto.com/specs/lexicon#string-formats
_EPOCH = datetime.fromtimestamp(0, UTC)

_RULES = {
    "mentioned": "app.bsky.feed.threadgate#mentionRule",
    "followers": "app.bsky.feed.threadgate#followerRule",
    "followed": "app.bsky.feed.threadgate#followingRule",
}

Label = Literal["porn", "sexual", "nudity", "graphic-media", "bot", "!no-unauthenticated"]
"""What an author may say of a post:
https://github.com/bluesky-social/atproto/blob/main/lexicons/com/atproto/label/defs.json"""

Repliers = (
    Literal["mentioned", "followers", "followed"] | Annotated[str, Field(pattern=f"^{_LIST}$")]
)
"""Those who are mentioned, who follow the account, whom it follows, or who are on a list."""


class Details(BaseModel):
    """What karnay.toml says of an account; `password` is an app password: it asks for no code.

    Where no `server` is named, it is the one that the handle leads to. `video` is the service that
    makes videos ready.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    handle: str
    password: SecretRef
    server: Address = ENTRYWAY
    video: Address = VIDEO_SERVICE

    @field_validator("handle")
    @classmethod
    def _is_whole(cls, value: str) -> str:
        handle = value.removeprefix("@").lower()
        if not re.fullmatch(_HANDLE, handle):
            raise ValueError("a handle is whole, like name.bsky.social")
        return handle


class Options(BaseModel):
    """What a post may say under `platforms.bluesky`.

    `card` shows a card for the post's link. `langs` are the languages of its text, where the
    account's is not the only one. `labels` are content warnings. `replies` says who may answer the
    thread, `quotes` whether the first post may be quoted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    card: bool = True
    langs: Annotated[tuple[str, ...], Field(max_length=3)] = ()
    labels: Annotated[tuple[Label, ...], Field(max_length=10)] = ()
    replies: (
        Literal["everyone", "nobody"] | Annotated[tuple[Repliers, ...], Field(max_length=5)]
    ) = "everyone"
    quotes: bool = True

    def said_by(self, variant: Variant) -> Mapping[str, Json]:
        """The members that all records of the variant have; empty ones are left out by others."""
        values = [{"val": label} for label in self.labels]
        labels = {"$type": "com.atproto.label.defs#selfLabels", "values": values}
        langs = list(self.langs) or [variant.language]
        return {"langs": [tag for tag in langs if tag], "labels": labels if values else None}

    @property
    def gates(self) -> Mapping[str, Json]:
        """The records beside the first post that keep others out, by their collection.

        https://docs.bsky.app/docs/tutorials/thread-gates
        """
        rule = [{"$type": "app.bsky.feed.postgate#disableRule"}]
        gates = {
            "app.bsky.feed.threadgate": None if self.replies == "everyone" else self._allowed,
            "app.bsky.feed.postgate": None if self.quotes else {"embeddingRules": rule},
        }
        return {collection: gate for collection, gate in gates.items() if gate is not None}

    @property
    def _allowed(self) -> Json:
        who = () if isinstance(self.replies, str) else self.replies
        return {"allow": [_rule(one) for one in who]}


def _rule(who: str) -> Json:
    if who in _RULES:
        return {"$type": _RULES[who]}
    return {"$type": "app.bsky.feed.threadgate#listRule", "list": who}


@dataclass(frozen=True)
class Draft:
    """What the requests of one delivery are made of."""

    variant: Variant
    details: Details
    options: Options
    key: Key

    def steps(self) -> list[Step]:
        """What records refer to comes first, then the posts in order, the gates behind the first.

        A gate is under the post's own key, so it cannot stand before there is a post.
        """
        looks = [self._look_up(handle, name) for handle, name in self._mentioned.items()]
        carrier = Carrier(self.details.server, self.details.video, self.key)
        first, *others = [self._post(index) for index in range(len(self._parts))]
        return [*looks, *carrier.steps(self._parts), first, *self._gates(), *others]

    @cached_property
    def _parts(self) -> Sequence[Part]:
        """The parts, with those cards only that are shown."""
        return [
            part if self._shows_card(part) else replace(part, card=None)
            for part in self.variant.parts
        ]

    def _shows_card(self, part: Part) -> bool:
        # A post has one embed: media leave no room for a card.
        wanted = self.options.card and not part.media
        return bool(wanted and part.card and _is_uri(part.card.url))

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
        return replace(self._put(POST, index, self._record(index), name_of(index)), part=index)

    def _gates(self) -> Iterator[Step]:
        for collection, gate in self.options.gates.items():
            record = {
                "$type": collection,
                "post": Ref(name_of(0)),
                "createdAt": _written(self.key.moment),
                **gate,
            }
            yield self._put(collection, 0, record, collection.rpartition(".")[2])

    def _put(self, collection: str, index: int, record: Json, name: str) -> Step:
        body = {
            "repo": self.details.handle,
            "collection": collection,
            "rkey": self._record_key(index),
            "record": record,
        }
        call = Call("POST", address(self.details.server, "repo.putRecord"), BEARER, body)
        return Step(name, Effect.KEYED, self.key.step(name), call)

    def _record_key(self, index: int) -> str:
        # putRecord replaces what is under the key, so two posts of one moment must not meet there:
        # the delivery's own lot spreads them over the second before. Later parts come later.
        lot = int(self.key.step("record key"), 16)
        due = (self.key.moment - _EPOCH) // timedelta(microseconds=1)
        return record_key(due - 1_000_000 + lot // 1024 % 900_000 + index, lot % 1024)

    def _record(self, index: int) -> Json:
        part = self._parts[index]
        optional = {
            **self.options.said_by(self.variant),
            "facets": self._facets(part.text),
            "reply": _reply(index),
            "embed": embed_of(self._parts, index),
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


def name_of(index: int) -> str:
    """The step that publishes the part of that index."""
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
    root, parent = name_of(0), name_of(index - 1)
    reply = {
        "root": {"uri": Ref(root), "cid": Ref(root, "cid")},
        "parent": {"uri": Ref(parent), "cid": Ref(parent, "cid")},
    }
    return reply if index else None
