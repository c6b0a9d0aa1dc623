"""Writing karnay.toml without losing a comment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomlkit

if TYPE_CHECKING:
    from collections.abc import Mapping


def with_account(text: str, name: str, values: Mapping[str, Any]) -> str:
    """The file's text with the table `[accounts.<name>]` added at its end."""
    table = tomlkit.table()
    for key, value in values.items():
        table.add(key, value)
    document = tomlkit.document()
    accounts = tomlkit.table(is_super_table=True)
    accounts.add(name, table)
    document.add("accounts", accounts)
    return _added(text, document)


def with_table(text: str, name: str, values: Mapping[str, Any]) -> str:
    """The file's text with the table `[<name>]` added at its end."""
    document = tomlkit.document()
    document.add(name, dict(values))
    return _added(text, document)


def _added(text: str, document: tomlkit.TOMLDocument) -> str:
    return text.rstrip("\n") + "\n\n" + tomlkit.dumps(document)


def with_values(text: str, name: str, values: Mapping[str, str]) -> str:
    """The file's text with these keys of the account's table set."""
    document = tomlkit.parse(text)
    document["accounts"][name].update(values)
    return tomlkit.dumps(document)
