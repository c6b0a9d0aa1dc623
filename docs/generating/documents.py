"""The JSON documents of the command line: what each key says, and an example of each, recorded."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from karnay.cli.main import cli
from karnay.sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Keys = dict[str, "str | tuple[str, Keys]"]
"""Each key and what it says; `x[]` is a list of documents, `x{}` a map whose names are free."""

EXAMPLES = Path(__file__).with_name("examples.json")

PROBLEM: Keys = {
    "file": "The file, from the working directory or else the workspace.",
    "line": "Its line, from 1; 0 where none is known.",
    "column": "Its column, from 1; 0 where none is known.",
    "path": "The key that it is about, as `platforms.x.overflow`; empty for none.",
    "message": "What is wrong, and what to do about it.",
    "severity": "`error`, or `warning`, which stops nothing.",
}
TAKEDOWN: Keys = {
    "step": "The step that had published it.",
    "link": "Where it was; may be empty.",
    "at": "When it was taken down.",
    "who": "Who took it down.",
}
DELIVERY: Keys = {
    "delivery": "Its number.",
    "post": "The post's name.",
    "account": "The account's name.",
    "platform": "The account's platform.",
    "language": "The language of the text.",
    "state": "`scheduled`, `publishing`, `published`, `unknown`, `failed` or `cancelled`.",
    "held": "Why it does not go out, though scheduled; empty for not held. A paused account is "
    "told by `status` and `accounts list`.",
    "due_at": "From when the next attempt may go out. All moments are ISO 8601 in UTC.",
    "planned_at": "The moment that the content bears.",
    "expires_at": "Never sent from then on; null for never.",
    "hash": "64 hexadecimal digits over all that is sent.",
    "tries": "How many tries its present step has used.",
    "error": "What went wrong last; empty for nothing.",
    "links": "Where its published parts are, in order; also those that were taken down since.",
    "taken_down[]": ("Its parts that are public no more, in order.", TAKEDOWN),
}
DELIVERIES: Keys = {"deliveries[]": ("The deliveries concerned.", DELIVERY)}
FAILURE: Keys = {
    "error": "What went wrong, and what to do about it.",
    "problems[]": ("What is wrong with the post, `karnay.toml` or a template.", PROBLEM),
}
SHARED: Mapping[str, Keys] = {
    "a delivery": DELIVERY,
    "a problem": PROBLEM,
    "a failure": FAILURE,
}
"""The shapes that stand in several documents, described once."""
SCHEMA: Keys = {"schema": "The version of the document, 1; it changes when a key goes or changes."}
PART: Keys = {
    "text": "The text as it is sent.",
    "used": "How much of the limit it takes, as the network counts.",
    "limit": "The limit.",
    "unit": "What is counted: `characters` or `graphemes`.",
}
REQUEST: Keys = {
    "method": "The HTTP method.",
    "url": "The address, secrets masked.",
    "headers{}": "The headers, secrets masked.",
    "body": "The body, to the byte; `<create-1.id>` stands for what that step will receive.",
}
VARIANT: Keys = {
    "account": "The account's name.",
    "platform": "Its platform.",
    "language": "The language that was chosen.",
    "template": "The template that won, or the key of the post that holds the text.",
    "hash": "64 hexadecimal digits over all that will be sent.",
    "planned_at": "The moment that the requests bear.",
    "parts[]": ("The messages, in order; several make a thread.", PART),
    "cost": "What the network bills for it by its published prices (`amount`, `currency`, `why`); "
    "null where that is not known.",
    "notes": "What was done to make the text fit.",
    "problems[]": ("What is wrong with it.", PROBLEM),
    "requests[]": ("With `--requests`: the exact requests, in order.", REQUEST),
}
STORED_PART: Keys = {
    "text": "The text as it is sent.",
    "spans": "Its formatting: start, end (code points, end exclusive), kind, value.",
    "media": "The files that go with it.",
    "card": "The link card that we describe ourselves, or null.",
}
STORED_VARIANT: Keys = {
    "account": "The account's name.",
    "platform": "Its platform.",
    "language": "Its language.",
    "template": "The template that worded it.",
    "parts[]": ("The messages, in order.", STORED_PART),
    "options{}": "The platform's own options, as the post gave them.",
}
ACCOUNT: Keys = {
    "account": "Its name in `karnay.toml`.",
    "platform": "Its platform.",
    "language": "The language it speaks.",
    "slots": "Its slots, as written.",
    "paused": "Why nothing is sent to it; empty for not paused.",
    "checked_at": "When the network was last asked; null for never.",
    "facts{}": "What the network told of the account and its limits.",
    "log_in_ends_at": "When the first of its log-ins that the vault keeps ends; null for never.",
    "log_in_says": "What to do about its log-in by now; empty for nothing.",
}
CHECKED_ACCOUNT: Keys = {
    "account": "Its name in `karnay.toml`.",
    "is": "Who the network says that we are; empty after an error.",
    "link": "The account's page; may be empty.",
    "facts{}": "What the network told of the account and its limits.",
    "lacks": "Permissions that its log-in was not given.",
    "log_in_ends_at": "When the first of its log-ins that the vault keeps ends; null for never.",
    "log_in_says": "What to do about its log-in by now; empty for nothing.",
    "error": "Why the network could not be asked, or what it said; empty for all well.",
}
STATUS: Keys = {
    "daemon": "Whether one runs on this workspace.",
    "counts{}": "How many deliveries are in each state.",
    "next_due_at": "When the first scheduled delivery is due; null for none.",
    "held[]": ("Scheduled deliveries that are held.", DELIVERY),
    "needs_a_person[]": ("Failed and unknown deliveries.", DELIVERY),
    "paused{}": "The paused accounts, and why.",
    "waiting{}": "The accounts with something due that wait all the same, and what for: a budget, "
    "their network, or their `least_gap`.",
    "log_ins{}": "The log-ins that end soon, or are not renewed any more, and what to do.",
}
ATTEMPT: Keys = {
    "step": "The step's name.",
    "number": "Which try of that step it was, from 1.",
    "began_at": "Written down before the request left.",
    "ended_at": "Written down after it ended; null where it never did.",
    "outcome": "`ok`, or the event that followed: `postponed`, `refused`, `lost`, `found` ...",
    "detail": "The link, or what went wrong.",
}
RECEIPT: Keys = {
    "step": "The step's name.",
    "id": "The network's id.",
    "link": "The link for people; may be empty.",
}
ENTRY: Keys = {
    "at": "When.",
    "who": "The user of the machine, or `karnay` for the daemon.",
    "action": "What was done or happened.",
    "detail": "More about it.",
}
HISTORY: Keys = {
    **DELIVERY,
    "looks": "How often an unknown one was looked for.",
    "look_at": "When karnay looks for it next; null where it does not.",
    "attempts[]": ("Every try of every step.", ATTEMPT),
    "receipts[]": ("What the network gave back.", RECEIPT),
    "trail[]": ("Who did what, and what became of it.", ENTRY),
}
CHANGE: Keys = {
    "part": "Which part, from 1.",
    "before": "The text that it had.",
    "after": "The text that it was to have.",
    "error": "Why it was not changed, in the network's words; empty for done.",
}
EDIT: Keys = {
    **DELIVERY,
    "changes[]": ("The parts that said something else, in order; none for all well.", CHANGE),
}
FIGURE: Keys = {
    "delivery": "The delivery's number.",
    "post": "The post's name.",
    "account": "The account's name.",
    "platform": "Its platform.",
    "part": "Which part of the thread, from 1.",
    "age": "Seconds since it became public: 3600, 86400, 604800; with `--now`, as many as it was.",
    "name": "What was counted: `views`, `likes`, `reposts`, `replies`, `quotes`, `clicks` ...",
    "value": "How often.",
    "at": "When the network told it.",
}
FINDING: Keys = {
    "what": "What was examined.",
    "well": "Whether it is as it should be.",
    "detail": "How it is, and what to mend.",
}
ROWS = "How many rows each table has."
MIGRATION: Keys = {"revision": "The schema that it makes.", "does": "What it does."}
UPGRADE: Keys = {
    "dry_run": "Whether nothing was changed.",
    "migrations[]": ("What ran, or would run, in order.", MIGRATION),
}
VIOLATION: Keys = {
    "delivery": "The delivery that it is about; null for none.",
    "message": "What is wrong.",
    "remedy": "What to do about it.",
}
CHECK: Keys = {
    "sound": "Whether nothing is wrong.",
    "violations[]": ("All that is wrong.", VIOLATION),
    "rows{}": ROWS,
}
BACKUP: Keys = {
    "file": "The file that was written.",
    "taken_at": "The moment that it shows.",
    "rows{}": ROWS,
    "violations[]": ("What is wrong in the database, and so in its backup.", VIOLATION),
}
RESTORE: Keys = {
    "taken_at": "The moment that the backup shows.",
    "rows{}": ROWS,
    "held": "How many deliveries wait for a person to let them go.",
    "in_doubt": "How many were under way, and wait for a person to say what became of them.",
    "kept": "Where the replaced database is now; null where there was nothing in it.",
}
MOVE: Keys = {
    "rows{}": ROWS,
    "to": "The new address, its password masked.",
    "change": "Where the address stands that has to be changed now.",
}
POST: Keys = {
    "post": "The post's name, as it was given or found.",
    "problems[]": ("All that is wrong with it.", PROBLEM),
}


ENTITY: Keys = {
    "kind": "`link`, `mention`, `hashtag` or `cashtag`.",
    "text": "What stands there.",
    "start": "Where it begins, in code points.",
    "end": "Where it ends, exclusive.",
    "native_start": "Where it begins, in the network's own unit.",
    "native_end": "Where it ends, likewise.",
}
COUNTER: Keys = {
    "unit": "What is counted.",
    "used": "How much of it the text takes.",
    "limit": "How much may be taken.",
}
COMPLAINT: Keys = {
    "message": "What does not fit, or where the documents leave doubt.",
    "severity": "`error`, or `warning`, which stops nothing.",
}
MEASURED: Keys = {
    "platform": "The platform.",
    "text": "The text that was measured.",
    "unit": "The first counter's unit.",
    "used": "How much of it the text takes.",
    "limit": "Its limit.",
    "fits": "Whether no limit at all is exceeded.",
    "counters[]": ("All that is counted.", COUNTER),
    "native_unit": "`utf-16`, `utf-8` or `code-points`: how the network's own API counts places.",
    "entities[]": ("What becomes a link, mention or tag there.", ENTITY),
    "problems[]": ("What does not fit, or is in doubt.", COMPLAINT),
}
SPLIT: Keys = {"platform": "The platform.", "parts": "The texts of the thread, in order."}


@dataclass(frozen=True, slots=True)
class Document:
    """What a command's document says, and how its example is come by."""

    arguments: Sequence[str]
    keys: Keys


