"""Making a container of what a client asks for.

https://developers.facebook.com/docs/threads/reference/publishing
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from karnay.sandbox import graph
from karnay.sandbox.fetching import NotFetched, fetched
from karnay.sandbox.threads import rules
from karnay.sandbox.threads.containers import Container, Containers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from karnay.sandbox.uploads import Upload
    from karnay.sandbox.world import World

_OPTIONS = ("topic_tag", "link_attachment", "reply_control")
FIELDS = (
    *("media_type", "text", "image_url", "video_url", "alt_text", "is_carousel_item", "children"),
    *("reply_to_id", *_OPTIONS),
)
_TYPES = ("TEXT", "IMAGE", "VIDEO", "CAROUSEL")


@dataclass(frozen=True, slots=True)
class Making:
    """Makes containers; a file is worked on for as long as it `takes`."""

    world: World
    containers: Containers
    takes: timedelta

    async def made(self, number: str, account: str, fields: Mapping[str, Any]) -> Container:
        """The container that these parameters ask for. Raises Refusal."""
        base = self._base(number, account, fields)
        match base.kind:
            case "TEXT" if not base.text or base.is_item:
                raise graph.invalid("The parameter text is required, and words are no child")
            case "TEXT":
                return base
            case "CAROUSEL":
                return self._carousel(base, fields)
            case _:
                return await self._item(base, fields)

    def _base(self, number: str, account: str, fields: Mapping[str, Any]) -> Container:
        kind = graph.text_of(fields, "media_type")
        if kind not in _TYPES:
            raise graph.invalid(f"Param media_type must be one of {{{', '.join(_TYPES)}}}")
        options = {name: graph.text_of(fields, name) for name in _OPTIONS if fields.get(name)}
        text = graph.text_of(fields, "text")
        _check(kind, text, options)
        now = self.world.clock.now()
        return Container(
            number,
            account,
            kind,
            made=now,
            ready_at=now + (timedelta() if kind == "TEXT" else self.takes),
            text=text,
            reply_to=self._answered(fields),
            options=options,
            is_item=graph.flag_of(fields, "is_carousel_item", otherwise=False),
        )

    def _answered(self, fields: Mapping[str, Any]) -> str:
        """The id of the post that is to be answered, which must be there."""
        parent = graph.text_of(fields, "reply_to_id")
        if parent and self.world.ledger.find(rules.NAME, parent) is None:
            raise rules.not_there()
        return parent

    def _carousel(self, base: Container, fields: Mapping[str, Any]) -> Container:
        names = [str(name) for name in graph.list_of(fields, "children")]
        if not rules.FEWEST_ITEMS <= len(names) <= rules.MOST_ITEMS:
            raise graph.invalid("A carousel has 2 to 20 children")
        children = [self.containers.of(base.account, name) for name in names]
        if not all(child.is_item for child in children):
            raise graph.invalid("A child of a carousel must have is_carousel_item")
        if any(self.containers.state(child) != "FINISHED" for child in children):
            raise rules.not_there()
        return replace(base, children=tuple(names))

    async def _item(self, base: Container, fields: Mapping[str, Any]) -> Container:
        name = f"{base.kind.lower()}_url"
        if not fields.get(name):
            raise graph.invalid(f"The parameter {name} is required")
        if base.is_item and base.text:
            raise graph.invalid("A child of a carousel has no text")
        alt = graph.text_of(fields, "alt_text")
        rules.check_alt(alt)
        try:
            content = await fetched(graph.text_of(fields, name))
        except NotFetched:
            return _unfetched(base)
        medium = self._put(base, content, alt)
        if base.kind == "IMAGE" and not rules.shows(medium.look, len(content)):
            raise rules.not_fetched()
        return replace(base, medium=medium)

    def _put(self, base: Container, content: bytes, alt: str) -> Upload:
        return self.world.media.put(
            rules.NAME,
            base.account,
            content,
            name="",
            now=base.made,
            takes=self.takes,
            alt=alt,
            id_=base.id,
        )


def _check(kind: str, text: str, options: Mapping[str, str]) -> None:
    link = options.get("link_attachment", "")
    rules.check_attached(link, kind)
    rules.check_text(text, link)
    rules.check_topic(options.get("topic_tag", ""))
    rules.check_audience(options.get("reply_control", ""))


def _unfetched(base: Container) -> Container:
    """A picture is fetched at once, a video later: then its container ends in an error."""
    if base.kind == "IMAGE":
        raise rules.not_fetched()
    return base
