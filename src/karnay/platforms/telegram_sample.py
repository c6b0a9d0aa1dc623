"""What the conformance kit needs to exercise Telegram without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from karnay.errors import AccountError, RateLimited, Rejected
from karnay.platforms.base import Exchange, Refusal, Sample

if TYPE_CHECKING:
    from karnay.errors import PublishingError


_CHAT = {"id": -1001234567890, "username": "tict_uz", "type": "channel"}


def _message(number: int, method: str = "sendMessage") -> Exchange:
    return _yes("POST", f"/{method}", _shown(number))


def _shown(number: int) -> dict[str, Any]:
    return {"message_id": number, "date": 1795550400, "chat": _CHAT}


def _yes(method: str, path: str, result: Any) -> Exchange:
    return Exchange(method, path, 200, {"ok": True, "result": result})


def _no(status: int, said: str, error: type[PublishingError], **parameters: int) -> Refusal:
    more = {"parameters": parameters} if parameters else {}
    return Refusal(status, {"ok": False, "error_code": status, "description": said, **more}, error)


_PAGE = (
    "<div class='tgme_widget_message' data-post='tict_uz/56'>"
    "<div class='tgme_widget_message_text js-message_text'>Open day</div>"
    "<a class='tgme_widget_message_date'><time datetime='2026-11-23T04:00:00+00:00'></time></a>"
    "</div></section>"
)

SAMPLE = Sample(
    account={"platform": "telegram", "chat": "@tict_uz", "token": "env:TELEGRAM_TOKEN"},
    secrets={"TELEGRAM_TOKEN": "4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcM"},
    network=(
        *(_message(number) for number in (57, 58, 59)),
        *(_message(57, f"send{kind}") for kind in ("Photo", "Video", "Animation", "Document")),
        _yes("POST", "/sendMediaGroup", [_shown(number) for number in (54, 55, 56)]),
        *(_message(57, f"editMessage{what}") for what in ("Text", "Caption")),
        *(_yes("POST", f"/{method}", True) for method in ("deleteMessages", "pinChatMessage")),
        # A JSON string is a page, too, if its attributes are in single quotes.
        Exchange("GET", "/s/tict_uz", 200, f"<section class='tgme_channel_history'>{_PAGE}"),
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
