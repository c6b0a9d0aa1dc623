"""Asking a person before something that cannot be taken back."""

from __future__ import annotations

import sys

import click


def confirm(question: str, *, yes: bool) -> None:
    """Go on if the person says yes, or said so beforehand; where nobody can be asked, stop."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question}? Say --yes: there is nobody here to ask")
    click.confirm(f"{question}?", abort=True, err=True)
