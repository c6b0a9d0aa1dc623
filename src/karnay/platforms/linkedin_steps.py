"""The steps of a post on LinkedIn: its files, out of sight; the post; its first comment.

https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

from karnay.accounts import NOTHING
from karnay.media.asset import Asset, Kind
from karnay.platforms.base import Effect, Step
from karnay.platforms.calls import Call, File, Json, Ref
from karnay.text.linkedin import escaped
from karnay.text.sizes import utf16_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karnay.platforms.base import Key
    from karnay.rendering.variant import Card, Part

PIECE = 4_194_304
"""Bytes of a video in one request:
https://learn.microsoft.com/linkedin/marketing/community-management/shares/videos-api"""

COMMENT = 1_250
"""UTF-16 units of a comment; no document of LinkedIn's gives a limit, and tools that were asked say
1,250 or 3,000: the smaller one."""

ORGANIZATION = "urn:li:organization:"

WORD: Mapping[Kind, str] = {
    Kind.IMAGE: "image",
    Kind.VIDEO: "video",
    Kind.DOCUMENT: "document",
}
"""What the API calls a file of each kind: in URNs, in answers and, with an "s", in addresses."""

BEARER = {"Authorization": "Bearer {token}"}

FINDER = {"X-RestLi-Method": "FINDER"}


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an author's calls go: `api` without a slash, `version` as YYYYMM."""

    api: str
    version: str
    author: str  # its URN

    @property
    def is_organization(self) -> bool:
        """Whether it is one, whose posts may be read back; a member's may not."""
        return self.author.startswith(ORGANIZATION)

    @property
    def headers(self) -> Mapping[str, str]:
        """Those of every call:
        https://learn.microsoft.com/linkedin/marketing/versioning"""
        rest = {"LinkedIn-Version": self.version, "X-Restli-Protocol-Version": "2.0.0"}
        return {**BEARER, **rest}

    def call(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        refs: Mapping[str, Ref] = NOTHING,
        headers: Mapping[str, str] = NOTHING,
    ) -> Call:
        """A call below `/rest`; `headers` come on top of those of every call."""
        url = f"{self.api}/rest/{path}"
        return Call(method, url, {**self.headers, **headers}, body, refs)


def _short_enough(comment: str) -> str:
    if utf16_size(comment) > COMMENT:
        raise ValueError(f"must not be longer than {COMMENT:,} characters")
    return comment


