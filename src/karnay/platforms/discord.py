"""Discord: a webhook of a channel, https://docs.discord.com/developers/resources/webhook."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from karnay.accounts import NOTHING
from karnay.errors import AccountError, RateLimited, Rejected
from karnay.media.limits import DocumentLimits, ImageLimits, MediaLimits, VideoLimits
from karnay.platforms.address import Address, loopback
from karnay.platforms.answers import Answer, ErrorTable, Row, own_words
from karnay.platforms.base import (
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
from karnay.platforms.calls import Call, File, Form, Ref
from karnay.platforms.logins import Asked, Question
from karnay.platforms.wire import Wire, secret
from karnay.rendering.limits import Limits
from karnay.secrets import SecretRef, remember_all
from karnay.text import discord
from karnay.text.measure import Counter, Dialect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from karnay.accounts import Account, Budget
    from karnay.errors import PublishingError
    from karnay.media.asset import Asset
    from karnay.platforms.calls import Body, Json
    from karnay.rendering.variant import Part, Variant

T = TypeVar("T")

SITE = "https://discord.com"

TEXT = 2_000
"""https://docs.discord.com/developers/resources/webhook#execute-webhook"""

THREAD = 20
"""Messages that come one after the other; a channel's readers bear no more."""

FILE, REQUEST, FILES = 10 * 1024 * 1024, 25 * 1024 * 1024, 10
"""Bytes of a file and of a whole request, and files of a message:
https://docs.discord.com/developers/reference#uploading-files"""

MEDIA = MediaLimits(
    most=FILES,
    images=ImageLimits(
        formats=("image/jpeg", "image/png", "image/gif", "image/webp"),
        max_bytes=REQUEST // FILES - 100_000,  # so that ten of them fit into one request
        animated=True,
        max_animated_bytes=REQUEST // FILES - 100_000,
    ),
    videos=VideoLimits(formats=("video/mp4", "video/webm", "video/quicktime"), max_bytes=FILE),
    documents=DocumentLimits(formats=("application/pdf",), max_bytes=FILE),
    alt=1_024,
)
"""https://docs.discord.com/developers/resources/message#attachment-object"""

SUPPRESS_EMBEDS = 1 << 2
"""https://docs.discord.com/developers/resources/message#message-object-message-flags"""

WHERE = "where-1"
"""The step that asks where the webhook posts, which a message's link must name."""

_WEBHOOK = re.compile(r"/webhooks/(?P<path>\d+/(?P<token>[\w-]+))/?$")
_EDITED = ("content", "allowed_mentions")


class Details(BaseModel):
    """An account's table in karnay.toml: `webhook` is the whole address that Discord gives.

    `thread` is the id of a thread of the channel, for all posts; `api` names another server.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    webhook: SecretRef
    thread: str = Field("", pattern=r"^\d*$")
    api: Address = f"{SITE}/api"

    @property
    def site(self) -> str:
        """Where people see the channel: a sandbox shows it itself."""
        return self.api if loopback(self.api) else SITE


class Options(BaseModel):
    """What a post may say under `platforms.discord`.

    `username` and `avatar_url` stand in for the webhook's own; without `link_preview`, links stay
    text. A forum's channel wants a `thread_name` (or the account's `thread`): all parts go there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    username: Annotated[str, Field(max_length=80)] = ""
    avatar_url: str = ""
    link_preview: bool = True
    thread_name: Annotated[str, Field(max_length=100)] = ""

    def fields(self, index: int) -> dict[str, Json]:
        """The options of one part; nobody is ever pinged."""
        wanted = {
            "username": self.username,
            "avatar_url": self.avatar_url,
            "flags": 0 if self.link_preview else SUPPRESS_EMBEDS,
            "thread_name": "" if index else self.thread_name,
        }
        told = {name: value for name, value in wanted.items() if value}
        return {"allowed_mentions": {"parse": []}, **told}


@dataclass(frozen=True, slots=True)
class _Plan:
    """The steps of one post."""

    details: Details
    options: Options
    key: Key

    def steps(self, parts: Sequence[Part]) -> Iterator[Step]:
        """Where the webhook posts, then a message for every part."""
        where = Call("GET", f"{self.details.api}/webhooks/{{webhook}}")
        yield Step(WHERE, Effect.SAFE, self.key.step(WHERE), where)
        for index, part in enumerate(parts):
            name = f"create-{index + 1}"
            yield Step(name, Effect.ONCE, self.key.step(name), self._message(part, index), index)

    def _message(self, part: Part, index: int) -> Call:
        """A message; the fragment is never sent: it is for us, to name the link."""
        text = {"content": discord.escaped(part.text.text), **self.options.fields(index)}
        refs = {"guild": Ref(WHERE)}
        query = "wait=true"
        if self.options.thread_name and index:
            query, refs = f"{query}&thread_id={{thread}}", {**refs, "thread": Ref("create-1", "in")}
        elif self.details.thread:
            query = f"{query}&thread_id={self.details.thread}"
        url = f"{self.details.api}/webhooks/{{webhook}}?{query}#{{guild}}"
        return Call("POST", url, body=_with_files(text, part.media), refs=refs)


