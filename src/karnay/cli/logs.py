"""Logs on stderr: lines for people, or JSON where it is asked for; secrets are masked in both."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import structlog

from karnay.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping

VARIABLE = "KARNAY_LOG"
"""The environment variable that chooses the form."""

_PRIORITIES = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}


class Form(StrEnum):
    """How a line is written."""

    HUMAN = "human"
    JOURNAL = "journal"  # for systemd's journal: no colours, a priority in front
    JSON = "json"


def configure(level: int = logging.INFO, *, form: Form | None = None) -> None:
    """Send every log line, our own and the libraries', through the redactor to stderr.

    Without a `form`, KARNAY_LOG=json and then the place where stderr leads decide.
    """
    ours = _processors(form or chosen(os.environ))
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *ours],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Logger(),
    )
    handler = _Stderr()
    formatter = structlog.stdlib.ProcessorFormatter
    handler.setFormatter(
        formatter(
            foreign_pre_chain=[structlog.contextvars.merge_contextvars],
            processors=[
                structlog.stdlib.add_logger_name,
                formatter.remove_processors_meta,
                *ours,
            ],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def chosen(environment: Mapping[str, str]) -> Form:
    """The form that the environment asks for."""
    if environment.get(VARIABLE, "").strip().lower() == Form.JSON:
        return Form.JSON
    return Form.JOURNAL if _is_journal(environment.get("JOURNAL_STREAM", "")) else Form.HUMAN


def masked(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A structlog processor that masks secrets wherever they stand, and drops what says nothing.

    The last before the line is written: what comes out holds nothing but masked texts and numbers.
    """
    return {str(key): _masked(value) for key, value in event.items() if value is not None}


def _masked(value: Any) -> Any:
    match value:
        case bool() | int() | float() | None:
            return value
        case str():
            return redact(value)
        case dict():
            return {redact(str(key)): _masked(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_masked(inner) for inner in value]
        case _:
            return redact(repr(value))


def _processors(form: Form) -> list[Any]:
    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        masked,
        *_RENDERERS[form](),
    ]


def _human() -> list[Any]:
    colours = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    return [_console(colours=colours)]


def _journal() -> list[Any]:
    return [_prioritised]


def _json() -> list[Any]:
    return [structlog.processors.JSONRenderer(ensure_ascii=False)]


_RENDERERS = {Form.HUMAN: _human, Form.JOURNAL: _journal, Form.JSON: _json}


def _console(*, colours: bool) -> structlog.dev.ConsoleRenderer:
    # A plain traceback: the pretty one shows local variables, and some of them are secrets.
    plain = structlog.dev.plain_traceback
    return structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain)


def _prioritised(logger: object, method: str, event: MutableMapping[str, Any]) -> str:
    """The line with the priority by which `journalctl -p warning` finds it (man 3 sd-daemon)."""
    priority = f"<{_PRIORITIES.get(event.get('level', ''), 6)}>"
    event.pop("timestamp", None)  # the journal has its own
    text = str(_console(colours=False)(logger, method, event))
    return "\n".join(f"{priority}{line}" for line in text.splitlines())


def _is_journal(stream: str) -> bool:
    """Whether stderr is that `device:inode`, as systemd says that it is (man 5 systemd.exec)."""
    try:
        found = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return stream == f"{found.st_dev}:{found.st_ino}"


class _Logger:
    """Writes to stderr as it is now: never to a stream that was closed since.

    A line that cannot be written, as where the disk is full, is lost; the work that it tells of is
    not.
    """

    def __getattr__(self, _level: str) -> Callable[[str], None]:
        return _write


class _Stderr(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _write(self.format(record))


def _write(line: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{line}\n")  # in one piece: many threads write
        sys.stderr.flush()