class Options(BaseModel):
    """What a post may say under `platforms.linkedin`.

    Only members' posts may be for `CONNECTIONS`. `first_comment` is put under the post by its
    author. `title` is that of a document or a video; without it a document is called as its file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    visibility: Literal["PUBLIC", "CONNECTIONS", "LOGGED_IN"] = "PUBLIC"
    reshares: bool = True
    first_comment: Annotated[str, AfterValidator(_short_enough)] = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of one post."""

    desk: Desk
    options: Options
    key: Key

    def of(self, part: Part) -> list[Step]:
        """All of them. Files win over a card."""
        carried = part.media or _pictures_of(part.card)
        uploads = [
            step for n, asset in enumerate(carried, start=1) for step in self._upload(n, asset)
        ]
        comment = [self._comment()] if self.options.first_comment else []
        return [*uploads, self._post(part), *comment]

    def _upload(self, n: int, asset: Asset) -> Iterator[Step]:
        yield self._start(n, asset)
        pieces = pieces_of(asset) if asset.kind is Kind.VIDEO else ()
        names = [f"upload-{n}-{number}" for number in range(1, len(pieces) + 1)]
        for name, piece in zip(names, pieces, strict=True):
            yield self._piece(n, name, piece)
        yield self._finish(n, names) if pieces else self._whole(n, asset)
        if self.desk.is_organization:  # a member's token may not ask: the post says so itself
            yield self._await(n, asset)

    def _start(self, n: int, asset: Asset) -> Step:
        film = {"fileSizeBytes": asset.size, "uploadCaptions": False, "uploadThumbnail": False}
        asked = {"owner": self.desk.author, **(film if asset.kind is Kind.VIDEO else {})}
        path = f"{WORD[asset.kind]}s?action=initializeUpload"
        return self._safe(
            f"start-{n}", self.desk.call("POST", path, {"initializeUploadRequest": asked})
        )

    def _whole(self, n: int, asset: Asset) -> Step:
        to = {"address": Ref(f"start-{n}", "address-1")}
        return self._safe(f"upload-{n}", Call("PUT", "{address}", BEARER, File(asset), to))

    def _piece(self, n: int, name: str, piece: File) -> Step:
        """No token goes along: each piece has an address of its own, which is signed."""
        to = {"address": Ref(f"start-{n}", f"address-{name.rpartition('-')[2]}")}
        binary = {"Content-Type": "application/octet-stream"}
        return self._safe(name, Call("PUT", "{address}", binary, piece, to))

    def _finish(self, n: int, pieces: list[str]) -> Step:
        started = f"start-{n}"
        asked = {
            "video": Ref(started),
            "uploadToken": Ref(started, "token"),
            "uploadedPartIds": [Ref(name) for name in pieces],
        }
        body = {"finalizeUploadRequest": asked}
        return self._safe(
            f"finish-{n}", self.desk.call("POST", "videos?action=finalizeUpload", body)
        )

    def _await(self, n: int, asset: Asset) -> Step:
        urn = {"urn": Ref(f"start-{n}")}
        call = self.desk.call("GET", f"{WORD[asset.kind]}s/{{urn}}", refs=urn)
        return self._safe(f"await-{n}", call)

    def _post(self, part: Part) -> Step:
        content = self._content(part)
        body = {
            "author": self.desk.author,
            "commentary": escaped(part.text),
            "visibility": self.options.visibility,
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": not self.options.reshares,
            **({"content": content} if content else {}),
        }
        call = self.desk.call("POST", "posts", body)
        return Step("create-1", Effect.ONCE, self.key.step("create-1"), call, part=0)

    def _content(self, part: Part) -> Json:
        if len(part.media) > 1:
            named = [_described(n, asset) for n, asset in enumerate(part.media, start=1)]
            return {"multiImage": {"images": named}}
        if part.media:
            [asset] = part.media
            return {"media": {**_described(1, asset), **self._title(asset)}}
        return _article(part.card) if part.card else None

    def _title(self, asset: Asset) -> Json:
        """A document must have one, a video may, a picture has none."""
        title, name = self.options.title, asset.name.rpartition(".")[0] or asset.name
        words = {Kind.DOCUMENT: title or name, Kind.VIDEO: title}.get(asset.kind)
        return {"title": words} if words else {}

    def _comment(self) -> Step:
        """Its text is plain: little text is for posts alone."""
        post, message = Ref("create-1"), {"text": self.options.first_comment}
        body = {"actor": self.desk.author, "object": post, "message": message}
        call = self.desk.call("POST", "socialActions/{post}/comments", body, refs={"post": post})
        return Step("comment-1", Effect.ONCE, self.key.step("comment-1"), call)

    def _safe(self, name: str, call: Call) -> Step:
        return Step(name, Effect.SAFE, self.key.step(name), call)


def pieces_of(asset: Asset) -> tuple[File, ...]:
    """A video as it is cut for sending."""
    starts = range(0, asset.size, PIECE)
    return tuple(File(asset, start, min(PIECE, asset.size - start)) for start in starts)


def _pictures_of(card: Card | None) -> tuple[Asset, ...]:
    return (card.thumbnail,) if card and card.thumbnail else ()


def _described(n: int, asset: Asset) -> Json:
    alt = {"altText": asset.alt} if asset.alt and asset.kind is Kind.IMAGE else {}
    return {"id": Ref(f"start-{n}"), **alt}


def _article(card: Card) -> Json:
    """LinkedIn fetches nothing of a link: what its card says is what it is told."""
    description = {"description": card.description} if card.description else {}
    thumbnail = {"thumbnail": Ref("start-1")} if card.thumbnail else {}
    return {"article": {"source": card.url, "title": card.title, **description, **thumbnail}}
