"""Telegram: a bot that posts to a channel or a group, https://core.telegram.org/bots/api."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, cast
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, ConfigDict

from karnay.accounts import NOTHING
from karnay.errors import AccountError, OutcomeUnknown, Rejected
from karnay.media.limits import MEGABYTE, DocumentLimits, ImageLimits, MediaLimits, VideoLimits
from karnay.platforms.address import Address, loopback
from karnay.platforms.answers import Answer, ErrorTable, Row, own_words
from karnay.platforms.base import Absent, CannotTell, Effect, Identity, Key, Receipt, Sighting, Step
from karnay.platforms.calls import Call, Ref
from karnay.platforms.sightings import Wanted, essence, look
from karnay.platforms.telegram_messages import ALBUM, ENTITIES, message, words
from karnay.platforms.telegram_page import Channel
from karnay.platforms.telegram_sample import SAMPLE
from karnay.platforms.telegram_witness import Witness
from karnay.platforms.wire import Wire, secret
from karnay.rendering.limits import Limits
from karnay.secrets import SecretRef
from karnay.text import telegram
from karnay.text.measure import Counter, Dialect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from karnay.accounts import Account, Budget
    from karnay.platforms.calls import Body
    from karnay.rendering.variant import Variant

T = TypeVar("T")

API = "https://api.telegram.org"
SITE = "https://t.me"

TEXT, CAPTION = 4096, 1024
"""Code points, once formatting is taken out: https://core.telegram.org/bots/api#sendmessage"""

MEDIA = MediaLimits(
    most=10,
    images=ImageLimits(
        formats=("image/jpeg", "image/png", "image/gif"),
        max_bytes=10 * MEGABYTE,
        max_sides=10_000,
        min_ratio=1 / 20,
        max_ratio=20,
        animated=True,
        max_animated_bytes=50 * MEGABYTE,
    ),
    videos=VideoLimits(formats=("video/mp4",), max_bytes=50 * MEGABYTE),
    documents=DocumentLimits(formats=("application/pdf",), max_bytes=50 * MEGABYTE),
    most_videos=10,
    most_documents=10,
    mixed=True,
)
"""https://core.telegram.org/bots/api#sending-files, https://core.telegram.org/bots/api#sendphoto;
there is no field for what they show."""

PIN = "pin-1"
"""The step that pins the first part."""

THREAD = 20
"""Messages that a group takes in a minute: https://core.telegram.org/bots/faq"""

SETTLING = timedelta(minutes=5)
"""How long a message may be missing from the channel's public page.

Telegram promises nothing: pages come from a cache whose age nobody states.
"""

PREVIEWS: Mapping[str, Mapping[str, Any]] = {
    "large": {"prefer_large_media": True},
    "small": {"prefer_small_media": True},
    "off": {"is_disabled": True},
}
"""https://core.telegram.org/bots/api#linkpreviewoptions"""


def _chat(value: str) -> str:
    if not re.fullmatch(r"@[A-Za-z]\w{3,31}|-?\d{1,20}", value, re.ASCII):
        raise ValueError("a chat is @its_name, or its number, such as -1001234567890")
    return value


class Details(BaseModel):
    """An account's table in karnay.toml; `api` names another Bot API server than Telegram's own.

    A post whose answer was lost is looked for on the channel's public page, unless `look_back` is
    off (`site` names another server for it than t.me), and asked for from a second bot in the
    channel, where `witness_token` is that bot's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    chat: Annotated[str, AfterValidator(_chat)]
    token: SecretRef
    api: Address = API
    look_back: bool = True
    site: Address = SITE
    witness_token: SecretRef | None = None

    @property
    def chat_id(self) -> str | int:
        """The chat as the Bot API wants it: a name, or a number."""
        return self.chat if self.chat.startswith("@") else int(self.chat)

    @property
    def shown_at(self) -> str:
        """Where people see the chat: a sandbox shows its chats itself."""
        return self.api if self.site == SITE and loopback(self.api) else self.site


class Options(BaseModel):
    """What a post may say under `platforms.telegram`; `topic` is a forum's message thread.

    Telegram has no field for what a picture shows: `append_alt` adds it to the text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    silent: bool = False
    protect: bool = False
    link_preview: Literal["large", "small", "off"] | None = None
    topic: int | None = None
    pin: bool = False
    append_alt: bool = False

    def fields(self) -> dict[str, Any]:
        """The options as the Bot API names them; what is not asked for is left out."""
        wanted = {
            "message_thread_id": self.topic,
            "link_preview_options": dict(PREVIEWS.get(self.link_preview or "", {})),
            "disable_notification": self.silent,
            "protect_content": self.protect,
        }
        return {name: value for name, value in wanted.items() if value}