def _with_files(text: dict[str, Json], assets: Sequence[Asset]) -> Body:
    """https://docs.discord.com/developers/reference#uploading-files"""
    if not assets:
        return text
    told = [
        {"id": number, **({"description": asset.alt} if asset.alt else {})}
        for number, asset in enumerate(assets)
    ]
    files = {f"files[{number}]": File(asset) for number, asset in enumerate(assets)}
    return Form({"payload_json": {**text, "attachments": told}, **files})


def _said(step: Step) -> Mapping[str, Json]:
    """What a planned message says, with files or without."""
    fields = step.call.fields
    return cast("Mapping[str, Json]", fields.get("payload_json", fields))


def _words(answer: Answer) -> str:
    """Discord's words and number, with what is wrong in which field."""
    code, wrong = answer.member("code"), answer.member("errors")
    number = f" (code {code})" if isinstance(code, int) else ""
    return " ".join([own_words(answer) + number, *_messages(wrong)])


def _messages(value: Json) -> Iterator[str]:
    """https://docs.discord.com/developers/reference#error-messages"""
    match value:
        case {"message": str(said)}:
            yield said
        case dict():
            for inner in value.values():
                yield from _messages(inner)
        case list():
            for inner in value:
                yield from _messages(inner)


def _moment(answer: Answer, now: datetime) -> datetime | None:
    """https://docs.discord.com/developers/topics/rate-limits#exceeding-a-rate-limit"""
    seconds = answer.member("retry_after")
    known = isinstance(seconds, int | float) and 0 <= seconds < 1e9
    return now + timedelta(seconds=seconds) if known else None


class _Gone(Rejected):
    """There is no such message (any more)."""


# 10015 and 50027 are of the webhook; any other 400 is about the content:
# https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
ERRORS = ErrorTable(
    rows=(Row(400, "invalid webhook token", AccountError), Row(404, "unknown message", _Gone)),
    words=_words,
    moment=_moment,
)


def _details(account: Account) -> Details:
    return cast("Details", account.details)


def _webhook(details: Details) -> str:
    """The webhook's id and token. Raises AccountError where the secret is no webhook's address."""
    found = _WEBHOOK.search(secret(details.webhook).strip())
    if found is None:
        raise AccountError(
            f"{details.webhook} is not the address of a webhook: "
            "it looks like https://discord.com/api/webhooks/NUMBER/TOKEN"
        )
    remember_all((found["token"],))
    return found["path"]


def _asked(
    account: Account, wire: Wire, call: Call, *, effect: Effect, read: Callable[[Any], T]
) -> T:
    secrets = {"webhook": _webhook(_details(account))}
    return wire.ask(call, effect=effect, table=ERRORS, read=read, secrets=secrets)


def _id(body: Mapping[str, Any], name: str = "id") -> str:
    number = body[name]
    if not isinstance(number, str) or not number:
        raise ValueError(f"no {name}")
    return number


def _home(body: Mapping[str, Any]) -> Receipt:
    return Receipt(_id(body, "guild_id"), data={"channel": _id(body, "channel_id")})


def _message_of(step: Step, account: Account) -> Callable[[Mapping[str, Any]], Receipt]:
    home = f"{_details(account).site}/channels/{urlsplit(step.call.url).fragment}"

    def read(body: Mapping[str, Any]) -> Receipt:
        number, channel = _id(body), _id(body, "channel_id")
        return Receipt(number, f"{home}/{channel}/{number}", {"in": channel})

    return read


def _at(step: Step, receipt: Receipt, account: Account) -> str:
    """The address of a published message: one in a thread is found only by the thread."""
    asked = parse_qs(urlsplit(step.call.url).query).get("thread_id", [""])
    thread = receipt.data.get("in", "") if _said(step).get("thread_name") else asked[0]
    query = f"?thread_id={thread}" if thread else ""
    return f"{_details(account).api}/webhooks/{{webhook}}/messages/{receipt.id}{query}"


_PLACE = f"{SITE}/api/webhooks"
_MADE_UP = "3d89bb7572e0fb30d8128367b3b1b44fecd1726de135cbe28a41f8b2f777c372ba2939e72279b9"
_HOOK = {
    "id": "223704706495545344",
    "name": "TICT",
    "guild_id": "199737254929760256",
    "channel_id": "199737254929760257",
}


