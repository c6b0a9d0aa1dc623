"""Previews in the terminal: a panel for each account, a counter for each part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from karnay.cli.output import console
from karnay.previews import request_as_json
from karnay.text.richtext import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from karnay.errors import Problem
    from karnay.previews import Preview
    from karnay.rendering.variant import Part
    from karnay.text.richtext import RichText

_STYLES = {
    Kind.BOLD: "bold",
    Kind.ITALIC: "italic",
    Kind.STRIKE: "strike",
    Kind.CODE: "reverse",
    Kind.PRE: "reverse",
    Kind.LINK: "blue underline",
    Kind.MENTION: "cyan",
    Kind.HASHTAG: "cyan",
    Kind.CASHTAG: "cyan",
}
_WIDEST = 88  # columns: about as wide as people read with ease


def show(previews: list[Preview], *, requests: bool = False) -> None:
    """Print a panel for each preview and, if asked, the requests below it."""
    for preview in previews:
        console().print(panel(preview))
        if requests:
            _print_requests(preview)


def panel(preview: Preview) -> Panel:
    """One account's panel."""
    variant = preview.rendering.variant
    colour = "green" if preview.rendering.sendable else "red"
    return Panel(
        Group(*_inside(preview)),
        title=Text.assemble((variant.account, "bold"), f" · {variant.language}"),
        subtitle=Text(variant.template, style="dim"),
        title_align="left",
        subtitle_align="right",
        border_style=colour,
        width=min(_WIDEST, console().width),
    )


def _inside(preview: Preview) -> Iterator[RenderableType]:
    parts = preview.rendering.variant.parts
    for number, part in enumerate(parts, start=1):
        yield styled(part.text)
        yield from _attached(part)
        counted = f"{preview.limits.used(part.text)}/{preview.limits.limit}"
        unit = preview.limits.counters[0].unit
        of = f"{number} of {len(parts)} · " if len(parts) > 1 else ""
        yield Rule(Text(f"{of}{counted} {unit}", style="dim"), align="right", style="dim")
    if preview.cost:
        yield Text(f"$ {preview.cost}", style="dim")
    for note in preview.rendering.notes:
        yield Text(f"· {note}", style="dim")
    for problem in preview.rendering.problems:
        yield _problem(problem)


def _attached(part: Part) -> Iterator[RenderableType]:
    for span in part.text.spans:
        words = part.text.text[span.start : span.end]
        if span.kind is Kind.LINK and span.value != words:
            yield Text(f"↗ {words} → {span.value}", style="dim")
    if part.card:
        card = f"▤ {part.card.title} — {part.card.url}"
        yield Text(card, style="dim")
    for media in part.media:
        yield Text(f"▣ {media.name}: {media.alt or 'decoration'}", style="dim")


def _problem(problem: Problem) -> Text:
    if problem.warning:
        return Text(f"⚠ {problem}", style="yellow")
    return Text(f"✗ {problem}", style="red")


def styled(text: RichText) -> Text:
    """The text as the terminal can show it."""
    shown = Text(text.text)
    for span in text.spans:
        if span.kind in _STYLES:
            shown.stylize(_STYLES[span.kind], span.start, span.end)
    return shown


def _print_requests(preview: Preview) -> None:
    """The requests as they are sent, to the byte: no line is wrapped."""
    for step in preview.steps:
        request = request_as_json(step.call)
        lines = [f"{name}: {value}" for name, value in request["headers"].items()]
        console().print(Text(f"{request['method']} {request['url']}", "bold"), soft_wrap=True)
        console().print(Text("\n".join([*lines, "", request["body"]])), soft_wrap=True)
        console().print()
