"""Telegram: a bot that posts to a channel or a group, https://core.telegram.org/bots/api."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, cast
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, ConfigDict

from karnay.accounts import NOTHING
from karnay.errors import AccountError
from karnay.platforms.address import Address, loopback
from karnay.platforms.answers import Answer, ErrorTable, Row, own_words
from karnay.platforms.base import Absent, CannotTell, Effect, Identity, Key, Receipt, Sighting, Step
from karnay.platforms.calls import Call, Ref
from karnay.platforms.sightings import Wanted, essence, look
from karnay.platforms.telegram_page import Channel
from karnay.platforms.telegram_sample import SAMPLE
from karnay.platforms.telegram_witness import Witness
from karnay.platforms.wire import Wire, secret
from karnay.rendering.limits import Limits
from karnay.secrets import SecretRef
from karnay.text import telegram
from karnay.text.measure import Counter, Dialect
from karnay.text.richtext import Kind, RichText, Span, utf16_offsets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from karnay.accounts import Account, Budget
    from karnay.rendering.variant import Part, Variant

T = TypeVar("T")

API = "https://api.telegram.org"
SITE = "https://t.me"

TEXT, CAPTION = 4096, 1024
"""Code points, once formatting is taken out: https://core.telegram.org/bots/api#sendmessage"""

THREAD = 20
"""Messages that a group takes in a minute: https://core.telegram.org/bots/faq"""

ENTITIES: Mapping[Kind, str] = {
    Kind.BOLD: "bold",
    Kind.ITALIC: "italic",
    Kind.STRIKE: "strikethrough",
    Kind.CODE: "code",
    Kind.PRE: "pre",
    Kind.QUOTE: "blockquote",
    Kind.LINK: "text_link",
}
"""Our spans by Telegram's names: https://core.telegram.org/bots/api#messageentity

Bare links, mentions and hashtags are found by Telegram itself, also beside given entities.
"""

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
    """What a post may say under `platforms.telegram`; `topic` is a forum's message thread."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    silent: bool = False
    protect: bool = False
    link_preview: Literal["large", "small", "off"] | None = None
    topic: int | None = None

    def fields(self) -> dict[str, Any]:
        """The options as the Bot API names them; what is not asked for is left out."""
        wanted = {
            "message_thread_id": self.topic,
            "link_preview_options": dict(PREVIEWS.get(self.link_preview or "", {})),
            "disable_notification": self.silent,
            "protect_content": self.protect,
        }
        return {name: value for name, value in wanted.items() if value}


def entities(text: RichText) -> list[dict[str, Any]]:
    """The formatting as Telegram wants it: offsets and lengths in UTF-16 code units."""
    units = utf16_offsets(text.text)
    spans = sorted(text.spans, key=lambda span: (span.start, -span.end))
    return [_entity(span, units) for span in spans if _is_told(span, text.text)]


def _is_told(span: Span, text: str) -> bool:
    shown = text[span.start : span.end]
    bare = span.kind is Kind.LINK and span.value in ("", shown)
    return span.kind in ENTITIES and bool(shown) and not bare


def _entity(span: Span, units: list[int]) -> dict[str, Any]:
    start, end = units[span.start], units[span.end]
    entity: dict[str, Any] = {
        "type": ENTITIES[span.kind],
        "offset": start,
        "length": end - start,
    }
    if span.kind is Kind.LINK:
        entity["url"] = span.value
    if span.kind is Kind.PRE and span.value:
        entity["language"] = span.value
    return entity


def _content(part: Part) -> dict[str, Any]:
    told = entities(part.text)
    return {"text": part.text.text, **({"entities": told} if told else {})}


def _reply(index: int) -> dict[str, Any]:
    before = Ref(f"create-{index}", number=True)
    reply = {"message_id": before, "allow_sending_without_reply": True}
    return {"reply_parameters": reply} if index else {}


def _step(api: str, key: Key, index: int, body: dict[str, Any]) -> Step:
    name = f"create-{index + 1}"
    call = Call("POST", f"{api}/bot{{token}}/sendMessage", body=body)
    return Step(name, Effect.ONCE, key.step(name), call, part=index)


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


def _details(account: Account) -> Details:
    return cast("Details", account.details)


def _asked(details: Details, wire: Wire, query: str, read: Callable[[Any], T]) -> T:
    return wire.ask(
        Call("GET", f"{details.api}/bot{{token}}/{query}"),
        effect=Effect.SAFE,
        table=ERRORS,
        read=lambda answer: read(answer["result"]),
        secrets={"token": secret(details.token)},
    )


def _receipt(message: Mapping[str, Any], site: str) -> Receipt:
    number = message["message_id"]
    if not isinstance(number, int) or number < 1:
        # 0 is a message that Telegram will send later, under a number that nobody knows yet.
        raise ValueError("no number")
    told = message.get("chat")
    chat = told if isinstance(told, dict) else {}
    return Receipt(str(number), _link(chat, number, site), {"chat": str(chat.get("id", ""))})


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
    body = step.call.body
    parent = body.get("reply_parameters", {}).get("message_id")
    return Wanted(essence(body["text"]), str(parent) if parent else None, since, orphaned=True)


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
        )

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """A `sendMessage` for every part, each later one in reply to the one before it."""
        details = _details(account)
        asked = Options.model_validate(dict(variant.options)).fields()
        bodies = [
            {"chat_id": details.chat_id, **_content(part), **asked, **_reply(index)}
            for index, part in enumerate(variant.parts)
        ]
        return [_step(details.api, key, index, body) for index, body in enumerate(bodies)]

    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        """Send one message. Raises a PublishingError, and nothing else."""
        details = _details(account)
        return wire.ask(
            step.call,
            effect=step.effect,
            table=ERRORS,
            read=lambda answer: _receipt(answer["result"], details.shown_at),
            secrets={"token": secret(details.token)},
        )

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
