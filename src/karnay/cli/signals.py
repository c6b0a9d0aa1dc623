"""What the signals of the operating system mean to a process that publishes."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, NoReturn, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

    Handler = Callable[[int, FrameType | None], None]

_STOPPING = (signal.SIGINT, signal.SIGTERM)
_FLUSHES_WITHIN = 0.5  # seconds


class Signals:
    """While it is entered, the first SIGINT or SIGTERM asks to stop, a second one ends the process.

    The second takes effect at once, whatever its threads wait for. That loses nothing: what was
    begun is in the journal, and is settled at the next start.

    The first is told by `wait` or, with `interrupting`, raises KeyboardInterrupt in the main
    thread. SIGHUP, without `interrupting`, is told by `wait` as well; where a person sits at the
    terminal it means that the terminal is gone, and stops like SIGTERM.
    """

    def __init__(self, *, interrupting: bool = False) -> None:
        self._interrupting = interrupting
        self._stopping = False
        self._came: SimpleQueue[signal.Signals] = SimpleQueue()  # its `put` may interrupt itself

    def __enter__(self) -> Self:
        """Listen."""
        handlers: dict[int, Handler] = dict.fromkeys(_STOPPING, self._on_stop)
        if not self._interrupting and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            handlers[signal.SIGHUP] = self._on_stop if _attended() else self._on_reload
        self._before = {number: signal.signal(number, to) for number, to in handlers.items()}
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Let signals mean what they meant before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def wait(self, seconds: float | None = None) -> signal.Signals | None:
        """What came: SIGHUP to reload, any other to stop; None after that many seconds."""
        try:
            return self._came.get(timeout=seconds)
        except Empty:
            return None

    def _on_stop(self, number: int, _frame: FrameType | None) -> None:
        if self._stopping:
            _end_at_once(number)
        self._stopping = True
        if self._interrupting:
            raise KeyboardInterrupt
        self._came.put(signal.SIGTERM)

    def _on_reload(self, _number: int, _frame: FrameType | None) -> None:
        self._came.put(signal.SIGHUP)


def _attended() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _end_at_once(number: int) -> NoReturn:
    # Not `sys.exit`: it waits for the worker threads, and they for the network.
    flushing = Thread(target=_flush, daemon=True)  # a pipe that nobody reads must not keep us
    flushing.start()
    flushing.join(_FLUSHES_WITHIN)
    os._exit(128 + number)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            stream.flush()
