"""What every judge needs: where it is, what to show it, and servers that end with their tests."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import httpx
import pytest

from karnay.accounts import Account
from karnay.content.post import Overflow
from karnay.platforms import registry
from karnay.platforms.wire import Wire
from karnay.rendering.fit import Fit
from karnay.rendering.variant import Part
from karnay.testing.clock import FixedClock
from karnay.testing.lab import Lab, everything
from karnay.testing.texts import NASTY
from karnay.text.plain import adapted
from karnay.text.richtext import RichText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from karnay.rendering.limits import Limits

HOME = Path(os.environ.get("KARNAY_JUDGES", "~/.cache/karnay-judges")).expanduser()
SHARED = Path(__file__).resolve().parents[3] / "shared"

TEXTS = {
    **{name: RichText(text) for name, text in NASTY.items()},
    "a span of every kind": everything(),
    "nothing but tags": RichText("#TICT #Тошкент #人工智能 #१२३क"),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `rich` is shown every nasty text."""
    if "rich" in metafunc.fixturenames:
        metafunc.parametrize("rich", TEXTS.values(), ids=TEXTS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that is in this folder is a judge's."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.judge)


def missing(what: str) -> NoReturn:
    """Skip loudly; whoever needs the judges looks for these words."""
    pytest.skip(f"judge missing: {what}")


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """Finds what the networks themselves publish, beside the project."""

    def find(name: str) -> Path:
        return SHARED / name if (SHARED / name).exists() else missing(f"{SHARED / name}")

    return find


@pytest.fixture(scope="session")
def installed() -> Callable[[str], Path]:
    """Finds what `.ci/judges` installs."""

    def find(name: str) -> Path:
        return HOME / name if (HOME / name).exists() else missing(f"{HOME / name}, see .ci/judges")

    return find


@pytest.fixture
def lab_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Lab]:
    """Puts a platform on the bench: its sample's account, its sample's network."""

    def lay_out(name: str) -> Lab:
        platform = registry.platform(name)
        for secret, value in platform.sample.secrets.items():
            monkeypatch.setenv(secret, value)
        return Lab(platform)

    return lay_out


@pytest.fixture(scope="session")
def worded() -> Callable[..., tuple[Part, ...]]:
    """Makes a text the parts that a platform's account would publish."""

    def word(rich: RichText, limits: Limits) -> tuple[Part, ...]:
        fitted = Fit(limits, Overflow.THREAD).all([adapted(rich, limits.dialect)])
        return tuple(Part(text) for text in fitted.parts)

    return word


@pytest.fixture(scope="session")
def an_account() -> Callable[..., Account]:
    """Makes an account of a platform, on a server of this machine."""

    def make(name: str, **details: str) -> Account:
        model = registry.platform(name).details.model_validate(details)
        return Account(f"{name}-judged", name, "en", model)

    return make


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A wire with real connections; whatever proxy there is, it is not asked."""
    wire = Wire(FixedClock(), transport=httpx.HTTPTransport())
    yield wire
    wire.close()


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Finds ports that nobody listens on."""

    def find() -> int:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            return int(listener.getsockname()[1])

    return find


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., object]:
    """Runs a server as a process until the block ends; the block begins when it answers."""

    @contextmanager
    def run(command: Sequence[str | Path], port: int) -> Iterator[str]:
        log = tmp_path_factory.mktemp("served") / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_for(process, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            end(process)

    return run


def wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Until it listens; tells its own words when it has ended instead, or after a minute."""
    until = time.monotonic() + 60
    while not listening(port):
        if process.poll() is not None or time.monotonic() > until:
            pytest.fail(f"the judge did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.05)


def listening(port: int) -> bool:
    """Whether somebody takes connections there."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def end(process: subprocess.Popen[bytes]) -> None:
    """Give it five seconds to end by itself."""
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
