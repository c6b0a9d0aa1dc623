"""Addresses that are wrong: each is one clear sentence, and no password is in it."""

import signal
from pathlib import Path

import pytest

from karnay.errors import StoreError
from karnay.store.addresses import address, masked, shown
from karnay.store.database import Database
from karnay.store.upkeep import Upkeep
from office import upkeep_of
from postgres import GUARDED, Server, server

SECRET = "hunter2"


def refusal(written: str, folder: Path) -> str:
    """What is said of that address when it is used."""
    with pytest.raises(StoreError) as caught:
        Upkeep(written, folder, who="nilufar").upgrade()
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("", '`database` is "", which is no address: try "sqlite:///'),
        ("nonsense", '`database` is "nonsense", which is no address'),
        (f"postgresql//me:{SECRET}@db/x", "which is no address"),
        (f"postgresql://me:{SECRET}@db:port/x", "which is no address"),
        (f"mysql://me:{SECRET}@db/x", "of the kind mysql: try"),
        (f"postgresql+asyncpg://me:{SECRET}@db/x", "of the kind postgresql+asyncpg: try"),
        (f"postgresql://me:{SECRET}@127.0.0.1:1/x", "no server answers there: is it running"),
        (f"postgresql://me@127.0.0.1:1/x?password={SECRET}", "no server answers there"),
        (f"postgresql://me:{SECRET}@no-such-host.invalid/x", "there is no such host"),
        (f"postgresql://me:{SECRET}@/x?host=/no/such/folder", "no server answers there"),
    ],
)
def test_a_wrong_address_is_said_without_its_password(
    tmp_path: Path, written: str, sentence: str
) -> None:
    said = refusal(written, tmp_path)
    assert sentence in said
    assert SECRET not in said
    assert "\n" not in said


def test_a_database_that_is_not_there_is_told_how_to_make(postgres: Server, tmp_path: Path) -> None:
    said = refusal(postgres.url("newsroom"), tmp_path)
    assert said.endswith("/newsroom?host=" + f"{postgres.folder}: there is no such database: "
                         "`createdb newsroom`")  # fmt: skip


def test_a_user_that_is_not_there_is_told_how_to_make(postgres: Server, tmp_path: Path) -> None:
    said = refusal(postgres.url("postgres", user="stranger"), tmp_path)
    assert said.endswith("the server does not know the user: `createuser stranger`")


@pytest.mark.parametrize(
    ("password", "sentence"),
    [(SECRET, "the server refuses the user or the password"), (None, "put it into ~/.pgpass")],
)
def test_a_wrong_password_is_said_and_not_shown(
    postgres: Server, tmp_path: Path, password: str | None, sentence: str
) -> None:
    said = refusal(postgres.url("postgres", user=GUARDED, password=password), tmp_path)
    assert sentence in said
    assert SECRET not in said


def test_a_user_who_may_make_no_tables_is_said(postgres: Server, tmp_path: Path) -> None:
    url = postgres.url(postgres.database(), user=GUARDED, password="open sesame")
    assert "make it the owner of the database" in refusal(url, tmp_path)


@pytest.mark.slow
def test_a_server_that_crashed_is_said_until_it_is_back(tmp_path: Path) -> None:
    running = server()
    name = running.with_schema()
    upkeep = upkeep_of(running.url(name), tmp_path)
    opened = Database(running.url(name), tmp_path)
    opened.engine.dispose()  # so that it has to connect anew
    running.stop(signal.SIGQUIT)
    with pytest.raises(StoreError, match="no server answers there: is it running"):
        upkeep.check()
    with pytest.raises(StoreError, match="no server answers there: is it running"):
        opened.bare()
    running.start()
    assert upkeep.check()[0] == []
    opened.close()
    running.remove()


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "karnay.db").mkdir()
    assert refusal("sqlite:///karnay.db", tmp_path) == (
        f"{tmp_path}/karnay.db: this is a folder: name a file in it"
    )


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    assert f"{tmp_path}/state/karnay.db: " in refusal("sqlite:///state/karnay.db", tmp_path)


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    upkeep_of("sqlite:///a/b/karnay.db", tmp_path).upgrade()
    assert (tmp_path / "a" / "b" / "karnay.db").is_file()


def test_a_poem_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "karnay.db").write_bytes(b"this is a poem, not a database" * 100)
    assert refusal("sqlite:///karnay.db", tmp_path) == (
        f"{tmp_path}/karnay.db: this file is not a karnay database"
    )


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_way_to_write_postgresql_is_understood(tmp_path: Path, scheme: str) -> None:
    url = address(f"{scheme}://me:{SECRET}@db.example/karnay", tmp_path)
    assert masked(url) == shown(url) == "postgresql+psycopg://me:***@db.example/karnay"


@pytest.mark.parametrize(
    "form", ["//me:{}@db.example/karnay", "//me@db.example/karnay?password={}"]
)
def test_no_repr_of_an_address_shows_its_password(tmp_path: Path, form: str) -> None:
    url = address("postgresql:" + form.format(SECRET), tmp_path)
    assert SECRET not in f"{url!r} {url} {masked(url)}"
    assert url.password == SECRET
