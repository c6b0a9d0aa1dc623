"""Bluesky: posts under record keys of our own, https://docs.bsky.app/docs/advanced-guides/posts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote

from karnay.accounts import NOTHING, Budget, Counts
from karnay.errors import AccountError, Rejected
from karnay.platforms import bluesky_media as media_of
from karnay.platforms.address import loopback
from karnay.platforms.answers import own_words
from karnay.platforms.atproto import BEARER, ERRORS, Credentials, Door, address
from karnay.platforms.atproto_identity import APP_VIEW
from karnay.platforms.base import Absent, CannotTell, Effect, Identity, Key, Receipt, Sighting, Step
from karnay.platforms.bluesky_records import Details, Draft, Options
from karnay.platforms.bluesky_sample import SAMPLE
from karnay.platforms.calls import Call
from karnay.platforms.logins import Asked, Question
from karnay.rendering.limits import Limits
from karnay.text.bluesky import detect, graphemes, show_link, utf8_bytes
from karnay.text.measure import Counter, Dialect
from karnay.text.richtext import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel

    from karnay.accounts import Account
    from karnay.platforms.wire import Wire
    from karnay.rendering.variant import Variant

T = TypeVar("T")

APP = "https://bsky.app"

GRAPHEMES, BYTES = 300, 3000
"""https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json"""

THREAD = 25
"""Parts: the network sets no limit, so this is only where an announcement has become a book."""

_UPLOAD_BLOB = "com.atproto.repo.uploadBlob"

_COUNTS = {
    "likes": "likeCount",
    "reposts": "repostCount",
    "replies": "replyCount",
    "quotes": "quoteCount",
    "bookmarks": "bookmarkCount",
}
"""https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/defs.json"""


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


def _as_receipt(details: Details) -> Callable[[Mapping[str, Any]], Receipt]:
    """Reads what the server says of a record."""

    def read(body: Mapping[str, Any]) -> Receipt:
        uri, cid = str(body["uri"]), str(body["cid"])
        return Receipt(uri, f"{_profile(details)}/post/{uri.rpartition('/')[2]}", {"cid": cid})

    return read


def _place(receipt: Receipt) -> dict[str, str]:
    """Where a record is: `at://repo/collection/rkey`."""
    repo, collection, rkey = receipt.id.removeprefix("at://").split("/")
    return {"repo": repo, "collection": collection, "rkey": rkey}


def _counts(body: Mapping[str, Any]) -> dict[str, int]:
    """Those of the one post that was asked for; none where readers do not see it (yet)."""
    post: Mapping[str, Any] = next(iter(body["posts"]), {})
    return {name: int(post[theirs]) for name, theirs in _COUNTS.items() if theirs in post}


_READ: Mapping[str, Callable[[Mapping[str, Any]], Receipt]] = {
    "upload": media_of.uploaded,
    "owner": lambda body: Receipt(str(body["did"])),
}
"""What is read of an answer, by the first word of its step; of all others, the record."""


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
    login = Asked(
        (Question("password", "app password", "made at https://bsky.app/settings/app-passwords"),)
    )

    def limits(
        self, account: Account, *, media: bool = False, options: Mapping[str, Any] = NOTHING
    ) -> Limits:
        """300 graphemes and 3,000 bytes, with or without files; ten pictures, or a video."""
        kept = frozenset({Kind.LINK, Kind.MENTION, Kind.HASHTAG, Kind.CASHTAG})
        return Limits(
            counters=(
                Counter("graphemes", GRAPHEMES, graphemes),
                Counter("bytes", BYTES, utf8_bytes),
            ),
            dialect=Dialect(keeps=kept, detect=detect, show_link=show_link),
            parts=THREAD,
            card=True,
            card_images=media_of.THUMBNAILS,
            media=media_of.LIMITS,
        )

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """A look-up for every handle, an upload of every file, a `putRecord` for every part.

        Behind the first part, one for each gate.
        """
        options = Options.model_validate(dict(variant.options))
        return Draft(variant, _details(account), options, key).steps()

    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        """Make the step's one call. Raises a PublishingError, and nothing else."""
        door = _door(account, wire)
        match step.name.partition("-")[0]:
            case "resolve":
                return self._resolve(step, wire)
            case "upload" if step.call.headers == media_of.SERVICE:
                return self._hand_in(step, door)
            case "await":
                return wire.ask(
                    step.call, effect=step.effect, table=ERRORS, read=media_of.worked_on(wire)
                )
            case kind:
                read = _READ.get(kind) or _as_receipt(_details(account))
                return door.ask(step.call, effect=step.effect, read=read)

    def _resolve(self, step: Step, wire: Wire) -> Receipt:
        answer = wire.send(step.call, effect=step.effect)
        if answer.status == HTTPStatus.BAD_REQUEST:  # nobody has the handle
            return Receipt("")
        return wire.understood(
            answer, effect=step.effect, table=ERRORS, read=lambda body: Receipt(str(body["did"]))
        )

    def _hand_in(self, step: Step, door: Door) -> Receipt:
        """Give a video to the service; one that it was given before keeps its job.

        https://docs.bsky.app/docs/tutorials/video
        """
        answer = door.serve(step.call, _UPLOAD_BLOB)
        if answer.status == HTTPStatus.CONFLICT and answer.member("jobId"):
            answer = replace(answer, status=HTTPStatus.OK)
        return door.wire.understood(answer, effect=step.effect, table=ERRORS, read=media_of.begun)

    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        """Ask the server that holds the account's records for the one under our key."""
        if step.effect is Effect.SAFE:
            return Absent()
        where = {name: step.call.body[name] for name in ("repo", "collection", "rkey")}
        return self._look(where, account, wire, _as_receipt(_details(account)))

    def _look(
        self,
        where: Mapping[str, str],
        account: Account,
        wire: Wire,
        read: Callable[[Any], T],
    ) -> T | Absent | CannotTell:
        url = address(_door(account, wire).home(), "repo.getRecord", **where)
        answer = wire.send(Call("GET", url), effect=Effect.SAFE)
        if answer.status == HTTPStatus.BAD_REQUEST:
            missing = answer.member("error") == "RecordNotFound"
            return Absent() if missing else CannotTell(own_words(answer))
        return wire.understood(answer, effect=Effect.SAFE, table=ERRORS, read=read)

    def edit(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> Receipt:
        """Put another record under the post's key; its date, and what it answers, stays.

        Readers see the new one, with no mark that it was changed.
        """
        where = _place(receipt)
        old = self._look(where, account, wire, lambda body: dict(body["value"]))
        if not isinstance(old, dict):  # putting it would publish it anew
            raise Rejected(old.why if isinstance(old, CannotTell) else "it is not there any more")
        kept = {name: old[name] for name in ("createdAt", "reply") if name in old}
        new = {name: value for name, value in step.call.body["record"].items() if name != "reply"}
        body = {**where, "record": {**new, **kept}}
        call = Call("POST", address(_details(account).server, "repo.putRecord"), BEARER, body)
        return _door(account, wire).ask(
            call, effect=Effect.KEYED, read=_as_receipt(_details(account))
        )

    def delete(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> None:
        """Take a record away; the server does not mind where there is none.

        https://docs.bsky.app/docs/api/com-atproto-repo-delete-record
        """
        url = address(_details(account).server, "repo.deleteRecord")
        call = Call("POST", url, BEARER, _place(receipt))
        _door(account, wire).ask(call, effect=Effect.KEYED, read=dict)

    def metrics(
        self, step: Step, receipt: Receipt, account: Account, wire: Wire
    ) -> Mapping[str, int]:
        """What the network counts for everybody; it counts no views.

        https://docs.bsky.app/docs/api/app-bsky-feed-get-posts
        """
        server = _details(account).server
        site = server if loopback(server) else APP_VIEW
        url = f"{site}/xrpc/app.bsky.feed.getPosts?uris={quote(receipt.id, safe='')}"
        return wire.ask(Call("GET", url), effect=Effect.SAFE, table=ERRORS, read=_counts)

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
