"""Telegram: a bot that posts to a channel or a group, https://core.telegram.org/bots/api."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, cast
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, ConfigDict

from karnay.accounts import NOTHING
from karnay.errors import AccountError, RateLimited, Rejected
from karnay.platforms.address import Address, loopback
from karnay.platforms.base import (
    Call,
    CannotTell,
    Effect,
    Exchange,
    Identity,
    Key,
    Receipt,
    Ref,
    Refusal,
    Sample,
    Sighting,
    Step,
)
from karnay.platforms.wire import Answer, ErrorTable, Row, Wire, own_words, secret
from karnay.rendering.limits import Limits
from karnay.secrets import SecretRef
from karnay.text import telegram
from karnay.text.measure import Counter, Dialect
from karnay.text.richtext import Kind, RichText, Span, utf16_offsets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from karnay.accounts import Account, Budget
    from karnay.errors import PublishingError
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
    """An account's table in karnay.toml; `api` names another Bot API server than Telegram's own."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    chat: Annotated[str, AfterValidator(_chat)]
    token: SecretRef
    api: Address = API

    @property
    def chat_id(self) -> str | int:
        """The chat as the Bot API wants it: a name, or a number."""
        return self.chat if self.chat.startswith("@") else int(self.chat)


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


def _receipt(message: Mapping[str, Any], api: str) -> Receipt:
    number = message["message_id"]
    if not isinstance(number, int) or number < 1:
        # 0 is a message that Telegram will send later, under a number that nobody knows yet.
        raise ValueError("no number")
    told = message.get("chat")
    chat = told if isinstance(told, dict) else {}
    return Receipt(str(number), _link(chat, number, api), {"chat": str(chat.get("id", ""))})


def _link(chat: Mapping[str, Any], number: int, api: str) -> str:
    home = _home(chat, api)
    return f"{home}/{number}" if home else ""


def _home(chat: Mapping[str, Any], api: str) -> str:
    """`t.me/name`, or `t.me/c/1234567890` of a private channel; small groups have no links.

    A sandbox shows its chats itself; a Bot API server of one's own only passes things on.
    """
    private = re.fullmatch(r"-100(\d+)", str(chat.get("id", "")))
    path = chat.get("username") or (private and f"c/{private[1]}")
    site = api if loopback(api) else SITE
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


def _message(number: int) -> Exchange:
    chat = {"id": -1001234567890, "username": "tict_uz", "type": "channel"}
    return _yes("POST", "/sendMessage", {"message_id": number, "date": 1795550400, "chat": chat})


def _yes(method: str, path: str, result: Any) -> Exchange:
    return Exchange(method, path, 200, {"ok": True, "result": result})


def _no(status: int, said: str, error: type[PublishingError], **parameters: int) -> Refusal:
    more = {"parameters": parameters} if parameters else {}
    return Refusal(status, {"ok": False, "error_code": status, "description": said, **more}, error)


SAMPLE = Sample(
    account={"platform": "telegram", "chat": "@tict_uz", "token": "env:TELEGRAM_TOKEN"},
    secrets={"TELEGRAM_TOKEN": "4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcM"},
    network=(
        *(_message(number) for number in (57, 58, 59)),
        _yes("GET", "/getMe", {"id": 4839574812, "is_bot": True, "username": "tict_bot"}),
        _yes("GET", "/getChat", {"id": -1001234567890, "title": "TICT", "type": "channel"}),
        _yes("GET", "/getChatMember", {"status": "administrator", "can_post_messages": True}),
    ),
    refusals=(
        _no(400, "Bad Request: message text is empty", Rejected),
        _no(400, "Bad Request: message is too long", Rejected),
        _no(400, "Bad Request: can't parse entities: unsupported start tag", Rejected),
        _no(400, "Bad Request: message thread not found", Rejected),
        _no(400, "Bad Request: chat not found", AccountError),
        _no(400, "Bad Request: need administrator rights in the channel chat", AccountError),
        _no(400, "Bad Request: not enough rights to send text messages to the chat", AccountError),
        _no(400, "Bad Request: have no rights to send a message", AccountError),
        _no(400, "Bad Request: have no write access to the chat", AccountError),
        _no(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            AccountError,
            migrate_to_chat_id=-1009876543210,
        ),
        _no(401, "Unauthorized", AccountError),
        _no(403, "Forbidden: bot was kicked from the channel chat", AccountError),
        _no(403, "Forbidden: bot is not a member of the channel chat", AccountError),
        _no(404, "Not Found", AccountError),
        _no(413, "Request Entity Too Large", Rejected),
        _no(429, "Too Many Requests: retry after 35", RateLimited, retry_after=35),
    ),
)
"""Answers as telegram-bot-api gives them, https://github.com/tdlib/telegram-bot-api"""


class Telegram:
    """One message per part, each a visible call of its own that must not be repeated."""

    name = "telegram"
    title = "Telegram"
    details: type[BaseModel] = Details
    options: type[BaseModel] = Options
    settling = timedelta()
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
            read=lambda answer: _receipt(answer["result"], details.api),
            secrets={"token": secret(details.token)},
        )

    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        """Nothing can be found: the Bot API has no history, and tells no bot of its own posts."""
        chat = _details(account).chat
        return CannotTell(f"Telegram lets no bot read back what it posted: look into {chat}")

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
        return Identity(chat.get("title") or details.chat, _home(chat, details.api))


PLATFORM = Telegram()