def _reply(index: int) -> dict[str, Any]:
    before = Ref(f"create-{index}", number=True)
    reply = {"message_id": before, "allow_sending_without_reply": True}
    return {"reply_parameters": reply} if index else {}


def _step(api: str, key: Key, index: int, sent: tuple[str, Body]) -> Step:
    name, (method, body) = f"create-{index + 1}", sent
    call = Call("POST", f"{api}/bot{{token}}/{method}", body=body)
    return Step(name, Effect.ONCE, key.step(name), call, part=index)


def _pin(details: Details, key: Key) -> Step:
    """https://core.telegram.org/bots/api#pinchatmessage; channels notify nobody."""
    body = {
        "chat_id": details.chat_id,
        "message_id": Ref("create-1", number=True),
        "disable_notification": True,
    }
    call = Call("POST", f"{details.api}/bot{{token}}/pinChatMessage", body=body)
    return Step(PIN, Effect.KEYED, key.step(PIN), call)


def _pinned(details: Details, call: Call, wire: Wire) -> Receipt:
    """The post is out: that it cannot be pinned is told, and changes nothing of it."""
    try:
        return _answered(details, wire, call, effect=Effect.KEYED, table=ERRORS, read=_done)
    except (AccountError, Rejected) as error:
        return Receipt("", data={"not pinned": str(error)})


def _answered(
    details: Details,
    wire: Wire,
    call: Call,
    *,
    effect: Effect,
    table: ErrorTable,
    read: Callable[[Any], T],
) -> T:
    return wire.ask(
        call,
        effect=effect,
        table=table,
        read=lambda answer: read(answer["result"]),
        secrets={"token": secret(details.token)},
    )


def _parameter(answer: Answer, name: str) -> Any:
    parameters = answer.member("parameters")
    return parameters.get(name) if isinstance(parameters, dict) else None


def _words(answer: Answer) -> str:
    moved = _parameter(answer, "migrate_to_chat_id")
    return own_words(answer) + (f'; set chat = "{moved}"' if moved else "")


def _moment(answer: Answer, now: datetime) -> datetime | None:
    seconds = _parameter(answer, "retry_after")
    known = isinstance(seconds, int) and 0 <= seconds < 1e9
    return now + timedelta(seconds=seconds) if known else None


# Texts of telegram-bot-api's Client.cpp and tdlib's DialogManager.cpp, and two that were seen:
# https://github.com/TediCross/TediCross/issues/200, https://github.com/tdlib/td/issues/2301
# Any other 400 is about the content, https://core.telegram.org/bots/api#making-requests
ERRORS = ErrorTable(
    rows=(
        Row(400, "chat not found", AccountError),
        Row(400, "upgraded to a supergroup", AccountError),
        Row(400, "need administrator rights", AccountError),
        Row(400, "not enough rights", AccountError),
        Row(400, "no rights to send", AccountError),
        Row(400, "no write access", AccountError),
    ),
    words=_words,
    moment=_moment,
)


_EDITED = frozenset({"text", "entities", "caption", "caption_entities", "link_preview_options"})


class _AsItWas(Rejected):
    """An edit that would change nothing."""


EDIT_ERRORS = replace(ERRORS, rows=(Row(400, "message is not modified", _AsItWas), *ERRORS.rows))
ALBUM_ERRORS = replace(
    ERRORS,
    rows=(*ERRORS.rows, *(Row(status, "", OutcomeUnknown) for status in (400, 413, 429))),
)
"""An album's error may be told after some of its items were sent: `on_message_send_failed` in
https://github.com/tdlib/telegram-bot-api/blob/master/telegram-bot-api/Client.cpp"""


