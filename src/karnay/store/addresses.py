"""The database's address: read, made absolute, and shown without what is secret in it."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from karnay.errors import StoreError

_KINDS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_EXAMPLES = '"sqlite:///.karnay/karnay.db" or "postgresql+psycopg://karnay@db.example/karnay"'
_SECRET = frozenset({"sslpassword"})


def address(written: str, folder: Path) -> sa.URL:
    """The address as karnay.toml has it; an SQLite file's path counts from `folder`.

    Raises StoreError for what is none; its text never repeats what may hold a password.
    """
    url = _parsed(written)
    if url.drivername not in _KINDS:
        raise StoreError(f"`database` is of the kind {url.drivername}: try {_EXAMPLES}")
    url = _with_password(url.set(drivername=_KINDS[url.drivername]))
    if url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}:
        return url.set(database=str(folder / str(url.database)))
    return url


def file_of(url: sa.URL) -> Path | None:
    """The SQLite file; None for a database that is none."""
    is_file = url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}
    return Path(str(url.database)) if is_file else None


def file_address(file: Path) -> sa.URL:
    """The address of that SQLite file."""
    return sa.URL.create("sqlite", database=str(file))


def shown(url: sa.URL) -> str:
    """The database for people: a file's path, or the address with its password masked."""
    file = file_of(url)
    return str(file) if file else masked(url)


def masked(url: sa.URL) -> str:
    """The address as karnay.toml has it, but for what is secret in it."""
    query = {name: "hidden" if name in _SECRET else value for name, value in url.query.items()}
    return url.set(query=query).render_as_string(hide_password=True).replace("%2F", "/")


def _with_password(url: sa.URL) -> sa.URL:
    """The address with its password where every repr masks it, also if written as `?password=`."""
    password = url.query.get("password")
    if not isinstance(password, str):
        return url
    return url.set(password=password).difference_update_query(["password"])


def _parsed(written: str) -> sa.URL:
    try:
        return sa.make_url(written)
    except (sa.exc.ArgumentError, ValueError):
        # "nonsense" may be shown; what looks like an address may hold a password.
        said = f'"{written}"' if "@" not in written and ":" not in written else "something"
        raise StoreError(f"`database` is {said}, which is no address: try {_EXAMPLES}") from None
