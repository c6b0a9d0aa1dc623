"""A second bot in a channel, which hears what the first one posts: `getUpdates`.

https://core.telegram.org/bots/api#getupdates. People disagree on whether a bot hears of another
bot's posts, and updates are kept for a day: what is heard is proof, silence is none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from karnay.errors import AccountError, Rejected
from karnay.platforms.answers import ErrorTable, Row
from karnay.platforms.base import Effect
from karnay.platforms.calls import Call
from karnay.platforms.sightings import Seen, Unsure, essence
from karnay.platforms.wire import secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from karnay.platforms.base import Receipt
    from karnay.platforms.wire import Wire
    from karnay.secrets import SecretRef

PAGE = 100
"""The most updates in one answer."""

PAGES = 10

KEPT = timedelta(hours=1)
"""Updates are confirmed, and so forgotten, only when they are this much older than our attempt:
those of other channels and other deliveries may still be needed."""

_KIND = "channel_post"

ERRORS = ErrorTable(rows=(Row(409, "", AccountError),))
"""409: a webhook is set, or another program asks for the same bot's updates."""


@dataclass(frozen=True, slots=True)
class Witness:
    """The bot, the chat in which it listens (`@its_name`, or a number), and how it reads a message.

    `receipt` makes of a message what the bot that sent it was given.
    """

    api: str
    token: SecretRef
    chat: str
    receipt: Callable[[Mapping[str, Any]], Receipt]

    def posts(self, wire: Wire, earliest: datetime) -> Iterator[Seen]:
        """What was heard in the chat; always ends in Unsure, or a PublishingError: ask later."""
        try:
            for message in self._heard(wire, earliest):
                if self._is_ours(message):
                    yield self._seen(message)
        except (AccountError, Rejected) as error:
            raise Unsure(f"the witness bot cannot be asked: {error}") from None
        raise Unsure(f"the witness bot has not heard it in {self.chat}, which proves nothing")

    def _heard(self, wire: Wire, earliest: datetime) -> Iterator[Mapping[str, Any]]:
        confirmed: dict[str, int] = {}
        for _ in range(PAGES):
            updates = self._updates(wire, confirmed)
            heard = [update[_KIND] for update in updates if _KIND in update]
            yield from heard
            if len(updates) < PAGE or any(_made(one) >= earliest - KEPT for one in heard):
                return
            confirmed = {"offset": updates[-1]["update_id"] + 1}

    def _updates(self, wire: Wire, confirmed: Mapping[str, int]) -> list[dict[str, Any]]:
        kinds = json.dumps([_KIND])
        query = urlencode({"limit": PAGE, "timeout": 0, "allowed_updates": kinds, **confirmed})
        return wire.ask(
            Call("GET", f"{self.api}/bot{{witness}}/getUpdates?{query}"),
            effect=Effect.SAFE,
            table=ERRORS,
            read=_updates_of,
            secrets={"witness": secret(self.token)},
        )

    def _is_ours(self, message: Mapping[str, Any]) -> bool:
        chat = message["chat"]
        names = (str(chat["id"]), f"@{chat.get('username', '')}".lower())
        numbered = message["message_id"] > 0  # 0: one that Telegram has put off
        return numbered and "text" in message and self.chat.lower() in names

    def _seen(self, message: Mapping[str, Any]) -> Seen:
        replied = message.get("reply_to_message")
        reply_to = str(replied["message_id"]) if replied else None
        return Seen(self.receipt(message), _made(message), essence(message["text"]), reply_to)


def _updates_of(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The updates, each message with what we need of it; other shapes are not understood."""
    updates: list[dict[str, Any]] = answer["result"]
    for update in updates:
        int(update["update_id"])
        if _KIND in update:
            _made(update[_KIND]), update[_KIND]["chat"]["id"], update[_KIND]["message_id"]
    return updates


def _made(message: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(message["date"], UTC)
