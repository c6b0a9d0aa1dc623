"""Telling systemd how the service stands, and that it is alive.

https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Systemd:
    """The service manager that started this process; without one, nothing happens.

    `address` is its datagram socket, an initial `@` standing for the NUL of an abstract one.
    `pulse` is how often, in seconds, to say that all is well; None: it does not ask for that.
    """

    address: str = ""
    pulse: float | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ, pid: int | None = None) -> Systemd:
        """The one that the environment names."""
        asked_of = environment.get("WATCHDOG_PID", "")
        microseconds = environment.get("WATCHDOG_USEC", "")
        ours = not asked_of or asked_of == str(pid or os.getpid())
        pulse = int(microseconds) / 2 / 1_000_000 if ours and microseconds.isdecimal() else None
        return cls(environment.get("NOTIFY_SOCKET", ""), pulse)

    def ready(self, status: str = "") -> None:
        """The service does its work from now on, or again."""
        self._tell("READY=1", _status(status))

    def status(self, status: str) -> None:
        """What `systemctl status` shows, one line."""
        self._tell(_status(status))

    def alive(self) -> None:
        """The watchdog's pulse: not to be given by a process that hangs."""
        self._tell("WATCHDOG=1")

    def reloading(self) -> None:
        """The configuration is being read again; `ready` ends it."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self, status: str = "") -> None:
        """The service is about to end."""
        self._tell("STOPPING=1", _status(status))

    def _tell(self, *assignments: str) -> None:
        if not self.address.startswith(("/", "@")):
            return
        address = "\0" + self.address[1:] if self.address[0] == "@" else self.address
        message = "\n".join(filter(None, assignments)).encode()
        # To be seen is worth nothing against the work itself: no failure here may stop it.
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager,
        ):
            manager.sendto(message, address)


def _status(text: str) -> str:
    return f"STATUS={' '.join(text.split())}" if text else ""
