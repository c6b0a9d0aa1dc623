"""`karnay sandbox`."""

from __future__ import annotations

import click

from karnay.cli.output import say


@click.command()
@click.option("--port", default=8325, show_default=True, help="On 127.0.0.1.")
def sandbox(port: int) -> None:
    """Serve local stand-ins for all networks, and a page that shows what was published."""
    from karnay.sandbox.server import serve

    say(f"the sandbox: http://127.0.0.1:{port}  (Ctrl-C ends it)")
    serve("127.0.0.1", port)
