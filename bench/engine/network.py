"""A network for benchmarks: it answers in process at once, or over HTTP from a process of its own.

It is a platform as any other package would bring one: by an entry point.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from pydantic import BaseModel, ConfigDict

from karnay.accounts import NOTHING, Account
from karnay.platforms.answers import ErrorTable
from karnay.platforms.base import Absent, Effect, Identity, Key, Receipt, Sample, Sighting, Step
from karnay.platforms.calls import Call
from karnay.rendering.limits import Limits
from karnay.text.measure import Counter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from karnay.platforms.wire import Wire
    from karnay.rendering.variant import Variant

NAME = "bench"


class Details(BaseModel):
    """Where the network is; an empty address: in this very process."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = ""


class Options(BaseModel):
    """No options."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Bench:
    """One request for each text; whatever is asked, the answer is its number."""

    name = NAME
    title = "Benchmark"
    details = Details
    options = Options
    settling = timedelta(0)
    budgets = ()
    sample = Sample({}, {}, (), ())
    _errors = ErrorTable()

    def limits(
        self, account: Account, *, media: bool = False, options: Mapping[str, Any] = NOTHING
    ) -> Limits:
        """Whatever fits into a thousand characters."""
        del account, media, options
        return Limits((Counter("characters", 1_000, lambda text: len(text.text)),))

    def plan(self, variant: Variant, account: Account, key: Key) -> list[Step]:
        """One step for the one part."""
        [part] = variant.parts
        call = Call("POST", f"{account.details.url}/post", body=body(part.text.text))
        return [Step("create-1", Effect.ONCE, key.step("create-1"), call, part=0)]

    def perform(self, step: Step, account: Account, wire: Wire) -> Receipt:
        """Post it, or say at once that it is posted."""
        if not account.details.url:
            return Receipt(step.key, f"https://bench.example/{step.key}")
        return wire.ask(step.call, effect=step.effect, table=self._errors, read=_receipt)

    def find(self, step: Step, account: Account, wire: Wire, since: datetime) -> Sighting:
        """Never lost."""
        del step, account, wire, since
        return Absent()

    def identify(self, account: Account, wire: Wire) -> Identity:
        """Nobody."""
        del wire
        return Identity(account.name)


PLATFORM = Bench()


def body(text: str) -> dict[str, Any]:
    """What is posted, ours and the rivals'."""
    return {"text": text, "visibility": "public", "language": "en"}


def _receipt(answer: Mapping[str, str]) -> Receipt:
    return Receipt(answer["id"], answer["link"])


@contextlib.contextmanager
def known() -> Iterator[None]:
    """Within this block karnay knows the platform, as if its package were installed."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "karnay_bench-1.dist-info"
        package.mkdir()
        (package / "METADATA").write_text("Metadata-Version: 2.1\nName: karnay-bench\nVersion: 1\n")
        (package / "entry_points.txt").write_text(
            f"[karnay.platforms]\n{NAME}={__name__}:PLATFORM\n"
        )
        sys.path.append(folder)
        try:
            yield
        finally:
            sys.path.remove(folder)


class Server:
    """The network in a process of its own; it answers `after` seconds, and notes each arrival."""

    def __init__(self, after: float = 0.0) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "bench.engine.server", str(port), str(after)]
        self._process = subprocess.Popen(command, env=os.environ)
        self._wait()

    def arrivals(self) -> list[datetime]:
        """When each request came, since the last time somebody asked."""
        moments = httpx.get(f"{self.url}/arrivals", timeout=30).json()
        return [datetime.fromtimestamp(moment, UTC) for moment in moments]

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait()

    def _wait(self) -> None:
        for _ in range(200):
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{self.url}/arrivals")
                return
            time.sleep(0.05)
        raise TimeoutError(f"the server at {self.url} does not answer")
