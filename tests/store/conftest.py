"""Databases that are made once in a run, and copied for each test: that is ten times faster."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders import NOON
from karnay.store.upkeep import Upkeep
from office import open_the_office, upkeep_of
from postgres import Server


@pytest.fixture(scope="session")
def office_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `office.db`, an office at work, and `saved.db`, its backup made at noon."""
    folder = tmp_path_factory.mktemp("office")
    upkeep = upkeep_of("sqlite:///office.db", folder)
    open_the_office(upkeep)
    upkeep.back_up(folder / "saved.db", NOON)
    return folder


@pytest.fixture(scope="session")
def office_on_server(postgres: Server, office_folder: Path) -> str:
    """The name of a database with an office at work; to be copied only."""
    name = postgres.database()
    open_the_office(upkeep_of(postgres.url(name), office_folder))
    return name


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def shared_office_url(request: pytest.FixtureRequest, office_folder: Path) -> str:
    """The address of an office at work, of each kind in turn; to be read only."""
    if request.param == "sqlite":
        return f"sqlite:///{office_folder / 'office.db'}"
    server: Server = request.getfixturevalue("postgres")
    return server.url(request.getfixturevalue("office_on_server"))


@pytest.fixture
def office_sqlite_url(office_folder: Path, sqlite_url: str, tmp_path: Path) -> str:
    """The address of an SQLite file with an office at work."""
    shutil.copy(office_folder / "office.db", tmp_path / "karnay.db")
    return sqlite_url


@pytest.fixture
def office_postgres_url(postgres: Server, office_on_server: str) -> Iterator[str]:
    """The address of a PostgreSQL database with an office at work."""
    name = postgres.database(like=office_on_server)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(params=["sqlite", "postgres"])
def office_url(request: pytest.FixtureRequest) -> str:
    """The address of a database with an office at work, of each kind in turn."""
    url: str = request.getfixturevalue(f"office_{request.param}_url")
    return url


@pytest.fixture
def office(office_url: str, tmp_path: Path) -> Upkeep:
    """An office at work, as Nilufar keeps it up, on each kind of database in turn."""
    return upkeep_of(office_url, tmp_path)


@pytest.fixture
def sqlite_office(office_sqlite_url: str, tmp_path: Path) -> Upkeep:
    """An office at work, in a file."""
    return upkeep_of(office_sqlite_url, tmp_path)


@pytest.fixture
def postgres_office(office_postgres_url: str, tmp_path: Path) -> Upkeep:
    """An office at work, on a server."""
    return upkeep_of(office_postgres_url, tmp_path)


@pytest.fixture
def saved(office_folder: Path, tmp_path: Path) -> Path:
    """A backup of an office at work, made at noon."""
    return Path(shutil.copy(office_folder / "saved.db", tmp_path / "saved.db"))
