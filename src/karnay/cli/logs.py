"""Logs on stderr: for eyes on a terminal, JSON lines elsewhere; secrets are masked in both."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import click
import structlog

from karnay.secrets import redact

if TYPE_CHECKING:
    from collections.abc import MutableMapping


def configure(level: int = logging.INFO) -> None:
    """Send every log line, our own and the libraries', through the redactor to stderr."""
    on_terminal = sys.stderr.isatty()
    renderer: Any = (
        structlog.dev.ConsoleRenderer()
        if on_terminal
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            masked,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_to_stderr,
    )
    handler = _Stderr()
    handler.setFormatter(_Masking("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def masked(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A structlog processor that masks secrets in every text, and drops what says nothing."""
    return {
        key: redact(value) if isinstance(value, str) else value
        for key, value in event.items()
        if value is not None
    }


def _to_stderr(*_names: object) -> structlog.PrintLogger:
    return structlog.PrintLogger(sys.stderr)  # as it is now: never a stream that was closed since


class _Stderr(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        click.echo(self.format(record), err=True)


class _Masking(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))
