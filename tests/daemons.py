"""Real `karnay run` processes, for tests of what only a process can show."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def until(true: Callable[[], Any], seconds: float = 20) -> Any:
    """What it gives, once that is true; its last answer after that many seconds."""
    end = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < end:
        time.sleep(0.02)
    return found


class Process:
    """`karnay run` on that workspace; what it says is in `log`."""

    def __init__(self, folder: Path, *options: str, **environment: str) -> None:
        self._file = folder / f"run-{time.monotonic_ns()}.log"
        command = [sys.executable, "-m", "karnay", "-C", str(folder), "run", *options]
        with self._file.open("w") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stderr=log,
                env={**os.environ, **environment},
                cwd=folder,
            )
        self.pid = self._process.pid

    @property
    def log(self) -> str:
        """All that it has said on stderr so far."""
        return self._file.read_text(encoding="utf-8")

    def says(self, words: str) -> bool:
        """Whether it says these words, sooner or later."""
        return bool(until(lambda: words in self.log))

    def send(self, number: int) -> None:
        """Give it a signal."""
        self._process.send_signal(number)

    def ended(self, seconds: float = 20) -> int | None:
        """Its exit code; None where it still runs after that many seconds."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """End it, if it still runs."""
        self._process.kill()
        self._process.wait()