DOCUMENTS: Mapping[str, Document] = {
    "karnay accounts check": Document(["mastodon"], {"accounts[]": ("Each.", CHECKED_ACCOUNT)}),
    "karnay accounts list": Document([], {"accounts[]": ("Each account.", ACCOUNT)}),
    "karnay doctor": Document([], {"findings[]": ("All that was examined.", FINDING)}),
    "karnay check": Document([], {"posts[]": ("Each post.", POST)}),
    "karnay preview": Document(
        ["open-day", "-a", "x", "--requests"],
        {"post": "The post's name.", "variants[]": ("What each account will get.", VARIANT)},
    ),
    "karnay queue add": Document(["open-day", "-a", "x", "-a", "bluesky"], DELIVERIES),
    "karnay queue list": Document([], DELIVERIES),
    "karnay queue show": Document(["1"], {**DELIVERY, "variant": ("All of it.", STORED_VARIANT)}),
    "karnay queue move": Document(["1", "--at", "2030-03-04 11:00"], DELIVERIES),
    "karnay queue cancel": Document(["1"], DELIVERIES),
    "karnay queue retry": Document(["1"], DELIVERIES),
    "karnay publish": Document(["open-day", "-a", "mastodon", "--yes"], DELIVERIES),
    "karnay history": Document(["3"], HISTORY),
    "karnay stats": Document(
        ["open-day", "--now"], {"figures[]": ("All that was told, by age.", FIGURE)}
    ),
    "karnay edit": Document(["3", "--yes"], EDIT),
    "karnay delete": Document(["3", "--yes"], DELIVERIES),
    "karnay status": Document([], STATUS),
    "karnay db upgrade": Document([], UPGRADE),
    "karnay db check": Document([], CHECK),
    "karnay db backup": Document(["{folder}/saved.db"], BACKUP),
    "karnay db restore": Document(["{folder}/saved.db", "--replace"], RESTORE),
    "karnay db move": Document(["sqlite:///moved.db"], MOVE),
    "karnay measure": Document(["bluesky"], MEASURED),
    "karnay split": Document(["x"], SPLIT),
}
"""By command, in the order in which the examples are recorded: later ones rest on earlier ones."""