def _details(account: Account) -> Details:
    return cast("Details", account.details)


def _asked(details: Details, wire: Wire, query: str, read: Callable[[Any], T]) -> T:
    call = Call("GET", f"{details.api}/bot{{token}}/{query}")
    return _answered(details, wire, call, effect=Effect.SAFE, table=ERRORS, read=read)


def _receipt(message: Mapping[str, Any], site: str) -> Receipt:
    number = message["message_id"]
    if not isinstance(number, int) or number < 1:
        # 0 is a message that Telegram will send later, under a number that nobody knows yet.
        raise ValueError("no number")
    told = message.get("chat")
    chat = told if isinstance(told, dict) else {}
    return Receipt(str(number), _link(chat, number, site), {"chat": str(chat.get("id", ""))})


def _album(messages: Sequence[Mapping[str, Any]], site: str) -> Receipt:
    """The first message's, with the numbers of all: people see them as one post."""
    first, *others = [_receipt(one, site) for one in messages]
    numbers = " ".join([first.id, *(one.id for one in others)])
    return replace(first, data={**first.data, "album": numbers})


def _done(result: Any) -> Receipt:
    """Whatever it says, it is no refusal."""
    if not result:
        raise ValueError("no result")
    return Receipt("done")


def _link(chat: Mapping[str, Any], number: int, site: str) -> str:
    home = _home(chat, site)
    return f"{home}/{number}" if home else ""


def _home(chat: Mapping[str, Any], site: str) -> str:
    """`t.me/name`, or `t.me/c/1234567890` of a private channel; small groups have no links."""
    private = re.fullmatch(r"-100(\d+)", str(chat.get("id", "")))
    path = chat.get("username") or (private and f"c/{private[1]}")
    return f"{site}/{path}" if path else ""


