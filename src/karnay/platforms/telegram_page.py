"""A public channel's own page, `https://t.me/s/<channel>`: what people see without an account.

It is HTML without a contract: whatever is not understood is no absence. Its shape is taken from
pages that others have captured, such as those in the tests of the Python library "tchan".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

from karnay.platforms.answers import ErrorTable
from karnay.platforms.base import Effect, Receipt
from karnay.platforms.calls import Call
from karnay.platforms.sightings import Seen, Unsure, essence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborNode

    from karnay.platforms.answers import Answer
    from karnay.platforms.wire import Wire

PAGES = 25
"""Pages of about twenty messages that are read; who posts more meanwhile is asked."""

_HISTORY = ".tgme_channel_history"
_MESSAGE = ".tgme_widget_message[data-post]"
_TEXT = ".js-message_text"
_SERVICE = "service_message"  # "Channel created", "pinned a photo"
_FORWARDED = ".tgme_widget_message_forwarded_from"
_REPLY = "a.tgme_widget_message_reply"
_META = ".tgme_widget_message_meta"
_MOMENT = ".tgme_widget_message_date time[datetime]"
_MEDIA = ", ".join(
    f".tgme_widget_message_{kind}"
    for kind in (
        "photo_wrap", "video_player", "roundvideo_player", "voice_player", "document_wrap",
        "sticker_wrap", "grouped_wrap", "poll", "location_wrap", "contact_wrap",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Channel:
    """Where a channel shows itself, and the name that it has there, without an "@"."""

    site: str
    name: str

    def posts(self, wire: Wire, earliest: datetime) -> Iterator[Seen]:
        """All that was posted since then, and a little of what was posted before.

        Raises Unsure, or a PublishingError: ask later.
        """
        before: int | None = None
        for _ in range(PAGES):
            page = self._read(self._fetched(wire, before))
            yield from page.posts
            if page.begins_before(earliest):
                return
            before = min(page.numbers, default=1)
            if before == 1:
                raise Unsure(f"{self._address(None)} shows no message that is old enough")
        raise Unsure(f"more than {PAGES} pages of {self._address(None)} are newer", for_good=True)

    def _address(self, before: int | None) -> str:
        return f"{self.site}/s/{self.name}" + (f"?before={before}" if before else "")

    def _fetched(self, wire: Wire, before: int | None) -> str:
        address = self._address(before)
        answer = wire.send(Call("GET", address, {"Accept": "text/html"}), effect=Effect.SAFE)
        if answer.status in (408, 429) or answer.status >= 500:
            raise ErrorTable().error(answer, Effect.SAFE, wire.clock.now())
        if answer.status != 200:
            raise Unsure(_hidden(address, answer))
        return answer.text

    def _read(self, html: str) -> _Page:
        """The messages of one page. Raises Unsure for what is not such a page."""
        document = LexborHTMLParser(html)
        if document.css_first(_HISTORY) is None:
            raise Unsure(f"{self._address(None)} shows no messages: has the channel a preview?")
        messages = [_Message(node, self) for node in document.css(_MESSAGE)]
        return _Page(
            tuple(message.seen() for message in messages if message.may_be_ours()),
            tuple(message.number for message in messages),
            tuple(message.moment for message in messages),
        )


def _hidden(address: str, answer: Answer) -> str:
    return f"{address} cannot be read (it answers {answer.status}): is the channel public?"


@dataclass(frozen=True, slots=True)
class _Page:
    """What one page shows; numbers and moments are those of all its messages, posts or not."""

    posts: tuple[Seen, ...]
    numbers: tuple[int, ...]
    moments: tuple[datetime, ...]

    def begins_before(self, earliest: datetime) -> bool:
        return 1 in self.numbers or any(moment < earliest for moment in self.moments)


@dataclass(frozen=True, slots=True)
class _Message:
    """One message of a page."""

    node: LexborNode
    channel: Channel

    @property
    def number(self) -> int:
        name, _, number = (self.node.attributes["data-post"] or "").partition("/")
        if name.lower() != self.channel.name.lower() or not number.isdecimal():
            raise Unsure(f'the page of {self.channel.name} shows "{name}/{number}"')
        return int(number)

    @property
    def moment(self) -> datetime:
        shown = self.node.css_first(_MOMENT)
        try:
            moment = datetime.fromisoformat(shown.attributes["datetime"] or "" if shown else "")
        except ValueError:
            raise Unsure(f"{self._link} shows no time") from None
        return moment.astimezone(UTC)

    @property
    def _link(self) -> str:
        return f"{self.channel.site}/{self.channel.name}/{self.number}"

    def may_be_ours(self) -> bool:
        """Whether it is no service message, no other channel's, and no picture without words."""
        service = _SERVICE in (self.node.attributes["class"] or "").split()
        forwarded = self.node.css_first(_FORWARDED) is not None
        wordless = self.node.css_first(_TEXT) is None and self.node.css_first(_MEDIA) is not None
        return not (service or forwarded or wordless)

    def seen(self) -> Seen:
        """The message as a post; doubtful where it was edited, or its words are not found."""
        text = self.node.css_first(_TEXT)
        receipt = Receipt(str(self.number), self._link)
        words = essence(text.text(deep=True)) if text else ""
        doubtful = text is None or self._edited()
        return Seen(receipt, self.moment, words, self._reply_to(), doubtful)

    def _reply_to(self) -> str | None:
        reply = self.node.css_first(_REPLY)
        link = (reply.attributes.get("href") or "") if reply else ""
        return link.partition("?")[0].rpartition("/")[2] or None

    def _edited(self) -> bool:
        """The word "edited" stands beside the time, whichever language the page is in."""
        meta = self.node.css_first(_META)
        beside = meta.text(deep=False) if meta else ""
        return any(character.isalpha() for character in beside)