_TYPED = "Open day: https://example.uz/en/open-day #TICT"
"""What the commands that read a text are given."""

_POST = """\
---
title: Open day at the institute
summary: See the laboratories and try an experiment. Admission is free.
kind: evnt
publish_at: 2030-03-04 10:00
expires_at: 2030-03-16 10:00
link: https://example.uz/en/open-day
hashtags: [TICT, OpenDay]
---
The institute opens its doors on **Saturday**.
"""


def examples() -> Mapping[str, Any]:
    """The recorded documents by command."""
    recorded: Mapping[str, Any] = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return recorded


def record() -> None:
    """Run all commands and keep what they print; paths, ports and people are made those of docs."""
    os.environ["LOGNAME"] = "dilnoza"
    with tempfile.TemporaryDirectory(prefix="karnay-docs-") as name, Sandbox() as sandbox:
        text = json.dumps(produced(Path(name), sandbox.url), ensure_ascii=False, indent=1)
    tidy = text.replace(sandbox.url, "http://127.0.0.1:8325").replace(
        sandbox.url.removeprefix("http://"), "127.0.0.1:8325"
    )
    EXAMPLES.write_text(tidy.replace(str(Path(name).resolve()), "/srv/office") + "\n", "utf-8")


def produced(folder: Path, sandbox_url: str) -> dict[str, Any]:
    """Each command's real document, from a workspace that is made for it in `folder`."""
    _run(folder, "init", str(folder), "--sandbox", "--sandbox-url", sandbox_url)
    (folder / "posts" / "open-day.md").write_text(_POST, encoding="utf-8")
    return {
        name: _read(_run(folder, *name.split()[1:], *_filled(document, folder), "--json"))
        for name, document in DOCUMENTS.items()
    }


def _filled(document: Document, folder: Path) -> Iterator[str]:
    return (argument.format(folder=folder) for argument in document.arguments)


def _run(folder: Path, *arguments: str) -> str:
    return CliRunner().invoke(cli, ["-C", str(folder), *arguments], input=_TYPED).stdout


def _read(stdout: str) -> Any:
    return json.loads(stdout)


def mismatches(found: Mapping[str, Any], keys: Keys, under: str = "") -> Iterator[str]:
    """Each key that is in the document and not described, or described and not there."""
    described = {key.rstrip("[]{}"): says for key, says in keys.items()}
    for name in sorted(set(found) ^ set(described)):
        yield f"{under}{name}"
    for name in set(found) & set(described):
        says = described[name]
        if not isinstance(says, str):
            for item in found[name] if isinstance(found[name], list) else [found[name]]:
                yield from mismatches(item, says[1], f"{under}{name}.")