def _named(*members: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A reader of an object that has these members; any other answer is not understood."""

    def read(result: dict[str, Any]) -> dict[str, Any]:
        return {**result, **{member: result[member] for member in members}}

    return read


def _may_post(kind: str, member: Mapping[str, Any]) -> bool:
    """https://core.telegram.org/bots/api#chatmember: only a channel asks for a right to post."""
    allowed = {
        "creator": True,
        "administrator": kind != "channel" or member.get("can_post_messages", False),
        "member": kind != "channel",
        "restricted": member.get("can_send_messages", False),
    }
    return bool(allowed.get(member["status"], False))


def _wanted(step: Step, since: datetime) -> Wanted:
    fields = step.call.fields
    parent = fields.get("reply_parameters", {}).get("message_id")
    return Wanted(essence(words(fields)), str(parent) if parent else None, since, orphaned=True)


def _sources(details: Details) -> Iterator[Channel | Witness]:
    """Where to look, the one that can prove an absence first."""
    if details.look_back and details.chat.startswith("@"):
        yield Channel(details.shown_at, details.chat[1:])
    if details.witness_token:

        def receipt(message: Mapping[str, Any]) -> Receipt:
            return _receipt(message, details.shown_at)

        yield Witness(details.api, details.witness_token, details.chat, receipt)


def _together(sightings: list[Sighting], chat: str) -> Sighting:
    """What several looks tell that have not seen it: one that proves its absence is enough."""
    if Absent() in sightings:
        return Absent()
    blind = [sighting for sighting in sightings if isinstance(sighting, CannotTell)]
    lets_no_bot = f"Telegram lets no bot read back what it posted: look into {chat}"
    why = "; ".join([*(sighting.why for sighting in blind), lets_no_bot])
    return CannotTell(why, for_good=all(sighting.for_good for sighting in blind))


class Telegram:
    """One message per part, each a visible call of its own that must not be repeated."""

    name = "telegram"
    title = "Telegram"
    details: type[BaseModel] = Details
    options: type[BaseModel] = Options
    settling = SETTLING
    # "About" so many, exact limits unpublished:
    # https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
    budgets: tuple[Budget, ...] = ()
    sample = SAMPLE

    def limits(
        self, account: Account, *, media: bool = False, options: Mapping[str, Any] = NOTHING
    ) -> Limits:
        """4,096 characters, or 1,024 below media; Telegram counts code points."""
        limit = CAPTION if media else TEXT
        return Limits(
            counters=(Counter("characters", limit, telegram.measure),),
            dialect=Dialect(keeps=frozenset(ENTITIES), detect=telegram.detect),
            parts=THREAD,
            media=MEDIA,
            alt_in_text=bool(options.get("append_alt")),
        )

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """A message for every part, each later one in reply to the one before it."""
        details = _details(account)
        options = Options.model_validate(dict(variant.options))
        common = {"chat_id": details.chat_id, **options.fields()}
        steps = [
            _step(details.api, key, index, message(part, {**common, **_reply(index)}))
            for index, part in enumerate(variant.parts)
        ]
        return [*steps, *([_pin(details, key)] if options.pin else [])]

    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        """Send one message, or pin it. Raises a PublishingError, and nothing else."""
        details = _details(account)
        if step.name == PIN:
            return _pinned(details, step.call, wire)
        is_album = step.call.url.endswith(ALBUM)
        return _answered(
            details,
            wire,
            step.call,
            effect=step.effect,
            table=ALBUM_ERRORS if is_album else ERRORS,
            read=lambda result: (_album if is_album else _receipt)(result, details.shown_at),
        )

    def edit(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> Receipt:
        """Change a message's text, or the caption below its files.

        https://core.telegram.org/bots/api#editmessagetext
        """
        details, fields = _details(account), step.call.fields
        (first, *_) = fields.get("media") or [{}]
        said = {name: value for name, value in {**fields, **first}.items() if name in _EDITED}
        method = "editMessageText" if "text" in said else "editMessageCaption"
        body = {"chat_id": details.chat_id, "message_id": int(receipt.id), **said}
        call = Call("POST", f"{details.api}/bot{{token}}/{method}", body=body)
        with contextlib.suppress(_AsItWas):
            _answered(details, wire, call, effect=Effect.KEYED, table=EDIT_ERRORS, read=_done)
        return receipt

    def delete(self, step: Step, receipt: Receipt, account: Account, wire: Wire) -> None:
        """Take a message down, or all of an album; those that are gone are passed over.

        https://core.telegram.org/bots/api#deletemessages
        """
        details = _details(account)
        numbers = [int(number) for number in receipt.data.get("album", receipt.id).split()]
        body = {"chat_id": details.chat_id, "message_ids": numbers}
        call = Call("POST", f"{details.api}/bot{{token}}/deleteMessages", body=body)
        _answered(details, wire, call, effect=Effect.KEYED, table=ERRORS, read=_done)

    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        """Look where others see the chat: the Bot API itself has no history.

        What is not on the channel's public page is absent; a second bot's silence proves nothing.
        """
        details, wanted = _details(account), _wanted(step, since)
        sightings: list[Sighting] = []
        for source in _sources(details):
            sighting = look(source.posts(wire, wanted.earliest), wanted)
            if isinstance(sighting, Receipt):
                return sighting
            sightings.append(sighting)
        return _together(sightings, details.chat)

    def identify(self, account: Account, wire: Wire) -> Identity:
        """The chat, by way of the bot. Raises AccountError where the bot may not post."""
        details = _details(account)
        bot = _asked(details, wire, "getMe", _named("id", "username"))
        where = f"chat_id={quote(details.chat)}"
        chat = _asked(details, wire, f"getChat?{where}", _named("id", "type"))
        query = f"getChatMember?{where}&user_id={bot['id']}"
        if not _may_post(chat["type"], _asked(details, wire, query, _named("status"))):
            raise AccountError(
                f"@{bot['username']} may not post in {details.chat}: "
                "make it an administrator there, with the right to post messages"
            )
        return Identity(chat.get("title") or details.chat, _home(chat, details.shown_at))


PLATFORM = Telegram()
