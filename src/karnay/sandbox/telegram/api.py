"""Telegram's Bot API for channels: https://core.telegram.org/bots/api.

The bot of each token `<digits>:sandbox-telegram` may post in every channel `@name`, and in every
private one of the form -100 and ten digits. Texts carry their formatting in `entities`;
`parse_mode` is refused, because nothing here parses markup.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from karnay.sandbox.http import Refusal, Troubles, answered, base_url, parameters, publishing
from karnay.sandbox.telegram import files
from karnay.sandbox.telegram.entities import (
    MOST_ENTITIES,
    marks,
    refusal_of_entities,
    refusal_of_text,
)
from karnay.sandbox.telegram.updates import Updates
from karnay.sandbox.world import Published

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request

    from karnay.sandbox.telegram.files import Item
    from karnay.sandbox.uploads import Upload
    from karnay.sandbox.world import World

TOKEN = "110201543:sandbox-telegram"
WITNESS_TOKEN = "110201544:sandbox-telegram-witness"
DELETABLE_FOR = timedelta(hours=48)

_TOKEN_FORM = re.compile(r"\d+:[\w-]+")
_BOTH = ["GET", "POST"]  # the Bot API takes either
_OUR_TOKENS = re.compile(r"\d+:sandbox-telegram(-\w+)?")
_CHANNEL = re.compile(r"@[A-Za-z]\w{3,31}", re.ASCII)
_PRIVATE = re.compile(r"-100(\d{10})", re.ASCII)
_STRUCTURES = (  # JSON text in a form or a query
    "entities", "link_preview_options", "reply_parameters", "allowed_updates", "media",
    "caption_entities", "message_ids",
)  # fmt: skip

_SENDING = (
    "sendMessage", "sendMediaGroup", "sendPhoto", "sendVideo", "sendAnimation", "sendDocument",
)  # fmt: skip
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)

Parameters = dict[str, Any]
NOTHING: Parameters = {}
MOST_DELETED = 100


def _no(code: int, description: str) -> Refusal:
    return Refusal(code, {"ok": False, "error_code": code, "description": description})


def _bad(reason: str) -> Refusal:
    return _no(400, f"Bad Request: {reason}")


def _too_many(seconds: int) -> Refusal:
    said = f"Too Many Requests: retry after {seconds}"
    body = {"ok": False, "error_code": 429, "description": said}
    return Refusal(
        429, {**body, "parameters": {"retry_after": seconds}}, {"Retry-After": str(seconds)}
    )


TROUBLES = Troubles(
    refuse=lambda: _bad("message is too long"),
    rate_limit=_too_many,
    broken=lambda: _no(500, "Internal Server Error"),
)


class TelegramApi:
    """The methods of the Bot API that publishing in a channel needs."""

    def __init__(self, world: World) -> None:
        self.world = world
        # The first message of a channel is the service message that tells of its creation.
        self._ids: defaultdict[str, Iterator[int]] = defaultdict(lambda: count(2))
        self._updates = Updates(world.clock)
        self._names: dict[int, str] = {}
        self._groups = count(13_700_000_000_000_000)
        self._methods: dict[str, Callable[[Request, Parameters], Any]] = {
            "getme": self._get_me,
            "getupdates": self._get_updates,
            "getchat": self._get_chat,
            "getchatmember": self._get_chat_member,
            "sendmessage": self._send_message,
            "sendmediagroup": self._send_album,
            **{method: partial(self._send_file, kind) for method, kind in files.METHODS.items()},
            "editmessagetext": partial(self._edit, "text", "entities"),
            "editmessagecaption": partial(self._edit, "caption", "caption_entities"),
            "pinchatmessage": self._pin,
            "deletemessage": self._delete_message,
            "deletemessages": self._delete_messages,
        }

    def routes(self) -> list[Route]:
        """One address for each kind of answer."""
        send = publishing(self.world, "telegram", TROUBLES)(answered(self._method))
        return [
            *(Route(f"/telegram/bot{{token}}/{name}", send, methods=_BOTH) for name in _SENDING),
            Route("/telegram/bot{token}/{method}", answered(self._method), methods=_BOTH),
        ]

    async def _method(self, request: Request) -> Response:
        token = request.path_params["token"]
        name = request.url.path.rpartition("/")[2].lower()
        if not _TOKEN_FORM.fullmatch(token) or name not in self._methods:
            raise _no(404, "Not Found")
        if not _OUR_TOKENS.fullmatch(token):
            raise _no(401, "Unauthorized")
        try:
            result = self._methods[name](request, await _read(request))
        except files.BadFile as reason:
            raise _bad(str(reason)) from None
        return JSONResponse({"ok": True, "result": result})

    def _get_me(self, request: Request, _given: Parameters) -> Any:
        return {**_bot(request), "can_join_groups": True, "can_read_all_group_messages": False}

    def _get_chat(self, _request: Request, given: Parameters) -> Any:
        chat = self._chat(given)
        names = {"active_usernames": [chat["username"]]} if "username" in chat else {}
        return {**chat, "accent_color_id": 0, "max_reaction_count": 11, **names}

    def _get_updates(self, request: Request, given: Parameters) -> Any:
        return self._updates.told(_bot_number(request), given)

    def _get_chat_member(self, request: Request, given: Parameters) -> Any:
        self._chat(given)
        if str(given.get("user_id")) != _bot_number(request):
            raise _bad("user not found")
        rights = ("can_post_messages", "can_edit_messages", "can_delete_messages")
        return {
            "user": _bot(request), "status": "administrator", "can_be_edited": False,
            "is_anonymous": False, **dict.fromkeys(rights, True),
        }  # fmt: skip

    def _send_message(self, request: Request, given: Parameters) -> Any:
        text, entities = _checked_content(given, "text", "entities")
        told = {"text": text, **({"entities": entities} if entities else {})}
        return self._sent(request, given, {**told, **_kept(given, "link_preview_options")})

    def _send_file(self, kind: str, request: Request, given: Parameters) -> Any:
        return self._carried(request, given, files.single(kind, given))

    def _send_album(self, request: Request, given: Parameters) -> Any:
        items = files.album(given)
        group = {"media_group_id": str(next(self._groups))}
        first = self._carried(request, given, items[0], group)
        return [first, *(self._carried(request, given, item, group) for item in items[1:])]

    def _carried(
        self, request: Request, given: Parameters, item: Item, more: Parameters = NOTHING
    ) -> Any:
        said = {"caption": item.caption, "caption_entities": list(item.entities)}
        caption, entities = _checked_content(said, "caption", "caption_entities")
        now = self.world.clock.now()
        upload = self.world.media.put(
            "telegram",
            _bot_number(request),
            item.part.content,
            name=item.part.name,
            now=now,
            takes=timedelta(),
        )
        told = {
            **({"caption": caption} if caption else {}),
            **({"caption_entities": entities} if entities else {}),
        }
        return self._sent(request, given, {**files.shown(item, upload), **told, **more}, (upload,))

    def _sent(
        self,
        request: Request,
        given: Parameters,
        content: Parameters,
        media: tuple[Upload, ...] = (),
    ) -> Any:
        chat = self._chat(given)
        parent = self._parent(_address(chat), given.get("reply_parameters"))
        message = {
            "message_id": next(self._ids[_address(chat)]),
            "sender_chat": chat,
            "chat": chat,
            "date": int(self.world.clock.now().timestamp()),
            **_answering(parent),
            **content,
        }
        post = self._published(base_url(request, "telegram"), message)
        self.world.ledger.put(replace(post, media=media))
        self._updates.add(_bot_number(request), message)
        return message

    def _edit(self, name: str, formatting: str, request: Request, given: Parameters) -> Any:
        post = self._posted(given, "message to edit not found")
        if name not in post.body and not (name == "caption" and post.media):
            raise _bad(f"there is no {name} in the message to edit")
        text, entities = _checked_content(given, name, formatting)
        if (text, entities) == (post.text, post.body.get(formatting, [])):
            raise _bad(_NOT_MODIFIED)
        rest = {key: value for key, value in post.body.items() if key not in (name, formatting)}
        told = {name: text, **({formatting: entities} if entities else {})}
        message = {**rest, **told, "edit_date": int(self.world.clock.now().timestamp())}
        changed = self._published(base_url(request, "telegram"), message)
        self.world.ledger.put(replace(changed, at=post.at, media=post.media))
        return message

    def _pin(self, _request: Request, given: Parameters) -> Any:
        self._posted(given, "message to pin not found")
        return True

    def _posted(self, given: Parameters, otherwise: str) -> Published:
        channel, number = _address(self._chat(given)), str(given.get("message_id"))
        post = self.world.ledger.get("telegram", channel, number)
        if post is None:
            raise _bad(otherwise)
        return post

    def _published(self, api: str, message: Parameters) -> Published:
        text = message.get("text") or message.get("caption") or ""
        formatting = message.get("entities") or message.get("caption_entities") or []
        channel, number = _address(message["chat"]), str(message["message_id"])
        home = channel if "username" in message["chat"] else f"c/{channel}"
        return Published(
            platform="telegram",
            account=channel,
            id=number,
            link=f"{api}/{home}/{number}",
            text=text,
            at=self.world.clock.now(),
            reply_to=str(message.get("reply_to_message", {}).get("message_id", "")),
            marks=marks(text, formatting),
            body=message,
        )

    def _delete_message(self, _request: Request, given: Parameters) -> Any:
        post = self._posted(given, "message to delete not found")
        if self.world.clock.now() - post.at >= DELETABLE_FOR:
            raise _bad("message can't be deleted")
        self.world.ledger.take_down(post)
        return True

    def _delete_messages(self, request: Request, given: Parameters) -> Any:
        """Those that are not found are skipped."""
        numbers = given.get("message_ids")
        if not isinstance(numbers, list) or not 1 <= len(numbers) <= MOST_DELETED:
            raise _bad("message identifiers are not specified")
        for number in numbers:
            with contextlib.suppress(Refusal):
                self._delete_message(request, {**given, "message_id": number})
        return True

    def _chat(self, given: Parameters) -> dict[str, Any]:
        wanted = str(given.get("chat_id") or "")
        if not wanted:
            raise _bad("chat_id is empty")
        if _PRIVATE.fullmatch(wanted) and int(wanted) not in self._names:
            return {"id": int(wanted), "title": f"Private {wanted}", "type": "channel"}
        name = wanted[1:] if _CHANNEL.fullmatch(wanted) else self._known(wanted)
        number = _number(name)
        self._names[number] = name
        return {"id": number, "title": name, "username": name, "type": "channel"}

    def _known(self, wanted: str) -> str:
        try:
            return self._names[int(wanted)]
        except (ValueError, KeyError):
            raise _bad("chat not found") from None

    def _parent(self, channel: str, reply: Any) -> Published | None:
        if reply is None:
            return None
        if not isinstance(reply, dict) or not isinstance(reply.get("message_id"), int):
            raise _bad("can't parse reply parameters")
        parent = self.world.ledger.get("telegram", channel, str(reply["message_id"]))
        if parent is None and not reply.get("allow_sending_without_reply"):
            raise _bad("message to be replied not found")
        return parent


async def _read(request: Request) -> Parameters:
    given = await parameters(request)
    if given is None:
        raise _bad("can't parse request body as JSON object")
    return {**given, **{name: _structure(given[name]) for name in _STRUCTURES if name in given}}


def _structure(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _checked_content(
    given: Parameters, name: str, formatting: str
) -> tuple[str, list[dict[str, Any]]]:
    """Text or caption, with its formatting; only a caption may be empty."""
    if given.get("parse_mode"):
        raise _bad("unsupported parse_mode")
    text, entities = given.get(name, ""), given.get(formatting) or []
    if not isinstance(text, str):
        raise _bad("message text must be a string")
    if name == "caption" and len(text) > files.LONGEST_CAPTION:
        raise _bad("message caption is too long")
    empty = name == "caption" and not text
    reason = "" if empty else refusal_of_text(text) or refusal_of_entities(text, entities)
    if reason:
        raise _bad(reason)
    return text, entities[:MOST_ENTITIES]


def _answering(parent: Published | None) -> Parameters:
    """What is answered comes without what that itself answers (Bot API, Message)."""
    if parent is None:
        return {}
    body = {name: value for name, value in parent.body.items() if name != "reply_to_message"}
    return {"reply_to_message": body}


def _kept(given: Parameters, name: str) -> Parameters:
    return {name: given[name]} if isinstance(given.get(name), dict) else {}


def _bot_number(request: Request) -> str:
    return str(request.path_params["token"].partition(":")[0])


def _address(chat: Parameters) -> str:
    """The channel's name in its addresses; a private one has a number there."""
    return str(chat.get("username") or str(chat["id"]).removeprefix("-100"))


def _bot(request: Request) -> dict[str, Any]:
    return {
        "id": int(_bot_number(request)),
        "is_bot": True,
        "first_name": "karnay's sandbox",
        "username": "karnay_sandbox_bot",
    }


def _number(channel: str) -> int:
    """The channel's id: thirteen digits behind a minus, the same for the same name."""
    digest = int(hashlib.sha256(channel.lower().encode()).hexdigest(), 16)
    return -(10**12 + 10**9 + digest % (9 * 10**9))
