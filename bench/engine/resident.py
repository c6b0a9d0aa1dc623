"""A daemon in a process of its own.

python -m bench.engine.resident FOLDER        starts, sleeps, prints its resident megabytes
python -m bench.engine.resident URL ACCOUNTS  publishes until it is told to end
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

from bench.engine.network import known
from bench.engine.office import opened
from bench.engine.quiet import be_quiet

_KILOBYTES = 1024


def memory(folder: str) -> None:
    """Print how much a daemon takes that has looked at its queue."""
    with opened("sqlite:///karnay.db", 256, "", Path(folder)) as office, office.publishing():
        time.sleep(3)
        print(_resident())


def publish(url: str, accounts: int) -> None:
    """Publish until SIGTERM."""
    with opened(url, accounts) as office, office.publishing():
        signal.sigwait({signal.SIGTERM})


def _resident() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return round(int(line.split()[1]) / _KILOBYTES, 1)


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    be_quiet()
    with known():
        memory(sys.argv[1]) if len(sys.argv) == 2 else publish(sys.argv[1], int(sys.argv[2]))