def _no(status: int, code: int, said: str, error: type[PublishingError], **more: Any) -> Refusal:
    return Refusal(status, {"message": said, "code": code, **more}, error)


SAMPLE = Sample(
    account={"platform": "discord", "webhook": "env:DISCORD_WEBHOOK"},
    secrets={"DISCORD_WEBHOOK": f"{_PLACE}/{_HOOK['id']}/{_MADE_UP}"},
    network=(
        *(
            Exchange(
                "POST",
                f"/webhooks/{_HOOK['id']}/{_MADE_UP}",
                200,
                {"id": f"33437270308640768{digit}", "channel_id": _HOOK["channel_id"]},
            )
            for digit in (1, 2, 3)
        ),
        Exchange("GET", f"/webhooks/{_HOOK['id']}/{_MADE_UP}", 200, _HOOK),
    ),
    refusals=(
        _no(404, 10015, "Unknown Webhook", AccountError),
        _no(401, 50027, "Invalid Webhook Token", AccountError),
        _no(400, 50006, "Cannot send an empty message", Rejected),
        _no(
            400,
            50035,
            "Invalid Form Body",
            Rejected,
            errors={"content": {"_errors": [{"message": "Must be 2000 or fewer in length."}]}},
        ),
        _no(413, 40005, "Request entity too large", Rejected),
        _no(429, 20028, "The write action hit the write rate limit.", RateLimited),
        _no(429, 0, "You are being rate limited.", RateLimited, retry_after=0.65),
    ),
    reads=discord.unescaped,
)
"""Answers as https://docs.discord.com/developers/resources/webhook documents them."""


class Discord:
    """One message per part, each at most once: a webhook cannot look back at what it posted."""

    name = "discord"
    title = "Discord"
    details: type[BaseModel] = Details
    options: type[BaseModel] = Options
    settling = timedelta()
    budgets: tuple[Budget, ...] = ()  # unpublished: told in the answers' headers alone
    sample = SAMPLE
    login = Asked(
        (
            Question(
                "webhook",
                "webhook address",
                "https://support.discord.com/hc/en-us/articles/228383668-Intro-to-Webhooks",
            ),
        )
    )

    def limits(
        self, account: Account, *, media: bool = False, options: Mapping[str, Any] = NOTHING
    ) -> Limits:
        """2,000 units, backslashes included; later parts follow, they answer nothing."""
        return Limits(
            counters=(Counter("characters", TEXT, discord.measure),),
            dialect=Dialect(detect=discord.detect),
            parts=THREAD,
            media=MEDIA,
            chained=False,
        )

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """Where the webhook posts; then a message for every part, with its files."""
        options = Options.model_validate(dict(variant.options))
        return list(_Plan(_details(account), options, key).steps(variant.parts))

    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        """Ask where the webhook posts, or post. Raises a PublishingError, and nothing else."""
        read = _home if step.name == WHERE else _message_of(step, account)
        return _asked(account, wire, step.call, effect=step.effect, read=read)

    def edit(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> Receipt:
        """Change a message's text; its files stay.

        https://docs.discord.com/developers/resources/webhook#edit-webhook-message
        """
        body = {name: value for name, value in _said(step).items() if name in _EDITED}
        call = Call("PATCH", _at(step, receipt, account), body=body)
        _asked(account, wire, call, effect=Effect.KEYED, read=_id)
        return receipt

    def delete(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> None:
        """Take a message down; one that is gone already is no error.

        https://docs.discord.com/developers/resources/webhook#delete-webhook-message
        """
        call = Call("DELETE", _at(step, receipt, account))
        secrets = {"webhook": _webhook(_details(account))}
        answer = wire.send(call, effect=Effect.KEYED, secrets=secrets)
        if not answer.ok:
            with contextlib.suppress(_Gone):
                raise ERRORS.error(answer, Effect.KEYED, wire.clock.now())

    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        """Nobody can tell but people: a webhook reads only messages whose id it knows."""
        return CannotTell(
            "Discord lets no webhook list what it posted: look into the channel", for_good=True
        )

    def identify(self, account: Account, wire: Wire) -> Identity:
        """The webhook, by its name, and its channel: the address is all that is needed."""
        details = _details(account)
        call = Call("GET", f"{details.api}/webhooks/{{webhook}}")

        def read(body: Mapping[str, Any]) -> Identity:
            home = _home(body)
            link = f"{details.site}/channels/{home.id}/{home.data['channel']}"
            return Identity(body.get("name") or _id(body), link)

        return _asked(account, wire, call, effect=Effect.SAFE, read=read)


PLATFORM = Discord()
