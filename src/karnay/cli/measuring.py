"""`karnay measure` and `karnay split`."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from karnay.cli.exits import Exit
from karnay.cli.output import C, as_json, tell_problems, write_json
from karnay.errors import InvalidPost, NotFound, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import BufferedIOBase

    from karnay.cli.jsonl import Answer, Line
    from karnay.cli.yardstick import Measurement, Yardstick

_STDIN = "-"


def _text_options(command: C) -> C:
    """Give the command PLATFORM, FILE and the options that say what is to be measured, and how."""
    options = (
        click.argument("platform"),
        click.argument("file", default=_STDIN),
        click.option("--media", is_flag=True, help="Media go along (Telegram: 1,024, not 4,096)."),
        click.option(
            "--spoiler",
            metavar="TEXT",
            default="",
            help="The content warning (Mastodon counts it).",
        ),
        click.option(
            "--limit", type=click.IntRange(min=1), metavar="N", help="The instance's own limit."
        ),
        click.option("--tier", type=click.Choice(["premium"]), help="X Premium: 25,000."),
        click.option("--markdown", is_flag=True, help="The text is Markdown, as in a post."),
        click.option("--jsonl", is_flag=True, help="A text a line in, an answer a line out."),
        as_json,
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@_text_options
@click.pass_context
def measure(ctx: click.Context, /, **asked: Any) -> None:
    """Measure a text as PLATFORM does, and show what becomes a link, mention or tag there.

    PLATFORM is bluesky, facebook, instagram, linkedin, mastodon, telegram, threads or x. The text
    is read from FILE, or from stdin where there is none or it is "-", as UTF-8; one line break at
    its end is left out. It is measured as typed, so that Markdown's signs count, unless --markdown
    says that it is written like a post; then it is measured as the network would get it. No
    workspace is needed and no network is asked.

    Prints each counter with its limit, and each entity with its place in code points (from 0, end
    exclusive). Problems go to stderr; a warning says where a network's documents leave doubt. The
    exit code is 65 when the text does not fit.

    \b
    With --jsonl, stdin or FILE holds a JSON object a line:
      {"id": "1", "text": "Hello", "media": false, "spoiler": ""}
    "id", a string or a number, comes back; "media" and "spoiler" may be left
    out, and are as the options say, then; other keys do not matter. The answer
    to each line is one line, in the same order, and written at once:
      {"id": "1", "used": 5, "limit": 280, "fits": true, "cashtags": 0,
       "native_unit": "code-points", "entities": [], "problems": []}
    "used" and "limit" are of the first counter, and what else is counted has a
    key of its own: "bytes" on Bluesky, "cashtags" on X, "links" on Threads,
    "hashtags" and "mentions" on Instagram. "fits" says that no limit at all is
    exceeded, and "problems" which ones are:
      {"message": "1 bytes over the limit (3,001 of 3,000)", "severity": "error"}
    An entity has its "kind" (link, mention, hashtag, cashtag), its "text", its
    "start" and "end" in code points, and "native_start" and "native_end" in
    "native_unit", in which the network's own API counts: "utf-16" units on
    Telegram, "utf-8" bytes on Bluesky, "code-points" on X and elsewhere. With
    --markdown the answer has the "text" that was measured.
    A line that cannot be read or measured is answered with
      {"id": "1", "error": "not JSON: ..."}
    ("id" is null where it is not known), the others are answered all the same,
    and the exit code is 65.
    """
    _run(ctx, asked, _measured_line, _measure_one)


@click.command()
@_text_options
@click.option("--numbered", is_flag=True, help="Add ` 1/4` to each of several parts, and count it.")
@click.pass_context
def split(ctx: click.Context, /, **asked: Any) -> None:
    """Split a text into the parts of a thread, each of which fits PLATFORM.

    PLATFORM, FILE and the options are as for `karnay measure`. A line `---` begins a new part.
    What is too long is split between paragraphs, else sentences, else clauses, else words, into
    as few parts as can be or one more, of about the same length; no link, mention, tag or
    character is cut. Without --markdown the parts, put together, are the text as typed, but for
    white space at their edges and the numbers.

    Prints the parts with a line `---` between them. The exit code is 65 when that cannot be done:
    something that may not be cut is too long, there would be too many parts, or the platform has no
    threads (facebook, instagram, linkedin) and the text does not fit.

    \b
    With --jsonl, lines are as those of `karnay measure --jsonl`, and the answers
      {"id": "1", "parts": ["The first part", "and the second"]}
    or, where that cannot be done,
      {"id": "1", "error": "the text is 20 characters over the limit ..."}
    """
    _run(ctx, asked, _split_line, _split_one)


def _run(
    ctx: click.Context,
    asked: dict[str, Any],
    line: Callable[..., Answer],
    one: Callable[..., bool],
) -> None:
    """Answer the lines, or the one text; exit code 65 where something is wrong."""
    if asked["jsonl"] and asked["json_"]:
        raise click.UsageError("give one of --jsonl and --json")
    yardstick = _yardstick(asked)
    with _opened(asked["file"]) as source:
        well = (
            _stream(source, yardstick, asked, line)
            if asked["jsonl"]
            else one(yardstick, _text(source, _place(asked)), asked)
        )
    if not well:
        ctx.exit(Exit.INVALID_POST)


def _yardstick(asked: dict[str, Any]) -> Yardstick:
    from karnay.cli.yardstick import Yardstick

    made = Yardstick(
        asked["platform"],
        tier=asked["tier"] or "",
        limit=asked["limit"],
        markdown=asked["markdown"],
    )
    if asked["tier"] and not made.has_tiers():
        raise click.UsageError(f"--tier: accounts on {asked['platform']} are all alike")
    return made


@contextmanager
def _opened(file: str) -> Iterator[BufferedIOBase]:
    """The file, or stdin. Raises NotFound."""
    if file == _STDIN:
        yield _stdin()
        return
    with _found(file) as source:
        yield source


def _stdin() -> BufferedIOBase:
    """Whoever is to type there is told so. Raises NotFound where it is closed."""
    if sys.stdin is None:
        raise NotFound("stdin is closed: give a FILE")
    if sys.stdin.isatty():
        click.echo("Type the text; an end of file (Ctrl-D) ends it.", err=True)
    return cast("BufferedIOBase", sys.stdin.buffer)


def _found(file: str) -> BufferedIOBase:
    try:
        return Path(file).open("rb")
    except (OSError, ValueError) as error:
        raise NotFound(f"{file}: {getattr(error, 'strerror', None) or error}") from None


def _text(source: BufferedIOBase, place: Place) -> str:
    """The whole text. Raises InvalidPost where it is not UTF-8."""
    raw = source.read()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        said = f"not UTF-8: byte 0x{raw[error.start]:02x}; save the text as UTF-8"
        raise InvalidPost([Problem(Place(place.file, line), said)]) from None
    return text.removesuffix("\n").removesuffix("\r")


def _place(asked: dict[str, Any]) -> Place:
    return Place("stdin" if asked["file"] == _STDIN else asked["file"])


def _stream(
    source: BufferedIOBase, yardstick: Yardstick, asked: dict[str, Any], line: Callable[..., Answer]
) -> bool:
    from karnay.cli.jsonl import Line, answer_all

    if sys.stdout is None:
        raise NotFound("stdout is closed: there is nowhere to answer")
    return answer_all(
        source,
        sys.stdout.buffer,
        lambda each: line(yardstick, each, asked),
        Line("", asked["media"], asked["spoiler"]),
    )


def _measured_line(yardstick: Yardstick, line: Line, asked: dict[str, Any]) -> Answer:
    from karnay.cli.jsonl import measured

    found = yardstick.measure(line.text, media=line.media, spoiler=line.spoiler)
    return {**measured(found), **({"text": found.text.text} if asked["markdown"] else {})}


def _split_line(yardstick: Yardstick, line: Line, asked: dict[str, Any]) -> Answer:
    parts = yardstick.split(
        line.text, media=line.media, spoiler=line.spoiler, numbered=asked["numbered"]
    )
    return {"parts": parts}


def _measure_one(yardstick: Yardstick, text: str, asked: dict[str, Any]) -> bool:
    place = _place(asked)
    with _told(place):
        found = yardstick.measure(text, media=asked["media"], spoiler=asked["spoiler"])
    faults = [Problem(place, said) for said in found.faults]
    problems = [*faults, *(Problem(place, said, warning=True) for said in found.warnings)]
    if asked["json_"]:
        write_json(_document(yardstick.platform, found, problems))
    else:
        _show(found)
        tell_problems(problems)
    return found.fits


def _document(platform: str, found: Measurement, problems: list[Problem]) -> dict[str, Any]:
    first = found.uses[0]
    return {
        "platform": platform,
        "text": found.text.text,
        **asdict(first),
        "fits": found.fits,
        "counters": [asdict(use) for use in found.uses],
        "native_unit": found.native_unit,
        "entities": found.entities(),
        "problems": [problem.as_json() for problem in problems],
    }


def _show(found: Measurement) -> None:
    for use in found.uses:
        click.echo(f"{use.used:,} of {use.limit:,} {use.unit}")
    for entity in found.entities():
        place = f"{entity['start']}-{entity['end']}"
        click.echo(f"{entity['kind']:<8} {place:<11} {_printable(entity['text'])}")


def _printable(text: str) -> str:
    """What a terminal may be given: control characters and marks of direction as escapes."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def _split_one(yardstick: Yardstick, text: str, asked: dict[str, Any]) -> bool:
    with _told(_place(asked)):
        parts = yardstick.split(
            text, media=asked["media"], spoiler=asked["spoiler"], numbered=asked["numbered"]
        )
    if asked["json_"]:
        write_json({"platform": yardstick.platform, "parts": parts})
    else:
        click.echo("\n---\n".join(parts))
    return True


@contextmanager
def _told(place: Place) -> Iterator[None]:
    """What cannot be measured is a problem of the text. Raises InvalidPost."""
    from karnay.cli.yardstick import Unmeasurable

    try:
        yield
    except Unmeasurable as error:
        raise InvalidPost([Problem(place, str(error))]) from None
