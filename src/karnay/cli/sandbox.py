"""`karnay sandbox`."""

from __future__ import annotations

import click

from karnay.cli.output import say


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8325,
    show_default=True,
    help="On 127.0.0.1; 0 takes a free one.",
)
def sandbox(port: int) -> None:
    """Serve local stand-ins for all networks, and a page that shows what was published.

    Faults are ordered over HTTP, for the next publishing request or for as many as `times` says:
    curl -d '{"platform": "x", "fault": "drop"}' http://127.0.0.1:8325/_sandbox/faults

    Nothing is published by refuse, 429, 429-silent, 500, 502, 503, html and close. It is published,
    and answered wrongly, late or not at all, by 500-made, 502-made, html-made, json-made, drop,
    half and slow. {"platform": "x", "faults": ["drop", "503"], "probability": 0.1}
    mixes them by chance.

    /_sandbox/requests tells what came in, to the byte.
    """
    from karnay.sandbox.server import serve

    serve(port=port, ready=lambda url: say(f"the sandbox: {url}  (Ctrl-C ends it)"))
